"""What the rules find, as conditions that the database answers: of one verification, and of one contact.

The rules decide what a list shows; without these they would look at every contact to find a few. Figures count by
these, right to a millisecond.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter.calls.rules import Verb
from contactcenter.coaching.rules import LONG_PAUSE, MANY_AGENTS, NEAR, TOO_FAST, Mark, Result
from contactcenter.contacts.models import Contact
from contactcenter.core.elapsed import elapsed
from contactcenter.recordings.models import Pause
from contactcenter.verification.models import Approval, BreakGlass, Evidence, Verification
from contactcenter.verification.rules import Ended, EvidenceKind, EvidenceOutcome, Level

VERIFIED = col(Verification.level).in_([one for one in Level if one >= Level.VERIFIED])
REVOKED = and_(col(Verification.ended).is_not(None), col(Verification.ended) == Ended.REVOKED)
TOOK = elapsed(col(Verification.began_at), col(Verification.reached_at))  # seconds, of who was verified


def is_marked(mark: Mark) -> ColumnElement[bool]:
    """Whether a verification, or the contact that it is of, has this mark; both are in the query around this.

    Of guessing only that an answer was wrong: what happened elsewhere is for the rule, which looks at those few.
    """
    return MARKED[mark]()


def has_result(result: Result) -> ColumnElement[bool]:
    """Whether this became of a verification."""
    failed, declined = has(EvidenceOutcome.FAILS), has(EvidenceOutcome.DECLINED)
    needs = {
        Result.REVOKED: REVOKED,
        Result.VERIFIED: and_(VERIFIED, ~REVOKED),
        Result.WRONG: and_(~VERIFIED, ~REVOKED, failed),
        Result.DECLINED: and_(~VERIFIED, ~REVOKED, ~failed, declined),
        Result.UNFINISHED: and_(~VERIFIED, ~REVOKED, ~failed, ~declined),
    }
    return needs[result]


def has(outcome: EvidenceOutcome) -> ColumnElement[bool]:
    """Whether any evidence of a verification showed this."""
    shown = select(Evidence.id).where(Evidence.verification_id == Verification.id, Evidence.outcome == outcome)
    return shown.correlate(Verification).exists()


def has_evidence(kind: EvidenceKind) -> ColumnElement[bool]:
    """Whether a contact has evidence of this kind, whatever it showed."""
    joined = of_contact().join(Evidence, col(Evidence.verification_id) == Verification.id)
    return joined.where(Evidence.kind == kind).exists()


def of_contact() -> SelectOfScalar[int]:
    """The verifications of a contact of the query around this one."""
    return select(Verification.id).where(Verification.contact_id == Contact.id).correlate(Contact)


def _within(limit: timedelta, one: Any, other: Any) -> ColumnElement[bool]:
    return func.abs(elapsed(one, other)) <= limit.total_seconds()


def _approved() -> ColumnElement[bool]:
    granted = select(Approval.id).where(Approval.verification_id == Verification.id, col(Approval.granted).is_(True))
    return granted.correlate(Verification).exists()


def _glass() -> ColumnElement[bool]:
    broken = select(BreakGlass.id).where(
        BreakGlass.customer_id == Verification.customer_id,
        BreakGlass.staff_id == Verification.staff_id,
        _within(NEAR, col(BreakGlass.at), col(Verification.began_at)),
    )
    return broken.correlate(Verification).exists()


def _fast() -> ColumnElement[bool]:
    return and_(VERIFIED, TOO_FAST.total_seconds() > TOOK)


def _several() -> ColumnElement[bool]:
    other = aliased(Verification)
    agents = (
        select(func.count(func.distinct(other.staff_id)))
        .where(
            other.customer_id == Verification.customer_id,
            _within(NEAR, col(other.began_at), col(Verification.began_at)),
        )
        .correlate(Verification)
        .scalar_subquery()
    )
    return agents >= MANY_AGENTS


def _paused() -> ColumnElement[bool]:
    lasted = elapsed(col(Pause.began_at), func.coalesce(Pause.ended_at, Contact.ended_at))
    pause = select(Pause.id).where(Pause.contact_id == Contact.id).correlate(Contact)
    return pause.where(Pause.why != Verb.HOLD.value, lasted >= LONG_PAUSE.total_seconds()).exists()


MARKED: dict[Mark, Callable[[], ColumnElement[bool]]] = {
    Mark.APPROVED: _approved,
    Mark.GLASS: _glass,
    Mark.FAST: _fast,
    Mark.FAILED: lambda: has(EvidenceOutcome.FAILS),
    Mark.SEVERAL: _several,
    Mark.GUESSING: lambda: has(EvidenceOutcome.FAILS),
    Mark.PAUSED: _paused,
}
