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
from contactcenter.notes.said import Segment, Word

_NEAR = 48  # characters before a number in which a word says what it is
_LONG = 6  # digits and letters from which a number is the same one wherever it is said again
_BRIEF = 4  # ... and a password or code, in the lines that follow
_LINES = 6
_SOME_DIGITS = re.compile(r"\d(?:[ .,-]{0,3}\d)*(?!\w)")
_FEW, _MANY = 2, 4  # digits that repeat a part of a number: where the line says nothing else, and in a sentence


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
    values: dict[tuple[str, Kind], int] = {}
    for reading in read_as:
        for kind, read, start, end in _spans(reading, said):
            found += hearing.finds(kind, read, start, end, said)
            values.setdefault((re.sub(r"[\W_]", "", read.text[start:end]), kind), read.starts[start])
    for (value, kind), place in values.items():
        for reading in read_as:
            found += _again(value, kind, place, reading, said)
            found += _in_part(re.sub(r"\D", "", value), kind, place, reading, said)
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


def _again(value: str, kind: Kind, place: int, reading: Reading, said: Stream) -> Iterator[Find]:
    """Where a value that was found is said once more, without a word that tells what it is."""
    brief = kind in (Kind.PASSWORD, Kind.CODE)
    if len(value) < (_BRIEF if brief else _LONG):
        return
    read = reading.words if kind in (Kind.PASSWORD, Kind.EMAIL) else reading.digits
    pattern = r"(?<!\w)" + r"[\s.,?!~-]{0,8}".join(map(re.escape, value)) + r"(?!\w)"
    for found in re.finditer(pattern, read.text, re.I):
        if not brief or 0 <= said.line(read.starts[found.start()]) - said.line(place) <= _LINES:
            yield from hearing.finds(kind, read, *found.span(), said)


def _in_part(value: str, kind: Kind, place: int, reading: Reading, said: Stream) -> Iterator[Find]:
    """Where some digits of a number that was found are repeated in the lines around: as a line of their own, or many.

    Recognisers lose or change a digit, so that what is read back is seldom the whole value again.
    """
    if len(value) < _LONG:
        return
    read, near = reading.digits, said.line(place)
    for found in _SOME_DIGITS.finditer(read.text):
        digits = re.sub(r"\D", "", found[0])
        alone = len(digits) >= _FEW and not re.search(r"\w", _line_without(read.text, *found.span()))
        repeats = (alone and digits in value) or _share_some(digits, value)
        if repeats and abs(said.line(read.starts[found.start()]) - near) <= _LINES:
            yield from hearing.finds(kind, read, *found.span(), said)


def _share_some(digits: str, value: str) -> bool:
    return any(digits[at : at + _MANY] in value for at in range(len(digits) - _MANY + 1))


def _line_without(text: str, start: int, end: int) -> str:
    """The rest of the line in which a span stands."""
    return text[text.rfind("\n", 0, start) + 1 : start] + text[end : (text + "\n").find("\n", end)]


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
