"""The summary of a call: a draft by machine whose lines lead to their second, and what its handler makes of it."""

import pytest

from contactcenter.recordings.rules import RecordingState
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.test_replay import AT, opened
from tests.browser.windows import NARROW_DARK, WIDE_LIGHT, Window
from tests.house import House, Telephone

CITED = ".draft [data-start]"
MINE = "A second laptop may use the same licence; Anna told how to sign in there."


@pytest.fixture
def drafted(house: House) -> Telephone:
    """A call that Anna closed before its words were there, so that its summary is still a draft."""
    phone, anna = house.ring(hangup="after-audio"), house.agent("anna")
    anna.handles(phone)
    anna.closes(phone.contact)
    phone.recording_is(RecordingState.ATTACHED)
    return phone


def test_anna_hears_what_a_line_of_the_draft_cites_corrects_it_and_confirms(opens: Opens, drafted: Telephone) -> None:
    page = opened(opens("anna"), drafted, "replay-by-handler")
    page.sees("#summary-title .chip", "draft by machine")
    line = page.sees(".draft li")
    said = line.inner_text()
    page.tabs_to(CITED)
    cited = float(page.sees(CITED).get_attribute("data-start") or 0)
    page.presses("ArrowRight", "Enter")
    page.until(lambda: abs(page.page.evaluate(AT) - cited) < 0.05, "the player is at the second of the line")
    current = page.sees("#transcript li[aria-current]").locator("[data-words]").inner_text()
    assert current.split()[0] in said
    for look in (WIDE_LIGHT, NARROW_DARK):
        assert violations(opened(opens("anna", look), drafted, "replay-by-handler")) == []
    page.presses("Escape", "s")
    written = page.sees("[name=text]")
    assert written.input_value()
    page.presses("Control+a")
    page.types(MINE)
    page.presses("Control+Enter")
    page.sees("#summary-title .chip", "confirmed")
    shown = page.sees("section[aria-labelledby=summary-title]").inner_text()
    assert MINE in shown
    assert "confirmed by Anna de Wit" in shown
    assert "edited" in shown
    assert page.page.locator(CITED).count() == 0
    _changes_it(page)
    assert page.by_hand == []


def _changes_it(page: Window) -> None:
    """What was confirmed is changed by whose it is; what it said before stays beside it."""
    page.presses("Escape", "s")
    page.tabs_to("#change-summary [name=text]")
    page.presses("Control+End")
    page.types(" She calls when it fails.")
    page.presses("Control+Enter")
    page.sees(".words p", "She calls when it fails.")
    page.sees(".words details summary", "before: confirmed by Anna de Wit")
    assert violations(page) == []


def test_a_draft_as_it_stands_is_confirmed_by_one_key_and_a_coach_reads_it_at_once(
    opens: Opens, drafted: Telephone
) -> None:
    coach = opened(opens("carla"), drafted, "training")
    coach.sees("#summary-title .chip", "draft by machine")
    assert coach.page.locator("[name=text]").count() == 0
    page = opened(opens("anna"), drafted, "replay-by-handler")
    page.presses("s")
    drafts = page.sees("[name=text]").input_value().splitlines()
    page.presses("Control+Enter")
    for window in (page, coach):
        window.sees("#summary-title .chip", "confirmed")
        shown = window.sees("section[aria-labelledby=summary-title]").inner_text()
        assert all(line in shown for line in drafts)
        assert "edited" not in shown
