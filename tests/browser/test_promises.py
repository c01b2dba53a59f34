"""The privacy officer goes from a broken promise to what broke it, by keyboard; everybody can read the pages."""

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Look
from tests.house import STRANGER, House, Telephone

WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


@pytest.fixture(scope="module")
def unmatched(house: House) -> Telephone:
    """A call that has been nobody's for fifteen days."""
    phone = house.ring(STRANGER)
    phone.is_("waiting")
    phone.hang_up()
    phone.is_("ended")
    house.clock.travel(days=15)
    return phone


def test_from_a_broken_promise_to_its_contact_by_keyboard(unmatched: Telephone, opens: Opens) -> None:
    window = opens("eva")
    window.goes("/")
    window.sees("#P03 .chip", "broken")
    window.tabs_to('a[href="/promises/P03"].strong')
    window.presses("Enter")
    window.sees("h1", "P03")
    window.tabs_to(f'a[href="/contacts/{unmatched.contact}"]')
    window.presses("Enter")
    window.sees("h1")
    assert window.page.url.endswith(f"/contacts/{unmatched.contact}")
    assert window.by_hand == []


@pytest.mark.usefixtures("unmatched")
@pytest.mark.parametrize("look", [WIDE_LIGHT, WIDE_DARK, NARROW_LIGHT, NARROW_DARK], ids=str)
@pytest.mark.parametrize("path", ["/promises", "/promises/P03", "/promises/P05"])
def test_the_pages_are_for_everybody(opens: Opens, path: str, look: Look) -> None:
    window = opens("eva", look)
    window.goes(path)
    window.sees(".chip")
    assert violations(window) == []
    assert not window.page.evaluate(WIDER)
