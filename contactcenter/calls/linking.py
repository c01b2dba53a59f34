"""Sweep: calls of nobody find their customer once the number they came from became known (P03)."""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contactcenter.calls import queue
from contactcenter.calls.models import Call
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import ContactState, LinkedBy
from contactcenter.core.audit import Actor
from contactcenter.core.db import Database
from contactcenter.customers import service as customers
from contactcenter.customers.rules import MatchKind

AT_ONCE = 500
LOOK_BACK = timedelta(days=30)  # numbers change hands: an older call may have been somebody else's


def link_late(db: Database, now: datetime) -> int:
    """Every ten minutes: link finished contacts of 30 days whose number names exactly one person now. How many.

    What a person linked or unlinked before is theirs to decide and stays as it is.
    """
    with db.reading() as session:
        if not _recognisable(session, now):
            return 0
    with db.writing() as session:
        return sum(_link(session, now, call) for call in _recognisable(session, now))


def _recognisable(session: Session, now: datetime) -> list[Call]:
    ever_linked = select(ContactLink.contact_id)
    found = session.exec(
        select(Call)
        .join(Contact, col(Contact.id) == Call.contact_id)
        .where(
            Contact.state != ContactState.LIVE,
            col(Contact.started_at) >= now - LOOK_BACK,
            col(Call.contact_id).not_in(ever_linked),
            col(Call.caller).in_(customers.numbers_of_one_person()),
        )
        .order_by(col(Call.id))
        .limit(AT_ONCE)
    )
    return list(found)


def _link(session: Session, now: datetime, call: Call) -> bool:
    match = queue.match_of_call(session, now, call)
    if match.kind is not MatchKind.ONE:
        return False
    contact, only = session.get_one(Contact, call.contact_id), match.candidates[0]
    contacts.offer(session, call.contact_id, match.candidates)
    contacts.link(session, now, contact, only.customer_id, only.person_id, LinkedBy.NUMBER, Actor.SYSTEM)
    return True
