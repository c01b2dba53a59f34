"""A supervisor judges an alert on what an employee said: by keys, over the recording, in every look (P08)."""

import pytest
from sqlmodel import col, select

from contactcenter.contacts.models import Contact
from contactcenter.notes.alerting import SpokenKind
from contactcenter.notes.models import CallReading, SpokenAlert, Transcript
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.windows import NARROW_DARK, NARROW_LIGHT, WIDE_DARK, WIDE_LIGHT, Look, Window
from tests.house import House

AT = "document.querySelector('audio').currentTime"
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"
WHY = "It was the word for our newsletter, no password."


@pytest.fixture(scope="module")
def alert(house: House) -> str:
    """A call was recorded, written down and read; of its agent's last words somebody has to judge. The path."""
    phone, anna = house.ring(), house.agent("anna")
    with anna.on_the_line(phone):
        anna.asks(phone.contact)
    phone.recording_is("attached")
    anna.closes(phone.contact)
    with house.parts.db.writing() as session:
        contact = session.exec(select(Contact).where(Contact.public_id == phone.contact)).one()
        said = session.exec(select(Transcript).where(Transcript.contact_id == contact.id)).one()
        reading = session.exec(select(CallReading).where(CallReading.recording_sid == said.recording_sid)).one()
        assert reading.speakers_known
        made = SpokenAlert(
            contact_id=contact.id,
            recording_sid=said.recording_sid,
            kind=SpokenKind.PASSWORD_ASKED,
            start=[one.start for one in said.said if one.channel == 1][-1],
            found_at=house.clock(),
        )
        session.add(made)
    return f"/spoken-alerts/{made.public_id}"


def is_for_everybody(window: Window) -> None:
    """The page in this window breaks no rule of accessibility and fits."""
    assert violations(window) == []
    assert not window.page.evaluate(WIDER)


@pytest.mark.parametrize("look", [WIDE_LIGHT, WIDE_DARK, NARROW_LIGHT, NARROW_DARK])
def test_the_list_is_for_everybody(opens: Opens, alert: str, look: Look) -> None:
    window = opens("dirk", look)
    window.goes("/spoken-alerts")
    window.sees(f"a[href='{alert}']")
    is_for_everybody(window)


def test_an_alert_is_judged_by_keys_over_its_recording_and_the_agent_answers(
    house: House, opens: Opens, alert: str
) -> None:
    window = opens("dirk")
    window.goes(alert)
    window.sees("#said-title")
    assert window.page.locator("#player, [data-words], #comment").count() == 0
    window.presses("l")
    window.sees("#player")
    window.until(lambda: window.page.evaluate("document.querySelector('audio').readyState") > 0, "the sound is there")
    it = window.tabs_to("li.found button")
    start = float(window.sees("li.found").get_attribute("data-start") or -1)
    window.presses("Enter")
    window.until(lambda: abs(window.page.evaluate(AT) - start) < 0.05, "the player jumps to the words")
    assert it.is_visible()
    is_for_everybody(window)
    narrow = opens("dirk", NARROW_DARK)
    narrow.goes(alert)
    narrow.sees("#comment")
    is_for_everybody(narrow)
    window.tabs_to("#comment")
    window.types(WHY)
    window.tabs_to("[name=judgement][value=no-breach]")
    window.presses("Enter")
    window.sees("#judged-title")
    agent = opens("anna")
    agent.goes(alert)
    agent.sees("#panel", WHY)
    agent.tabs_to("#words")
    agent.types("That is how I meant it.")
    agent.presses("Tab", "Enter")
    agent.no_longer_sees("#words")
    is_for_everybody(agent)
    with house.look() as session:
        judged = session.exec(
            select(SpokenAlert).where(col(SpokenAlert.public_id) == alert.rsplit("/", maxsplit=1)[-1])
        ).one()
        assert (judged.judgement, judged.answer) == ("no-breach", "That is how I meant it.")
