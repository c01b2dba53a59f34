"""Whatever the clock does: nothing is destroyed early, nothing twice, nothing more than a day late (P17)."""

from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.recordings import overview
from contactcenter.recordings.models import Certificate
from contactcenter.recordings.rules import RecordingState, retain_until
from tests.recordings.test_retention import many, sweep
from tests.recordings.workplace import NOON, Story, Workplace

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
EVERY = timedelta(minutes=10)  # as often as the worker sweeps
DAYS = 30
CHANGES = {
    "summer-time-ends": date(2026, 10, 25),
    "summer-time-begins": date(2027, 3, 28),
    "leap-day": date(2028, 2, 29),
    "new-year": date(2026, 12, 31),
}


def local(day: date, at: time) -> datetime:
    """A moment of a day in Amsterdam, in UTC."""
    return datetime.combine(day, at, AMSTERDAM).astimezone(UTC)


def midnight_after(day: date) -> datetime:
    """When that day is over in Amsterdam, in UTC."""
    return local(day + timedelta(days=1), time.min)


def stored_at(place: Workplace, moment: datetime) -> Story:
    """A recording of Joris that was stored then."""
    place.clock.now = moment
    return place.call().done()


def destroyed(place: Workplace) -> Counter[str]:
    """How often each recording was destroyed, by the trail and by its certificates."""
    with place.db.reading() as session:
        trail = session.exec(select(AuditEntry.subject).where(AuditEntry.action == Action.RECORDING_DESTROYED))
        return Counter([*trail, *session.exec(select(Certificate.recording))])


@pytest.mark.parametrize("hour", [0, 1, 2, 3, 12, 22, 23])
@pytest.mark.parametrize("day", CHANGES.values(), ids=CHANGES)
def test_thirty_days_are_thirty_dates_whatever_the_hour_and_the_season(day: date, hour: int) -> None:
    for first in (day, day - timedelta(days=1), day - timedelta(days=15), day - timedelta(days=DAYS)):
        ends = retain_until(local(first, time(hour, 30)), DAYS, AMSTERDAM)
        assert ends == midnight_after(first + timedelta(days=DAYS))


@pytest.mark.parametrize("day", CHANGES.values(), ids=CHANGES)
def test_over_a_change_of_the_clock_it_goes_within_a_sweep_of_its_moment_and_once(place: Workplace, day: date) -> None:
    story = stored_at(place, local(day - timedelta(days=DAYS), time(0, 30)))
    due = midnight_after(day)
    place.clock.now = due - timedelta(hours=1)
    while place.clock.now < due + timedelta(minutes=30):
        sweep(place)
        assert (story.state is RecordingState.DESTROYED) == (place.clock.now >= due)
        place.clock.travel(seconds=EVERY.total_seconds())
    assert destroyed(place) == {story.row().public_id: 2}  # one act, one certificate


def test_a_clock_that_goes_back_an_hour_destroys_nothing_early_and_nothing_twice(place: Workplace) -> None:
    first, second = stored_at(place, NOON), stored_at(place, NOON + timedelta(days=1))
    due = midnight_after(NOON.date() + timedelta(days=DAYS))
    place.clock.now = due
    assert sweep(place).destroyed == 1
    place.clock.now = due - timedelta(hours=1)
    assert sweep(place).due == 0
    assert second.state is RecordingState.ATTACHED
    for _ in range(12):
        place.clock.travel(seconds=EVERY.total_seconds())
        sweep(place)
    assert second.state is RecordingState.ATTACHED
    assert destroyed(place) == {first.row().public_id: 2}


@pytest.mark.parametrize("days_down", [0.5, 3, 45])
def test_what_came_due_while_nothing_ran_goes_with_the_first_sweep_and_is_unplayable_before(
    place: Workplace, days_down: float
) -> None:
    story = stored_at(place, NOON)
    place.clock.now = midnight_after(NOON.date() + timedelta(days=DAYS)) + timedelta(days=days_down)
    assert not playable(place, story)
    assert sweep(place).destroyed == 1
    assert sweep(place).destroyed == 0
    assert destroyed(place) == {story.row().public_id: 2}


def playable(place: Workplace, story: Story) -> bool:
    """Whether the page of the contact offers to play it."""
    with place.db.reading() as session:
        return overview.recording_view(session, story.contact_id, place.clock.now).playable


@pytest.mark.parametrize("others", [1, 150])
def test_a_clock_three_years_ahead_destroys_nothing_without_asking_and_hides_it_meanwhile(
    place: Workplace, others: int
) -> None:
    story = stored_at(place, NOON)
    many(place, others, NOON + timedelta(days=DAYS))
    place.clock.now = NOON.replace(year=2029)
    for _ in range(3):
        assert sweep(place).stopped
        place.clock.travel(seconds=EVERY.total_seconds())
    assert not playable(place, story)
    assert place.alerts() == [("retention-sweep-stopped", str(others + 1))]
    place.clock.now = NOON + timedelta(hours=1)
    assert sweep(place).due == 0
    assert playable(place, story), "when the clock is right again, everything is there"
    assert destroyed(place) == {}
