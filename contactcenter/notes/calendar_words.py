"""Weekdays, months and numbers up to 99 as they are said (nl, en)."""

from __future__ import annotations

_DAYS_NL = "maandag dinsdag woensdag donderdag vrijdag zaterdag zondag"
_DAYS_EN = "monday tuesday wednesday thursday friday saturday sunday"
WEEKDAYS = {name: n for names in (_DAYS_NL, _DAYS_EN) for n, name in enumerate(names.split())}

_MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december",
    "january february march april may june july august september october november december",
    "jan feb mrt apr mei jun jul aug sept okt nov dec",
    "jan feb mar apr may jun jul aug sep oct nov dec",
)
MONTHS = {name: n for names in _MONTHS for n, name in enumerate(names.split(), 1)}

_ONES_NL = ["een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"]
_TEENS_NL = [
    "tien",
    "elf",
    "twaalf",
    "dertien",
    "veertien",
    "vijftien",
    "zestien",
    "zeventien",
    "achttien",
    "negentien",
]
_FIRST_NL = ["eerste", "tweede", "derde", "vierde", "vijfde", "zesde", "zevende", "achtste", "negende"]
_ONES_EN = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_TEENS_EN = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_FIRST_EN = ["first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth"]
_TENS_NL = ["twintig", "dertig", "veertig", "vijftig", "zestig", "zeventig", "tachtig", "negentig"]
_TENS_EN = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_TENS = tuple(zip(_TENS_NL, _TENS_EN, range(20, 100, 10), strict=True))


def _numbers() -> dict[str, int]:
    said = {word: n for ones in (_ONES_NL, _ONES_EN) for n, word in enumerate(ones, 1)}
    said |= {word: n for teens in (_TEENS_NL, _TEENS_EN) for n, word in enumerate(teens, 10)}
    for dutch, english, ten in _TENS:
        said |= {dutch: ten, english: ten}
        said |= {f"{one}{'ën' if one.endswith('e') else 'en'}{dutch}": ten + n for n, one in enumerate(_ONES_NL, 1)}
        said |= {f"{english} {one}": ten + n for n, one in enumerate(_ONES_EN, 1)}
    return said | {"a": 1, "an": 1}


def _ordinals() -> dict[str, int]:
    said = {word: n for first in (_FIRST_NL, _FIRST_EN) for n, word in enumerate(first, 1)}
    said |= {f"{word}de": n for n, word in enumerate(_TEENS_NL, 10)}
    said |= {f"{word}th": n for n, word in enumerate(_TEENS_EN, 10)} | {"twelfth": 12}
    said |= {f"{word}ste": n for word, n in NUMBERS.items() if word.endswith(("twintig", "dertig"))}
    said |= {"twentieth": 20, "thirtieth": 30}
    said |= {f"{tens} {first}": ten + n for n, first in enumerate(_FIRST_EN, 1) for _, tens, ten in _TENS[:2]}
    return said


NUMBERS = _numbers()
ORDINALS = _ordinals()
