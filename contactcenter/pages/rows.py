"""Contacts as lines of a list: who, what, where it stands. Words only where the door is open to the viewer."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.calls import lookup as calls
from contactcenter.calls.models import Call
from contactcenter.contacts import lists
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import Channel, ContactKind, ContactState
from contactcenter.customers.models import Customer
from contactcenter.notes import service as notes
from contactcenter.notes import summaries
from contactcenter.notes.models import SummaryState
from contactcenter.recordings import overview
from contactcenter.staff.access import Member
from contactcenter.verification.fields import needed_for_words

WORDS_LEVEL = int(needed_for_words())


@dataclass(frozen=True)
class Row:
    """One contact in a list. `id` is public; `seconds` the conversation's length; `level` would open the question."""

    id: str
    channel: Channel
    state: ContactState
    kind: ContactKind | None
    started_at: datetime
    seconds: float | None
    customer_name: str | None
    handlers: tuple[str, ...]
    summary: SummaryState | None
    retain_until: datetime | None
    question: str | None = None
    level: int | None = None


@dataclass(frozen=True)
class _Facts:
    """What rows need, by contact id, in one query each."""

    customers: dict[int, str]
    handlers: dict[int, tuple[str, ...]]
    calls: dict[int, Call]
    summaries: dict[int, SummaryState]
    until: dict[int, datetime]


def rows(session: Session, found: Sequence[Contact]) -> list[Row]:
    """Lines for these contacts, in their order, without words."""
    facts = _facts(session, [contact.id for contact in found])
    return [_row(contact, facts) for contact in found]


def history_rows(session: Session, now: datetime, viewer: Member, found: Sequence[Contact]) -> list[Row]:
    """Lines of a customer's history: with what was asked where the door is open to the viewer (P04, P05)."""
    asked = notes.questions(session, now, viewer, [contact.id for contact in found])
    return [
        replace(row, question=asked[contact.id]) if contact.id in asked else replace(row, level=WORDS_LEVEL)
        for contact, row in zip(found, rows(session, found), strict=True)
    ]


def _row(contact: Contact, facts: _Facts) -> Row:
    call = facts.calls.get(contact.id)
    return Row(
        id=contact.public_id,
        channel=contact.channel,
        state=contact.state,
        kind=contact.kind,
        started_at=contact.started_at,
        seconds=calls.talk_seconds(call) if call else None,
        customer_name=facts.customers.get(contact.id),
        handlers=facts.handlers.get(contact.id, ()),
        summary=facts.summaries.get(contact.id),
        retain_until=facts.until.get(contact.id),
    )


def _facts(session: Session, ids: list[int]) -> _Facts:
    return _Facts(
        customers=_customer_names(session, ids),
        handlers=lists.handler_names(session, ids),
        calls=calls.of_contacts(session, ids),
        summaries=summaries.states(session, ids),
        until=overview.kept_until(session, ids),
    )


def _customer_names(session: Session, ids: list[int]) -> dict[int, str]:
    linked = session.exec(
        select(ContactLink.contact_id, Customer.name)
        .join(Customer, col(Customer.id) == ContactLink.customer_id)
        .where(col(ContactLink.contact_id).in_(ids), col(ContactLink.undone_at).is_(None))
    )
    return dict(linked.all())
