"""A call-back by keyboard: the word is given once, the browser joins whoever answered, and what was asked for opens."""

from tests.browser.axe import violations
from tests.browser.conftest import Opens, Rings
from tests.browser.test_one_call import JORIS_SAYS
from tests.browser.windows import at_the_desk
from tests.calls.calling_back import picks_up
from tests.house import House


def test_joris_asks_to_be_called_back_and_anna_calls(house: House, opens: Opens, rings: Rings) -> None:
    desk = at_the_desk(opens("anna"), "anna")
    rings(speed=1)
    desk.answers()
    desk.sees(".ladder [aria-current]", "recognised")
    desk.presses("v")
    question = desk.sees(".ask q").inner_text()
    desk.until(lambda: desk.focus() == "typed", "the answer has the cursor")
    desk.types(JORIS_SAYS[question])
    desk.presses("Enter")
    desk.sees(".ladder [aria-current]", "verified")
    desk.tabs_to("summary:has-text('Asks to be called back')")
    desk.presses("Enter")
    desk.tabs_to("button:has-text('Give a code word')")
    desk.presses("Enter")
    word = desk.sees("[role=status] q").inner_text()
    assert violations(desk) == []
    desk.presses("Escape", "e")
    desk.sees("#call[data-stage=wrap-up]")
    assert word not in desk.page.content()

    picks_up(house, after=1.0)
    desk.tabs_to("button:has-text('Call now')")
    desk.presses("Enter")
    desk.sees("[role=timer]")
    desk.until(lambda: desk.focus() == "typed", "the code word has the cursor")
    assert violations(desk) == []
    desk.types(word)
    desk.presses("Enter")
    desk.sees("#verification", "This may be told, and nothing else.")
    assert word not in desk.page.content()
    assert violations(desk) == []
    desk.presses("Escape", "e")
    desk.sees("#call[data-stage=wrap-up]")
