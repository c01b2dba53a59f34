"""Which number a request to be called back may be called on, and how long one stands (P12)."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, select

from contactcenter.customers.models import KnownNumber
from contactcenter.verification import policies
from contactcenter.verification.models import CallBack
from contactcenter.verification.policy import Strength
from contactcenter.verification.rules import CALL_BACK_LASTS, EvidenceKind


def stands(now: datetime) -> ColumnElement[bool]:
    """Of a request: it is not done, withdrawn or spoilt, and was made in the last 72 hours."""
    return and_(
        col(CallBack.ended_at).is_(None), col(CallBack.made_at) > now - CALL_BACK_LASTS, col(CallBack.made_at) <= now
    )


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
            col(KnownNumber.recorded_at) <= now - timedelta(days=policy.number_days),
        )
        .order_by(col(KnownNumber.recorded_at), col(KnownNumber.id))
    ).first()
