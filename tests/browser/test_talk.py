"""How a conversation went, for its coach: nothing until the works council agreed, then heard from its second (P02)."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from contactcenter.core.clock import system_clock
from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings.rules import RecordingState
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.said import is_said
from tests.browser.test_replay import AT, opened
from tests.browser.windows import NARROW_DARK, WIDE_LIGHT
from tests.house import House, open_house

PANEL = "section:has(#talk-title)"
SAID = (
    Segment(0, 1.0, 3.0, "May I use a second laptop?", 0.9),
    Segment(1, 4.0, 9.0, "Yes you may, the same licence is good for two of them.", 0.9),
    Segment(0, 9.5, 10.5, "Thank you, that is all.", 0.9),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A company whose works council agrees three days from now."""
    agreed = system_clock().date() + timedelta(days=3)
    folder: Path = tmp_path_factory.mktemp("agreed")
    with open_house(folder, works_council=agreed, assessment=agreed) as one:
        yield one


def test_a_coach_hears_the_longest_stretch_once_that_was_agreed_and_sees_nothing_before(
    house: House, opens: Opens
) -> None:
    phone, anna = house.ring(hangup="after-audio"), house.agent("anna")
    anna.handles(phone)
    is_said(house, phone, Transcript("en", "by hand", "none", SAID))
    anna.closes(phone.contact, summary="A second laptop may use the same licence.")
    phone.recording_is(RecordingState.ATTACHED)
    before = opened(opens("carla"), phone, "training")
    before.sees("#transcript li", "second laptop")
    assert before.page.locator(PANEL).count() == 0
    before.context.close()  # nobody is signed in for three days
    house.clock.travel(hours=72)
    page = opened(opens("carla"), phone, "training")
    stretch = page.sees(f"{PANEL} tbody tr:nth-child(2) [data-start]")
    assert float(stretch.get_attribute("data-start") or 0) == 4.0
    stretch.click()
    page.until(lambda: abs(page.page.evaluate(AT) - 4.0) < 0.05, "the player is at that second")
    for look in (WIDE_LIGHT, NARROW_DARK):
        other = opened(opens("carla", look), phone, "training")
        assert violations(other) == []
