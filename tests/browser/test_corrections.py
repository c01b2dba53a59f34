"""Whoever handled a call corrects its transcript, by keys, line by line, in every look (P17)."""

import pytest
from sqlmodel import select

from contactcenter.contacts.models import Contact
from contactcenter.notes.models import Transcript
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Window
from tests.house import House

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def contact(house: House) -> str:
    """A call that Anna handled is recorded and written down, and its wrap-up is still open; its public id."""
    phone, anna = house.ring(), house.agent("anna")
    with anna.on_the_line(phone):
        anna.asks(phone.contact)
    phone.recording_is("attached")
    return phone.contact


def is_for_everybody(window: Window) -> None:
    """The page in this window breaks no rule of accessibility and fits."""
    assert violations(window) == []
    assert not window.page.evaluate(WIDER)


def test_a_line_is_corrected_by_keys_and_one_that_is_being_typed_stays(
    house: House, opens: Opens, contact: str
) -> None:
    anna = house.agent("anna")
    anna.post(f"/contacts/{contact}/open", purpose="replay-by-handler")
    window = opens("anna")
    window.goes(f"/contacts/{contact}")
    window.tabs_to("a:has-text('correct it')")
    window.presses("Enter")
    window.sees("#panel.corrections")
    first, second = (window.page.locator("#panel textarea").nth(number) for number in (0, 1))
    second.focus()
    window.presses("End")
    window.types(" And this is typed meanwhile")
    first.focus()
    window.presses("ControlOrMeta+a")
    window.types("Good morning, this is Veldwijk.")
    window.presses("Tab", "Enter")
    window.sees("#panel del")
    assert first.input_value() == "Good morning, this is Veldwijk."
    assert second.input_value().endswith("And this is typed meanwhile")
    is_for_everybody(window)
    for look in (WIDE_DARK, NARROW_LIGHT, NARROW_DARK, WIDE_LIGHT):
        other = opens("anna", look)
        other.goes(window.page.url.removeprefix(house.url))
        other.sees("#panel del")
        is_for_everybody(other)
    with house.look() as session:
        row = session.exec(select(Contact.id).where(Contact.public_id == contact)).one()
        said = session.exec(select(Transcript).where(Transcript.contact_id == row)).one().said
        assert said[0].text == "Good morning, this is Veldwijk."
