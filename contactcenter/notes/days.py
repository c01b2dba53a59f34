"""The day by which something said is to happen, from its words and the moment at which it was said (nl, en).

Each named day is the last one on which the promise is still kept: "within two days" is the second day from now, "next
week" its Friday. What can't be, contradicts itself ("Thursday the first of December" in a year where that is a Tuesday)
or lies more than a year ahead names no day: no date is better than a wrong one. Public holidays are not known.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from contactcenter.notes.calendar_words import MONTHS, NUMBERS, ORDINALS, WEEKDAYS

FURTHEST = timedelta(days=366)
FRIDAY, SUNDAY = 4, 6
_MORE = {"half": 1, "anderhalf": 2, "het": 1, "de": 1}  # hours: "binnen het uur"
_BESIDE = 12  # characters between a weekday and the date that it belongs to


@dataclass(frozen=True)
class Named:
    """A day that a text names at these offsets; `weekday` (0 = Monday) where only its name was said."""

    start: int
    end: int
    on: date
    weekday: int | None = None


_Read = Callable[[re.Match[str], datetime], "date | None"]


def named_days(text: str, language: str, said: datetime) -> list[Named]:
    """The days that a text names, in the order of the text. `said` is aware, in the zone whose days count."""
    found: list[Named] = []
    for pattern, read in _PATTERNS.get(language, ()):
        for match in pattern.finditer(text):
            if not any(one.start < match.end() and match.start() < one.end for one in found):
                found += _named(match, read, said)
    return [one for one in _joined(sorted(found, key=lambda one: one.start)) if _is_near(one.on, said.date())]


def nearest_day(text: str, language: str, said: datetime, start: int, end: int) -> date | None:
    """The day named nearest to what stands at these offsets; the earlier of two that are as near."""
    days = named_days(text, language, said)
    apart = [(max(one.start - end, start - one.end, 0), one.on) for one in days]
    return min(apart)[1] if apart else None


def _named(match: re.Match[str], read: _Read, said: datetime) -> Iterator[Named]:
    try:
        on = read(match, said)
    except (ValueError, OverflowError):  # the 31st of June, or a day after the last one that there is
        return
    if on is not None:
        weekday = match.groupdict().get("weekday")
        yield Named(match.start(), match.end(), on, WEEKDAYS[weekday.lower()] if weekday else None)


def _joined(found: list[Named]) -> Iterator[Named]:
    """A weekday and a date beside it are one day where they agree, and none where they don't."""
    left = list(found)
    while left:
        one = left.pop(0)
        beside = left[0] if left and left[0].start - one.end <= _BESIDE else None
        if one.weekday is None or beside is None or beside.weekday is not None:
            yield one
        else:
            left.pop(0)
            before = one.on.weekday() != one.weekday  # "before Thursday the third" is the second
            if beside.on.weekday() == one.weekday:
                yield Named(one.start, beside.end, beside.on - timedelta(days=before))


def _is_near(on: date, today: date) -> bool:
    return timedelta(0) <= on - today <= FURTHEST


def _in_days(days: int) -> _Read:
    return lambda match, said: said.date() + timedelta(days=days)


def _weekday(match: re.Match[str], said: datetime) -> date:
    """The next such day, from tomorrow on; of next week where that is said; the day before where it is "before"."""
    today, wanted = said.date(), WEEKDAYS[match["weekday"].lower()]
    if match["next"] or match["later"]:
        on = _monday(today, 1) + timedelta(days=wanted)
    else:
        on = today + timedelta(days=(wanted - today.weekday() - 1) % 7 + 1)
    return max(today, on - timedelta(days=1)) if match["before"] else on


def _week(weeks: int, weekday: int) -> _Read:
    """A day of the week that begins so many weeks from now; of this week, when that is over, its Sunday."""

    def read(match: re.Match[str], said: datetime) -> date:
        today = said.date()
        on = _monday(today, weeks) + timedelta(days=weekday)
        return on if on >= today else _monday(today, weeks) + timedelta(days=SUNDAY)

    return read


def _monday(today: date, weeks: int) -> date:
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)


def _end_of_month(match: re.Match[str], said: datetime) -> date:
    today = said.date()
    return today.replace(day=calendar.monthrange(today.year, today.month)[1])


def _count(match: re.Match[str], said: datetime) -> date:
    """So many hours, days, working days, weeks or months from now."""
    number = _number(match["most"] or match["number"])
    unit = match["unit"].lower()
    today = said.date()
    if unit.startswith(("min", "uur", "ur", "hour", "kwartier")):
        hours = 1 if unit.startswith(("min", "kwartier")) else number
        return (said.astimezone(UTC) + timedelta(hours=hours)).astimezone(said.tzinfo).date()
    if unit.startswith(("werk", "work", "business")):
        return _working_days(today, number)
    if unit.startswith(("maand", "month")):
        return _months(today, number)
    return today + timedelta(days=number * (7 if unit.startswith("we") else 1))


def _working_days(today: date, number: int) -> date:
    weeks, left = divmod(number, 5)
    on = today + timedelta(weeks=weeks)
    while left > 0 or on.weekday() > FRIDAY:
        on += timedelta(days=1)
        left -= on.weekday() <= FRIDAY
    return on


def _months(today: date, number: int) -> date:
    year, month = divmod(today.year * 12 + today.month - 1 + number, 12)
    return date(year, month + 1, min(today.day, calendar.monthrange(year, month + 1)[1]))


def _date(match: re.Match[str], said: datetime) -> date | None:
    """A day of a month; the next one where no year is said."""
    day, month = _number(match["day"]), _month(match["month"])
    on = _with_year(day, month, match["year"], said.date())
    return max(said.date(), on - timedelta(days=1)) if on and match["before"] else on


def _with_year(day: int, month: int, written: str | None, today: date) -> date | None:
    if written:
        return date(int(written) + (2000 if len(written) == 2 else 0), month, day)
    for year in (today.year, today.year + 1):
        if day <= calendar.monthrange(year, month)[1] and date(year, month, day) >= today:
            return date(year, month, day)
    return None


def _month(said: str) -> int:
    return int(said) if said.isdigit() else MONTHS[said.lower().rstrip(".")]


def _number(said: str) -> int:
    said = re.sub(r"(?<=\d)(?:e|de|ste|st|nd|rd|th)$", "", said.lower().replace("-", " ").replace("é", "e"))
    return int(said) if said.isdigit() else {**NUMBERS, **ORDINALS, **_MORE}[said]


def _either(words: Iterable[str]) -> str:
    """A pattern for one of these words; the longest first, so that none is taken for the beginning of another."""
    listed = sorted(words, key=lambda word: (-len(word), word))
    return "(?:" + "|".join(re.escape(word).replace(r"\ ", "[ -]") for word in listed) + ")"


_N = rf"(?:(?<![\d.,])\d{{1,4}}(?![\d])|(?<!\w)(?:één|{_either(NUMBERS)})(?!\w))"
_DAY = (
    rf"(?:(?<![\d.,/-])\d{{1,2}}(?:e|de|ste|st|nd|rd|th)?|(?<!\w){_either({*NUMBERS, *ORDINALS} - {'a', 'an'})})(?!\w)"
)
_MONTH = rf"(?:{_either(MONTHS)})(?!\w)\.?"
_YEAR = r"(?:,?\s(?P<year>20\d\d)(?!\d))?"
_NUMERIC = r"(?P<day>\d{1,2})[-/](?P<month>\d{1,2})(?:[-/](?P<year>\d{4}|\d{2}))?(?![\d/-])(?!\s?(?:uur|dag|w[eo]|h|d))"


def _weekdays(language: str) -> str:
    return _either([name for name in WEEKDAYS if name.endswith("day") is (language == "en")])


def _patterns(*pairs: tuple[str, _Read]) -> tuple[tuple[re.Pattern[str], _Read], ...]:
    return tuple((re.compile(pattern, re.I), read) for pattern, read in pairs)


_PATTERNS = {
    "nl": _patterns(
        (rf"(?:(?P<before>\bv[oó]{{2}}r )|\b(?:op|uiterlijk|per) ){_NUMERIC}", _date),
        (rf"(?P<before>\bv[oó]{{2}}r )?(?:de )?(?P<day>{_DAY}) (?:van )?(?P<month>{_MONTH}){_YEAR}", _date),
        (
            rf"\b(?:over|binnen) (?:nu en )?(?:een |ongeveer |uiterlijk )?(?P<number>{_N}|half|anderhalf|het|de)"
            rf"(?: (?:à|a|tot|of|-) ?(?P<most>{_N}))? ?(?P<unit>minuten|minuut|kwartier|uurtje|uur|uren|werkdag(?:en)?"
            rf"|dag(?:en)?|week|weken|maand(?:en)?)\b",
            _count,
        ),
        (r"\bbegin (?:van )?(?:de )?volgende week\b", _week(1, 1)),
        (
            rf"\b(?P<before>v[oó]{{2}}r )?(?<!vorige )(?<!afgelopen )(?<!sinds )(?P<next>volgende (?:week )?(?:op )?)?"
            rf"(?P<weekday>{_weekdays('nl')})(?:[ -]?(?:ochtend|morgen|middag|avond))?"
            r"(?P<later> (?:van )?volgende week)?\b",
            _weekday,
        ),
        (r"\b(?:eind(?:e)? (?:van )?(?:de )?|in de loop van )?volgende week\b", _week(1, FRIDAY)),
        (r"\b(?:deze week|eind(?:e)? (?:van )?(?:de|deze) week)\b", _week(0, FRIDAY)),
        (r"\bna het weekend\b", _week(1, 0)),
        (r"\bdit weekend\b", _week(0, SUNDAY)),
        (r"\beind(?:e)? (?:van )?(?:de|deze) maand\b", _end_of_month),
        (r"\bovermorgen\b", _in_days(2)),
        (
            r"(?<!goede )(?<!goeden )(?<!goeie )(?<!'s )(?<!de )(?<!\w)morgen(?:ochtend|middag|avond|vroeg)?\b",
            _in_days(1),
        ),
        (r"\b(?:vandaag|vanochtend|vanmorgen|vanmiddag|vanavond|zo meteen|zometeen|zo dadelijk|straks)\b", _in_days(0)),
    ),
    "en": _patterns(
        (rf"\b(?:(?P<before>before )|(?:on|by) ){_NUMERIC}", _date),
        (
            rf"(?P<before>\bbefore )?(?:the )?(?P<day>{_DAY}) (?:of )?(?P<month>{_MONTH}){_YEAR}",
            _date,
        ),
        (rf"(?P<before>\bbefore )?(?<!\w)(?P<month>{_MONTH}) (?:the )?(?P<day>{_DAY}){_YEAR}", _date),
        (
            rf"\b(?:in|within|inside|under) (?:about |the next |the )?(?P<number>{_N}|half)"
            rf"(?: (?:to|or|-) ?(?P<most>{_N}))? ?(?:an )?(?P<unit>minutes?|hours?|working days?|business days?"
            rf"|workdays?|days?|weeks?|months?)\b",
            _count,
        ),
        (r"\b(?:the )?day after tomorrow\b", _in_days(2)),
        (r"\b(?:early|(?:the )?beginning of) next week\b", _week(1, 1)),
        (
            rf"\b(?P<before>before )?(?<!last )(?<!since )(?P<next>next (?:week (?:on )?)?)?"
            rf"(?P<weekday>{_weekdays('en')})(?: (?:morning|afternoon|evening))?(?P<later> (?:of )?next week)?\b",
            _weekday,
        ),
        (r"\b(?:(?:the )?end of |later )?next week\b", _week(1, FRIDAY)),
        (r"\b(?:this week|(?:the )?end of (?:the|this) week)\b", _week(0, FRIDAY)),
        (r"\bafter the weekend\b", _week(1, 0)),
        (r"\bthis weekend\b", _week(0, SUNDAY)),
        (r"\bend of (?:the|this) month\b", _end_of_month),
        (r"\btomorrow\b", _in_days(1)),
        (r"\b(?:today|this (?:morning|afternoon|evening)|tonight|end of the day)\b", _in_days(0)),
    ),
}
