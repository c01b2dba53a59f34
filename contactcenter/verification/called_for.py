"""What we call for: the request that a contact of ours answers, on which number, and what it lets tell (P12)."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, select

from contactcenter.contacts.models import Contact
from contactcenter.customers.models import KnownNumber
from contactcenter.customers.rules import Kind
from contactcenter.verification import policies
from contactcenter.verification.models import CallBack, CallBackTry, Evidence, Verification
from contactcenter.verification.policy import Strength
from contactcenter.verification.rules import CALL_BACK_LASTS, EvidenceKind, EvidenceOutcome


def stands(now: datetime) -> ColumnElement[bool]:
    """Of a request: it is not done, withdrawn or spoilt, and was made in the last 72 hours."""
    return and_(
        col(CallBack.ended_at).is_(None), col(CallBack.made_at) > now - CALL_BACK_LASTS, col(CallBack.made_at) <= now
    )


def is_called() -> ColumnElement[bool]:
    """Of a request: a call that we made for it goes on."""
    goes_on = (
        select(CallBackTry.id)
        .join(Contact, col(Contact.id) == CallBackTry.contact_id)
        .where(CallBackTry.call_back_id == CallBack.id, col(Contact.ended_at).is_(None))
    )
    return goes_on.exists()


def number_of(session: Session, now: datetime, person_id: int) -> str | None:
    """The number (E.164) of this person that was on record when the policy's days began, the oldest first.

    None when there is none, or when the policy in force says that a call-back proves nothing: one that changed lately
    may be a thief's.
    """
    policy = policies.in_force(session)
    if policy.strength(EvidenceKind.CALL_BACK.value) is not Strength.POSSESSION:
        return None
    return session.exec(
        select(KnownNumber.e164)
        .where(
            KnownNumber.person_id == person_id,
            col(KnownNumber.ended_at).is_(None),
            col(KnownNumber.recorded_at) <= policy.settled(now),
        )
        .order_by(col(KnownNumber.recorded_at), col(KnownNumber.id))
    ).first()


def request_of(session: Session, now: datetime, contact_id: int, person_id: int | None) -> CallBack | None:
    """The request of this person that we called for in this contact, while it stands."""
    return session.exec(
        select(CallBack)
        .join(CallBackTry, col(CallBackTry.call_back_id) == CallBack.id)
        .where(CallBackTry.contact_id == contact_id, CallBack.person_id == person_id, stands(now))
    ).first()


def try_of(session: Session, contact_id: int) -> CallBackTry | None:
    """The call that we made in this contact for a request; None when it is none."""
    return session.exec(select(CallBackTry).where(CallBackTry.contact_id == contact_id)).first()


def told(session: Session, now: datetime, verification: Verification) -> frozenset[Kind]:
    """What may be told on a contact that we began: what the request names, once its word was said in this very pass."""
    request = request_of(session, now, verification.contact_id, verification.person_id)
    return frozenset({request.kind}) if request is not None and is_proved(session, verification) else frozenset()


def is_proved(session: Session, verification: Verification) -> bool:
    """Whether who answered said the word of the request."""
    said = select(Evidence.id).where(
        Evidence.verification_id == verification.id,
        Evidence.kind == EvidenceKind.CALL_BACK,
        Evidence.outcome == EvidenceOutcome.HOLDS,
    )
    return session.exec(said).first() is not None
