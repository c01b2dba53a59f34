"""How moments, days, durations and numbers are written for a reader: template filters, by language and zone."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, format_timedelta, parse_pattern
from babel.numbers import format_decimal

from contactcenter.core.telephone import national

MOMENT = parse_pattern("d MMM y HH:mm")


def duration(seconds: float | None) -> str:
    """m:ss, or h:mm:ss from an hour on."""
    if seconds is None:
        return "–"
    whole = int(seconds)
    hours, rest = divmod(whole, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{left:02}" if hours else f"{minutes}:{left:02}"


def filters(language: str, zone: ZoneInfo) -> dict[str, Callable[..., Any]]:
    """The filters of one language, by the name under which templates use them."""
    locale = Locale.parse(language)

    def moment(at: datetime) -> str:
        return MOMENT.apply(at.astimezone(zone), locale)

    def clock(at: datetime) -> str:
        return format_time(at.astimezone(zone), "HH:mm", locale=locale)

    def day(on: date | datetime) -> str:
        local = on.astimezone(zone).date() if isinstance(on, datetime) else on
        return format_date(local, "d MMM y", locale=locale)

    def last_day(end: datetime) -> str:
        """The day that ends at `end`: what is kept until midnight is kept until the day before."""
        return day(end - timedelta(microseconds=1))

    def ago(at: datetime, now: datetime) -> str:
        return format_timedelta(at - now, add_direction=True, locale=locale)

    def seconds(milliseconds: int) -> str:
        return format_decimal(milliseconds / 1000, format="0.0", locale=locale)

    return {
        "moment": moment,
        "clock": clock,
        "day": day,
        "last_day": last_day,
        "ago": ago,
        "duration": duration,
        "seconds": seconds,
        "national": lambda number: national(number) if number else "",
        "iso": lambda at: at.isoformat(),
    }
