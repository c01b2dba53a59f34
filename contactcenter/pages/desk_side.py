"""The left column of the desk: who rings and as whom they are known, the queue, the agent's own day."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from babel.dates import format_timedelta
from sqlmodel import Session, col, func, select

from contactcenter.calls import queue
from contactcenter.contacts.models import Handling
from contactcenter.core.telephone import national
from contactcenter.customers.rules import Candidate, MatchKind
from contactcenter.notes import summaries
from contactcenter.staff.access import Member, Visit
from contactcenter.staff.models import Staff
from contactcenter.verification.models import Verification
from contactcenter.verification.rules import Level


@dataclass(frozen=True)
class RingingCall:
    """A waiting call. `number` is E.164, None when withheld; `names` are hints, never proofs (P06)."""

    call: str
    line: str
    since: datetime
    number: str | None
    match: MatchKind
    names: tuple[str, ...]
    known_for: str

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
    """What waits for the member's team, longest wait first; who it may be only for the trained (P29)."""
    named = visit.member.trained
    return [_ringing(one, visit.language, named) for one in queue.ringing(session, visit.now, visit.member.team_id)]


def known_for(candidate: Candidate, language: str) -> str:
    """How long a number is known, in the reader's words: `2 years`."""
    return format_timedelta(timedelta(days=max(1, candidate.known_days)), granularity="day", locale=language)


def colleagues(session: Session, member: Member) -> int:
    """How many others of the team are available."""
    available = select(func.count()).where(
        Staff.team_id == member.team_id, col(Staff.available).is_(True), Staff.id != member.id
    )
    return session.exec(available).one()


def today(session: Session, visit: Visit) -> Today:
    """Calls since local midnight, how many of them reached verified, and the summaries that wait for confirmation."""
    local = visit.now.astimezone(visit.site.settings.zone)
    midnight = datetime.combine(local.date(), time.min, local.tzinfo)
    mine = select(func.count(func.distinct(Handling.contact_id))).where(
        Handling.staff_id == visit.member.id, Handling.started_at >= midnight
    )
    verified = select(func.count(func.distinct(Verification.contact_id))).where(
        Verification.staff_id == visit.member.id,
        Verification.began_at >= midnight,
        Verification.level >= Level.VERIFIED,
    )
    return Today(
        calls=session.exec(mine).one(),
        verified=session.exec(verified).one(),
        awaiting=len(summaries.awaited(session, visit.member.id)),
    )


def _ringing(one: queue.Ringing, language: str, named: bool) -> RingingCall:
    candidates = one.match.candidates if named else ()
    return RingingCall(
        call=one.call.public_id,
        line=one.line.name,
        since=one.call.queued_at or one.call.arrived_at,
        number=one.call.caller,
        match=one.match.kind,
        names=tuple(dict.fromkeys(candidate.customer_name for candidate in candidates)),
        known_for=known_for(candidates[0], language) if candidates else "",
    )
