"""What one side of a call said, put together over the breaths in which it came, and cut into sentences."""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from itertools import accumulate

from contactcenter.notes.said import Segment

PAUSE = 3.0  # seconds without a word of theirs, after which they begin anew
AGENT = "agent"
_SENTENCE = re.compile(r"[^.?!;…]+[.?!;…]*")


@dataclass(frozen=True)
class Turn:
    """Segments of one side without a long pause between them, as one text."""

    segments: tuple[Segment, ...]

    @property
    def text(self) -> str:
        """All of it, a space between segments."""
        return " ".join(segment.text for segment in self.segments)

    def segment_at(self, place: int) -> Segment:
        """The segment that a character of the text belongs to."""
        starts = [0, *accumulate(len(segment.text) + 1 for segment in self.segments)]
        return self.segments[min(bisect_right(starts, place) - 1, len(self.segments) - 1)]


@dataclass(frozen=True)
class Sentence:
    """One sentence of a turn, and where it begins in the turn's text."""

    turn: Turn
    text: str
    place: int

    def second_of(self, place: int) -> float:
        """When the segment began in which a character of the sentence was said; seconds of the call."""
        return self.turn.segment_at(self.place + place).start


def agent_channels(roles: Sequence[str]) -> frozenset[int]:
    """The channels on which employees speak; none where nobody knows who speaks, as in a recording of one channel."""
    return frozenset(channel for channel, role in enumerate(roles) if role == AGENT)


def turns(segments: Iterable[Segment], channels: Set[int]) -> list[Turn]:
    """What was said on these channels, in order of time; a pause begins a new turn, what others say between does not.

    Each channel has turns of its own: two employees on a line interrupt each other.
    """
    found: list[list[Segment]] = []
    last: dict[int, list[Segment]] = {}
    for segment in sorted((one for one in segments if one.channel in channels), key=lambda one: one.start):
        turn = last.get(segment.channel)
        if turn is None or segment.start - turn[-1].end > PAUSE:
            turn = last[segment.channel] = []
            found.append(turn)
        turn.append(segment)
    return [Turn(tuple(turn)) for turn in found]


def sentences(turn: Turn) -> Iterator[Sentence]:
    """The sentences of a turn, as far as the recogniser wrote where they end."""
    for found in _SENTENCE.finditer(turn.text):
        yield Sentence(turn, found[0], found.start())
