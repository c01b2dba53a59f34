"""Lines of a transcript that a person corrected: what another listening keeps of them, and what of before may stay."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace

from contactcenter.notes.finds import Kind
from contactcenter.notes.passages import Passage, without
from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment

GONE = "…"  # stands for words of before that may hold a value
OVERLAPS = 0.5  # of the shorter of two lines on one channel, from which they are the same words
_TAKEN_OUT = re.compile(rf"\[(?:{'|'.join(map(re.escape, Kind))})\]")


def token_of(segment: Segment) -> str:
    """What a form carries, so that a line that was changed since is not changed by what somebody read before."""
    return hashlib.sha256(f"{segment.channel} {segment.start} {segment.text}".encode()).hexdigest()[:16]


def with_line(segments: Sequence[Segment], line: Segment, text: str, language: str) -> tuple[Segment, ...]:
    """The call with another text in one of its lines, redacted anew as a whole: a value may go over several lines.

    A person's words are sure, and have no times of their own.
    """
    typed = replace(line, text=text, confidence=1.0, words=())
    return redact_segments([typed if one == line else one for one in segments], language)


def kept_corrections(segments: Iterable[Segment], corrected: Sequence[Segment]) -> tuple[Segment, ...]:
    """What another listening heard, with the lines that a person corrected in place of what it heard there (by channel
    and time), in order of time. Redact the result as a whole before it is stored."""
    heard = [left for one in segments for left in _beside(one, corrected)]
    return tuple(sorted([*heard, *corrected], key=lambda one: (one.start, one.channel)))


def typed_class(text: str, before: str) -> bool:
    """Whether a person wrote a class that the line did not hold: that would make it silent for good."""
    return bool(Counter(_TAKEN_OUT.findall(text)) - Counter(_TAKEN_OUT.findall(before)))


def without_values(before: str, now: str) -> str:
    """What a line said before, as it may be kept: nothing but its classes where redaction has found one in the line
    since that was not there, for what it found may stand there in part, in words, or misspelled."""
    more = Counter(_TAKEN_OUT.findall(now)) - Counter(_TAKEN_OUT.findall(before))
    return " ".join([*_TAKEN_OUT.findall(before), GONE]) if more else before


def _beside(one: Segment, corrected: Iterable[Segment]) -> Sequence[Segment]:
    """What of a line that was heard is beside all corrected ones: a short correction takes no long line with it."""
    same = [line for line in corrected if _overlap(one, line) >= OVERLAPS * min(_length(one), _length(line))]
    same = [line for line in same if _overlap(one, line) > 0]
    if not same:
        return [one]
    if any(_overlap(one, line) >= OVERLAPS * _length(one) for line in same):
        return []
    return without([one], [Passage(line.start, line.end) for line in same])


def _overlap(one: Segment, line: Segment) -> float:
    return min(one.end, line.end) - max(one.start, line.start) if one.channel == line.channel else 0.0


def _length(one: Segment) -> float:
    return one.end - one.start
