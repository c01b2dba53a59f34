"""Who listens for training, or to their own call again, hears no value that the transcript lost; others hear all."""

import numpy as np
import pytest
from sqlmodel import select

from contactcenter.notes.models import Transcript
from contactcenter.notes.said import Segment, Word
from contactcenter.recordings.audio import decode_call
from contactcenter.recordings.left_out import LeftOut, around, unheard
from contactcenter.recordings.models import Recording
from contactcenter.verification.rules import Purpose
from tests.recordings.test_playback import Visitor, ask, granted, visitor
from tests.recordings.workplace import Story, Workplace

__all__ = ["visitor"]

SECONDS = 20
NUMBER = ("06", "12", "34", "56", "78")
TOLD = Segment(
    0,
    2.0,
    6.0,
    "Mijn nummer is 06 12 34 56 78",
    0.9,
    tuple(Word(2.0 + at / 2, 2.5 + at / 2, word, 0.9) for at, word in enumerate(("Mijn", "nummer", "is", *NUMBER))),
)
SILENT = (3.5 - 0.15, 6.0 + 0.15)
FULL = [Purpose.DISPUTE, Purpose.AUDIT, Purpose.PRIVACY_REQUEST]


@pytest.fixture
def told(place: Workplace) -> Story:
    """Joris says his number; the call is kept, not yet written down."""
    place.scribe.segments = (TOLD,)
    return place.call().record(SECONDS).arrive(seconds=SECONDS).keep()


def spans(place: Workplace, purpose: Purpose) -> list[tuple[float, float]]:
    """What is silent for a purpose."""
    with place.db.reading() as session:
        found = unheard(session, session.exec(select(Recording)).one(), purpose)
    return [(round(one.start, 2), round(one.end, 2)) for one in found]


def test_a_value_is_silent_where_it_was_said_and_for_whom_it_is_not_needed(place: Workplace, told: Story) -> None:
    told.write_down()
    assert spans(place, Purpose.TRAINING) == [SILENT] == spans(place, Purpose.REPLAY)
    assert not any(spans(place, purpose) for purpose in FULL)


def test_until_it_is_written_down_training_hears_nothing(place: Workplace, told: Story) -> None:
    assert spans(place, Purpose.TRAINING) == [(0.0, SECONDS)]
    assert not spans(place, Purpose.REPLAY)
    assert not any(spans(place, purpose) for purpose in FULL)


def test_a_correction_or_a_cut_makes_no_value_audible(place: Workplace, told: Story) -> None:
    told.write_down()
    with place.db.writing() as session:
        session.exec(select(Transcript)).one().segments = []
    assert spans(place, Purpose.TRAINING) == [SILENT]


def test_where_no_word_has_a_time_the_whole_segment_is_silent(place: Workplace) -> None:
    place.scribe.segments = (Segment(0, 2.0, 6.0, TOLD.text, 0.9),)
    place.call().record(SECONDS).arrive(seconds=SECONDS).keep().write_down()
    assert spans(place, Purpose.TRAINING) == [(2.0 - 0.15, 6.15)]


def test_values_that_touch_are_one_silence() -> None:
    assert around([(4.0, 5.0), (1.0, 2.0), (2.2, 3.0)], 5.0) == [LeftOut(0.85, 3.15), LeftOut(3.85, 5.0)]


@pytest.mark.parametrize(("purpose", "silent"), [("training", True), ("verification-audit", False)])
def test_what_is_streamed_is_silent_there_and_as_recorded_elsewhere(
    visitor: Visitor, told: Story, purpose: str, silent: bool
) -> None:
    told.write_down()
    browser = visitor("dirk")
    assert ask(browser, told, purpose) == 303
    player = granted(told.place)
    sound = np.stack(decode_call(browser.get(f"{player}/audio").content).channels)
    number, before = sound[:, 4 * 16_000 : 6 * 16_000], sound[:, 1 * 16_000 : 3 * 16_000]
    assert (np.abs(number).max() < 0.01) is np.bool_(silent)
    assert np.abs(before).max() > 0.01
    peaks = browser.get(f"{player}/peaks").json()["peaks"]
    assert (max(peaks[0][4 * 20 : 6 * 20]) == 0) is silent
