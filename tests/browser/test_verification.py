"""Verification at the desk by keyboard: how few keys it takes, what failure leads to, what opens without a caller."""

from tests.browser.axe import violations
from tests.browser.conftest import Opens, Rings
from tests.browser.test_for_everybody import WIDER
from tests.browser.test_one_call import JORIS_SAYS
from tests.browser.windows import NARROW_DARK, Window, at_the_desk
from tests.house import House

MOST_INTERACTIONS = 4


def _on_the_line(opens: Opens, rings: Rings) -> tuple[Window, str]:
    """Anna has Joris on the line; the id of the contact."""
    desk = at_the_desk(opens("anna"), "anna")
    phone = rings(speed=1)
    desk.answers()
    desk.sees(".ladder [aria-current]", "recognised")
    return desk, phone.contact


def _answers(desk: Window, said: str | None) -> None:
    """Type what the caller says to the question that was read out; None: what is right."""
    question = desk.sees(".ask q").inner_text()
    desk.until(lambda: desk.focus() == "typed", "the answer has the cursor")
    desk.types(JORIS_SAYS[question] if said is None else said)
    desk.presses("Enter")


def _hangs_up(desk: Window, house: House) -> None:
    desk.presses("Escape", "e")
    desk.sees("#call[data-stage=wrap-up]")
    desk.page.goto("about:blank")  # its session ends with the day
    house.clock.travel(hours=25)  # wrong answers count for a day


def test_from_a_known_number_to_verified_in_at_most_four_interactions(house: House, opens: Opens, rings: Rings) -> None:
    desk, _ = _on_the_line(opens, rings)
    before = desk.interactions
    desk.presses("v")
    _answers(desk, None)
    desk.sees(".ladder [aria-current]", "verified")
    assert desk.interactions - before <= MOST_INTERACTIONS
    assert violations(desk) == []
    _hangs_up(desk, house)


def test_three_wrong_answers_leave_a_code_and_the_desk_says_so(house: House, opens: Opens, rings: Rings) -> None:
    desk, contact = _on_the_line(opens, rings)
    for left in ("2 tries left", "1 try left", "0 tries left"):
        desk.presses("v")
        _answers(desk, "no idea")
        desk.sees("#verification", left)
        desk.presses("Escape")
    desk.sees("#verification", "Only a code or a second person helps now.")
    assert desk.page.locator("#verification [data-key=v]").count() == 0
    desk.presses("c")
    desk.sees(f"#code-{contact}-0")
    desk.until(lambda: desk.focus() == "typed", "the code has the cursor")
    desk.types("111111")
    desk.presses("Enter")
    code = desk.sees(f"#code-{contact}-1")
    assert code.input_value() == ""
    desk.until(lambda: desk.focus() == "typed", "the next reading has the cursor")
    newest = desk.page.request.get(f"{house.url}/simulator/received").json()["received"][-1]
    desk.types("".join(one for one in newest["body"][:8] if one.isdigit()))
    desk.presses("Enter")
    desk.sees(".ladder [aria-current]", "verified")
    assert code.count() == 0
    assert violations(desk) == []
    _hangs_up(desk, house)


def test_a_call_that_is_handed_on_shuts_for_one_and_opens_anew_for_the_other(
    house: House, opens: Opens, rings: Rings
) -> None:
    desk, _ = _on_the_line(opens, rings)
    colleague = at_the_desk(opens("bram"), "bram")
    desk.presses("v")
    _answers(desk, None)
    desk.sees(".card dd", "Molenstraat")
    desk.presses("Escape", "t", "t")
    desk.no_longer_sees(".card dd:has-text('Molenstraat')")
    colleague.answers()
    colleague.sees(".ladder [aria-current]", "recognised")
    assert "Molenstraat" not in colleague.sees("#call").inner_text()
    colleague.presses("v")
    _answers(colleague, None)
    colleague.sees(".card dd", "Molenstraat")
    colleague.presses("Escape", "e")
    colleague.sees("#call[data-stage=wrap-up]")
    colleague.sees(".card dd", "Molenstraat")  # what was opened stays readable until the wrap-up is closed
    assert colleague.page.locator("#verification [data-key=v]").count() == 0
    assert violations(colleague) == []
    for window in (desk, colleague):
        window.page.goto("about:blank")
    house.clock.travel(hours=25)


def test_a_caller_who_moved_is_written_down_by_keyboard(house: House, opens: Opens, rings: Rings) -> None:
    desk, contact = _on_the_line(opens, rings)
    desk.presses("v")
    _answers(desk, None)
    desk.sees(".ladder [aria-current]", "verified")
    desk.presses("Escape")
    desk.tabs_to("summary:has-text('Correct data')")
    desk.presses("Enter")
    desk.sees(f"#correct-{contact}-0", "at level 3 only")
    assert violations(desk) == []
    with desk.page.expect_response("**/desk/call"):  # something happened, and the desk looks again: what is open stays
        desk.page.evaluate("document.body.dispatchEvent(new Event('changed'))")
    desk.page.wait_for_timeout(300)
    desk.tabs_to("input[name=street]")
    desk.types("Kade 1")
    desk.tabs_to("input[name=postcode]")
    desk.types("1011 AC")
    desk.tabs_to("input[name=town]")
    desk.types("Amsterdam")
    desk.tabs_to("input[name=country]")
    desk.types("Nederland")
    desk.presses("Enter")
    desk.sees(f"#correct-{contact}-0 .problem", "a country as two letters")
    assert [complaint for complaint in desk.complaints if "422" not in complaint] == []
    desk.complaints.clear()
    desk.presses("Control+a", "Delete", "Enter")
    desk.sees(".card dd", "Kade 1")
    desk.sees(".corrected", "Corrected: Postal address")
    desk.sees(f"#correct-{contact}-1")
    page = opens("anna", NARROW_DARK)
    customer = desk.page.locator("a:has-text('Whole history')").get_attribute("href")
    assert customer is not None
    page.goes(customer)
    page.tabs_to("summary:has-text('Gegevens wijzigen')")
    page.presses("Enter")
    page.sees(f"#correct-{contact}-1", "alleen op niveau 3")
    assert violations(page) == []
    assert not page.page.evaluate(WIDER)
    back = {"street": "Molenstraat 12", "postcode": "7311 AB", "town": "Apeldoorn"}  # other stories look for it
    house.agent("anna").post(f"/contacts/{contact}/correct", kind="name-and-address", turn="1", **back)
    _hangs_up(desk, house)


def test_without_a_caller_a_customer_opens_for_a_reason_and_somebody_reviews_it(house: House, opens: Opens) -> None:
    anna = opens("anna")
    anna.goes("/customers?q=jansen")
    anna.tabs_to("a:has-text('Bakkerij Jansen')")
    anna.presses("Enter")
    anna.tabs_to("summary:has-text('Open without a verified caller')")
    anna.presses("Enter")
    anna.tabs_to("#glass-words")
    anna.types("Their account sends spam and nobody answers.")
    anna.presses("Enter")
    anna.sees("[role=status]", "Open without a verified caller until")
    anna.sees("dd", "Molenstraat 12")
    assert violations(anna) == []
    dirk = opens("dirk")
    dirk.goes("/supervision")
    dirk.sees(".lines", "Their account sends spam")
    assert violations(dirk) == []
    dirk.tabs_to("button:has-text('Was right')")
    dirk.presses("Enter")
    dirk.sees(".chip.good", "was right")
