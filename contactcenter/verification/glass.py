"""Break-glass: a customer opened without a verified caller, for a reason, for fifteen minutes, and reviewed (P05)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.core import audit_chain
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.clock import lasts
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.live import OPERATIONS, announce
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification.models import BreakGlass, Disclosure
from contactcenter.verification.rules import (
    GLASS_LASTS,
    LONGEST_WORDS,
    REVIEW_WITHIN,
    SHORTEST_WORDS,
    GlassReason,
)


@dataclass(frozen=True)
class Broken:
    """One time that a glass was broken, for whoever reviews it. `opened` are the kinds that were shown."""

    public_id: str
    who: str
    customer: str
    reason: GlassReason
    words: str
    at: datetime
    opened: tuple[str, ...]
    overdue: bool
    own: bool
    reviewed_at: datetime | None
    justified: bool | None
    comment: str


def break_(
    session: Session, now: datetime, viewer: Member, customer_id: int, reason: GlassReason, words: str
) -> BreakGlass:
    """Open one customer to one member of staff. Supervisors are told at once. Raises `Invalid` without a sentence."""
    if not SHORTEST_WORDS <= len(words.strip()) <= LONGEST_WORDS:
        raise Invalid("Say in a sentence why this customer must be opened without a verified caller.")
    made = BreakGlass(customer_id=customer_id, staff_id=viewer.id, reason=reason, words=words.strip(), at=now)
    session.add(made)
    session.flush()
    record(session, now, viewer.public_id, Action.GLASS_BROKEN, made.public_id, reason.value)
    raise_alert(session, now, AlertKind.GLASS_BROKEN, made.public_id)
    announce(session, now, OPERATIONS, made.public_id)
    audit_chain.checkpoint_now(session, now)
    return made


def standing(session: Session, now: datetime, viewer: Member, customer_id: int) -> BreakGlass | None:
    """The viewer's own, as long as it lasts."""
    newest = session.exec(
        select(BreakGlass)
        .where(BreakGlass.staff_id == viewer.id, BreakGlass.customer_id == customer_id)
        .order_by(col(BreakGlass.id).desc())
    ).first()
    return newest if newest is not None and viewer.trained and lasts(newest.at, GLASS_LASTS, now) else None


def opened(session: Session, broken: BreakGlass) -> frozenset[str]:
    """The kinds that were shown by it."""
    return frozenset(session.exec(select(Disclosure.what).where(Disclosure.break_glass_id == broken.id)))


def has_opened(session: Session, now: datetime, viewer: Member, customer_id: int, kind: Kind) -> bool:
    """Whether the viewer's own, while it lasts, opened this kind."""
    broken = standing(session, now, viewer, customer_id)
    return broken is not None and kind.value in opened(session, broken)


def review(session: Session, now: datetime, viewer: Member, public_id: str, *, justified: bool, comment: str) -> None:
    """Somebody else says whether it was right, with a comment when it was not.

    Raises `NotFound`, `Conflict` for one's own or one that was reviewed, `Invalid` without the comment.
    """
    found = session.exec(select(BreakGlass).where(BreakGlass.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    if found.staff_id == viewer.id or found.reviewed_at is not None:
        raise Conflict("Somebody else reviews this, once.")
    if len(comment.strip()) > LONGEST_WORDS or (not justified and not comment.strip()):
        raise Invalid("Say in a sentence what was wrong with it.")
    found.reviewed_by, found.reviewed_at = viewer.id, now
    found.justified, found.comment = justified, comment.strip()
    session.flush()
    record(session, now, viewer.public_id, Action.GLASS_REVIEWED, public_id, "justified" if justified else "not")


def all_broken(session: Session, now: datetime, viewer: Member, most: int = 100) -> list[Broken]:
    """What is to be reviewed first, oldest on top; then the newest that were reviewed."""
    found = session.exec(
        select(BreakGlass, Staff.name, Customer.public_id)
        .join(Staff, col(Staff.id) == BreakGlass.staff_id)
        .join(Customer, col(Customer.id) == BreakGlass.customer_id)
        .order_by(col(BreakGlass.reviewed_at).is_not(None), col(BreakGlass.id))
        .limit(most)
    )
    return [
        Broken(
            public_id=one.public_id,
            who=name,
            customer=customer,
            reason=one.reason,
            words=one.words,
            at=one.at,
            opened=tuple(sorted(opened(session, one))),
            overdue=one.reviewed_at is None and now - one.at > REVIEW_WITHIN,
            own=one.staff_id == viewer.id,
            reviewed_at=one.reviewed_at,
            justified=one.justified,
            comment=one.comment,
        )
        for one, name, customer in found
    ]
