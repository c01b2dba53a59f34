"""One call at the desk, from its first ring to the confirmed summary, by an agent who has no mouse."""

from contactcenter.demo import people
from contactcenter.verification.questions import FACTS
from tests.browser.conftest import Opens, Rings
from tests.browser.windows import Window
from tests.house import JORIS_KNOWS, House, Telephone

MASKED = "••••"
QUESTION = "Why is the invoice of May still open?"
JORIS_SAYS = {FACTS[fact].text: answer for fact, answer in JORIS_KNOWS.items()}


def test_one_call_from_ring_to_confirmed_without_touching_the_mouse(house: House, opens: Opens, rings: Rings) -> None:
    house.agent("anna").post("/available", (303, 204), available="0")
    desk = opens()
    _signs_in(desk, "anna")
    _becomes_available(desk)
    phone = rings(speed=4)
    desk.sees("[aria-live=assertive]", "Ringing: 06 12345678 Bakkerij Jansen.")
    desk.presses("a")
    desk.sees("[role=timer]")
    _takes_notes(desk)
    _verifies(desk)
    desk.until(lambda: phone.heard()["seconds"] > 25, "the conversation has come to an end")
    desk.presses("e")
    _wraps_up(desk, phone)
    _finds_it_in_the_history(desk, phone)
    assert desk.by_hand == []


def _signs_in(desk: Window, login: str) -> None:
    desk.goes("/sign-in")
    desk.types(login)
    desk.presses("Tab")
    desk.types(people.PASSWORD)
    desk.presses("Enter")
    desk.sees("h2", "Ringing")


def _becomes_available(desk: Window) -> None:
    desk.tabs_to("button:text('Become available')")
    desk.presses("Enter")
    desk.sees(".chip", "available")


def _takes_notes(desk: Window) -> None:
    desk.presses("q")
    desk.types(QUESTION)
    desk.presses("Escape", "n")
    desk.types("Paid on 2 June, says Joris.")
    desk.sees("form [role=status]", "saved")
    desk.presses("Escape")


def _verifies(desk: Window) -> None:
    """A question is drawn and answered; what was masked opens by itself."""
    shut = desk.sees(".card").inner_text()
    assert MASKED in shut
    assert "Molenstraat" not in shut
    desk.presses("v")
    question = desk.sees(".ask q").inner_text()
    desk.until(lambda: desk.focus() == "typed", "the answer has the cursor")
    desk.types(JORIS_SAYS[question])
    desk.presses("Enter")
    desk.sees(".card dd", "Molenstraat 12")
    desk.sees(".ladder [aria-current]", "verified")
    assert "96.00" not in desk.sees(".card").inner_text()
    desk.tabs_to("button:has-text('Show Invoices')")
    desk.presses("Enter")
    desk.sees(".card dd", "EUR 96.00")


def _wraps_up(desk: Window, phone: Telephone) -> None:
    desk.sees("#call[data-stage=wrap-up]")
    desk.until(lambda: desk.focus() == "outcome", "the outcome has the cursor")
    desk.presses("Space")
    desk.tabs_to("[name=kind]")
    desk.types("inv")
    desk.sees(".draft li")
    assert desk.sees("[name=question]").input_value() == QUESTION
    assert desk.sees("[name=text]").input_value() == "Paid on 2 June, says Joris."
    assert desk.sees("[name=summary]").input_value()
    desk.presses("Control+Enter")
    desk.no_longer_sees(f"#call[data-contact='{phone.contact}']")
    assert phone.outcome()["contact"]["state"] == "closed"


def _finds_it_in_the_history(desk: Window, phone: Telephone) -> None:
    desk.tabs_to("nav a:text('Contacts')")
    desk.presses("Enter")
    desk.sees("h1", "Contacts")
    desk.tabs_to(f"a[href='/contacts/{phone.contact}']")
    desk.presses("Enter")
    desk.sees("h1", "Bakkerij Jansen · invoice")
    assert "solved by Anna de Wit" in desk.sees(".outcome").inner_text()
