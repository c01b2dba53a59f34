"""The left column of the desk: who rings and as whom they are known, the queue, the agent's own day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from babel.dates import format_timedelta
from sqlmodel import Session

from contactcenter.calls import queue
from contactcenter.contacts import lists
from contactcenter.core.telephone import CallerKind, national
from contactcenter.customers.rules import Candidate, MatchKind
from contactcenter.notes import summaries
from contactcenter.staff.access import Visit
from contactcenter.verification import service as verification

YEAR = 365  # days


@dataclass(frozen=True)
class RingingCall:
    """A waiting call. `number` is E.164, None when withheld, and when we called (`ours`); `names` are hints, never
    proofs (P06); `was_with` is the colleague who left it last."""

    call: str
    line: str
    since: datetime
    number: str | None
    match: MatchKind
    names: tuple[str, ...]
    known_for: str
    ours: bool
    was_with: str | None

    @property
    def who(self) -> str:
        """For a screen reader: the number and the only name, as far as there are."""
        number = national(self.number) if self.number else ""
        return " ".join(part for part in (number, *(self.names if len(self.names) == 1 else ())) if part)


@dataclass(frozen=True)
class Today:
    """The agent's own day, for the agent only."""

    calls: int
    verified: int
    awaiting: int


def waiting_calls(session: Session, visit: Visit) -> list[RingingCall]:
    """What waits for the member's team, longest in the queue first; who it may be only for the trained (P29)."""
    named = visit.member.trained
    return [_ringing(one, visit.language, named) for one in queue.ringing(session, visit.now, visit.member.team_id)]


def known_for(candidate: Candidate, language: str) -> str:
    """How long a number is known, in the reader's words: `2 years`."""
    days = max(1, candidate.known_days)
    whole = days - days % YEAR if days > YEAR else days  # a year counts when it is over
    return format_timedelta(timedelta(days=whole), granularity="day", locale=language)


def today(session: Session, visit: Visit) -> Today:
    """Calls since local midnight, how many of them reached verified, and the summaries that wait for confirmation."""
    local = visit.now.astimezone(visit.site.settings.zone)
    midnight = datetime.combine(local.date(), time.min, local.tzinfo)
    return Today(
        calls=lists.handled_since(session, visit.member.id, midnight),
        verified=verification.verified_since(session, visit.member.id, midnight),
        awaiting=len(summaries.awaited(session, visit.member.id)),
    )


def _ringing(one: queue.Ringing, language: str, named: bool) -> RingingCall:
    candidates = one.match.candidates if named else ()
    return RingingCall(
        call=one.call.public_id,
        line=one.line.name,
        since=one.since,
        number=one.call.caller,
        match=one.match.kind,
        names=tuple(dict.fromkeys(candidate.customer_name for candidate in candidates)),
        known_for=known_for(candidates[0], language) if candidates else "",
        ours=one.call.caller_kind is CallerKind.CALLED,
        was_with=one.was_with,
    )
