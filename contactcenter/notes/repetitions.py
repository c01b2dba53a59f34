"""Values that were found once and are said again, without a word that tells what they are: whole, or in part.

A caller may dictate for hours, so a reading is looked through once, and not once for each value.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from contactcenter.notes import hearing
from contactcenter.notes.finds import Find, Kind, Written
from contactcenter.notes.hearing import Reading, Stream

_LONG = 6  # digits and letters from which a number is the same one wherever it is said again
_BRIEF = 4  # ... and a password or code, in the lines that follow
_LINES = 6
_SOME_DIGITS = re.compile(r"\d(?:[ .,-]{0,3}\d)*(?!\w)")
_FEW, _MANY = 2, 4  # digits that repeat a part of a number: where the line says nothing else, and in a sentence
_ONE_VALUE = re.compile(r"[^\W_](?:[\s.,?!~-]{0,8}[^\W_])*")


class Repetitions:
    """One reading of a call, in which values are looked for that were found in any reading of it."""

    def __init__(self, reading: Reading, said: Stream) -> None:
        """`said` is the stream that it is a reading of."""
        self._said = said
        self._digits = reading.digits
        self._bare = {True: _Bare.of(reading.words), False: _Bare.of(reading.digits)}
        self._numbers = [
            _Number.of(reading.digits, found, said) for found in _SOME_DIGITS.finditer(reading.digits.text)
        ]
        self._lines = [one.line for one in self._numbers]

    def again(self, value: str, kind: Kind, lines: Sequence[int]) -> Iterator[Find]:
        """Where a value (letters and digits) that was found in these lines, in order, is said once more."""
        brief = kind in (Kind.PASSWORD, Kind.CODE)
        if len(value) < (_BRIEF if brief else _LONG):
            return
        bare = self._bare[kind in (Kind.PASSWORD, Kind.EMAIL)]
        for start, end in bare.spans(value):
            if not brief or _follows(self._said.line(bare.read.starts[start]), lines):
                yield from hearing.finds(kind, bare.read, start, end, self._said)

    def in_part(self, value: str, kind: Kind, lines: Iterable[int]) -> Iterator[Find]:
        """Where some digits of a number that was found are repeated in the lines around: as a line of their own, or
        many.

        Recognisers lose or change a digit, so that what is read back is seldom the whole value again.
        """
        if len(value) < _LONG:
            return
        for one in self._around(lines):
            if (one.alone and one.digits in value) or _share_some(one.digits, value):
                yield from hearing.finds(kind, self._digits, one.start, one.end, self._said)

    def _around(self, lines: Iterable[int]) -> Iterator[_Number]:
        for line in lines:
            first, last = bisect_left(self._lines, line - _LINES), bisect_right(self._lines, line + _LINES)
            yield from self._numbers[first:last]


@dataclass(frozen=True)
class _Number:
    """Digits of a reading, and whether their line says nothing else."""

    digits: str
    start: int
    end: int
    line: int
    alone: bool

    @classmethod
    def of(cls, read: Written, found: re.Match[str], said: Stream) -> _Number:
        start, end = found.span()
        digits = re.sub(r"\D", "", found[0])
        alone = len(digits) >= _FEW and not re.search(r"\w", _line_without(read.text, start, end))
        return cls(digits, start, end, said.line(read.starts[start]), alone)


@dataclass(frozen=True)
class _Bare:
    """The letters and digits of a text in small ones, and where each stands in it."""

    read: Written
    text: str
    places: tuple[int, ...]

    @classmethod
    def of(cls, read: Written) -> _Bare:
        kept = [place for place, character in enumerate(read.text) if character.isalnum()]
        return cls(read, "".join(_small(read.text[place]) for place in kept), tuple(kept))

    def spans(self, value: str) -> Iterator[tuple[int, int]]:
        """Where a value stands in the text as words of its own, with little between its characters."""
        sought = "".join(map(_small, value))
        at = self.text.find(sought)
        while at >= 0:
            start, end = self.places[at], self.places[at + len(sought) - 1] + 1
            if _apart(self.read.text, start, end) and _ONE_VALUE.fullmatch(self.read.text, start, end):
                yield start, end
                at = self.text.find(sought, at + len(sought))
            else:
                at = self.text.find(sought, at + 1)


def _follows(line: int, lines: Sequence[int]) -> bool:
    """Whether a line follows one of these, in order, soon."""
    before = bisect_right(lines, line) - 1
    return before >= 0 and line - lines[before] <= _LINES


def _small(character: str) -> str:
    small = character.lower()
    return small if len(small) == 1 else character


def _apart(text: str, start: int, end: int) -> bool:
    """Whether a span begins and ends with words."""
    return not re.match(r"\w", text[start - 1 : start]) and not re.match(r"\w", text[end : end + 1])


def _share_some(digits: str, value: str) -> bool:
    return any(digits[at : at + _MANY] in value for at in range(len(digits) - _MANY + 1))


def _line_without(text: str, start: int, end: int) -> str:
    """The rest of the line in which a span stands."""
    return text[text.rfind("\n", 0, start) + 1 : start] + text[end : (text + "\n").find("\n", end)]
