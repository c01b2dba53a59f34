"""How far the times of recognised words lie from those at which they were said: at the edges of what is said at once.

    python -m tools.word_times [--audio DIR] [--engines ...]

The first and the last word of each turn of a call are those whose time the reference knows. Counted is where the
engine heard that very word.
"""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median, quantiles
from typing import Protocol

from contactcenter.notes.said import Segment, Word
from contactcenter.recordings import engine_ctranslate2, engine_openai
from contactcenter.recordings.audio import decode_call
from contactcenter.recordings.engine import EngineName
from contactcenter.recordings.transcriber import Transcriber
from tools.bench_transcribe import CONVERSATIONS
from tools.wer import words

CHECKPOINT = Path("models/base.pt")
ENGINES = {EngineName.OPENAI: engine_openai.load, EngineName.CTRANSLATE2: engine_ctranslate2.load}


@dataclass(frozen=True)
class Turn:
    """Something said in a call, in seconds."""

    channel: int
    start: float
    end: float
    text: str | None


@dataclass(frozen=True)
class Off:
    """Seconds by which the words at the edges of turns are off (late is positive), and how many edges there are."""

    starts: list[float]
    ends: list[float]
    turns: int


class Said(Protocol):
    """A turn, as whoever has one has it."""

    @property
    def channel(self) -> int: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str | None: ...


def off(turns: Iterable[Said], segments: Sequence[Segment]) -> Off:
    """Compare a transcript with what was said."""
    spoken = [turn for turn in turns if turn.text]
    starts: list[float] = []
    ends: list[float] = []
    for channel in {turn.channel for turn in spoken}:
        said = [(word, turn) for turn in spoken if turn.channel == channel for word in words(turn.text or "")]
        heard = [*_heard(segment for segment in segments if segment.channel == channel)]
        matcher = SequenceMatcher(None, [word for word, _ in said], [word for word, _ in heard], autojunk=False)
        for ours, theirs, length in matcher.get_matching_blocks():
            for at in range(length):
                turn, word, place = said[ours + at][1], heard[theirs + at][1], ours + at
                if place == 0 or said[place - 1][1] is not turn:
                    starts.append(word.start - turn.start)
                if place + 1 == len(said) or said[place + 1][1] is not turn:
                    ends.append(word.end - turn.end)
    return Off(starts, ends, len(spoken))


def _heard(segments: Iterable[Segment]) -> Iterator[tuple[str, Word]]:
    for segment in segments:
        for word in segment.words:
            yield from ((part, word) for part in words(word.text))


def main(arguments: Sequence[str]) -> None:
    """A line for each engine and language."""
    parser = argparse.ArgumentParser(prog="python -m tools.word_times")
    parser.add_argument("--audio", type=Path, default=CONVERSATIONS)
    parser.add_argument("--engines", nargs="+", type=EngineName, default=[*EngineName])
    asked = parser.parse_args(arguments)
    for engine in asked.engines:
        transcriber = ENGINES[engine](CHECKPOINT, 2)
        for language, paths in by_language(asked.audio).items():
            found = [_off(transcriber, path, language) for path in paths]
            starts = [one for each in found for one in each.starts]
            ends = [one for each in found for one in each.ends]
            turns = sum(each.turns for each in found)
            print(f"{engine}, {language}, {turns} turns; {_told('first', starts)}; {_told('last', ends)}")


def by_language(folder: Path) -> dict[str, list[Path]]:
    """The calls of a folder (as for `bench transcribe`) by the language that their names say."""
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*.wav")):
        found.setdefault(next(part for part in path.stem.split("_") if part in ("nl", "en")), []).append(path)
    return found


def _off(transcriber: Transcriber, path: Path, language: str) -> Off:
    told = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    turns = [Turn(**turn) for turn in (told if isinstance(told, list) else told["segments"])]
    return off(turns, transcriber.transcribe(decode_call(path.read_bytes()), language).segments)


def _told(which: str, seconds: Sequence[float]) -> str:
    sizes = sorted(abs(one) for one in seconds)
    tail = quantiles(sizes, n=10)[-1]
    return f"{which} words: {len(sizes)} heard, median {median(sizes):.2f} s, nine of ten within {tail:.2f} s"


if __name__ == "__main__":
    main(sys.argv[1:])
