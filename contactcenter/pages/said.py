"""A line of a transcript as a page shows it: word by word, with a chip and no words where something was taken out."""

from dataclasses import dataclass

from contactcenter.notes.finds import REDACTED
from contactcenter.notes.said import Segment

SURE = 0.5  # what the engine gave less confidence is shown faint


@dataclass(frozen=True)
class Part:
    """Words as said, or the name of what stood there."""

    text: str
    redacted: bool


@dataclass(frozen=True)
class Shown:
    """A word, or as many as have one time; `start` in seconds of the call, None where it has no time of its own."""

    parts: tuple[Part, ...]
    start: float | None
    unsure: bool


def parts(text: str) -> tuple[Part, ...]:
    """`pay to [IBAN] today` as three parts, the middle one redacted."""
    pieces = REDACTED.split(text)
    return tuple(Part(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece)


def shown(segment: Segment) -> list[Shown]:
    """The words of a segment with their times; all at once where the engine or a person gave them none."""
    if not segment.words:
        return [Shown(parts(segment.text), None, segment.confidence < SURE)]
    return [Shown(parts(word.text), round(word.start, 1), word.confidence < SURE) for word in segment.words]
