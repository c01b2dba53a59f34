"""Takes what must not be kept out of what was said (nl, en), before any text is stored.

Account numbers, cards, citizen numbers, telephone numbers, e-mail and postal addresses, passwords and codes, as speech
recognition writes them: in groups, with dots or dashes between digits, as words, letter by letter, over several
breaths and speakers. The class stays in brackets. Amounts, dates, times, licences and invoice numbers stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from contactcenter.notes import hearing
from contactcenter.notes.addresses import emails, postal
from contactcenter.notes.finds import Find, Kind, Written
from contactcenter.notes.hearing import Reading, Stream
from contactcenter.notes.numbers import ibans, numbers
from contactcenter.notes.passwords import codes, passwords
from contactcenter.notes.repetitions import Repetitions
from contactcenter.notes.said import Segment, Word

_NEAR = 48  # characters before a number in which a word says what it is


@dataclass(frozen=True)
class Redacted:
    """The text with each find replaced by its kind in brackets."""

    text: str
    finds: tuple[Find, ...]


def redact(text: str, language: str) -> Redacted:
    """Replace what must not be kept by its kind in brackets; redacting again changes nothing."""
    finds = _finds(hearing.stream([(0, text)]), language)
    return Redacted(_replaced(text, 0, finds), finds)


def redact_segments(segments: Sequence[Segment], language: str) -> tuple[Segment, ...]:
    """Redact a call, whose segments are read in order of time and come back in theirs; what has no words left goes.

    A value that goes over several segments, of whichever speaker, leaves its kind in each.
    """
    order = sorted(range(len(segments)), key=lambda place: segments[place].start)
    said = hearing.stream([(segments[place].channel, segments[place].text) for place in order])
    finds = _finds(said, language)
    begins = dict(zip(order, said.starts, strict=True))
    kept = (_redacted(segment, begins[place], finds) for place, segment in enumerate(segments))
    return tuple(segment for segment in kept if any(character.isalnum() for character in segment.text))


def _redacted(segment: Segment, start: int, finds: Sequence[Find]) -> Segment:
    """A segment that begins at `start` of the stream: what was found in it is one word, as long as it was said."""
    text = _replaced(segment.text, start, finds)
    if text == segment.text:
        return segment
    if " ".join(word.text for word in segment.words) != segment.text:
        return replace(segment, text=text, words=())  # nobody knows which of its words the value was
    words = []
    for at, group in _together(segment.words, start, finds):
        said = _replaced(" ".join(word.text for word in group), at, finds)
        if said:
            words.append(Word(group[0].start, group[-1].end, said, min(word.confidence for word in group)))
    return replace(segment, text=" ".join(word.text for word in words), words=tuple(words))


def _together(words: Sequence[Word], start: int, finds: Sequence[Find]) -> list[tuple[int, list[Word]]]:
    """Words, which begin at `start` of the stream, with where they do; those that one find touches together."""
    groups: list[tuple[int, list[Word]]] = []
    covered = start
    for word in words:
        end = start + len(word.text)
        if start < covered:
            groups[-1][1].append(word)
        else:
            groups.append((start, [word]))
        covered = max([covered, *(find.end for find in finds if find.start < end and start < find.end)])
        start = end + 1
    return groups


def _finds(said: Stream, language: str) -> tuple[Find, ...]:
    found: list[Find] = []
    read_as = [*hearing.readings(said, language)]
    values: dict[tuple[str, Kind], set[int]] = {}
    for reading in read_as:
        for kind, read, start, end in _spans(reading, said):
            found += hearing.finds(kind, read, start, end, said)
            value = re.sub(r"[\W_]", "", read.text[start:end])
            values.setdefault((value, kind), set()).add(said.line(read.starts[start]))
    repeated = [Repetitions(reading, said) for reading in read_as] if values else []
    for (value, kind), lines in values.items():
        for repeats in repeated:
            found += repeats.again(value, kind, sorted(lines))
            found += repeats.in_part(re.sub(r"\D", "", value), kind, lines)
    return _apart(found)


def _spans(reading: Reading, said: Stream) -> Iterator[tuple[Kind, Written, int, int]]:
    words, digits = reading.words, reading.digits

    def announced(place: int) -> str:
        start = digits.starts[place]
        return said.text[max(0, start - _NEAR) : start]

    for found in (emails(words.text), passwords(words.text)):
        yield from ((kind, words, start, end) for kind, start, end in found)
    read = digits.text
    for found in (ibans(read), numbers(read, announced), postal(read), codes(read)):
        yield from ((kind, digits, start, end) for kind, start, end in found)


def _replaced(part: str, start: int, finds: Iterable[Find]) -> str:
    """A part of the whole text, which begins at `start` in it, with what was found in it replaced."""
    written, at = [], start
    for find in finds:
        if start <= find.start < start + len(part):
            written += [part[at - start : find.start - start], f"[{find.kind}]"]
            at = find.end
    return re.sub(r"  +", " ", "".join([*written, part[at - start :]])).strip() if written else part


def _apart(found: list[Find]) -> tuple[Find, ...]:
    """In order, without overlap; of two that overlap the longer stays, and covers what the other began."""
    finds: list[Find] = []
    for find in sorted(found, key=lambda find: (find.start, -find.end, [*Kind].index(find.kind))):
        if finds and find.start < finds[-1].end:
            finds[-1] = replace(finds[-1], end=max(finds[-1].end, find.end))
        else:
            finds.append(find)
    return tuple(finds)
