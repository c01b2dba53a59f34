"""What is left of what was said once passages of the call are cut: decided by the times of words alone."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from contactcenter.notes.finds import Kind
from contactcenter.notes.said import Segment, Word

MARGIN = 0.5  # seconds on both sides; recognised times of words are not exact, and no half word may tell the rest
TAKEN_OUT = re.compile(rf"\[(?:{'|'.join(map(re.escape, Kind))})\]")


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
    own. A segment whose words have no times goes wholly. Of a redacted value that lies only in part in a passage the
    class stays, with its times."""
    return [left for segment in segments for left in _left_of(segment, passages)]


def touched(segments: Iterable[Segment], passages: Sequence[Passage]) -> list[Segment]:
    """The segments of which at least a word goes."""
    return [segment for segment in segments if _left_of(segment, passages) != [segment]]


def _left_of(segment: Segment, passages: Sequence[Passage]) -> list[Segment]:
    if not _any(passages, segment.start, segment.end):
        return [segment]
    if not segment.words:
        return _classes_of(segment, passages)
    words = tuple(_class_of(word) if _stays_as_class(word, passages) else word for word in segment.words)
    runs = groupby(words, key=lambda word: _any(passages, word.start, word.end) and not _stays_as_class(word, passages))
    kept = [tuple(run) for gone, run in runs if not gone]
    return [segment] if kept == [segment.words] else [_of(segment, words) for words in kept]


def _classes_of(segment: Segment, passages: Sequence[Passage]) -> list[Segment]:
    """Of a segment whose words have no times: the classes of what was taken out of it, if it goes on beside."""
    classes = TAKEN_OUT.findall(segment.text) if _sticks_out(segment.start, segment.end, passages) else []
    return [replace(segment, text=" ".join(classes))] if classes else []


def _stays_as_class(word: Word, passages: Sequence[Passage]) -> bool:
    """Whether it is a redacted value that sounds on beside the passage. Its class is no word that was said, and copies
    without such values have to know where the rest of it is."""
    cut = _any(passages, word.start, word.end)
    return cut and TAKEN_OUT.search(word.text) is not None and _sticks_out(word.start, word.end, passages)


def _class_of(word: Word) -> Word:
    return replace(word, text=" ".join(TAKEN_OUT.findall(word.text)))


def _sticks_out(start: float, end: float, passages: Iterable[Passage]) -> bool:
    return not any(one.start <= start and end <= one.end for one in passages)


def _of(segment: Segment, words: tuple[Word, ...]) -> Segment:
    text = " ".join(word.text.strip() for word in words)
    return replace(segment, start=words[0].start, end=words[-1].end, text=text, words=words)


def _any(passages: Iterable[Passage], start: float, end: float) -> bool:
    return any(passage.touches(start, end) for passage in passages)
