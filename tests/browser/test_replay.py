"""Listening back: for a purpose, by keys, with a transcript that leads to its second; refusals are sentences (P02)."""

import json

import pytest

from contactcenter.notes.said import Segment, Transcript
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.said import is_said
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Window
from tests.house import CONVERSATIONS, House, Telephone

AT = "document.querySelector('audio').currentTime"
PAUSED = "document.querySelector('audio').paused"


@pytest.fixture(scope="module")
def handled(house: House) -> Telephone:
    """A call that Anna handled and closed, with a recording; its words come from the conversation's own text."""
    phone = house.ring(hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(phone)
    is_said(house, phone, _said())
    anna.closes(phone.contact, summary="A second laptop may use the same licence.")
    return phone


def _said() -> Transcript:
    told = json.loads((CONVERSATIONS / "question_en.json").read_text(encoding="utf-8"))["segments"]
    return Transcript("en", "by hand", "none", tuple(Segment(**one, confidence=1) for one in told if one["end"] < 12))


def opened(window: Window, phone: Telephone, purpose: str) -> Window:
    """The contact's page, opened for this purpose by keyboard unless that was done in the last half hour."""
    window.goes(f"/contacts/{phone.contact}")
    window.sees("#closed-title, #player")
    if window.page.locator("#player").count() == 0:
        window.tabs_to("[name=purpose]").select_option(purpose)
        window.presses("Tab", "Enter")
    window.sees("#player")
    window.until(lambda: window.page.evaluate("document.querySelector('audio').readyState") > 0, "the sound is there")
    window.presses("Escape")
    return window


def test_the_handler_plays_and_seeks_by_keys_and_by_lines_of_the_transcript(opens: Opens, handled: Telephone) -> None:
    page = opened(opens("anna"), handled, "replay-by-handler")
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
    page = opened(opens("dirk"), handled, "training")
    drawn = "[...document.querySelector('canvas').getContext('2d').getImageData(0, 0, 900, 224).data].some(Boolean)"
    page.until(lambda: page.page.evaluate(drawn), "there is a waveform")


def test_a_coach_listens_for_training_and_the_page_says_who_listened(opens: Opens, handled: Telephone) -> None:
    page = opened(opens("carla"), handled, "training")
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
    for login, look in (("eva", WIDE_DARK), ("bram", NARROW_LIGHT)):
        closed = opens(login, look)
        closed.goes(f"/contacts/{handled.contact}")
        assert violations(closed) == []
    for look in (WIDE_LIGHT, NARROW_DARK):
        assert violations(opened(opens("carla", look), handled, "training")) == []
