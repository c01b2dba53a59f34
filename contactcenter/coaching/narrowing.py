"""What the database can say of a contact before a rule is asked: conditions that everything fulfils that a rule finds.

The rules decide; without these they would look at every contact to find a few.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_
from sqlalchemy.orm import aliased
from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter.coaching.rules import LONG_PAUSE, MANY_AGENTS, NEAR, TOO_FAST, Mark, Result
from contactcenter.contacts.models import Contact
from contactcenter.core.elapsed import elapsed
from contactcenter.recordings.models import Pause
from contactcenter.verification.models import Approval, BreakGlass, Evidence, Verification
from contactcenter.verification.rules import Ended, EvidenceKind, EvidenceOutcome, Level

ROUNDED = timedelta(seconds=0.01)  # databases count to a millisecond
VERIFIED = col(Verification.level).in_([one for one in Level if one >= Level.VERIFIED])
REVOKED = and_(col(Verification.ended).is_not(None), col(Verification.ended) == Ended.REVOKED)


def may_be_marked(mark: Mark) -> ColumnElement[bool]:
    """Whether a contact may have this mark."""
    return MARKED[mark]().exists()


def may_have_result(result: Result) -> ColumnElement[bool]:
    """Whether a verification of a contact may have had this result."""
    unverified = of_contact().where(~VERIFIED, ~REVOKED)
    needs = {
        Result.REVOKED: of_contact().where(REVOKED),
        Result.VERIFIED: of_contact().where(VERIFIED, ~REVOKED),
        Result.WRONG: unverified.where(_has(EvidenceOutcome.FAILS)),
        Result.DECLINED: unverified.where(_has(EvidenceOutcome.DECLINED)),
        Result.UNFINISHED: unverified.where(~_has(EvidenceOutcome.FAILS), ~_has(EvidenceOutcome.DECLINED)),
    }
    return needs[result].exists()


def may_have_evidence(kind: EvidenceKind) -> ColumnElement[bool]:
    """Whether a contact has evidence of this kind, whatever it showed."""
    joined = of_contact().join(Evidence, col(Evidence.verification_id) == Verification.id)
    return joined.where(Evidence.kind == kind).exists()


def of_contact() -> SelectOfScalar[int]:
    """The verifications of a contact of the query around this one."""
    return select(Verification.id).where(Verification.contact_id == Contact.id).correlate(Contact)


def _has(outcome: EvidenceOutcome) -> ColumnElement[bool]:
    shown = select(Evidence.id).where(Evidence.verification_id == Verification.id, Evidence.outcome == outcome)
    return shown.correlate(Verification).exists()


def _within(limit: timedelta, one: Any, other: Any) -> ColumnElement[bool]:
    return func.abs(elapsed(one, other)) <= (limit + ROUNDED).total_seconds()


def _failed() -> SelectOfScalar[int]:
    return of_contact().where(_has(EvidenceOutcome.FAILS))


def _approved() -> SelectOfScalar[int]:
    asked = of_contact().join(Approval, col(Approval.verification_id) == Verification.id)
    return asked.where(col(Approval.granted).is_(True))


def _glass() -> SelectOfScalar[int]:
    broken = and_(
        col(BreakGlass.customer_id) == Verification.customer_id,
        col(BreakGlass.staff_id) == Verification.staff_id,
        _within(NEAR, col(BreakGlass.at), col(Verification.began_at)),
    )
    return of_contact().join(BreakGlass, broken)


def _fast() -> SelectOfScalar[int]:
    took = elapsed(col(Verification.began_at), col(Verification.reached_at))
    return of_contact().where(VERIFIED, took < (TOO_FAST + ROUNDED).total_seconds())


def _several() -> SelectOfScalar[int]:
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
    return of_contact().where(agents >= MANY_AGENTS)


def _paused() -> SelectOfScalar[int]:
    lasted = elapsed(col(Pause.began_at), func.coalesce(Pause.ended_at, Contact.ended_at))
    pause = select(Pause.id).where(Pause.contact_id == Contact.id).correlate(Contact)
    return pause.where(Pause.why != "hold", lasted > (LONG_PAUSE - ROUNDED).total_seconds())


MARKED: dict[Mark, Callable[[], SelectOfScalar[int]]] = {
    Mark.APPROVED: _approved,
    Mark.GLASS: _glass,
    Mark.FAST: _fast,
    Mark.FAILED: _failed,
    Mark.SEVERAL: _several,
    Mark.GUESSING: _failed,
    Mark.PAUSED: _paused,
}
