"""How often patterns stood out lately, for whoever begins the day on the page Supervision (P05)."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from contactcenter.coaching import facts
from contactcenter.coaching.narrowing import is_marked
from contactcenter.coaching.rules import ANOMALIES, Mark, marks_of
from contactcenter.contacts.models import Contact, Handling
from contactcenter.verification.models import Verification

LOOKED_BACK = timedelta(days=1)  # yesterday and today
OF_ONE = frozenset(ANOMALIES) - {Mark.PAUSED}  # what stands out in one verification, and not in the whole contact


@dataclass(frozen=True)
class Anomalies:
    """Since the beginning of a day: contacts by what stands out in them, and people who browsed."""

    since: date
    contacts: Mapping[Mark, int]
    browsing: int

    @property
    def any(self) -> bool:
        """Whether there is anything to look at."""
        return bool(self.contacts or self.browsing)


def anomalies(session: Session, now: datetime, zone: ZoneInfo) -> Anomalies:
    """What stood out since yesterday, counted anew: as many contacts as the list shows under the same filters."""
    day = now.astimezone(zone).date() - LOOKED_BACK
    since = datetime.combine(day, time.min, zone)
    found: dict[Mark, set[int]] = defaultdict(set)
    suspects = session.exec(
        select(Verification)
        .join(Contact, col(Contact.id) == Verification.contact_id)
        .where(col(Contact.started_at) >= since, or_(*(is_marked(mark) for mark in OF_ONE)))
    ).all()
    seen = facts.seen_of(session, suspects)
    for one in suspects:
        for mark in marks_of(seen[one.id]) & OF_ONE:
            found[mark].add(one.contact_id)
    if paused := _paused(session, since):
        found[Mark.PAUSED] = paused
    counts = {mark: len(found[mark]) for mark in ANOMALIES if mark in found}
    return Anomalies(day, counts, len(facts.browsing(session, since, zone)))


def _paused(session: Session, since: datetime) -> set[int]:
    """Contacts since then that somebody handled, and whose recording was paused for long."""
    handled = select(Handling.id).where(Handling.contact_id == Contact.id).exists()
    query = select(Contact.id).where(col(Contact.started_at) >= since, is_marked(Mark.PAUSED), handled)
    return facts.paused(session, session.exec(query).all())
