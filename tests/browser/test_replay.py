"""Listening back: for a purpose, by keys, with a transcript that leads to its second; refusals are sentences (P02)."""

import pytest

from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Window
from tests.house import House, Telephone

AT = "document.querySelector('audio').currentTime"
PAUSED = "document.querySelector('audio').paused"


@pytest.fixture(scope="module")
def handled(house: House) -> Telephone:
    """A call that Anna handled and closed, with a recording and words."""
    phone = house.ring(hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(phone)
    phone.recording_is("attached")
    anna.closes(phone.contact, summary="A second laptop may use the same licence.")
    return phone


def _opened(window: Window, phone: Telephone, purpose: str) -> Window:
    """The contact's page, opened for this purpose by keyboard."""
    window.goes(f"/contacts/{phone.contact}")
    window.sees("#closed-title")
    choice = window.tabs_to("[name=purpose]")
    choice.select_option(purpose)
    window.presses("Tab", "Enter")
    window.sees("#player")
    window.until(lambda: window.page.evaluate("document.querySelector('audio').readyState") > 0, "the sound is there")
    window.presses("Escape")
    return window


def test_the_handler_plays_and_seeks_by_keys_and_by_lines_of_the_transcript(opens: Opens, handled: Telephone) -> None:
    page = _opened(opens("anna"), handled, "replay-by-handler")
    page.presses("ArrowRight")
    page.until(lambda: page.page.evaluate(AT) == 10, "ten seconds on")
    page.presses("ArrowLeft", "Space")
    page.until(lambda: page.page.evaluate(AT) > 0.3, "it plays from the beginning")
    assert not page.page.evaluate(PAUSED)
    page.presses("Space")
    page.until(lambda: page.page.evaluate(PAUSED), "it pauses")
    line = page.sees("#transcript li >> nth=1")
    start = float(line.get_attribute("data-start") or 0)
    line.click()
    page.until(lambda: abs(page.page.evaluate(AT) - start) < 0.05, "the player jumps to the line")
    assert start > 0
    assert line.get_attribute("aria-current") == "true"
    assert "listening back to my own call" in page.sees("#player .names").inner_text()


def test_the_waveform_of_both_channels_is_drawn(opens: Opens, handled: Telephone) -> None:
    page = _opened(opens("dirk"), handled, "training")
    drawn = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 900, 224).data].some(Boolean)"
    page.until(lambda: page.page.evaluate(drawn), "there is a waveform")


def test_a_coach_listens_for_training_and_the_page_says_who_listened(opens: Opens, handled: Telephone) -> None:
    page = _opened(opens("carla"), handled, "training")
    page.presses("Space")
    page.until(lambda: page.page.evaluate(AT) > 0, "it plays")
    page.goes(f"/contacts/{handled.contact}")
    entry = page.sees("aside li", "Carla Mulder").inner_text()
    assert "(coach)" in entry
    assert "training in conversation technique" in entry


def test_an_agent_who_did_not_handle_the_call_reads_why_it_stays_shut(opens: Opens, handled: Telephone) -> None:
    page = opens("bram")
    page.goes(f"/contacts/{handled.contact}")
    page.sees(".hint", "Your role has no purpose for which this opens.")
    assert page.page.locator("#player, #transcript, [name=purpose]").count() == 0
    assert "laptop" not in page.sees("main").inner_text()
    refused = page.context.request.post(
        f"{page.house.url}/contacts/{handled.contact}/open", form={"purpose": "replay-by-handler"}
    )
    assert refused.status == 422
    page.page.set_content(refused.text())
    assert "handled" in page.sees("#problem").inner_text()


def test_a_contact_can_be_read_by_everybody(opens: Opens, handled: Telephone) -> None:
    for login, look in (("eva", WIDE_DARK), ("dirk", NARROW_LIGHT)):
        page = opens(login, look)
        page.goes(f"/contacts/{handled.contact}")
        assert violations(page) == []
    for look in (WIDE_LIGHT, NARROW_DARK):
        page = opens("anna", look)
        page.goes(f"/contacts/{handled.contact}")
        if page.page.locator("#player").count() == 0:
            _opened(page, handled, "replay-by-handler")
        assert violations(page) == []
