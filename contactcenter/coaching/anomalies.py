"""How often patterns stood out lately, for whoever begins the day on the page Supervision (P05)."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session

from contactcenter.coaching import facts
from contactcenter.coaching.listing import Wanted, audited
from contactcenter.coaching.naming import Naming
from contactcenter.coaching.rules import ANOMALIES, Mark

LOOKED_BACK = timedelta(days=1)  # yesterday and today
NOBODY = Naming(by_name=False, labels={}, teams=())


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
    """What stood out since yesterday, counted anew."""
    day = now.astimezone(zone).date() - LOOKED_BACK
    since = datetime.combine(day, time.min, zone)
    counts: Counter[Mark] = Counter()
    after: str | None = None
    while True:
        found, after = audited(session, Wanted(since=since), NOBODY, after)
        for one in found:
            counts.update({*one.marks, *(mark for line in one.lines for mark in line.marks)} & set(ANOMALIES))
        if after is None:
            return Anomalies(day, counts, len(facts.browsing(session, since, zone)))
