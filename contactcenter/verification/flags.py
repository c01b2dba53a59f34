"""Marks on a customer: do not disclose, or doubt about who speaks for it. Reviewed, expiring, to be corrected (P05).

A mark accuses nobody. While one says "do not disclose", nothing of this customer opens for anybody, by whatever way.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.customers.models import Customer
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification.models import Flag
from contactcenter.verification.rules import (
    DOUBT_LASTS,
    LONGEST_WORDS,
    SHORTEST_WORDS,
    FlagKind,
    after_working_days,
)

LONGEST_DAYS = 366
REVIEW_DAYS = 2  # working days


@dataclass(frozen=True)
class Raised:
    """A mark in force, as a page shows it."""

    public_id: str
    kind: FlagKind
    words: str
    by: str
    at: datetime
    review_on: date
    expires_on: date


@dataclass(frozen=True)
class Doubted:
    """A doubt in force, for supervisors: the customer's public id, who set it, when, and by when it is looked at."""

    customer: str
    by: str
    at: datetime
    review_on: date


def doubt(session: Session, now: datetime, viewer: Member, customer_id: int, contact_id: int, words: str) -> None:
    """The caller says "this is not me", or the handler doubts it. Supervisors are told; the call goes on.

    Raises `Invalid` without a sentence; a second time in the same contact changes nothing.
    """
    standing = select(Flag.id).where(Flag.contact_id == contact_id, col(Flag.lifted_at).is_(None))
    if session.exec(standing).first() is not None:
        return
    until = (now + DOUBT_LASTS).date()
    made = _raise(session, now, viewer, customer_id, FlagKind.IDENTITY_DOUBTED, words, until, contact_id)
    raise_alert(session, now, AlertKind.IDENTITY_DOUBTED, made.public_id)


def shut(session: Session, now: datetime, viewer: Member, customer_id: int, words: str, until: date) -> None:
    """Nothing of this customer is disclosed until that day. Raises `Invalid` for no sentence, or over a year."""
    if not 0 < (until - now.date()).days <= LONGEST_DAYS:
        raise Invalid("Choose a day within a year, on which it ends or is renewed.")
    _raise(session, now, viewer, customer_id, FlagKind.DO_NOT_DISCLOSE, words, until, None)


def lift(session: Session, now: datetime, viewer: Member, public_id: str) -> None:
    """It was reviewed, or was wrong: it ends now. Raises `NotFound`, or `Conflict` when it ended before."""
    found = session.exec(select(Flag).where(Flag.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    if found.lifted_at is not None:
        raise Conflict("Somebody lifted it already.")
    found.lifted_by, found.lifted_at = viewer.id, now
    session.flush()
    record(session, now, viewer.public_id, Action.FLAG_LIFTED, found.public_id, found.kind.value)


def in_force(session: Session, now: datetime, customer_id: int) -> list[Raised]:
    """The marks of a customer, oldest first."""
    found = session.exec(
        select(Flag, Staff.name)
        .join(Staff, col(Staff.id) == Flag.by)
        .where(Flag.customer_id == customer_id, col(Flag.lifted_at).is_(None), col(Flag.expires_on) >= now.date())
        .order_by(col(Flag.id))
    )
    return [
        Raised(one.public_id, one.kind, one.words, name, one.at, one.review_on, one.expires_on) for one, name in found
    ]


def doubts(session: Session, now: datetime) -> list[Doubted]:
    """The doubts in force about who speaks for any customer, newest first; their sentences stand with the customer."""
    found = session.exec(
        select(Customer.public_id, Staff.name, Flag.at, col(Flag.review_on))
        .join(Customer, col(Customer.id) == Flag.customer_id)
        .join(Staff, col(Staff.id) == Flag.by)
        .where(
            Flag.kind == FlagKind.IDENTITY_DOUBTED, col(Flag.lifted_at).is_(None), col(Flag.expires_on) >= now.date()
        )
        .order_by(col(Flag.id).desc())
    )
    return [Doubted(customer, by, at, review_on) for customer, by, at, review_on in found]


def shuts(session: Session, now: datetime, customer_id: int) -> bool:
    """Whether nothing of this customer may be disclosed."""
    return bool(shut_among(session, now, [customer_id]))


def shut_among(session: Session, now: datetime, customer_ids: Collection[int]) -> frozenset[int]:
    """Those of these customers of whom nothing may be disclosed."""
    return _marked(session, now, customer_ids, FlagKind.DO_NOT_DISCLOSE)


def is_doubted(session: Session, now: datetime, customer_id: int) -> bool:
    """Whether answers prove nothing for this customer now: only possession, or a second person."""
    return bool(_marked(session, now, [customer_id], FlagKind.IDENTITY_DOUBTED))


def _marked(session: Session, now: datetime, customer_ids: Collection[int], kind: FlagKind) -> frozenset[int]:
    query = select(Flag.customer_id).where(
        col(Flag.customer_id).in_(customer_ids),
        Flag.kind == kind,
        col(Flag.lifted_at).is_(None),
        col(Flag.expires_on) >= now.date(),
    )
    return frozenset(session.exec(query))


def _raise(
    session: Session,
    now: datetime,
    viewer: Member,
    customer_id: int,
    kind: FlagKind,
    words: str,
    until: date,
    contact_id: int | None,
) -> Flag:
    if not SHORTEST_WORDS <= len(words.strip()) <= LONGEST_WORDS:
        raise Invalid("Say in a sentence what happened, without accusing anybody.")
    made = Flag(
        customer_id=customer_id,
        contact_id=contact_id,
        kind=kind,
        words=words.strip(),
        by=viewer.id,
        at=now,
        review_on=after_working_days(now.date(), REVIEW_DAYS),
        expires_on=until,
    )
    session.add(made)
    session.flush()
    record(session, now, viewer.public_id, Action.FLAG_RAISED, made.public_id, kind.value)
    return made
