"""The facts of a contact, without words: who, when, by which number, which notice was heard, who handled it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session

from contactcenter.calls import lookup as calls
from contactcenter.calls import notice
from contactcenter.calls.models import Call, NoticePlay
from contactcenter.contacts import lists
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, ContactKind, ContactState, Direction, LinkedBy, Outcome
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind, MatchKind
from contactcenter.staff.access import Visit
from contactcenter.verification import service as verification
from contactcenter.verification.fields import CEILING
from contactcenter.verification.rules import Level


@dataclass(frozen=True)
class Number:
    """The caller's number as E.164, when this viewer may see it, and how it was matched; a call of ours has none."""

    e164: str | None
    withheld: bool
    match: MatchKind


@dataclass(frozen=True)
class ContactFacts:
    """What the page says about a contact beside its words. Ids are public."""

    channel: Channel
    inbound: bool
    state: ContactState
    kind: ContactKind | None
    started_at: datetime
    seconds: float | None
    follow_up_on: date | None
    customer: Customer | None
    relation_number: str | None
    linked_how: LinkedBy | None
    number: Number | None
    notice: NoticePlay | None
    handlers: tuple[str, ...]
    outcome: Outcome | None
    level: Level


def contact_facts(
    session: Session, visit: Visit, contact: Contact, *, words_open: bool, linkable: bool
) -> ContactFacts:
    """Everything beside the words. A caller's number shows where words do, and to who may say whose it is.

    To a role that may never see numbers neither shows (P07): a coach knows a customer by name only.
    """
    link = contacts.active_link(session, contact.id)
    call = calls.of_contact(session, contact.id)
    customer = session.get_one(Customer, link.customer_id) if link else None
    ever = CEILING[visit.member.role]
    shown = Kind.PHONE_NUMBERS in ever and (words_open or (linkable and link is None))
    return ContactFacts(
        channel=contact.channel,
        inbound=contact.direction is Direction.INBOUND,
        state=contact.state,
        kind=contact.kind,
        started_at=contact.started_at,
        seconds=calls.talk_seconds(call) if call else None,
        follow_up_on=contact.follow_up_on,
        customer=customer,
        relation_number=customer.relation_number if customer and Kind.RELATION_NUMBER in ever else None,
        linked_how=link.how if link else None,
        number=_number(call, shown=shown) if call and call.caller_kind is not CallerKind.CALLED else None,
        notice=notice.last(session, call) if call else None,
        handlers=lists.handler_names(session, [contact.id]).get(contact.id, ()),
        outcome=lists.last_outcome(session, contact.id),
        level=verification.level_reached(session, contact.id),
    )


def _number(call: Call, *, shown: bool) -> Number:
    return Number(call.caller if shown else None, call.caller is None, call.match)
