"""Pure rules of looking back at verifications: what became of one, what stands out, who may be named (P05, P06)."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contactcenter.calls.rules import Verb
from contactcenter.verification.rules import EvidenceOutcome, Level

TOO_FAST = timedelta(seconds=10)  # nobody reads out a question and hears its answer in less
NEAR = timedelta(days=1)  # what happened so much before or after a verification may belong to it
MANY_AGENTS = 3  # two are a call that was handed on
GUESSED_FROM, GUESSED_BY = 2, 5  # customers about whom answers were wrong: from one number, to one agent
LONG_PAUSE = timedelta(minutes=3)  # a bank account is read out in less
MANY_VIEWED = 10  # customers in a day whose page somebody opens with no contact in hand
SMALLEST_TEAM = 5  # people; the name of a smaller team would name who it was


class Result(StrEnum):
    """What became of a verification."""

    VERIFIED = "verified"
    WRONG = "wrong-answers"
    DECLINED = "declined"
    UNFINISHED = "unfinished"
    REVOKED = "revoked"


class Mark(StrEnum):
    """What stands out in a verification: a reason to look, no accusation."""

    APPROVED = "approved"
    GLASS = "break-glass"
    FAST = "too-fast"
    FAILED = "failed"
    SEVERAL = "several-agents"
    GUESSING = "guessing"
    PAUSED = "long-pause"


ANOMALIES = (Mark.FAST, Mark.SEVERAL, Mark.GUESSING, Mark.PAUSED)  # what nobody decided, and patterns show


@dataclass(frozen=True)
class Found:
    """One piece of evidence: what it was about, and what it showed."""

    key: str
    outcome: EvidenceOutcome


Elsewhere = Mapping[int, Sequence[datetime]]  # when something happened in other verifications, by whom it was about


@dataclass(frozen=True)
class Seen:
    """One verification as the rules see it. `broken` are the moments at which its agent broke the customer's glass.

    `agents` are those who verified for the same customer, `wrong_from` and `wrong_by` the customers about whom an
    answer from this number, or to this agent, was wrong.
    """

    level: Level
    began_at: datetime
    reached_at: datetime
    revoked: bool = False
    evidence: Sequence[Found] = ()
    approved: bool = False
    broken: Sequence[datetime] = ()
    agents: Elsewhere = field(default_factory=dict)
    wrong_from: Elsewhere = field(default_factory=dict)
    wrong_by: Elsewhere = field(default_factory=dict)

    @property
    def outcomes(self) -> set[EvidenceOutcome]:
        """What its evidence showed."""
        return {one.outcome for one in self.evidence}

    @property
    def seconds(self) -> float | None:
        """How long it took to reach its level; None for who was not verified."""
        return (self.reached_at - self.began_at).total_seconds() if self.level >= Level.VERIFIED else None


def result_of(seen: Seen) -> Result:
    """What became of it. Who was verified after a wrong answer was verified."""
    if seen.revoked:
        return Result.REVOKED
    if seen.level >= Level.VERIFIED:
        return Result.VERIFIED
    if EvidenceOutcome.FAILS in seen.outcomes:
        return Result.WRONG
    return Result.DECLINED if EvidenceOutcome.DECLINED in seen.outcomes else Result.UNFINISHED


def marks_of(seen: Seen) -> frozenset[Mark]:
    """What stands out in one verification, by itself and by what happened within a day of it."""
    failed = EvidenceOutcome.FAILS in seen.outcomes
    found = {
        Mark.APPROVED: seen.approved,
        Mark.GLASS: any(abs(at - seen.began_at) <= NEAR for at in seen.broken),
        Mark.FAST: seen.seconds is not None and seen.seconds < TOO_FAST.total_seconds(),
        Mark.FAILED: failed,
        Mark.SEVERAL: _near(seen, seen.agents) >= MANY_AGENTS,
        Mark.GUESSING: failed
        and (_near(seen, seen.wrong_from) >= GUESSED_FROM or _near(seen, seen.wrong_by) >= GUESSED_BY),
    }
    return frozenset(mark for mark, holds in found.items() if holds)


def _near(seen: Seen, elsewhere: Elsewhere) -> int:
    """About how many different ones it happened within a day of it."""
    return sum(any(abs(at - seen.began_at) <= NEAR for at in moments) for moments in elsewhere.values())


def is_long_pause(why: str, began_at: datetime, ended_at: datetime | None) -> bool:
    """Whether a pause of the recording lasted unusually long. On hold nobody speaks, so that is none."""
    return why != Verb.HOLD and ended_at is not None and ended_at - began_at >= LONG_PAUSE


@dataclass(frozen=True)
class Span:
    """From when to when somebody had a contact in hand; None while they still have."""

    start: datetime
    end: datetime | None


def browsed(views: Sequence[tuple[datetime, str]], in_hand: Sequence[Span], zone: ZoneInfo) -> dict[date, int]:
    """Days on which somebody opened the pages of many customers with no contact in hand, and of how many.

    `views` are (moment, customer). Whoever has any contact in hand is helping somebody, or looks for them.
    """
    days: dict[date, set[str]] = defaultdict(set)
    for at, customer in views:
        if not any(span.start <= at and (span.end is None or at <= span.end) for span in in_hand):
            days[at.astimezone(zone).date()].add(customer)
    return {day: len(found) for day, found in days.items() if len(found) >= MANY_VIEWED}


def may_name(consented: date | None, assessed: date | None, today: date) -> bool:
    """Whether lists may name agents: once the works council agreed and an assessment was made, both by today."""
    return all(day is not None and day <= today for day in (consented, assessed))


def position(at: datetime, began_at: datetime | None, seconds: float) -> float | None:
    """Seconds from the recording's start to a moment; None outside what was recorded, or without a recording."""
    if began_at is None:
        return None
    after = (at - began_at).total_seconds()
    return round(after, 1) if 0 <= after <= seconds else None


class SampleKind(StrEnum):
    """Why a contact is reviewed, the strongest reason first."""

    GLASS = "break-glass"
    OUTBOUND = "outbound-sensitive"
    APPROVED = "approval"
    ONE_IN = "one-in"


class Verdict(StrEnum):
    """How the verification of a contact was, in the end."""

    GOOD = "good"
    IMPROVE = "to-improve"
    FAILED = "failed"


@dataclass(frozen=True)
class Sample:
    """A contact as the sampling sees it: which reasons hold, and a number that is its own and nobody chose."""

    reasons: frozenset[SampleKind]
    number: int


def why_sampled(sample: Sample, one_in: Mapping[SampleKind, int]) -> SampleKind | None:
    """The strongest reason to review a contact, of each kind one in so many; None when it is not drawn.

    The same contact is drawn or not whenever it is asked, so a sweep that runs twice draws nothing twice.
    """
    reasons = sample.reasons | {SampleKind.ONE_IN}
    return next((kind for kind in SampleKind if kind in reasons and _drawn(sample.number, one_in.get(kind, 0))), None)


def _drawn(number: int, one_in: int) -> bool:
    return one_in > 0 and number % one_in == 0


def verdict_of(chosen: Verdict, *, told_before: bool) -> Verdict:
    """What was told before the caller was verified fails the whole review, whatever else went well."""
    return Verdict.FAILED if told_before else chosen
