"""Numbers said as words (0 to 199, whole hundreds) and spelled letters, written as digits and letters (nl, en)."""

from __future__ import annotations

import re
from functools import cache

from contactcenter.notes.finds import Written, as_said, rewritten

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
_HUNDRED = {"nl": "honderd", "en": "hundred"}
_ODD = {"nl": {"één": "1", "o": "0", "noel": "0"}, "en": {"oh": "0", "o": "0", "nought": "0", "naught": "0"}}
_TIMES = {"dubbel": 2, "dubbele": 2, "double": 2, "triple": 3, "treble": 3, "driedubbel": 3}
_TIMES |= {"twee keer": 2, "drie keer": 3, "twee maal": 2, "drie maal": 3}

_ALPHABETS = [
    "anton",
    "bernhard",
    "bernard",
    "cornelis",
    "dirk",
    "eduard",
    "ferdinand",
    "gerard",
    "hendrik",
    "izaak",
    "izak",
    "johan",
    "johannes",
    "karel",
    "lodewijk",
    "maria",
    "nico",
    "nicolaas",
    "otto",
    "pieter",
    "quotiënt",
    "quotient",
    "quirinus",
    "rudolf",
    "simon",
    "teunis",
    "utrecht",
    "victor",
    "willem",
    "xantippe",
    "ypsilon",
    "zacharias",
    "alfa",
    "alpha",
    "bravo",
    "charlie",
    "delta",
    "echo",
    "foxtrot",
    "golf",
    "hotel",
    "india",
    "juliet",
    "juliett",
    "kilo",
    "lima",
    "mike",
    "november",
    "oscar",
    "papa",
    "quebec",
    "romeo",
    "sierra",
    "tango",
    "uniform",
    "whiskey",
    "whisky",
    "x-ray",
    "xray",
    "yankee",
    "zulu",
]
_LETTERS = "|".join(sorted(map(re.escape, _ALPHABETS), key=len, reverse=True))
_SPELLED = re.compile(
    r"(?<![^\W\d])(?P<letter>[a-z]) (?:van|for|as in|like in|like|zoals in|zoals|als in) [a-zë-]{3,12}\b"
    rf"|\b(?P<word>(?!november (?:19|20)\d\d)(?:{_LETTERS}))\b(?=[\s,]{{1,3}}(?:{_LETTERS}|\d|[a-z])\b)"
    rf"|(?<=[\w,] )(?P<last>\b(?:{_LETTERS}))\b",
    re.I,
)


def as_digits(text: str, language: str) -> Written:
    """Write the numbers that are said as words as digits; "double four" is 44."""
    return with_digits(as_said(text), language)


def with_digits(before: Written, language: str, apart: bool = False) -> Written:
    """The same for a text that was made from another; `apart` reads "sixty three" as 60 and 3, which it may mean."""
    values, pattern = _numerals(language if language in _SMALL else "nl", apart)

    def digits(found: re.Match[str]) -> str:
        value = values[re.sub(r"[ \t-]+", " ", (found["word"] or found["again"]).lower())]
        return value * _TIMES[re.sub(r"\s+", " ", found["times"].lower())] if found["times"] else value

    return rewritten(before, pattern, digits)


def with_letters(before: Written) -> Written:
    """Letters named by a word of a spelling alphabet ("Anton", "b van Bernard", "N for November") as letters."""
    return rewritten(before, _SPELLED, lambda found: (found["letter"] or found[0][0]).upper())


@cache
def _numerals(language: str, apart: bool) -> tuple[dict[str, str], re.Pattern[str]]:
    values = {word: str(value) for value, word in enumerate(_SMALL[language].split())} | _ODD[language]
    for ten, word in enumerate(_TENS[language].split(), 2):
        values[word] = str(ten * 10)
        for unit, small in enumerate(_SMALL[language].split()[1:10] if not apart else (), 1):
            values |= dict.fromkeys(_compounds(language, word, small), str(ten * 10 + unit))
    if language == "nl":
        hundreds = {f"honderd{word}": str(100 + int(value)) for word, value in values.items() if value != "0"}
        values |= hundreds | {"honderd": "100"}
    between = "" if language == "nl" else " "
    for unit, small in enumerate(_SMALL[language].split()[1:10], 1):
        values.setdefault(f"{small}{between}{_HUNDRED[language]}", str(unit * 100))
    words = "|".join(re.escape(word).replace(r"\ ", r"[ \t-]+") for word in sorted(values, key=len, reverse=True))
    times = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(_TIMES, key=len, reverse=True))
    digits = {digit: digit for digit in "0123456789"}
    pattern = re.compile(rf"\b(?:(?P<times>{times})\s+(?P<again>\d|{words})|(?P<word>{words}))\b", re.I)
    return values | digits, pattern


def _compounds(language: str, ten: str, unit: str) -> tuple[str, ...]:
    if language == "en":
        return (f"{ten} {unit}", f"{ten}{unit}")
    return (f"{unit}en{ten}", f"{unit}ën{ten}", f"{unit} en {ten}")
