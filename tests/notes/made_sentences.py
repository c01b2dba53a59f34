"""Made sentences of support calls, with and without values that must not be kept; the same ones for the same seed."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from stdnum import iban, luhn

from contactcenter.notes.finds import Kind
from contactcenter.notes.numerals import as_digits
from contactcenter.notes.said import Segment
from tests.notes.made_phrases import (
    AFTER,
    ALPHABET,
    BEFORE,
    CARRIERS,
    DIGITS,
    HUM,
    NEAR,
    QUESTIONS,
    TEENS,
    TENS,
    WORDS,
)

CALLER, AGENT = 0, 1
Lines = list[tuple[int, str]]


@dataclass(frozen=True)
class Made:
    """Segments of a short call, what it holds (None: nothing), and the words of it of which none may be left."""

    language: str
    kind: Kind | None
    segments: tuple[Segment, ...]
    pieces: set[str]

    @property
    def around(self) -> set[str]:
        """The words of it that must stay."""
        said = words("\n".join(segment.text for segment in self.segments), self.language)
        return {word for word in said - self.pieces if word.isalpha()} - {"punt"}


def made(language: str, seed: int, of_each: int = 80, near: int = 400) -> Iterator[Made]:
    """Sentences in a language: so many for each kind, and so many that must stay as they are."""
    draw = random.Random(f"{language} {seed}")
    for kind in Kind:
        for _ in range(of_each):
            yield _with_value(draw, kind, language)
    for _ in range(near):
        yield Made(language, None, _segments([(draw.randrange(2), _near(draw, language))]), set())


def words(text: str, language: str) -> set[str]:
    """The words of a text that may give a value away: with a digit, or of four letters and more."""
    found = re.findall(r"\w+", as_digits(re.sub(r"\[[\w-]+\]", " ", text), language).text.lower())
    return {word for word in found if len(word) > 3 or any(letter.isdigit() for letter in word)}


def _near(draw: random.Random, language: str) -> str:
    return draw.choice(BEFORE[language]) + draw.choice(NEAR[language]).format(
        n9=draw.randrange(10**8, 10**9),
        n4=draw.randrange(1000, 9999),
        d=draw.randrange(10, 29),
        e=draw.randrange(2, 99),
        h=draw.randrange(8, 18),
    )


def _with_value(draw: random.Random, kind: Kind, language: str) -> Made:
    groups = MAKERS[kind](draw, language)
    shape = draw.choice((_in_one, _in_one, _in_breaths, _with_hums, _asked, _read_back, _echoed))
    if kind is Kind.PASSWORD and shape in (_in_breaths, _with_hums, _echoed):
        shape = _asked
    lines = shape(draw, kind, language, groups)
    return Made(language, kind, _segments(lines), words(" ".join(groups), language) - _around(language))


def _around(language: str) -> set[str]:
    said = [*BEFORE[language], *AFTER[language], *HUM[language]]
    for (_, spoken), texts in [*CARRIERS.items(), *QUESTIONS.items()]:
        said += texts if spoken == language else []
    return words(" ".join(said), language) | {"nummer", "huisnummer", "number", "house", "punt"}


def _segments(lines: Lines) -> tuple[Segment, ...]:
    return tuple(Segment(channel, at * 2.0, at * 2.0 + 1, text, 0.9) for at, (channel, text) in enumerate(lines))


def _carried(draw: random.Random, kind: Kind, language: str) -> str:
    return draw.choice(BEFORE[language]) + draw.choice(CARRIERS[kind, language])


def _in_one(draw: random.Random, kind: Kind, language: str, groups: list[str]) -> Lines:
    return [(CALLER, _carried(draw, kind, language).format(" ".join(groups)) + draw.choice(AFTER[language]))]


def _in_breaths(draw: random.Random, kind: Kind, language: str, groups: list[str]) -> Lines:
    at = draw.randrange(1, len(groups)) if len(groups) > 1 else 1
    first = (CALLER, _carried(draw, kind, language).format(" ".join(groups[:at])))
    return [first, *[(CALLER, " ".join(groups[at:]) + ".")] * (len(groups) > at)]


def _with_hums(draw: random.Random, kind: Kind, language: str, groups: list[str]) -> Lines:
    first, *rest = _in_breaths(draw, kind, language, groups)
    return [first, *[line for said in rest for line in ((AGENT, draw.choice(HUM[language])), said)]]


def _asked(draw: random.Random, kind: Kind, language: str, groups: list[str]) -> Lines:
    question = draw.choice(QUESTIONS[kind, language])
    return [(AGENT, question), (CALLER, draw.choice(("", "Ja, " if language == "nl" else "Yes, ")) + " ".join(groups))]


def _read_back(draw: random.Random, kind: Kind, language: str, groups: list[str]) -> Lines:
    said = " ".join(groups)
    lead = draw.choice(["Dus ", "Ik herhaal, ", ""] if language == "nl" else ["So ", "I repeat, ", ""])
    return [*_in_one(draw, kind, language, groups), (AGENT, f"{lead}{said}?"), (CALLER, draw.choice(HUM[language]))]


def _echoed(draw: random.Random, kind: Kind, language: str, groups: list[str]) -> Lines:
    first, *rest = groups
    lines = [(CALLER, _carried(draw, kind, language).format(first))]
    said = first
    for group in rest:
        lines += [(AGENT, f"{said}.".capitalize()), (CALLER, group)]
        said = group
    return lines


def _spoken(draw: random.Random, language: str, digits: str) -> str:
    """A group of digits as words: digit by digit, doubled, or as a number below a hundred."""
    if len(digits) == 2 and digits[0] == digits[1] and draw.random() < 0.5:
        return f"{'dubbel' if language == 'nl' else 'double'} {DIGITS[language][int(digits[0])]}"
    if len(digits) == 2 and digits[0] != "0" and draw.random() < 0.6:
        return _below_hundred(draw, language, int(digits))
    zero = "oh" if language == "en" and draw.random() < 0.4 else DIGITS[language][0]
    return " ".join(zero if digit == "0" else DIGITS[language][int(digit)] for digit in digits)


def _below_hundred(draw: random.Random, language: str, number: int) -> str:
    if number < 20:
        return TEENS[language][number - 10]
    ten, unit = TENS[language][number // 10 - 2], number % 10
    if not unit:
        return ten
    if language == "en":
        return f"{ten}{draw.choice(' -')}{DIGITS['en'][unit]}"
    joint = draw.choice(("en", "-en-", " en ")) if unit not in (2, 3) else draw.choice(("ën", "-en-"))
    return f"{DIGITS['nl'][unit]}{joint}{ten}"


def _grouped(draw: random.Random, digits: str, sizes: tuple[int, ...]) -> list[str]:
    groups, at = [], 0
    while at < len(digits):
        size = draw.choice(sizes)
        groups.append(digits[at : at + size])
        at += size
    return groups


def _said(draw: random.Random, language: str, groups: list[str]) -> list[str]:
    spoken = draw.random() < 0.5
    return [_spoken(draw, language, group) if spoken and group.isdigit() else group for group in groups]


def _letters(draw: random.Random, language: str, letters: str) -> str:
    how = draw.randrange(4)
    if how == 0:
        return letters
    if how == 1:
        return " ".join(letters)
    words = [ALPHABET[language].get(letter.lower(), letter) for letter in letters]
    if how == 2:
        return " ".join(words)
    joint = "van" if language == "nl" else "for"
    return ", ".join(f"{letter} {joint} {word}" for letter, word in zip(letters, words, strict=True))


def _iban(draw: random.Random, language: str) -> list[str]:
    bank = draw.choice(["ABNA", "INGB", "RABO", "TRIO", "KNAB"])
    number = f"{draw.randrange(10**10):010}"
    check = iban.calc_check_digits(f"NL00{bank}{number}")
    start = [_letters(draw, language, "NL"), *_said(draw, language, [check]), _letters(draw, language, bank)]
    return [*start, *_said(draw, language, _grouped(draw, number, draw.choice([(2,), (4,), (2, 3)])))]


def _card(draw: random.Random, language: str) -> list[str]:
    number = f"{draw.choice('45')}{draw.randrange(10**14):014}"
    number += luhn.calc_check_digit(number)
    return _said(draw, language, _grouped(draw, number, draw.choice([(4,), (2,), (4, 2)])))


def _bsn(draw: random.Random, language: str) -> list[str]:
    while True:
        digits = f"{draw.randrange(10**7, 3 * 10**7):08}"
        check = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), digits, strict=True)) % 11
        if check < 10:
            return _said(draw, language, _grouped(draw, f"{digits}{check}", draw.choice([(3,), (2, 3), (9,)])))


def _phone(draw: random.Random, language: str) -> list[str]:
    start = draw.choice(["06", "06", "020", "030", "+31 6"])
    if start == "+31 6":
        return [start, *_grouped(draw, f"{draw.randrange(10**7, 6 * 10**7)}", (2, 4))]
    number = draw.randrange(10**7, 6 * 10**7) if start == "06" else draw.randrange(2 * 10**6, 8 * 10**6)
    return _said(draw, language, [start, *_grouped(draw, str(number), draw.choice([(2,), (4,), (2, 3)]))])


def _email(draw: random.Random, language: str) -> list[str]:
    name = draw.choice(["joris", "priya", "anna", "bakker", "kees"])
    last = draw.choice(["jansen", "shah", "devries", "smit"])
    house = draw.choice(["bakkerijjansen", "harbour", "gmail", "ziggo", "example"])
    top = draw.choice(["nl", "com", "org"])
    if draw.random() < 0.3:
        return [f"{name}.{last}@{house}.{top}"]
    pause = draw.choice(["", "", ","])
    at, dot = (draw.choice(["apenstaartje", "at"]), "punt") if language == "nl" else ("at", "dot")
    first = " ".join(name) if draw.random() < 0.3 else name
    return [f"{first} {dot} {last}{pause}", f"{at} {house}", f"{dot} {top}"]


def _address(draw: random.Random, language: str) -> list[str]:
    digits = str(draw.randrange(1000, 9999))
    letters = "".join(draw.choice("ABCDEGHJKLMNPRTVWXZ") for _ in range(2))
    code = _said(draw, language, [digits] if draw.random() < 0.5 else [digits[:2], digits[2:]])
    place = [*code, _letters(draw, language, letters)]
    house = str(draw.randrange(10, 199))
    number = draw.choice(["huisnummer ", "nummer ", ""] if language == "nl" else ["house number ", "number ", ""])
    return [*place[:-1], place[-1] + ",", number + house] if draw.random() < 0.7 else place


def _password(draw: random.Random, language: str) -> list[str]:
    word = draw.choice(WORDS[language])
    number = draw.randrange(100, 9999)
    hard = "".join(draw.choice("bcdfghjkmnpqrstvwxz23456789") for _ in range(9))
    two = f"{draw.choice(WORDS[language])} {draw.choice(WORDS[language])}"
    return [draw.choice([f"{word}{number}", f"{word}{number}!", hard, two, " ".join(hard), f"{word} {number}"])]


def _code(draw: random.Random, language: str) -> list[str]:
    digits = f"{draw.randrange(10**6):06}" if draw.random() < 0.7 else f"{draw.randrange(3000, 9999)}"
    return _said(draw, language, _grouped(draw, digits, draw.choice([(2,), (3,), (6,)])))


MAKERS: dict[Kind, Callable[[random.Random, str], list[str]]] = {
    Kind.IBAN: _iban,
    Kind.CARD: _card,
    Kind.BSN: _bsn,
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.ADDRESS: _address,
    Kind.PASSWORD: _password,
    Kind.CODE: _code,
}
