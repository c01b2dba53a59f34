"""The words of a call one by one: a click lets one be heard, the one being said is marked, unsure ones are faint."""

import time

import pytest
from sqlmodel import select

from contactcenter.contacts.models import Contact
from contactcenter.notes.models import Transcript
from contactcenter.notes.said import Segment, Word
from contactcenter.notes.said import Transcript as Said
from contactcenter.recordings.rules import RecordingState
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.said import is_said
from tests.browser.test_replay import AT, PAUSED, opened
from tests.browser.windows import NARROW_DARK, WIDE_DARK, WIDE_LIGHT
from tests.house import House, Telephone

WORDS = "#transcript [data-at]"
NOW = "document.querySelector('#transcript .now')?.textContent"


@pytest.fixture(scope="module")
def handled(house: House) -> Telephone:
    """A call that Anna handled and closed; Whisper wrote it down."""
    phone, anna = house.ring(hangup="after-audio"), house.agent("anna")
    anna.handles(phone)
    anna.closes(phone.contact, summary="A second laptop may use the same licence.")
    phone.recording_is(RecordingState.ATTACHED)
    return phone


def heard(house: House, phone: Telephone) -> list[Word]:
    """The words with their times, as they are kept."""
    with house.look() as session:
        contact = select(Contact.id).where(Contact.public_id == phone.contact).scalar_subquery()
        kept = session.exec(select(Transcript).where(Transcript.contact_id == contact)).one()
        return [word for segment in kept.said for word in segment.words]


def test_a_click_on_a_word_lets_it_be_heard_and_the_words_are_followed(
    house: House, opens: Opens, handled: Telephone
) -> None:
    words, page = heard(house, handled), opened(opens("anna"), handled, "replay-by-handler")
    assert len(words) > 10
    assert page.page.locator(WORDS).count() == len(words)
    number = len(words) // 2
    chosen = page.page.locator(WORDS).nth(number)
    assert chosen.inner_text() == words[number].text
    chosen.click()
    page.until(lambda: not page.page.evaluate(PAUSED), "it plays")
    assert words[number].start - 0.1 < page.page.evaluate(AT) < words[number].start + 2
    page.until(lambda: page.page.evaluate(NOW) == words[-1].text, "each word is marked, to the last")
    assert page.page.locator("#transcript .now").count() == 1


def test_by_keys_a_line_leads_to_its_first_word_which_is_marked(house: House, opens: Opens, handled: Telephone) -> None:
    words, page = heard(house, handled), opened(opens("anna"), handled, "replay-by-handler")
    page.tabs_to("#transcript li:has([data-at]) button")
    page.presses("Enter")
    page.until(lambda: page.page.evaluate(NOW) == words[0].text, "the first word is marked")
    assert page.by_hand == []


def test_what_the_machine_is_not_sure_of_is_faint_and_a_value_is_a_chip_that_a_click_does_not_open(
    house: House, opens: Opens
) -> None:
    phone, anna = house.ring(hangup="after-audio"), house.agent("anna")
    anna.handles(phone)
    spoken = (Word(1.0, 1.4, "My", 0.9), Word(1.4, 1.9, "acount", 0.2), Word(1.9, 3.0, "is", 0.9))
    value = Word(3.0, 8.0, "[IBAN].", 0.4)
    said = Segment(0, 1.0, 8.0, "My acount is [IBAN].", 0.8, (*spoken, value))
    is_said(house, phone, Said("en", "by hand", "none", (said,)))
    anna.closes(phone.contact, summary="The account number is another one.")
    page = opened(opens("anna"), phone, "replay-by-handler")
    assert page.page.locator("#transcript .unsure").all_inner_texts() == ["acount", "bank account."]
    page.sees(".unsure", "of words like these it is not sure")
    chip = page.sees("#transcript .redacted")
    chip.click()
    page.until(lambda: page.page.evaluate(AT) >= 3.0, "it plays from the second of the value, which is silent here")
    assert chip.inner_text() == "bank account"
    assert page.page.locator("#marks li").count() == 1
    for look in (WIDE_LIGHT, WIDE_DARK, NARROW_DARK):
        other = opened(opens("anna", look), phone, "replay-by-handler")
        assert violations(other) == []


def test_where_the_agent_paused_the_recording_transcript_and_player_have_a_gap(house: House, opens: Opens) -> None:
    phone, anna = house.ring(hangup="after-audio", speed=2), house.agent("anna")
    with anna.on_the_line(phone):
        time.sleep(1)
        anna.post(f"/calls/{phone.id}/pause")
        time.sleep(1)
        anna.post(f"/calls/{phone.id}/resume")
        phone.is_("ended")
    anna.closes(phone.contact, summary="Paid by card.")
    phone.recording_is(RecordingState.ATTACHED)
    page = opened(opens("anna"), phone, "replay-by-handler")
    for place in ("#marks li", "#transcript li"):
        page.sees(place, "recording paused for 0:01")
