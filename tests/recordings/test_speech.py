"""Who speaks when: found at every level and in noise, with hold music and silence left out."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contactcenter.recordings.audio import CallAudio, Samples
from contactcenter.recordings.speech import (
    Range,
    confirm,
    energy_ranges,
    frame_levels,
    gain_of,
    join_and_pad,
    levelled,
    speech_ranges,
    split_long,
)
from contactcenter.recordings.windows import GAP, Window, cut, pack
from tests.recordings.sound import conversation, noise, tone

NAMES = ["question_nl", "question_en", "complaint_en"]


def normalise(sound: Samples) -> Samples:
    return levelled(sound, gain_of(frame_levels(sound)))


def in_memory(*channels: Samples) -> CallAudio:
    return CallAudio(channels, max(map(len, channels)) / 16_000, 16_000)


def seconds_within(ranges: list[Range], start: float, end: float) -> float:
    return sum(max(0.0, min(r.end, end) - max(r.start, start)) for r in ranges)


def heard(name: str, change: float, hiss: float | None) -> tuple[float, float]:
    """(share of the speech that is found, seconds of hold music taken for speech) of a conversation."""
    audio, turns = conversation(name)
    spoken = found = music = 0.0
    for number, channel in enumerate(audio.channels):
        sound = channel * np.float32(10 ** (change / 20))
        if hiss is not None:
            sound = sound + noise(len(sound) / 16_000, hiss)[: len(sound)]
        ranges = speech_ranges(sound)
        for turn in (turn for turn in turns if turn.channel == number):
            covered = seconds_within(ranges, turn.start, turn.end)
            if turn.text is None:
                music += covered
            else:
                spoken, found = spoken + turn.end - turn.start, found + covered
    return found / spoken, music


@pytest.mark.parametrize("name", NAMES)
def test_nearly_all_speech_is_found_and_no_hold_music(name: str) -> None:
    recall, music = heard(name, 0.0, None)
    assert recall >= 0.98
    assert music <= 1.0  # what lies within half a second of speech stays


@pytest.mark.parametrize(("change", "hiss"), [(-18.0, None), (6.0, None), (0.0, -48.0), (-6.0, -54.0)])
def test_a_soft_caller_a_loud_one_and_a_noisy_line_are_heard_as_well(change: float, hiss: float | None) -> None:
    recall, music = heard("question_nl", change, hiss)
    assert recall >= 0.93
    assert music <= 1.0


@pytest.mark.parametrize(
    "sound",
    [
        np.zeros(0, np.float32),
        np.zeros(160_000, np.float32),
        noise(10.0, -60.0),
        noise(10.0, -20.0),
        tone(10.0),
        np.concatenate([tone(0.5, 425), np.zeros(4_000, np.float32)] * 10),
    ],
    ids=["nothing", "silence", "hiss", "loud noise", "tone", "busy signal"],
)
def test_a_line_on_which_nobody_speaks_has_no_speech(sound: Samples) -> None:
    assert speech_ranges(sound) == []


def test_levels_are_in_decibels_of_full_scale() -> None:
    assert frame_levels(np.ones(640, np.float32)).tolist() == pytest.approx([0.0, 0.0], abs=0.01)
    assert frame_levels(tone(0.1, level=0.1)).tolist() == pytest.approx([-23.0] * 5, abs=0.1)
    assert frame_levels(np.zeros(319, np.float32)).size == 0


def test_a_whisperer_and_a_shouter_are_brought_to_one_level() -> None:
    def speaker(level: float) -> Samples:
        pause = noise(1.0, -75.0)
        return np.concatenate([pause, tone(1.0, level=level), pause])

    loud, soft = normalise(speaker(0.9)), normalise(speaker(0.02))
    assert float(np.abs(loud).max()) == pytest.approx(float(np.abs(soft).max()), rel=0.05)


def test_music_between_two_sentences_is_cut_out_of_their_range() -> None:
    audio, turns = conversation("question_en")
    first, second = [turn for turn in turns if turn.channel == 1 and turn.text][:2]
    said = [audio.channels[1][int(t.start * 16_000) : int(t.end * 16_000)] for t in (first, second)]
    music = np.sum([tone(12.0, hertz, level=0.08) for hertz in (262, 330, 392)], axis=0)
    sound = np.concatenate([said[0], music, said[1]])
    at = len(said[0]) / 16_000
    (ranges,) = confirm(in_memory(sound), [[Range(0.0, len(sound) / 16_000)]], [gain_of(frame_levels(sound))])
    assert seconds_within(ranges, at, at + 12.0) < 4.0
    assert seconds_within(ranges, 0.0, at) > 0.9 * at


def test_pauses_for_breath_are_joined_and_clicks_are_dropped() -> None:
    ranges = [Range(1.0, 2.0), Range(2.5, 3.0), Range(5.0, 5.05), Range(8.0, 9.95)]
    assert join_and_pad(ranges, 10.0) == [Range(0.8, 3.2), Range(7.8, 10.0)]


def test_a_long_speech_is_cut_where_it_is_quietest() -> None:
    levels = np.full(3_500, -20.0, np.float32)
    levels[1_000:1_005] = -60.0  # a breath at 20 s
    first, *_ = split_long([Range(0.0, 70.0)], levels)
    assert first.end == pytest.approx(20.0, abs=0.2)


lengths = st.lists(st.tuples(st.floats(0.2, 100.0), st.floats(0.1, 30.0)), max_size=30)


@given(lengths)
def test_ranges_stay_in_order_apart_and_short_enough_and_lose_nothing(steps: list[tuple[float, float]]) -> None:
    at, ranges = 0.0, []
    for length, pause in steps:
        ranges.append(Range(at, at + length))
        at += length + pause
    parts = split_long(ranges, np.zeros(int(at / 0.02) + 1, np.float32))
    assert all(0 < part.seconds <= 28.0 + 1e-6 for part in parts)
    assert all(one.end <= other.start + 1e-6 for one, other in pairwise(parts))
    assert sum(part.seconds for part in parts) == pytest.approx(sum(r.seconds for r in ranges))


@given(lengths)
def test_windows_hold_every_range_once_and_give_its_time_back(steps: list[tuple[float, float]]) -> None:
    at, ranges = 0.0, []
    for length, pause in steps:
        ranges.append(Range(at, at + min(length, 28.0)))
        at += length + pause
    windows = pack(1, ranges)
    assert [found for window in windows for found in window.ranges] == ranges
    for window in windows:
        assert window.seconds <= 28.0 + 1e-6
        second = 0.0
        for found in window.ranges:
            place = window.place(second, second + found.seconds)
            assert place is not None
            assert (place.start, place.end) == pytest.approx((found.start, found.end))
            second += found.seconds + GAP


def test_words_that_run_over_a_gap_end_with_the_range_that_holds_most_of_them() -> None:
    window = Window(0, (Range(10.0, 14.0), Range(60.0, 62.0)))
    assert window.place(1.0, 5.0) == Range(11.0, 14.0)
    assert window.place(9.0, 12.0) is None
    ((_, sound),) = cut(in_memory(np.zeros(70 * 16_000, np.float32)), [window])
    assert len(sound) == int((6.0 + GAP) * 16_000)


def test_windows_come_by_as_they_end_each_with_the_sound_of_its_own_channel() -> None:
    places = (np.arange(100 * 16_000) / 16_000).astype(np.float32)
    rare = Window(0, (Range(1.0, 3.0), Range(29.0, 31.0), Range(95.0, 96.0)))
    often = [Window(1, (Range(at, at + 20.0),)) for at in (5.0, 25.0, 45.0)]
    found = list(cut(in_memory(places, -places), [rare, *often]))
    assert [window for window, _ in found] == [*often, rare]
    for window, sound in found[:3]:
        start = int(window.ranges[0].start * 16_000)
        assert (sound == -places[start : start + 320_000]).all()
    assert [float(found[3][1][int(at * 16_000)]) for at in (0.0, 2.3, 3.0, 4.6)] == [
        1.0,
        29.0,
        pytest.approx(29.7),
        95.0,
    ]


def test_runs_of_loud_frames_become_ranges() -> None:
    levels = np.array([-60.0] * 50 + [-20.0] * 50 + [-60.0] * 50, np.float32)
    assert energy_ranges(levels) == [Range(1.0, 2.0)]
