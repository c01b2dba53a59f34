"""The facts of a contact, without words: who, when, by which number, which notice was heard, who handled it."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from contactcenter.calls.models import Call, NoticePlay
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import Channel, ContactKind, ContactState, Direction, LinkedBy, Outcome
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import MatchKind
from contactcenter.pages.rows import talk_seconds
from contactcenter.staff.access import Visit
from contactcenter.staff.models import Staff
from contactcenter.verification import service as verification
from contactcenter.verification.rules import Level


@dataclass(frozen=True)
class Number:
    """The caller's number as E.164, when this viewer may see it, and how it was matched."""

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
    linked_how: LinkedBy | None
    number: Number | None
    notice: NoticePlay | None
    handlers: list[str]
    outcome: Outcome | None
    level: Level


def contact_facts(
    session: Session, visit: Visit, contact: Contact, *, words_open: bool, linkable: bool
) -> ContactFacts:
    """Everything beside the words. A caller's number shows where words do, and to who may say whose it is."""
    link = contacts.active_link(session, contact.id)
    call = session.exec(select(Call).where(Call.contact_id == contact.id)).first()
    handled = _handled(session, contact.id)
    return ContactFacts(
        channel=contact.channel,
        inbound=contact.direction is Direction.INBOUND,
        state=contact.state,
        kind=contact.kind,
        started_at=contact.started_at,
        seconds=talk_seconds(call) if call else None,
        follow_up_on=contact.follow_up_on,
        customer=session.get_one(Customer, link.customer_id) if link else None,
        linked_how=link.how if link else None,
        number=_number(call, shown=words_open or (linkable and link is None)) if call else None,
        notice=_last_notice(session, call) if call else None,
        handlers=list(dict.fromkeys(name for _, name in handled)),
        outcome=next((handling.outcome for handling, _ in reversed(handled) if handling.outcome), None),
        level=verification.level_reached(session, contact.id),
    )


def _number(call: Call, *, shown: bool) -> Number:
    return Number(call.caller if shown else None, call.caller is None, call.match)


def _last_notice(session: Session, call: Call) -> NoticePlay | None:
    plays = select(NoticePlay).where(NoticePlay.call_id == call.id).order_by(col(NoticePlay.attempt).desc())
    return session.exec(plays).first()


def _handled(session: Session, contact_id: int) -> list[tuple[Handling, str]]:
    found = session.exec(
        select(Handling, Staff.name)
        .join(Staff, col(Staff.id) == Handling.staff_id)
        .where(Handling.contact_id == contact_id)
        .order_by(col(Handling.id))
    )
    return [(handling, name) for handling, name in found]
