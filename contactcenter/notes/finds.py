"""What redaction finds, and the form in which it reads: a text that leads back to the text from which it was made."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What was found."""

    IBAN = "IBAN"
    CARD = "card"
    BSN = "BSN"
    PHONE = "phone"
    EMAIL = "e-mail"
    ADDRESS = "address"
    PASSWORD = "password"
    CODE = "code"


REDACTED = re.compile(rf"\[({'|'.join(map(re.escape, Kind))})\]")  # what stands in a text where a value was


@dataclass(frozen=True)
class Find:
    """One find: where it stands in a text, as offsets."""

    kind: Kind
    start: int
    end: int


@dataclass(frozen=True)
class Written:
    """A text made from another; for each character, where what it was made from begins and ends there."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]


def as_said(text: str, at: int = 0) -> Written:
    """A text as it is, beginning at `at` of the text it is part of."""
    places = range(at, at + len(text))
    return Written(text, tuple(places), tuple(place + 1 for place in places))


def rewritten(before: Written, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]) -> Written:
    """Each match replaced by what `write` makes of it; what is new leads back to the whole match."""
    text: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for found in pattern.finditer(before.text):
        start, end = found.span()
        made = write(found)
        if made == found[0]:
            continue
        text += [before.text[at:start], made]
        starts += [*before.starts[at:start], *[before.starts[start]] * len(made)]
        ends += [*before.ends[at:start], *[before.ends[end - 1]] * len(made)]
        at = end
    return Written("".join([*text, before.text[at:]]), (*starts, *before.starts[at:]), (*ends, *before.ends[at:]))
