"""What is left of what was said once passages of the call are cut: decided by the times of words alone."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from contactcenter.notes.said import Segment, Word

MARGIN = 0.5  # seconds on both sides; recognised times of words are not exact, and no half word may tell the rest


@dataclass(frozen=True)
class Passage:
    """Seconds from a recording's start, from `start` up to `end`."""

    start: float
    end: float

    def touches(self, start: float, end: float) -> bool:
        """Whether what lasts from `start` to `end` lies in it, or so near that nobody can tell."""
        return self.start - MARGIN <= end and start <= self.end + MARGIN


def without(segments: Iterable[Segment], passages: Sequence[Passage]) -> list[Segment]:
    """The segments without each word that a passage touches; what stood before and after it become segments of their
    own. A segment whose words have no times goes wholly."""
    return [left for segment in segments for left in _left_of(segment, passages)]


def touched(segments: Iterable[Segment], passages: Sequence[Passage]) -> list[Segment]:
    """The segments of which at least a word goes."""
    return [segment for segment in segments if _left_of(segment, passages) != [segment]]


def _left_of(segment: Segment, passages: Sequence[Passage]) -> list[Segment]:
    if not _any(passages, segment.start, segment.end):
        return [segment]
    runs = groupby(segment.words, key=lambda word: _any(passages, word.start, word.end))
    kept = [tuple(run) for gone, run in runs if not gone]
    return [segment] if kept == [segment.words] else [_of(segment, words) for words in kept]


def _of(segment: Segment, words: tuple[Word, ...]) -> Segment:
    text = " ".join(word.text.strip() for word in words)
    return replace(segment, start=words[0].start, end=words[-1].end, text=text, words=words)


def _any(passages: Iterable[Passage], start: float, end: float) -> bool:
    return any(passage.touches(start, end) for passage in passages)
