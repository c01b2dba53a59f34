"""Two copies of one recording: who trains hears silence where a value was said, who audits hears all of it (P02)."""

import numpy as np
import pytest

from contactcenter.notes.said import Segment, Transcript, Word
from contactcenter.recordings.audio import RATE, decode_call
from tests.browser.conftest import Opens
from tests.browser.said import is_said
from tests.browser.test_replay import opened
from tests.browser.windows import Window
from tests.house import House, Telephone

VALUE = (5.0, 8.0)  # seconds in which the caller says it
TAKEN_OUT = "taken out, as in the transcript"


@pytest.fixture(scope="module")
def told(house: House) -> Telephone:
    """A call in which the caller said a bank account number, which Anna handled and closed."""
    phone, anna = house.ring(hangup="after-audio"), house.agent("anna")
    anna.handles(phone)
    words = (Word(4.5, 5.0, "It is", 0.9), Word(*VALUE, "[IBAN].", 0.9))
    line = Segment(0, 4.5, VALUE[1], "It is [IBAN].", 0.9, words)
    is_said(house, phone, Transcript("en", "by hand", "none", (line,)))
    anna.closes(phone.contact, summary="The account number is another one.")
    return phone


def loudness(page: Window, start: float, end: float) -> float:
    """How loud the caller is in what this window's player gets between two seconds: root mean square, 0 to 1."""
    source = page.page.locator("#player audio").get_attribute("src")
    answer = page.context.request.get(f"{page.house.url}{source}")
    assert answer.status == 200
    caller = decode_call(answer.body()).channels[0][int(start * RATE) : int(end * RATE)]
    return float(np.sqrt(np.mean(caller**2)))


@pytest.mark.parametrize(("login", "purpose"), [("carla", "training"), ("anna", "replay-by-handler")])
def test_who_trains_or_listens_back_gets_a_copy_without_the_value(
    opens: Opens, told: Telephone, login: str, purpose: str
) -> None:
    page = opened(opens(login), told, purpose)
    page.sees("#marks li", TAKEN_OUT)
    page.sees("#transcript .redacted")
    assert loudness(page, *VALUE) < 0.001
    assert loudness(page, VALUE[1] + 0.5, 12.0) > 0.01


def test_a_supervisor_who_audits_gets_all_of_it(opens: Opens, told: Telephone) -> None:
    page = opened(opens("dirk"), told, "verification-audit")
    assert page.page.locator("#marks li").count() == 0
    assert loudness(page, *VALUE) > 0.01
    page.sees("#transcript .redacted")


def test_a_colleague_gets_neither(opens: Opens, told: Telephone) -> None:
    full = opened(opens("dirk"), told, "verification-audit").page.locator("#player audio").get_attribute("src")
    bram = opens("bram")
    bram.goes(f"/contacts/{told.contact}")
    bram.sees(".hint", "Your role has no purpose for which this opens.")
    assert bram.page.locator("audio").count() == 0
    assert bram.context.request.get(f"{bram.house.url}{full}").status == 404
