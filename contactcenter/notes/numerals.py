"""Numbers said as words, written as digits, with the way back to where they stood (nl, en; 0 to 99)."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from functools import cache

_SMALL = {
    "nl": "nul een twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien zestien "
    "zeventien achttien negentien",
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen",
}
_TENS = {
    "nl": "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "en": "twenty thirty forty fifty sixty seventy eighty ninety",
}
_ODD = {"nl": {"één": "1", "o": "0"}, "en": {"oh": "0", "o": "0", "nought": "0", "naught": "0"}}
_TWICE = r"(?:dubbele?|double)\s+"


@dataclass(frozen=True)
class Digits:
    """A text with its number words as digits; `origin` leads each place back to the text before."""

    text: str
    _places: tuple[int, ...]
    _starts: tuple[int, ...]
    _ends: tuple[int, ...]

    def origin(self, start: int, end: int) -> tuple[int, int]:
        """Where start..end of `text` stood before, whole words."""
        return self._starts[self._piece(start)] + self._offset(start), self._ends_at(end - 1)

    def _piece(self, place: int) -> int:
        return bisect_right(self._places, place) - 1

    def _offset(self, place: int) -> int:
        piece = self._piece(place)
        return place - self._places[piece] if self._same_length(piece) else 0

    def _ends_at(self, place: int) -> int:
        piece = self._piece(place)
        if self._same_length(piece):
            return self._starts[piece] + place - self._places[piece] + 1
        return self._ends[piece]

    def _same_length(self, piece: int) -> bool:
        after = self._places[piece + 1] if piece + 1 < len(self._places) else len(self.text)
        return after - self._places[piece] == self._ends[piece] - self._starts[piece]


def as_digits(text: str, language: str) -> Digits:
    """Write the numbers that are said as words as digits; "double four" is 44."""
    values, pattern = _numerals(language if language in _SMALL else "nl")
    pieces: list[tuple[str, int, int]] = []
    at = 0
    for found in pattern.finditer(text):
        pieces.append((text[at : found.start()], at, found.start()))
        value = values[re.sub(r"[\s-]+", " ", (found["word"] or found["doubled"]).lower())]
        pieces.append((value * 2 if found["twice"] else value, found.start(), found.end()))
        at = found.end()
    pieces.append((text[at:], at, len(text)))
    pieces = [piece for piece in pieces if piece[0]]
    places, place = [], 0
    for written, _, _ in pieces:
        places.append(place)
        place += len(written)
    return Digits(
        "".join(written for written, _, _ in pieces),
        tuple(places),
        tuple(start for _, start, _ in pieces),
        tuple(end for _, _, end in pieces),
    )


@cache
def _numerals(language: str) -> tuple[dict[str, str], re.Pattern[str]]:
    values = {word: str(value) for value, word in enumerate(_SMALL[language].split())} | _ODD[language]
    for ten, word in enumerate(_TENS[language].split(), 2):
        values[word] = str(ten * 10)
        for unit, small in enumerate(_SMALL[language].split()[1:10], 1):
            values |= dict.fromkeys(_compounds(language, word, small), str(ten * 10 + unit))
    words = "|".join(re.escape(word).replace(r"\ ", r"[\s-]+") for word in sorted(values, key=len, reverse=True))
    digits = {digit: digit for digit in "0123456789"}
    pattern = re.compile(rf"\b(?:(?P<twice>{_TWICE})(?P<doubled>\d|{words})|(?P<word>{words}))\b", re.I)
    return values | digits, pattern


def _compounds(language: str, ten: str, unit: str) -> tuple[str, ...]:
    if language == "en":
        return (f"{ten} {unit}", f"{ten}{unit}")
    return (f"{unit}en{ten}", f"{unit}ën{ten}") if unit.endswith("e") else (f"{unit}en{ten}",)
