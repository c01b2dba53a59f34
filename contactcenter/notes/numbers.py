"""Finds account numbers, cards, citizen numbers and telephone numbers in a text of digits and letters.

What has a checksum is found when it fits, or when the speakers say what it is: a digit that was heard wrongly breaks
the checksum and is personal data all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import phonenumbers
from stdnum import iban, luhn
from stdnum.nl import bsn

from contactcenter.notes.finds import Kind

Span = tuple[Kind, int, int]
Announced = Callable[[int], str]  # what was said before a place

_ITEM = re.compile(r"\d+")
_BETWEEN = re.compile(r"[\s.,/()?!~–-]{0,24}")
_MOST_ITEMS = 19  # a card said digit by digit

_CONTEXT = re.compile(
    r"(?P<IBAN>\brekening(?:nummer)?\b|\biban\b|account number)"
    r"|(?P<BSN>\bbsn\b|burgerservice\w*|sofi-?nummer|citizen service|social security)"
    r"|(?P<card>\b(?:credit|debit|bank)?-?(?:kaart|card|pas)(?:nummer|s?nummer)?\b|\bvisa\b|master-?card)"
    r"|(?P<phone>telefoon\w*|mobiel\w*|\b06-?nummer|\bbereik\w*|\bbel(?:len|t)?\b|terugbel\w*|mijn nummer|uw nummer"
    r"|\bphone\w*|\bmobile\b|\bcell\b|\bcall\b|\breach\b|my number|your number)"
    r"|(?P<other>factuur\w*|order\w*|bestel\w*|ticket\w*|dossier\w*|zaak\w*|klantn\w*|relatien\w*|referentie\w*|kenmerk"
    r"|contractn\w*|serien\w*|invoice\w*|reference\w*|case\b|(?:customer|relation) number|serial\w*)",
    re.I,
)
_LENGTHS = {
    Kind.IBAN: range(9, 11),
    Kind.BSN: range(8, 10),
    Kind.CARD: range(12, 20),
    Kind.PHONE: range(9, 16),
}  # digits, where the speaker says what it is
_CARDS = (15, 16)  # digits of a card, misheard, also where nobody says so
_PLUS = re.compile(r"(?:\+|\bplus)[\s(]*$", re.I)
_DATE = re.compile(r"(?<![\d./-])\d{1,2}([-/.])\d{1,2}\1(?:19|20)\d\d(?![\d-])")
_MONEY = re.compile(
    r"(?:€|\$|£|\beur\b|\beuro'?s?\b|\bbedrag van|\bbedrag is|\bamount of)\s{0,2}\d[\d.,]{0,20}"
    r"|(?<![\d.,])\d[\d.,]{0,20}\s?(?:€|euro|eur\b|dollar|pound|cent)",
    re.I,
)

# Every repetition is bounded, so that no text whatsoever takes long.
_S = r"[\s.,?!~-]{0,12}"
_IBAN = re.compile(rf"(?<![A-Z0-9])[A-Z]{_S}[A-Z]{_S}\d{_S}\d(?:{_S}[A-Z0-9]){{11,30}}", re.I)
# The bank's letters may hold an O that was read as a zero.
_DUTCH_IBAN = re.compile(rf"(?<![A-Z0-9])N{_S}L{_S}\d{_S}\d{_S}(?:[A-Z0]{_S}){{3,8}}(?:\d{_S}){{7,9}}\d", re.I)

# As recognisers mangle one: words between the letters of the bank, digits lost or too many. It says NL and two digits,
# or the bank's letters, and many digits; nothing else that people dictate does.
_BANKS = ("ABNA", "ASNB", "BUNQ", "FVLB", "INGB", "KNAB", "NTSB", "RABO", "RBRB", "REVO", "SNSB", "TRIO")
_MANGLED_IBAN = (
    re.compile(rf"(?<![A-Z0-9])N{_S}L{_S}\d{_S}\d\D{{0,64}}(?:0\D{{1,16}})?(?:\d{_S}){{5,11}}\d"),
    re.compile(rf"(?<![A-Z0-9])(?:{'|'.join(map(_S.join, _BANKS))}){_S}(?:\d{_S}){{5,11}}\d"),
)


def without_dates_and_amounts(text: str) -> str:
    """The text, equally long, with dates and amounts of money blotted out."""
    for pattern in (_DATE, _MONEY):
        text = pattern.sub(lambda other: "#" * len(other[0]), text)
    return text


def ibans(text: str) -> Iterator[Span]:
    """Account numbers: what the checksum confirms, and what looks Dutch even when some of it was misheard."""
    for pattern in (_DUTCH_IBAN, *_MANGLED_IBAN):
        for match in pattern.finditer(text):
            yield (Kind.IBAN, *match.span())
    for match in _IBAN.finditer(text):
        ends = [place + 1 for place in range(match.start() + 14, match.end()) if text[place].isalnum()]
        valid = next((end for end in reversed(ends) if _is_iban(text[match.start() : end])), None)
        if valid:
            yield Kind.IBAN, match.start(), valid


def numbers(text: str, announced: Announced) -> Iterator[Span]:
    """Cards, citizen numbers and telephone numbers among the runs of digits."""
    text = without_dates_and_amounts(text)
    for run in _runs(text):
        at = 0
        while at < len(run):
            start = run[at].start()
            plus = _PLUS.search(text, max(0, start - 12), start)
            kind, count = _longest(run[at : at + _MOST_ITEMS], plus is not None, _said_to_be(announced(start)))
            if kind is not None:
                yield kind, plus.start() if plus else start, run[at + count - 1].end()
            at += count


def _bare(text: str) -> str:
    return re.sub(r"[^A-Za-z0-9]", "", text).upper()


def _is_iban(written: str) -> bool:
    return iban.is_valid(_bare(written), check_country=False)  # not which banks there are: that changes


def _runs(text: str) -> list[list[re.Match[str]]]:
    """Groups of digits that belong together: nothing but blanks, dots, dashes, commas, echoes between them."""
    runs: list[list[re.Match[str]]] = []
    for item in _ITEM.finditer(text):
        if runs and _BETWEEN.fullmatch(text, runs[-1][-1].end(), item.start()):
            runs[-1].append(item)
        else:
            runs.append([item])
    return runs


def _longest(run: list[re.Match[str]], plus: bool, said: str | None) -> tuple[Kind | None, int]:
    """What the run begins with, and how many groups that takes; (None, 1) when it is nothing.

    What is right by its checksum or plan of numbers goes before what is only said to be something.
    """
    digits = ["".join(item[0] for item in run[:count]) for count in range(1, len(run) + 1)]
    for rule in (_kind, _announced):
        for count in range(len(run), 0, -1):
            kind = rule(digits[count - 1], plus, said)
            if kind is not None:
                return kind, count
    return None, 1


def _kind(digits: str, plus: bool, said: str | None) -> Kind | None:
    if not 8 <= len(digits) <= 19:
        return None
    if plus:
        return Kind.PHONE if _is_telephone("+" + digits) else None
    if said == Kind.CARD and len(digits) not in (15, 16):
        return None
    kind = None if said == "other" else _checked(digits)
    if kind is Kind.PHONE and said == Kind.BSN and len(digits) in _LENGTHS[Kind.BSN]:
        return Kind.BSN
    return kind


def _announced(digits: str, plus: bool, said: str | None) -> Kind | None:
    if plus:
        return Kind.PHONE if len(digits) in _LENGTHS[Kind.PHONE] else None
    if said is None and len(digits) in _CARDS:
        return Kind.CARD
    if said is None or said == "other" or len(digits) not in _LENGTHS[Kind(said)]:
        return None
    return Kind(said)


def _checked(digits: str) -> Kind | None:
    if len(digits) >= 13 and luhn.is_valid(digits) and digits.strip("0"):
        return Kind.CARD
    if (digits[0] == "0" and _is_telephone(digits)) or (digits[:2] == "31" and _is_telephone("+" + digits)):
        return Kind.PHONE
    return Kind.BSN if len(digits) == 9 and bsn.is_valid(digits) else None


def _said_to_be(before: str) -> str | None:
    """What the last word that says so announces; what announces no personal number does so up to its sentence's end."""
    found = [*_CONTEXT.finditer(before)]
    if not found or (found[-1].lastgroup == "other" and re.search(r"[.!]\s", before[found[-1].end() :])):
        return None
    return found[-1].lastgroup


def _is_telephone(digits: str) -> bool:
    try:
        return phonenumbers.is_valid_number(phonenumbers.parse(digits, "NL"))
    except phonenumbers.NumberParseException:
        return False
