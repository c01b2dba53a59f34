"""What is made of what an engine hears: windows, places in the call, and listening again to what looks wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pytest

from contactcenter.notes.said import Segment
from contactcenter.recordings import engine
from contactcenter.recordings.audio import CallAudio, Samples
from contactcenter.recordings.engine import (
    EngineName,
    Heard,
    Piece,
    between_timestamps,
    chosen,
    invented,
    looks_wrong,
    nobody_spoke,
)
from contactcenter.recordings.speech import Range
from contactcenter.recordings.transcriber import Course, Finished, Task, TranscriptionFailed
from contactcenter.recordings.transcription import TEMPERATURES, WindowTranscriber, placed
from contactcenter.recordings.windows import Window
from tests.recordings.sound import conversation, cut

GOOD = Heard((Piece(0.0, 2.0, " Goedemorgen."),), log_probability=-0.2, no_speech=0.0, repetition=1.1, tokens=6)
LOOP = replace(GOOD, pieces=(Piece(0.0, 2.0, " ja ja ja ja"),), repetition=9.0)
TWO = Window(1, (Range(10.0, 12.0), Range(20.0, 23.0)))


@dataclass
class Prompter:
    """An engine that says what it is told, by temperature."""

    says: dict[float, Heard]
    name: EngineName = EngineName.OPENAI
    glossary: str = ""
    model: str = "told"
    asked: list[float] = field(default_factory=list)

    def knows(self, language: str) -> bool:
        return language in ("nl", "en")

    def language_of(self, sound: Samples) -> str:
        return "en"

    def listen(self, sounds: Sequence[Samples], language: str, temperature: float = 0.0) -> list[Heard]:
        self.asked.append(temperature)
        return [self.says.get(temperature, GOOD) for _ in sounds]


def greeting() -> CallAudio:
    """Somebody says good morning, on one channel."""
    audio, _ = conversation("question_en")
    return CallAudio(cut(audio, 0.0, 5.0).channels[1:], 5.0, 8_000)


def test_what_looks_right_is_listened_to_once() -> None:
    prompter = Prompter({})
    (said,) = WindowTranscriber(prompter, 4).transcribe(greeting(), "nl").segments
    assert (said.text, said.channel, prompter.asked) == ("Goedemorgen.", 0, [0.0])
    assert said.confidence == pytest.approx(0.819)


def test_a_loop_is_listened_to_at_rising_temperatures_until_it_is_none() -> None:
    prompter = Prompter({0.0: LOOP, 0.2: LOOP})
    (said,) = WindowTranscriber(prompter, 4).transcribe(greeting(), "nl").segments
    assert (said.text, prompter.asked) == ("Goedemorgen.", [0.0, 0.2, 0.4])


def test_where_nothing_looks_right_the_surest_that_is_no_loop_stays() -> None:
    unsure = {one: replace(LOOP, log_probability=-0.1) for one in TEMPERATURES}
    surest = replace(GOOD, pieces=(Piece(0.0, 2.0, " Ja."),), log_probability=-1.5)
    prompter = Prompter({0.0: LOOP, **unsure, 0.4: replace(surest, log_probability=-1.9), 0.6: surest})
    assert [one.text for one in WindowTranscriber(prompter, 4).transcribe(greeting(), "nl").segments] == ["Ja."]
    assert prompter.asked == [0.0, *TEMPERATURES]


def test_of_loops_alone_what_they_do_not_repeat_stays() -> None:
    leaving = (Piece(1.0, 2.0, " I'm leaving."),) * 9
    loop = replace(LOOP, pieces=(Piece(0.0, 1.0, " Good morning."), *leaving, Piece(2.0, 3.0, " B" + "-B" * 90)))
    prompter = Prompter(dict.fromkeys((0.0, *TEMPERATURES), loop))
    assert [one.text for one in WindowTranscriber(prompter, 4).transcribe(greeting(), "en").segments] == [
        "Good morning."
    ]


def test_what_is_guessed_however_it_is_listened_to_is_not_said() -> None:
    guessed = replace(GOOD, log_probability=-1.51)
    prompter = Prompter(dict.fromkeys((0.0, *TEMPERATURES), guessed))
    assert WindowTranscriber(prompter, 4).transcribe(greeting(), "nl").segments == ()


def test_what_looks_wrong_where_nobody_may_have_spoken_is_not_said_and_not_listened_to_again() -> None:
    prompter = Prompter({0.0: replace(LOOP, no_speech=0.4)})
    assert WindowTranscriber(prompter, 4).transcribe(greeting(), "nl").segments == ()
    assert prompter.asked == [0.0]


def test_the_language_is_the_one_that_is_given_or_else_heard_on_the_first_speech() -> None:
    transcriber = WindowTranscriber(Prompter({}), 4)
    assert transcriber.transcribe(greeting(), "nl").language == "nl"
    assert transcriber.transcribe(greeting(), None).language == "en"
    silence = CallAudio((np.zeros(16_000, np.float32),), 1.0, 8_000)
    assert transcriber.transcribe(silence, None).language == "nl"
    with pytest.raises(TranscriptionFailed, match="two letters"):
        transcriber.transcribe(greeting(), "klingon")


class Halfway(Course):
    """Somebody who has the first windows already."""

    def __init__(self, finished: Finished) -> None:
        self.finished = finished
        self.told: list[tuple[int, int]] = []

    def begun(self, task: Task) -> Finished:
        self.told.append((0, task.windows))
        return self.finished

    def went_on(self, windows: int, segments: Sequence[Segment]) -> None:
        self.told.append((windows, len(segments)))


def test_what_is_finished_is_not_listened_to_again_and_the_result_is_the_same() -> None:
    audio, _ = conversation("question_en")
    long = CallAudio(tuple(np.tile(channel, 3) for channel in audio.channels), 3 * audio.seconds, 8_000)
    whole = WindowTranscriber(Prompter({}), 2).transcribe(long, "nl")
    first = Halfway(Finished())
    WindowTranscriber(Prompter({}), 2).transcribe(long, "nl", first)
    windows = first.told[0][1]
    assert [at for at, _ in first.told[1:]] == [*range(2, windows, 2), windows]
    kept = [one for one in whole.segments if one.start < 40.0]
    prompter, half = Prompter({}), Halfway(Finished(2, tuple(kept)))
    resumed = WindowTranscriber(prompter, 2).transcribe(long, "nl", half)
    assert len(prompter.asked) == -(-windows // 2) - 1
    assert half.told == [first.told[0], *first.told[2:]]
    assert set(kept) <= set(resumed.segments)
    done = Halfway(Finished(windows, whole.segments))
    assert WindowTranscriber(Prompter({}), 2).transcribe(long, "nl", done) == whole


def test_a_piece_lies_in_the_range_that_holds_its_middle_and_ends_with_it() -> None:
    heard = replace(GOOD, pieces=(Piece(0.1, 2.2, " een"), Piece(2.4, 3.0, " twee"), Piece(4.0, 9.0, " drie")))
    found = [(one.channel, one.start, one.end, one.text) for one in placed(TWO, heard, ())]
    assert found == [(1, 10.1, 12.0, "een"), (1, 20.1, 20.7, "twee"), (1, 21.7, 23.0, "drie")]


@pytest.mark.parametrize(
    "heard",
    [
        replace(GOOD, pieces=(Piece(0.0, 2.0, " \ufffd"),)),
        replace(GOOD, pieces=(Piece(0.0, 2.0, " ."),)),
        replace(GOOD, pieces=(Piece(0.0, 2.0, " "),)),
        replace(GOOD, pieces=(Piece(0.0, 2.0, " Ondertitels ingediend door de Amara.org gemeenschap"),)),
    ],
)
def test_what_nobody_said_is_no_segment(heard: Heard) -> None:
    assert placed(TWO, heard, ()) == []


def test_a_character_that_the_windows_end_cut_is_left_out() -> None:
    assert [one.text for one in placed(TWO, replace(GOOD, pieces=(Piece(0.0, 2.0, " caf\ufffd"),)), ())] == ["caf"]


def test_a_window_looks_wrong_by_repetition_doubt_or_haste() -> None:
    assert not looks_wrong(GOOD, 2.0)
    assert looks_wrong(LOOP, 2.0)
    assert looks_wrong(replace(GOOD, log_probability=-1.01), 2.0)
    assert not looks_wrong(replace(GOOD, tokens=32), 2.0)
    assert looks_wrong(replace(GOOD, tokens=33), 2.0)


def test_silence_is_believed_sooner_of_long_windows_and_of_loops_than_of_a_word_or_two() -> None:
    doubtful = replace(GOOD, log_probability=-1.01)
    assert not nobody_spoke(replace(doubtful, no_speech=0.31), 2.0)
    assert nobody_spoke(replace(doubtful, no_speech=0.31), 6.0)
    assert nobody_spoke(replace(doubtful, no_speech=0.61), 2.0)
    assert nobody_spoke(replace(LOOP, no_speech=0.31), 2.0)
    assert not nobody_spoke(replace(LOOP, no_speech=0.29), 2.0)
    assert not nobody_spoke(replace(GOOD, no_speech=0.77), 2.0)
    stutter = replace(GOOD, pieces=(Piece(0.0, 2.0, " Buh, buh, buh, buh, buh"),))
    assert nobody_spoke(replace(stutter, no_speech=0.77), 2.0)
    assert not nobody_spoke(stutter, 2.0)


NEVER = [
    "Ondertitels ingediend door de Amara.org gemeenschap",
    "Ondertiteling",
    "TV GELDERLAND 2020.",
    "Please subscribe to my channel!",
    "Subtitles by the community",
    " [Music]",
    "(zachte muziek)",
    "*sighs*",
    " ♪ la la la ♪",
    "...",
]
UNLIKELY = [
    "Bedankt voor het kijken!",
    "Thanks for watching!",
    "Thank you for watching.",
    "Thank you.",
    "MUZIEK",
    "you",
]
SAID = [
    "Bedankt voor het wachten, meneer Jansen.",
    "I would like to unsubscribe from the mailing.",
    "Please subscribe me to the newsletter (the monthly one).",
    "De ondertiteling doet het niet.",
    "Ik bel namens TV Gelderland over de factuur.",
    "Thanks for watching over our server.",
    "(a) is fine and (b) is not",
]


def test_names_that_were_to_be_expected_are_no_words_where_next_to_nothing_was_heard() -> None:
    doubtful = replace(GOOD, no_speech=0.7)
    assert invented("Veldwijk, Koelpunt.", doubtful, "Koelpunt, Veldwijk")
    assert not invented("Veldwijk, Koelpunt.", GOOD, "Koelpunt, Veldwijk")
    assert not invented("Met Veldwijk.", doubtful, "Koelpunt, Veldwijk")


@pytest.mark.parametrize("doubt", [{"log_probability": -1.4}, {"no_speech": 0.7}])
def test_subtitles_that_whisper_learnt_are_no_words_of_a_call_and_what_people_say_is(doubt: dict[str, float]) -> None:
    doubtful = replace(GOOD, **doubt)  # type: ignore[arg-type]  # each names a field that is a float
    assert [text for text in NEVER if not invented(text, GOOD)] == []
    assert [text for text in UNLIKELY if not invented(text, doubtful)] == []
    assert [text for text in UNLIKELY if invented(text, GOOD)] == []
    assert [text for text in SAID if invented(text, doubtful)] == []


def test_timestamps_cut_a_window_into_pieces_and_an_open_one_lasts_to_its_end() -> None:
    first = 100
    tokens = [first + 0, 1, 2, first + 50, first + 60, 3, first + 100, first + 110, 4]
    assert between_timestamps(tokens, first, 5.0) == [
        (0.0, 1.0, [1, 2]),
        (1.2, 2.0, [3]),
        (2.2, 5.0, [4]),
    ]
    assert between_timestamps([], first, 5.0) == []


def test_the_fastest_engine_that_is_installed_is_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    assert chosen("best") is EngineName.CTRANSLATE2
    assert chosen("openai-whisper") is EngineName.OPENAI
    monkeypatch.setattr(engine, "find_spec", lambda _: None)
    assert chosen("best") is EngineName.OPENAI
    with pytest.raises(TranscriptionFailed, match=r"pip install contactcenter\[fast\]"):
        chosen("ctranslate2")
