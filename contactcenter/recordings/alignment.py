"""When each word of a window is said: from the way that an engine's attention went through the sound.

An engine looks at a moment of the sound for each token that it writes; the cheapest way through all of them, forward
only, says at which tick each token begins (dynamic time warping, as whisper/timing.py does it). Here that way becomes
words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING

from contactcenter.notes.said import Word

if TYPE_CHECKING:
    from contactcenter.recordings.speech import Range

TICK = 0.02  # seconds between two of Whisper's timestamps, and between two columns of its attention

EDGE = 0.04  # seconds around sound that may be a soft beginning or end of a word

_SPOKEN = re.compile(rb"\S+")


@dataclass(frozen=True)
class Alignment:
    """Of each token of a window's text: the second of the window at which it begins, and how likely (0..1) it was.

    One second more than there are tokens: where the last one ends.
    """

    seconds: tuple[float, ...]
    likely: tuple[float, ...]

    def part(self, start: int, end: int) -> Alignment:
        """That of the tokens from `start` up to `end`."""
        return Alignment(self.seconds[start : end + 1], self.likely[start:end])


def alignment_of(way: Sequence[tuple[int, int]], likely: Sequence[float]) -> Alignment:
    """From the way through (token, tick), one behind the last token included, and each token's probability."""
    begins = [0.0] * (len(likely) + 1)
    for (before, _), (token, tick) in pairwise([(-1, 0), *way]):
        if token != before and token < len(begins):
            begins[token] = tick * TICK
    return Alignment(tuple(begins), tuple(likely))


def words_of(tokens: Sequence[bytes], aligned: Alignment) -> tuple[Word, ...]:
    """The words of a text, which is what spaces part, from the bytes of its tokens; one that is no text is left out.

    A word lasts from where its first token begins until the next one's does, and is as sure as its tokens on average.
    """
    ends = [*accumulate(len(token) for token in tokens)]
    words = []
    for found in _SPOKEN.finditer(b"".join(tokens)):
        first = next(place for place, end in enumerate(ends) if end > found.start())
        last = next(place for place, end in enumerate(ends) if end >= found.end())
        text = found[0].decode(errors="ignore")  # the end of a window can cut a letter
        sure = aligned.likely[first : last + 1]
        if text:
            words.append(Word(aligned.seconds[first], aligned.seconds[last + 1], text, sum(sure) / len(sure)))
    return tuple(words)


def trimmed(word: Word, loud: Sequence[Range]) -> Word:
    """A word without the silence that the way through the sound gave to it; `loud` in order of time."""
    here = [one for one in loud if one.start < word.end and word.start < one.end]
    if not here:
        return word
    return replace(word, start=max(word.start, here[0].start - EDGE), end=min(word.end, here[-1].end + EDGE))
