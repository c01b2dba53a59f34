"""A transcript's text cut at what was redacted, so that a page shows it as a chip and not as words."""

from dataclasses import dataclass

from contactcenter.notes.finds import REDACTED


@dataclass(frozen=True)
class Part:
    """Words as said, or the name of what stood there."""

    text: str
    redacted: bool


def parts(text: str) -> list[Part]:
    """`pay to [IBAN] today` as three parts, the middle one redacted."""
    pieces = REDACTED.split(text)
    return [Part(piece, index % 2 == 1) for index, piece in enumerate(pieces) if piece]
