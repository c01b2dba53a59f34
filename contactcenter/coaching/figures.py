"""Figures about verifications, week by week: never of one person, unless that was agreed (P05, P29)."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Integer, case, cast
from sqlmodel import Session, col, func, select

from contactcenter.coaching import facts
from contactcenter.coaching.listing import Wanted, of_contacts, of_verifications
from contactcenter.coaching.naming import Naming
from contactcenter.coaching.narrowing import TOOK, VERIFIED, is_marked, of_contact
from contactcenter.coaching.rules import Mark, marks_of
from contactcenter.contacts.models import Contact
from contactcenter.verification.models import Verification
from contactcenter.verification.rules import Level

WEEK = timedelta(days=7)
USUAL_WEEKS, MOST_WEEKS = 8, 26


@dataclass(frozen=True)
class Week:
    """Verifications of contacts that began in the seven days from `begins` on; `none` are contacts without any.

    `levels` counts them by level, from 0 to 3. `median` and `slow` (which nine of ten do not exceed) are seconds until
    the caller was verified, None where nobody was.
    """

    begins: date
    none: int
    levels: tuple[int, ...]
    failed: int
    approved: int
    glass: int
    median: float | None
    slow: float | None

    @property
    def count(self) -> int:
        """All contacts and verifications that the bar shows."""
        return self.none + sum(self.levels)

    @property
    def verified(self) -> int:
        """Verifications that reached level 2 or more."""
        return sum(self.levels[Level.VERIFIED :])


def weeks_between(since: date | None, until: date | None, today: date) -> list[date]:
    """The Mondays of the weeks of a period, newest first: eight without a beginning, and at most twenty-six."""
    last = _monday(min(until or today, today))
    first = _monday(since) if since else last - (USUAL_WEEKS - 1) * WEEK
    first = max(first, last - (MOST_WEEKS - 1) * WEEK)
    return [last - number * WEEK for number in range((last - first) // WEEK + 1)]


def share(values: Sequence[float], part: float) -> float | None:
    """The smallest of these, which are sorted, that so great a part of them does not exceed; None of nothing."""
    return values[max(0, math.ceil(part * len(values)) - 1)] if values else None


def figures(session: Session, wanted: Wanted, naming: Naming, weeks: Sequence[date], zone: ZoneInfo) -> list[Week]:
    """What the filters find, counted by the week in which the contact began; these weeks, newest first, are local."""
    if not weeks:
        return []
    oldest_first = sorted(weeks)
    borders = [datetime.combine(day, time.min, zone) for day in (*oldest_first, oldest_first[-1] + WEEK)]
    began = col(Contact.started_at)
    week = case(*((began < border, number) for number, border in enumerate(borders[1:])), else_=len(weeks))
    where = [began >= borders[0], began < borders[-1], *of_contacts(wanted, naming)]
    own = of_verifications(wanted)
    if wanted.team is not None:
        own.append(col(Verification.staff_id).in_(naming.members(wanted.team)))
    if Mark.GUESSING in wanted.marks:
        own.append(col(Verification.id).in_(_guessing(session, [*where, *own])))
    levels = _levels(session, week, [*where, *own])
    none = {} if of_verifications(wanted) else _without(session, week, where)
    took = _took(session, week, [*where, *own, VERIFIED])
    return [
        Week(
            begins=day,
            none=none.get(number, 0),
            levels=tuple(levels.get((number, level), _NOTHING)[0] for level in Level),
            failed=sum(levels.get((number, level), _NOTHING)[1] for level in Level),
            approved=sum(levels.get((number, level), _NOTHING)[2] for level in Level),
            glass=sum(levels.get((number, level), _NOTHING)[3] for level in Level),
            median=share(took.get(number, []), 0.5),
            slow=share(took.get(number, []), 0.9),
        )
        for number, day in reversed(list(enumerate(oldest_first)))
    ]


_NOTHING = (0, 0, 0, 0)
Where = Sequence[ColumnElement[bool]]


def _levels(session: Session, week: ColumnElement[int], where: Where) -> dict[tuple[int, Level], tuple[int, ...]]:
    """(all, with a wrong answer, with a second person, with broken glass) by week and level."""
    marked = [func.sum(cast(is_marked(mark), Integer)) for mark in (Mark.FAILED, Mark.APPROVED, Mark.GLASS)]
    found = session.execute(
        select(week.label("week"), Verification.level, func.count(), *marked)
        .join(Contact, col(Contact.id) == Verification.contact_id)
        .where(*where)
        .group_by("week", col(Verification.level))
    )
    return {(number, level): (count, *others) for number, level, count, *others in found}


def _without(session: Session, week: ColumnElement[int], where: Where) -> dict[int, int]:
    """Contacts that somebody handled without verifying anybody, by week."""
    count = select(week.label("week"), func.count(col(Contact.id))).where(*where, ~of_contact().exists())
    return {row[0]: row[1] for row in session.execute(count.group_by("week"))}


def _took(session: Session, week: ColumnElement[int], where: Where) -> dict[int, list[float]]:
    """Seconds until the caller was verified, the shortest first, by week."""
    took: dict[int, list[float]] = {}
    found = session.execute(
        select(week.label("week"), TOOK).join(Contact, col(Contact.id) == Verification.contact_id).where(*where)
    )
    for number, seconds in found:
        took.setdefault(number, []).append(float(seconds))
    return {number: sorted(values) for number, values in took.items()}


def _guessing(session: Session, where: Where) -> list[int]:
    """Those of these, in each of which an answer was wrong, that the rule calls guessing."""
    of_contact = col(Contact.id) == Verification.contact_id
    wrong = session.exec(select(Verification).join(Contact, of_contact).where(*where)).all()
    seen = facts.seen_of(session, wrong)
    return [one.id for one in wrong if Mark.GUESSING in marks_of(seen[one.id])]


def _monday(day: date) -> date:
    return day - timedelta(days=day.weekday())
