"""When in a recording a value was said that its transcript does not hold: the seconds, never the value."""

from collections.abc import Iterator

from contactcenter.notes.finds import REDACTED
from contactcenter.notes.said import Segment


def values_in(segment: Segment) -> Iterator[tuple[float, float]]:
    """(start, end) of the words in whose place a class stands; of the whole segment where nobody knows which those
    were."""
    if not segment.words and REDACTED.search(segment.text):
        yield segment.start, segment.end
    yield from ((word.start, word.end) for word in segment.words if REDACTED.search(word.text))
