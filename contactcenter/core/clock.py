"""Time comes from one place, so that tests and sweeps can name the moment they mean."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

Clock = Callable[[], datetime]
AHEAD = timedelta(minutes=1)  # by as much clocks of several machines may differ


def system_clock() -> datetime:
    """The present moment, aware, in UTC."""
    return datetime.now(UTC)


def lasts(since: datetime, limit: timedelta, now: datetime) -> bool:
    """Whether what began at `since` goes on: not after `limit`, and not when a wrong clock put it into the future."""
    return -AHEAD <= now - since <= limit


def end_of_local_day(moment: datetime, zone: ZoneInfo) -> datetime:
    """The last instant of the local day that `moment` falls on, in UTC. "Retain until" means this (P17)."""
    day_after = moment.astimezone(zone).date() + timedelta(days=1)
    return datetime.combine(day_after, time.min, zone).astimezone(UTC)
