"""Cutting a passage out by keyboard: its times come from the player, and nothing of it stays on any screen (P17)."""

from sqlmodel import select

from contactcenter.recordings.models import Cut
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.test_replay import AT, PAUSED, handled, opened
from tests.browser.windows import NARROW_DARK, WIDE_DARK, WIDE_LIGHT, Window
from tests.house import House, Telephone

__all__ = ["handled"]
CUT_LINE = "#transcript li >> nth=1"
MARK = "somebody else was heard"


def chosen(window: Window) -> tuple[float, str]:
    """Dirk hears the second line, and marks it with [ and ], by keys; its second and its words."""
    line = window.sees(CUT_LINE)
    start, said = float(line.get_attribute("data-start") or 0), line.locator("[data-words]").inner_text()
    line.locator("button").first.focus()
    window.presses("Enter")
    window.until(lambda: abs(float(window.page.evaluate(AT)) - start) < 0.2, "the player is there")
    window.page.evaluate("document.activeElement.blur()")
    window.presses("[", "ArrowRight", "]")
    window.sees("#cut[open] [name=start]")
    return start, said


def test_a_passage_is_chosen_heard_and_cut_by_keys_and_is_gone_from_every_screen(
    opens: Opens, handled: Telephone, house: House
) -> None:
    coach = opened(opens("carla"), handled, "training")
    dirk = opened(opens("dirk"), handled, "verification-audit")
    start, said = chosen(dirk)
    coach.sees("#transcript li", said)
    assert violations(dirk) == []
    dirk.tabs_to("#cut [data-check]")
    dirk.presses("Enter")
    dirk.until(lambda: not dirk.page.evaluate(PAUSED), "it plays")
    dirk.until(lambda: dirk.page.evaluate(AT) >= start, "from where it begins")
    dirk.tabs_to("#cut [name=reason]").select_option("bystander")
    dirk.tabs_to("#cut [data-twice]")
    dirk.presses("Enter")
    assert "Press again" in dirk.sees("#cut [data-twice]").inner_text()
    dirk.presses("Enter")
    dirk.sees("#marks li", MARK)
    dirk.sees("#transcript li", MARK)
    coach.sees("#transcript li", MARK)
    for window in (dirk, coach):
        assert said not in window.sees("main").inner_text()
    with house.look() as session:
        (cut,) = session.exec(select(Cut)).all()
    assert (round(cut.start, 1), cut.end > cut.start) == (round(start, 1), True)
    for look in (WIDE_LIGHT, WIDE_DARK, NARROW_DARK):
        assert violations(opened(opens("dirk", look), handled, "verification-audit")) == []


def test_who_only_listens_is_offered_no_cut(opens: Opens, handled: Telephone) -> None:
    anna = opened(opens("anna"), handled, "replay-by-handler")
    assert anna.page.locator("#cut").count() == 0
