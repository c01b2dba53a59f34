"""What in a call a person should judge: an employee asks for what is never asked, or tells too early (P05, P08, P12).

Pure, and of redacted words only. Where nobody knows who speaks, nothing is looked for.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from contactcenter.customers.rules import Kind
from contactcenter.notes.asking import asks, mentions
from contactcenter.notes.asking_forms import Asked
from contactcenter.notes.finds import Kind as Class
from contactcenter.notes.said import Segment
from contactcenter.notes.telling import taken_out, told
from contactcenter.notes.turns import Sentence, Turn, agent_channels, sentences, turns

ANSWERED_WITHIN = 15.0  # seconds in which a caller answers what they were asked
SAME_PLACE = 5.0  # seconds by which another listening, or a correction, moves what was said
ANSWER = {Asked.PASSWORD: Class.PASSWORD, Asked.ACCOUNT: Class.IBAN}


class SpokenKind(StrEnum):
    """What may have been done that is promised never to be."""

    PASSWORD_ASKED = "password-asked"
    ACCOUNT_ASKED = "account-asked"
    TOLD_EARLY = "told-early"


class Judgement(StrEnum):
    """What a person found."""

    BREACH = "breach"
    NO_BREACH = "no-breach"


ALERT_OF = {Asked.PASSWORD: SpokenKind.PASSWORD_ASKED, Asked.ACCOUNT: SpokenKind.ACCOUNT_ASKED}


@dataclass(frozen=True)
class Spotted:
    """One place to judge: `start` are seconds of the recording; `about` is the kind of data where it was told."""

    kind: SpokenKind
    start: float
    about: Kind | None = None


@dataclass(frozen=True)
class Known:
    """A place that is on record already."""

    id: int
    spotted: Spotted
    judged: bool


@dataclass(frozen=True)
class Changes:
    """What a new reading leaves: which are `new`, where the `moved` (id, second) stand now, and which are `gone`."""

    new: tuple[Spotted, ...]
    moved: tuple[tuple[int, float], ...]
    gone: frozenset[int]


@dataclass(frozen=True)
class Heard:
    """A call as it is read: `outbound` when we began it; `is_open` says whether a kind of the customer's data might be
    told at a second of the recording."""

    segments: Sequence[Segment]
    roles: Sequence[str]
    language: str
    outbound: bool
    is_open: Callable[[Kind, float], bool]


def spotted(heard: Heard) -> tuple[Spotted, ...]:
    """All places of a call to be judged, in order of time; one for each kind within a few seconds."""
    agents = agent_channels(heard.roles)
    callers = [segment for segment in heard.segments if segment.channel not in agents]
    found: list[Spotted] = []
    for turn in turns(heard.segments, agents):
        found += _asked(turn, callers, heard)
        found += _told(turn, callers, heard)
    return _apart(found)


def changes(known: Iterable[Known], found: Iterable[Spotted]) -> Changes:
    """Compare what is on record with what a new reading found: what was judged stays, whatever it finds."""
    left = sorted(known, key=lambda one: not one.judged)
    new, moved = [], []
    for one in found:
        same = next((each for each in left if _same(each.spotted, one)), None)
        if same is None:
            new.append(one)
            continue
        left.remove(same)
        if not same.judged and same.spotted.start != one.start:
            moved.append((same.id, one.start))
    return Changes(tuple(new), tuple(moved), frozenset(one.id for one in left if not one.judged))


def _asked(turn: Turn, callers: Sequence[Segment], heard: Heard) -> Iterator[Spotted]:
    for sentence in sentences(turn):
        certain = asks(sentence.text, heard.language)
        for asked, place in certain or mentions(sentence.text, heard.language):
            if asked is Asked.ACCOUNT and not heard.outbound:
                continue
            second = sentence.second_of(place)
            if certain or _answered(callers, ANSWER[asked], second):
                yield Spotted(ALERT_OF[asked], second)


def _answered(callers: Sequence[Segment], answer: Class, second: float) -> bool:
    """Whether a caller said one soon after, so that its mention was understood as a question."""
    return any(f"[{answer}]" in one.text for one in callers if second <= one.start <= second + ANSWERED_WITHIN)


def _told(turn: Turn, callers: Sequence[Segment], heard: Heard) -> Iterator[Spotted]:
    for sentence in sentences(turn):
        places = told(sentence.text, heard.language)
        places += [(kind, place) for kind, place in taken_out(sentence.text) if not _said(callers, sentence, place)]
        for kind, place in places:
            second = sentence.second_of(place)
            if not heard.is_open(kind, second):
                yield Spotted(SpokenKind.TOLD_EARLY, second, kind)


def _said(callers: Sequence[Segment], sentence: Sentence, place: int) -> bool:
    """Whether a caller said one of the kind before, so that the employee may only repeat it."""
    taken = sentence.text[place : sentence.text.index("]", place) + 1]
    return any(taken in one.text for one in callers if one.start <= sentence.second_of(place))


def _apart(found: Iterable[Spotted]) -> tuple[Spotted, ...]:
    kept: list[Spotted] = []
    for one in sorted(found, key=lambda one: one.start):
        if not any(_same(each, one) for each in kept):
            kept.append(one)
    return tuple(kept)


def _same(one: Spotted, other: Spotted) -> bool:
    return replace(one, start=other.start) == other and abs(one.start - other.start) <= SAME_PLACE
