"""Contacts as lists: a customer's history, what waits to be linked, what came lately, who handled them (P03, P04)."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import false, tuple_
from sqlmodel import Session, case, col, func, select

from contactcenter.contacts.models import Contact, ContactLink, Handling
from contactcenter.contacts.rules import UNFINISHED, Channel, ContactKind, ContactState, Direction, Outcome
from contactcenter.staff.models import Staff

LONGEST_LIST = 100


def history(session: Session, customer_id: int) -> list[Contact]:
    """All contacts of a customer, on every channel: unfinished ones on top, then newest first (P03, P04)."""
    found = session.exec(
        select(Contact)
        .join(ContactLink, col(ContactLink.contact_id) == Contact.id)
        .where(ContactLink.customer_id == customer_id, col(ContactLink.undone_at).is_(None))
        .order_by(
            case((col(Contact.state).in_(UNFINISHED), 0), else_=1),
            col(Contact.started_at).desc(),
            col(Contact.id).desc(),
        )
    )
    return list(found)


def last_talk(session: Session, customer_id: int) -> Contact | None:
    """The last call of this customer that somebody answered and that is over; None when there was none."""
    return session.exec(
        select(Contact)
        .join(ContactLink, col(ContactLink.contact_id) == Contact.id)
        .where(
            ContactLink.customer_id == customer_id,
            col(ContactLink.undone_at).is_(None),
            Contact.channel == Channel.PHONE,
            Contact.direction == Direction.INBOUND,
            col(Contact.state).in_([ContactState.OPEN, ContactState.CLOSED]),
            col(Contact.id).in_(select(Handling.contact_id)),
        )
        .order_by(col(Contact.started_at).desc(), col(Contact.id).desc())
        .limit(1)
    ).first()


def unmatched(session: Session) -> list[Contact]:
    """Contacts that are over and belong to nobody yet, oldest first: they wait to be linked (P03)."""
    found = session.exec(
        select(Contact)
        .where(col(Contact.linked) == false(), Contact.state != ContactState.LIVE)
        .order_by(col(Contact.started_at))
        .limit(LONGEST_LIST)
    )
    return list(found)


def recent(
    session: Session,
    *,
    state: ContactState | None = None,
    kind: ContactKind | None = None,
    since: datetime | None = None,
    handler_id: int | None = None,
    after: str | None = None,
) -> list[Contact]:
    """Contacts, newest first, by filters that all must hold; `since` is the earliest moment at which one began.

    At most a hundred; the next ones are those after the contact with the public id `after`.
    """
    query = select(Contact).order_by(col(Contact.started_at).desc(), col(Contact.id).desc()).limit(LONGEST_LIST)
    if state is not None:
        query = query.where(Contact.state == state)
    if kind is not None:
        query = query.where(Contact.kind == kind)
    if since is not None:
        query = query.where(col(Contact.started_at) >= since)
    last = session.exec(select(Contact).where(Contact.public_id == after)).first() if after else None
    if last is not None:
        query = query.where(tuple_(col(Contact.started_at), col(Contact.id)) < tuple_(last.started_at, last.id))
    if handler_id is not None:
        query = query.where(col(Contact.id).in_(select(Handling.contact_id).where(Handling.staff_id == handler_id)))
    return list(session.exec(query))


def handler_names(session: Session, contact_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Who handled each of these contacts, each once and the first one first, by contact."""
    handled = session.exec(
        select(Handling.contact_id, Staff.name)
        .join(Staff, col(Staff.id) == Handling.staff_id)
        .where(col(Handling.contact_id).in_(list(contact_ids)))
        .order_by(col(Handling.id))
    )
    names: dict[int, tuple[str, ...]] = {}
    for contact_id, name in handled:
        known = names.get(contact_id, ())
        names[contact_id] = known if name in known else (*known, name)
    return names


def last_outcome(session: Session, contact_id: int) -> Outcome | None:
    """How the contact ended in the words of who closed it last."""
    ended = select(Handling.outcome).where(Handling.contact_id == contact_id, col(Handling.outcome).is_not(None))
    last = session.exec(ended.order_by(col(Handling.id).desc())).first()
    return Outcome(last) if last is not None else None


def handled_since(session: Session, staff_id: int, since: datetime) -> int:
    """How many contacts this member began to handle since a moment."""
    count = select(func.count(func.distinct(Handling.contact_id)))
    return session.exec(count.where(Handling.staff_id == staff_id, Handling.started_at >= since)).one()
