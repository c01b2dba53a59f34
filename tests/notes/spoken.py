"""Made English calls as they are spoken, for measuring redaction behind speech recognition, and how that is judged.

A call says its numbers and letters as people do; what the recogniser makes of them is its own. So what is judged is
not whether words of the value are left, but whether a run of its digits is, or one of its longer words.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from contactcenter.notes.finds import Kind
from contactcenter.notes.numerals import as_digits
from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment
from tests.notes.made_phrases import DIGITS
from tests.notes.made_sentences import Made, made

CLIPS = Path(__file__).parent / "clips"
NEAR_IN = 5  # of so many calls one holds nothing that must go
RUN = 4  # digits of a value in a row that give it away


@dataclass(frozen=True)
class Spoken:
    """One call: what it holds (None: nothing), the value's digits and longer words, and each line as it is said."""

    kind: Kind | None
    digits: str
    words: tuple[str, ...]
    lines: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class Judged:
    """What redaction made of a call: the classes it wrote, and whether the value can still be read."""

    kinds: frozenset[Kind]
    left: bool


def calls(count: int, seed: int) -> list[Spoken]:
    """So many calls, the same for the same seed: one in five without a value, the rest of each class in turn."""
    drawn: dict[Kind | None, list[Made]] = {}
    for one in made("en", seed, of_each=count, near=count):
        drawn.setdefault(one.kind, []).append(one)
    kinds = cycle(Kind)
    order = [None if at % NEAR_IN == NEAR_IN - 1 else next(kinds) for at in range(count)]
    return [_spoken(drawn[kind].pop()) for kind in islice(order, count)]


def judged(call: Spoken, heard: Sequence[Segment]) -> Judged:
    """What is left of a call after redaction of what was heard."""
    text = " ".join(segment.text for segment in redact_segments(heard, "en"))
    kinds = frozenset(kind for kind in Kind if f"[{kind}]" in text)
    return Judged(kinds, _gives_away(call, re.sub(r"\[[\w-]+\]", " | ", text)))


def _gives_away(call: Spoken, text: str) -> bool:
    read = as_digits(text, "en").text
    runs = ["".join(re.findall(r"\d", run)) for run in re.split(r"[^\d\s.,-]+", read)]
    digits = any(call.digits[at : at + RUN] in run for run in runs for at in range(len(call.digits) - RUN + 1))
    return digits or any(re.search(rf"\b{re.escape(word)}\b", text, re.I) for word in call.words)


def _spoken(call: Made) -> Spoken:
    said = " ".join(segment.text for segment in call.segments)
    secret = call.kind in (Kind.PASSWORD, Kind.EMAIL)
    return Spoken(
        kind=call.kind,
        digits="".join(re.findall(r"\d", as_digits(said, "en").text)) if call.kind else "",
        words=tuple(sorted(piece for piece in call.pieces if secret and piece.isalpha() and len(piece) > RUN)),
        lines=tuple((segment.channel, _as_said(segment.text)) for segment in call.segments),
    )


def _as_said(text: str) -> str:
    """Digits one by one, and the signs of an address by their names."""
    text = re.sub(r"\d", lambda digit: f" {DIGITS['en'][int(digit.group())]} ", text)
    text = re.sub(r"(?<=\w)\.(?=\w)", " dot ", text.replace("@", " at ").replace("+", " plus "))
    return re.sub(r"\s+", " ", text).strip()


def as_json(call: Spoken) -> dict[str, Any]:
    """What a clip says, for the file beside it."""
    return {"kind": call.kind, "digits": call.digits, "words": call.words, "lines": call.lines}


def from_json(found: dict[str, Any]) -> Spoken:
    """The call of a clip."""
    kind = Kind(found["kind"]) if found["kind"] else None
    lines = tuple((channel, text) for channel, text in found["lines"])
    return Spoken(kind, found["digits"], tuple(found["words"]), lines)
