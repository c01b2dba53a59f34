"""What a call is and what the caller hears: facts in, steps out. No database, no web, no carrier."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

OBJECTION_KEY = "9"
LANGUAGE_KEYS = {"1": "nl", "2": "en"}
NOTICE_ATTEMPTS = 4
CLAIM_LASTS = timedelta(seconds=30)
CALL_OUT_WITHIN = timedelta(seconds=30)  # what was not begun by then is given up: nobody's telephone rings for nothing
CALL_OUT_KNOWN = timedelta(minutes=1)  # a call that we asked for, and of which nobody heard by then, does not exist


class CallState(StrEnum):
    """Where a call stands. It only moves along `MOVES`, so a late event reopens nothing.

    One that we make begins as `dialled`, and is its agent's (`claimed`) once the notice was heard.
    """

    DIALLED = "dialled"
    NOTICE = "notice"
    KEYING = "keying"
    WAITING = "waiting"
    CLAIMED = "claimed"
    CONNECTED = "connected"
    ENDED = "ended"


MOVES: dict[CallState, frozenset[CallState]] = {
    CallState.DIALLED: frozenset({CallState.NOTICE, CallState.ENDED}),
    CallState.NOTICE: frozenset({CallState.KEYING, CallState.WAITING, CallState.CLAIMED, CallState.ENDED}),
    CallState.KEYING: frozenset({CallState.WAITING, CallState.ENDED}),
    CallState.WAITING: frozenset({CallState.CLAIMED, CallState.CONNECTED, CallState.ENDED}),
    CallState.CLAIMED: frozenset({CallState.CONNECTED, CallState.WAITING, CallState.ENDED}),
    CallState.CONNECTED: frozenset({CallState.WAITING, CallState.ENDED}),
    CallState.ENDED: frozenset(),
}


class Ending(StrEnum):
    """How a call ended."""

    ANSWERED = "answered"
    MISSED = "missed"
    LEFT_IN_NOTICE = "left-in-notice"
    NOT_REACHED = "not-reached"


class LegRole(StrEnum):
    """Who a leg is. The customer is the caller, also when we call them."""

    CALLER = "caller"
    AGENT = "agent"


class NoticeBasis(StrEnum):
    """How we know for how long the notice played; always an estimate (TELEPHONY: nothing reports it)."""

    NEXT_REQUEST = "next-request"
    HANG_UP = "hang-up"


class Verb(StrEnum):
    """What a person, or the state of the call, may ask of the carrier."""

    END = "end"
    HOLD = "hold"
    UNHOLD = "unhold"
    PAUSE_RECORDING = "pause-recording"
    RESUME_RECORDING = "resume-recording"
    STOP_RECORDING = "stop-recording"
    CALL_OUT = "call-out"
    DIAL_AGENT = "dial-agent"
    RELEASE_AGENT = "release-agent"


class CommandState(StrEnum):
    """How far a command is."""

    ASKED = "asked"
    DONE = "done"
    FAILED = "failed"


@dataclass(frozen=True)
class PlayNotice:
    """Play the notice, whole, listening for one key; `offer` is the other language that may be chosen."""

    notice: str
    language: str
    attempt: int
    offer: str | None


@dataclass(frozen=True)
class Play:
    """Play one prompt of ours."""

    prompt: str
    language: str


@dataclass(frozen=True)
class AskRelationNumber:
    """Ask for the relation number by keys; who presses none goes on all the same (P38)."""

    language: str


@dataclass(frozen=True)
class Conference:
    """Put the caller into the conference of this call; capture starts when an agent joins, if it may."""

    record: bool


@dataclass(frozen=True)
class JoinAsAgent:
    """Put an agent into the conference of this call; with that it starts."""


@dataclass(frozen=True)
class HangUp:
    """End the leg."""


Step = PlayNotice | Play | AskRelationNumber | Conference | JoinAsAgent | HangUp


@dataclass(frozen=True)
class Facts:
    """All that the rules need to know of a call.

    `can_record` is False without a master key; `asks` says that the line asks for the relation number; `held` that an
    agent waits for whoever was called.
    """

    state: CallState
    language: str
    offer: str | None
    attempt: int
    can_record: bool
    may_record: bool
    asks: bool = False
    held: bool = False


@dataclass(frozen=True)
class Decision:
    """What changes, and what the caller hears next."""

    steps: tuple[Step, ...]
    state: CallState
    language: str
    objected: bool = False
    notice_whole: bool = False


def moved(state: CallState, to: CallState) -> CallState:
    """The state after an event that would lead `to`: unchanged when that way doesn't exist."""
    return to if to in MOVES[state] else state


def on_arrival(facts: Facts) -> Decision:
    """The first thing heard is the notice (P01); a repeated request hears where the call stands."""
    if facts.state is not CallState.NOTICE:
        return _where_it_stands(facts)
    return _notice(facts, facts.language, facts.attempt)


def on_notice_heard(facts: Facts) -> Decision:
    """The carrier fell through to the redirect: this attempt was heard whole, and no key was pressed."""
    if facts.state is not CallState.NOTICE:
        return _where_it_stands(facts)
    step, state = _after_notice(facts, facts.can_record)
    return Decision((step,), state, facts.language, notice_whole=True)


def on_keyed(facts: Facts) -> Decision:
    """The relation number was keyed in, or not: the caller waits."""
    if facts.state is not CallState.KEYING:
        return _where_it_stands(facts)
    return Decision((Conference(facts.may_record),), CallState.WAITING, facts.language)


def on_key(facts: Facts, key: str) -> Decision:
    """A key cuts the notice short: an objection keeps the call unrecorded, a language starts the notice anew.

    An objection counts whenever we hear of it.
    """
    if facts.state is not CallState.NOTICE:
        late = key == OBJECTION_KEY and facts.may_record
        stands = _where_it_stands(replace(facts, may_record=False) if late else facts)
        return replace(stands, objected=late)
    if key == OBJECTION_KEY and facts.can_record:
        return _unrecorded(facts, Play("objection-kept", facts.language), objected=True)
    chosen = LANGUAGE_KEYS.get(key)
    if chosen is not None and chosen == facts.offer:
        return _notice(facts, chosen, facts.attempt + 1)
    if facts.attempt >= NOTICE_ATTEMPTS:
        return _unrecorded(facts)
    return _notice(facts, facts.language, facts.attempt + 1)


def ending_of(queued_at: datetime | None, connected_at: datetime | None, *, ours: bool) -> Ending:
    """What the end of a call means: answered, missed, left in the notice; or, of `ours`, that nobody was reached."""
    if connected_at is not None:
        return Ending.ANSWERED
    if ours:
        return Ending.NOT_REACHED
    return Ending.MISSED if queued_at is not None else Ending.LEFT_IN_NOTICE


def played_milliseconds(file_milliseconds: int, began_at: datetime, next_at: datetime) -> int:
    """How much of the notice can have been heard: never more than the file holds, nor than time allowed."""
    elapsed = int((next_at - began_at).total_seconds() * 1000)
    return max(0, min(file_milliseconds, elapsed))


def _notice(facts: Facts, language: str, attempt: int) -> Decision:
    notice = "notice" if facts.can_record else "notice-unrecorded"
    step = PlayNotice(notice, language, attempt, facts.offer if language == facts.language else facts.language)
    return Decision((step,), CallState.NOTICE, language)


def _unrecorded(facts: Facts, *first: Step, objected: bool = False) -> Decision:
    step, state = _after_notice(facts, record=False)
    return Decision((*first, step), state, facts.language, objected=objected)


def _after_notice(facts: Facts, record: bool) -> tuple[Step, CallState]:
    if facts.held:  # whom we call is asked nothing (P12)
        return Conference(record), CallState.CLAIMED
    if facts.asks:
        return AskRelationNumber(facts.language), CallState.KEYING
    return Conference(record), CallState.WAITING


def _where_it_stands(facts: Facts) -> Decision:
    if facts.state is CallState.ENDED:
        return Decision((HangUp(),), facts.state, facts.language)
    if facts.state is CallState.KEYING:
        return Decision((AskRelationNumber(facts.language),), facts.state, facts.language)
    return Decision((Conference(facts.may_record),), facts.state, facts.language)
