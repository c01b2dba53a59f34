"""How a conversation went, in seconds: who spoke how long, over whom, how fast, and when nobody did (P02). Pure.

For one call and who talks about it with its agent. Nothing is added up over calls, and nobody is compared or ranked.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from contactcenter.notes.said import Segment

JOINED = 0.6  # seconds of a pause between words in which nobody stopped speaking
MONOLOGUE_PAUSE = 3.0  # ... and in a monologue
HUM = 1.0  # what is shorter ("yes", "go on") interrupts nobody and ends no monologue
OVER = 0.5  # seconds that both speak, from which one speaks over the other
SILENCE = 5.0  # from which a silence is one
ENOUGH = 10.0  # seconds of speech that tell how fast somebody speaks


@dataclass(frozen=True)
class Span:
    """Seconds of the recording."""

    start: float
    end: float

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.end - self.start


@dataclass(frozen=True)
class Speaker:
    """One side of a call. `share` is of all that was spoken, 0..1; `longest` went on without the other but for hums;
    `interrupted` are the seconds at which they began to speak over the other; the rate is None after few words."""

    role: str
    seconds: float
    share: float
    longest: Span
    interrupted: tuple[float, ...]
    words_per_minute: int | None


@dataclass(frozen=True)
class Talk:
    """A call of two speakers: both in the order of channels, and when nobody spoke."""

    speakers: tuple[Speaker, ...]
    silences: tuple[Span, ...]


def talk(segments: Sequence[Segment], roles: Sequence[str], unheard: Iterable[Span] = ()) -> Talk | None:
    """How a call went; None where not two known people spoke. What is `unheard` (on hold, paused, left out, cut) is no
    silence."""
    if len(roles) != 2:
        return None
    speech = [spoken([one for one in segments if one.channel == channel]) for channel in (0, 1)]
    if not all(speech):
        return None
    total = sum(span.seconds for side in speech for span in side)
    speakers = tuple(
        _speaker(role, speech[channel], speech[1 - channel], total, _words(segments, channel))
        for channel, role in enumerate(roles)
    )
    return Talk(speakers, tuple(_silences(speech, list(unheard))))


def spoken(segments: Iterable[Segment]) -> list[Span]:
    """When one speaker spoke, in order and apart: by the times of words, or of segments that have none."""
    pieces = [
        Span(one.start, one.end) for segment in segments for one in (segment.words or (segment,)) if one.end > one.start
    ]
    return _joined(pieces, JOINED)


def _joined(spans: Iterable[Span], pause: float) -> list[Span]:
    joined: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start):
        if joined and span.start - joined[-1].end <= pause:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined


def _speaker(role: str, own: Sequence[Span], other: Sequence[Span], total: float, words: int) -> Speaker:
    seconds = sum(span.seconds for span in own)
    return Speaker(
        role=role,
        seconds=round(seconds, 1),
        share=round(seconds / total, 3),
        longest=_longest(own, other),
        interrupted=tuple(span.start for span in own if span.seconds >= HUM and _speaks_over(span, other)),
        words_per_minute=round(words / seconds * 60) if seconds >= ENOUGH else None,
    )


def _speaks_over(span: Span, other: Sequence[Span]) -> bool:
    """Whether somebody begins to speak while the other has spoken for a while and goes on."""
    at = bisect_right(other, span.start - HUM, key=lambda one: one.start) - 1
    return at >= 0 and min(other[at].end, span.end) - span.start >= OVER


def _longest(own: Sequence[Span], other: Sequence[Span]) -> Span:
    """The longest stretch in which only hums of the other lie."""
    turns = [one for one in other if one.seconds >= HUM]
    runs = [own[0]]
    for before, span in pairwise(own):
        if span.start - before.end <= MONOLOGUE_PAUSE and not _any_between(turns, before.end, span.start):
            runs[-1] = Span(runs[-1].start, span.end)
        else:
            runs.append(span)
    return max(runs, key=lambda one: one.seconds)


def _any_between(spans: Sequence[Span], start: float, end: float) -> bool:
    at = bisect_left(spans, start, key=lambda one: one.end)
    return at < len(spans) and spans[at].start < end


def _silences(speech: Iterable[Iterable[Span]], unheard: Sequence[Span]) -> list[Span]:
    everybody = _joined([span for side in speech for span in side], 0.0)
    quiet = [Span(one.end, following.start) for one, following in pairwise(everybody)]
    return [
        one
        for one in quiet
        if one.seconds >= SILENCE and not any(gap.start < one.end and one.start < gap.end for gap in unheard)
    ]


def _words(segments: Iterable[Segment], channel: int) -> int:
    return sum(len(one.text.split()) for one in segments if one.channel == channel)
