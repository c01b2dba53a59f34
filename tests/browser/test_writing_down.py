"""A long call that is being written down: its handler sees how far it is, stops that, lets it go on, and reads."""

import threading
from collections.abc import Iterator, Sequence

import httpx2
import pytest

from contactcenter.recordings import listening
from contactcenter.recordings.audio import Samples
from contactcenter.recordings.engine import Heard
from contactcenter.recordings.transcription import WindowTranscriber
from tests.browser.axe import violations
from tests.browser.conftest import Opens
from tests.browser.windows import NARROW_DARK, WIDE_DARK, WIDE_LIGHT, Window
from tests.house import House, open_house
from tests.recordings.scripted import Scripted, long_talk
from tests.simulator.desk import wav


class Paced(Scripted):
    """Listens to the next window only when the story says so."""

    may: threading.Semaphore

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        """Listen, as soon as it may."""
        assert self.may.acquire(timeout=120)
        return super().listen(sounds, language, temperature)


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Paced:
    paced = Paced(tmp_path_factory.mktemp("paced") / "heard")
    paced.may = threading.Semaphore(0)
    return paced


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, engine: Paced) -> Iterator[House]:
    """A house in which listening takes as long as the story wants."""
    with pytest.MonkeyPatch.context() as impatient:
        impatient.setattr(listening, "KEEP_EVERY", 0.0)
        with open_house(tmp_path_factory.mktemp("house"), listener=WindowTranscriber(engine, 1)) as opened:
            yield opened


@pytest.fixture(autouse=True)
def nothing_heard(engine: Paced) -> None:
    """What one story let through, and what was listened to in it, is not of the next."""
    engine.may = threading.Semaphore(0)
    engine.notes.unlink(missing_ok=True)


def percent(page: Window) -> int:
    """How far it is, as the page says."""
    return int(page.sees("#written").get_attribute("value") or 0)


def test_anna_sees_how_far_a_long_call_is_stops_it_lets_it_go_on_and_reads_it(
    house: House, opens: Opens, engine: Paced
) -> None:
    sound = httpx2.post(f"{house.url}/simulator/audio", content=wav(*long_talk(5))).json()["ref"]
    phone, anna = house.ring(says=sound, hangup="after-audio"), house.agent("anna")
    anna.handles(phone)
    anna.closes(phone.contact, summary="A second laptop may use the same licence.")
    phone.recording_is("stored")
    page = opens("anna")
    page.goes(f"/contacts/{phone.contact}")
    engine.may.release()
    page.sees("#writing-down label", "is being written down")
    began = percent(page)
    engine.may.release()
    page.until(lambda: percent(page) > began, "it comes nearer by itself")
    for look in (WIDE_LIGHT, WIDE_DARK, NARROW_DARK):
        other = opens("anna", look)
        other.goes(f"/contacts/{phone.contact}")
        other.sees("#written")
        assert violations(other) == []
    page.tabs_to("#writing-down button:text('Stop for now')")
    page.presses("Enter")
    page.sees("#writing-down .chip", "stopped")
    page.sees("#writing-down label", "written down for")
    engine.may.release(50)
    reached = percent(page)
    page.tabs_to("#writing-down button:text('Go on')")
    page.presses("Enter")
    page.no_longer_sees("#writing-down")
    assert 0 < reached < 100
    assert engine.batches.count(engine.batches[0]) == 1
    assert phone.recording_is("attached")
    page.tabs_to("[name=purpose]").select_option("replay-by-handler")
    page.presses("Tab", "Enter")
    page.sees("#transcript li", engine.batches[-1])
    page.sees("#transcript li", engine.batches[0])


def test_a_coach_sees_how_far_it_is_and_has_no_button_for_that(house: House, opens: Opens, engine: Paced) -> None:
    phone, bram = house.ring(hangup="after-audio"), house.agent("bram")
    bram.handles(phone)
    phone.recording_is("stored")
    page = opens("carla")
    page.goes(f"/contacts/{phone.contact}")
    page.sees("#writing-down")
    assert page.page.locator("#writing-down button").count() == 0
    engine.may.release(5)
    page.no_longer_sees("#writing-down")


def test_anna_has_a_call_written_down_in_another_language_and_reads_on_meanwhile(
    house: House, opens: Opens, engine: Paced
) -> None:
    sound = httpx2.post(f"{house.url}/simulator/audio", content=wav(*long_talk(2))).json()["ref"]
    phone, anna = house.ring(says=sound, hangup="after-audio"), house.agent("anna")
    engine.may.release(50)
    anna.handles(phone)
    anna.closes(phone.contact, summary="A second laptop may use the same licence.")
    phone.recording_is("attached")
    engine.may = threading.Semaphore(0)
    page = opens("anna")
    page.goes(f"/contacts/{phone.contact}")
    page.tabs_to("[name=purpose]").select_option("replay-by-handler")
    page.presses("Tab", "Enter")
    page.sees("#transcript li", engine.batches[0])
    page.sees(".section:has(#transcript)", "English")
    page.tabs_to("summary:text('Another language was spoken')")
    page.presses("Enter")
    page.tabs_to("#language").select_option("nl")
    assert violations(page) == []
    page.presses("Tab", "Enter")
    page.sees("#writing-down h2", "Writing it down anew, Dutch")
    page.sees("#transcript li", engine.batches[0])
    for look in (WIDE_DARK, NARROW_DARK):
        other = opens("anna", look)
        other.goes(f"/contacts/{phone.contact}")
        other.sees("#writing-down h2", "Nederlands")
        assert violations(other) == []
    engine.may.release(50)
    page.no_longer_sees("#writing-down")
    page.sees(".section:has(#transcript)", "Dutch")
