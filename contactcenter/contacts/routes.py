"""Saying whose contact it is, and taking that back."""

from datetime import datetime

from sqlmodel import Session
from starlette.responses import Response

from contactcenter.contacts import service
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState, LinkedBy
from contactcenter.core.errors import NotFound
from contactcenter.customers import service as customers
from contactcenter.staff.access import Member, Visit
from contactcenter.staff.rules import Right


def link(visit: Visit) -> Response:
    """Link a contact to a customer, and to one of its persons when one is named."""
    with visit.site.db.writing() as session:
        contact = _linkable(session, visit)
        customer = customers.by_public_id(session, visit.form.get("customer", ""))
        person = None
        if visit.form.get("person"):
            person = customers.person_by_public_id(session, visit.form["person"])
        offered = person is not None and service.offered_number(session, contact.id, person.id) is not None
        how = LinkedBy.CANDIDATE if offered else LinkedBy.AGENT
        person_id = person.id if person else None
        service.link(session, visit.now, contact, customer.id, person_id, how, visit.member.public_id)
    return visit.done("contact", contact=contact.public_id)


def unlink(visit: Visit) -> Response:
    """Take a link back; the contact waits under "unmatched" again."""
    with visit.site.db.writing() as session:
        contact = _linkable(session, visit)
        service.unlink(session, visit.now, contact, visit.member.public_id)
    return visit.done("contact", contact=contact.public_id)


def _linkable(session: Session, visit: Visit) -> Contact:
    contact = service.by_public_id(session, visit.parameter("contact"))
    if not may_link(session, visit.now, visit.member, contact):
        raise NotFound()
    return contact


def may_link(session: Session, now: datetime, member: Member, contact: Contact) -> bool:
    """In a contact that goes on only who handles it; an unmatched one anybody with the right; else who handled it or
    made its link. Whose contact it is decides whose words open: a link that stands is not for everybody to move.

    Who has no privacy training on record says whose contact it is nowhere: they see no names to say (P29).
    """
    if not member.trained:
        return False
    if contact.state in (ContactState.LIVE, ContactState.WRAP_UP):
        return service.open_handling(session, now, contact.id, member.id) is not None
    link = service.active_link(session, contact.id)
    if link is None:
        return member.may(Right.LINK_CONTACTS)
    theirs = link.by == member.public_id or service.handled_by(session, contact.id, member.id)
    return theirs or member.may(Right.OPERATE)
