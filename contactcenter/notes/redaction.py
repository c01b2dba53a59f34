"""Takes account numbers, cards, citizen numbers, telephone numbers and e-mail addresses out of what was said (nl, en).

Numbers come as speech recognition writes them: in groups, with dots or dashes between digits, a zero as a word. What
has a checksum is redacted when it fits, or when the speaker says what it is: a digit that was heard wrongly breaks
the checksum and is personal data all the same. Amounts, dates, times and invoice numbers stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate

import phonenumbers
from stdnum import iban, luhn
from stdnum.nl import bsn

from contactcenter.notes.numerals import as_digits
from contactcenter.notes.said import Segment


class Kind(StrEnum):
    """What was found."""

    IBAN = "IBAN"
    CARD = "card"
    BSN = "BSN"
    PHONE = "phone"
    EMAIL = "e-mail"


@dataclass(frozen=True)
class Find:
    """One find: where it stood in the text before, as offsets."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Redacted:
    """The text with each find replaced by its kind in brackets."""

    text: str
    finds: tuple[Find, ...]


_ITEM = re.compile(r"\d+")
_BETWEEN = re.compile(r"[\s.,/()–-]{0,3}")
_MOST_ITEMS = 19  # a card said digit by digit
_NEAR = 48  # characters before a number in which a word says what it is

_CONTEXT = re.compile(
    r"(?P<BSN>\bbsn\b|burgerservice\w*|sofi-?nummer|citizen service|social security)"
    r"|(?P<card>\b(?:credit|debit|bank)?-?(?:kaart|card|pas)(?:nummer|s?nummer)?\b|\bvisa\b|master-?card)"
    r"|(?P<phone>telefoon\w*|mobiel\w*|\b06-?nummer|\bbereik\w*|\bbel(?:len|t)?\b|terugbel\w*|mijn nummer|uw nummer"
    r"|\bphone\w*|\bmobile\b|\bcell\b|\bcall\b|\breach\b|my number|your number)"
    r"|(?P<other>factuur\w*|order\w*|bestel\w*|ticket\w*|dossier\w*|zaak\w*|klantn\w*|relatien\w*|referentie\w*|kenmerk"
    r"|contractn\w*|serien\w*|invoice\w*|reference\w*|case\b|(?:customer|relation) number|serial\w*)",
    re.I,
)
_LENGTHS = {
    Kind.BSN: range(8, 10),
    Kind.CARD: range(12, 20),
    Kind.PHONE: range(9, 16),
}  # digits, where the speaker says what it is
_PLUS = re.compile(r"(?:\+|\bplus)[\s(]*$", re.I)
_DATE = re.compile(r"(?<![\d./-])\d{1,2}([-/.])\d{1,2}\1(?:19|20)\d\d(?![\d-])")
_MONEY = re.compile(
    r"(?:€|\$|£|\beur\b|\beuro'?s?\b|\bbedrag van|\bbedrag is|\bamount of)\s{0,2}\d[\d.,]{0,20}"
    r"|(?<![\d.,])\d[\d.,]{0,20}\s?(?:€|euro|eur\b|dollar|pound|cent)",
    re.I,
)

# Every repetition is bounded, so that no text whatsoever takes long.
_S = r"[\s.,-]{0,3}"
_IBAN = re.compile(rf"(?<![A-Z0-9])[A-Z]{_S}[A-Z]{_S}\d{_S}\d(?:{_S}[A-Z0-9]){{11,30}}", re.I)
# The bank's letters may hold an O that was read as a zero.
_DUTCH_IBAN = re.compile(rf"(?<![A-Z0-9])N{_S}L{_S}\d{_S}\d{_S}(?:[A-Z0]{_S}){{3,8}}(?:\d{_S}){{7,9}}\d", re.I)

_NAME = r"[\w+-]{1,64}"
_DOT = r"\s{0,2}(?:\.|\bpunt\b|\bdot\b|\bpoint\b)\s{0,2}"
_JOINED = rf"{_NAME}(?:(?:{_DOT}|\s{{1,2}}(?:underscore|streepje|dash|hyphen|min)\s{{1,2}}){_NAME}){{0,6}}"
_AT = r"\s{0,2}(?:@|\bapp?en\s?sta{1,3}r[td]\w{0,20}|\bat\b)\s{0,2}"
_TOP = r"(?:nl|com|org|net|eu|be|de|info|io|uk|fr)"
_MISHEARD = r"(?<![\w.+-])[\w.+-]{1,64}[\s,]{1,3}app?en\s?sta{1,3}r[td]"  # apenstaartje, more or less
_EMAILS = (
    re.compile(rf"(?<![\w+-]){_JOINED}{_AT}(?!www\b){_JOINED}{_DOT}{_TOP}\b", re.I),
    re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w.-]{1,100}\w"),
    re.compile(rf"{_MISHEARD}[\w-]{{0,40}}(?:[\s.]{{1,3}}[\w-]{{1,40}}){{0,2}}?\.\w{{2,10}}", re.I),
    re.compile(rf"{_MISHEARD}(?:je)?\b", re.I),
)


def redact(text: str, language: str) -> Redacted:
    """Replace what must not be kept by its kind in brackets; redacting again changes nothing."""
    digits = as_digits(text, language)
    found = [Find(Kind.EMAIL, *match.span()) for pattern in _EMAILS for match in pattern.finditer(text)]
    found += [Find(Kind.IBAN, *digits.origin(start, end)) for start, end in _ibans(digits.text)]
    found += [Find(kind, *digits.origin(start, end)) for kind, start, end in _numbers(digits.text)]
    finds = _apart(found)
    return Redacted(_replaced(text, 0, finds), finds)


def redact_segments(segments: Sequence[Segment], language: str) -> tuple[Segment, ...]:
    """Redact each channel as one text, so that a number said in two breaths is found; what is left without words goes.

    A find stands in the segment in which it began.
    """
    texts = [segment.text for segment in segments]
    for channel in {segment.channel for segment in segments}:
        places = [place for place, segment in enumerate(segments) if segment.channel == channel]
        parts = [texts[place] for place in places]
        starts = [0, *accumulate(len(part) + 1 for part in parts)]
        finds = redact(" ".join(parts), language).finds
        for place, start, part in zip(places, starts, parts, strict=False):
            texts[place] = _replaced(part, start, finds)
    return tuple(
        replace(segment, text=text)
        for segment, text in zip(segments, texts, strict=True)
        if any(character.isalnum() for character in text)
    )


def _replaced(part: str, start: int, finds: Iterable[Find]) -> str:
    """A part of the whole text, which begins at `start` in it, with what was found in it replaced."""
    written, at = [], start
    for find in finds:
        if find.end <= start or find.start >= start + len(part):
            continue
        written += [part[at - start : max(at, find.start) - start], f"[{find.kind}]" if find.start >= start else ""]
        at = find.end
    return re.sub(r"  +", " ", "".join([*written, part[max(0, at - start) :]])).strip() if written else part


def _apart(found: list[Find]) -> tuple[Find, ...]:
    """In order, without overlap; of two that overlap the longer stays, and covers what the other began."""
    finds: list[Find] = []
    for find in sorted(found, key=lambda find: (find.start, -find.end)):
        if finds and find.start < finds[-1].end:
            finds[-1] = replace(finds[-1], end=max(finds[-1].end, find.end))
        else:
            finds.append(find)
    return tuple(finds)


def _ibans(text: str) -> list[tuple[int, int]]:
    """Account numbers: what the checksum confirms, and what looks Dutch even when one digit was misheard."""
    spans = [match.span() for match in _DUTCH_IBAN.finditer(text)]
    for match in _IBAN.finditer(text):
        ends = [place + 1 for place in range(match.start() + 14, match.end()) if text[place].isalnum()]
        valid = next((end for end in reversed(ends) if iban.is_valid(_bare(text[match.start() : end]))), None)
        if valid:
            spans.append((match.start(), valid))
    return spans


def _bare(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()


def _numbers(text: str) -> list[tuple[Kind, int, int]]:
    """Cards, citizen numbers and telephone numbers among the runs of digits."""
    found = []
    for pattern in (_DATE, _MONEY):
        text = pattern.sub(lambda other: "#" * len(other[0]), text)
    for run in _runs(text):
        at = 0
        while at < len(run):
            kind, count = _longest(text, run[at : at + _MOST_ITEMS])
            if kind is not None:
                start = run[at].start()
                plus = _PLUS.search(text, max(0, start - _NEAR), start)
                found.append((kind, plus.start() if plus else start, run[at + count - 1].end()))
            at += count
    return found


def _runs(text: str) -> list[list[re.Match[str]]]:
    """Groups of digits that belong together: nothing but blanks, dots, dashes, commas between them."""
    runs: list[list[re.Match[str]]] = []
    for item in _ITEM.finditer(text):
        if runs and _BETWEEN.fullmatch(text, runs[-1][-1].end(), item.start()):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _longest(text: str, run: list[re.Match[str]]) -> tuple[Kind | None, int]:
    """What the run begins with, at its longest, and how many groups that takes; (None, 1) when it is nothing."""
    start = run[0].start()
    plus = _PLUS.search(text, max(0, start - _NEAR), start) is not None
    said = _said_to_be(text[max(0, start - _NEAR) : start])
    for count in range(len(run), 0, -1):
        kind = _kind("".join(item[0] for item in run[:count]), plus, said)
        if kind is not None:
            return kind, count
    return None, 1


def _kind(digits: str, plus: bool, said: str | None) -> Kind | None:
    if not 8 <= len(digits) <= 19:
        return None
    if plus:
        return Kind.PHONE if _is_telephone("+" + digits) else None
    if said == "other":
        return None
    if said is not None and len(digits) in _LENGTHS[Kind(said)]:
        return Kind(said)
    return _checked(digits)


def _checked(digits: str) -> Kind | None:
    if len(digits) >= 13 and luhn.is_valid(digits) and digits.strip("0"):
        return Kind.CARD
    if (digits[0] == "0" and _is_telephone(digits)) or (digits[:2] == "31" and _is_telephone("+" + digits)):
        return Kind.PHONE
    return Kind.BSN if len(digits) == 9 and bsn.is_valid(digits) else None


def _said_to_be(before: str) -> str | None:
    """What the last word that says so announces."""
    names = [match.lastgroup for match in _CONTEXT.finditer(before)]
    return names[-1] if names else None


def _is_telephone(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "NL"))
    except phonenumbers.NumberParseException:
        return False
