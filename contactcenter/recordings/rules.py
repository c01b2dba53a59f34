"""Pure decisions about recordings: states, timers, holds, who may listen for what (P01, P02, P17)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contactcenter.core.clock import end_of_local_day
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Purpose

GRACE_AFTER_HOLD = timedelta(days=7)
FETCH_DURATION_TOLERANCE = 1.0  # seconds between what the carrier says and what the file holds
WARN_ABOVE_DAYS = 180
PEAKS_PER_SECOND = 20
GRANT_LASTS = timedelta(minutes=30)
BACKOFF = (5, 15, 60, 300, 900, 3600, 3 * 3600)  # seconds before the next try of a step
LONGEST_WAIT = 3600.0  # seconds; a carrier that asks for more patience is asked again after an hour
REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9./_-]{0,59}")
LONGEST_REVIEW = timedelta(days=366)
OVERDUE_TOO_LONG = timedelta(days=92)  # rather a wrong clock than a machine that was switched off


class RecordingState(StrEnum):
    """How far the pipeline is. Each step leaves the state from which the next one starts; `MOVES` says which can."""

    ARRIVED = "arrived"
    STORED = "stored"
    TRANSCRIBED = "transcribed"
    ATTACHED = "attached"
    FAILED = "failed"
    UNWANTED = "unwanted"
    ABSENT = "absent"
    DESTROYED = "destroyed"


UNFINISHED = frozenset({RecordingState.ARRIVED, RecordingState.STORED, RecordingState.TRANSCRIBED})
GONE = frozenset({RecordingState.UNWANTED, RecordingState.DESTROYED})
KEPT = frozenset(RecordingState) - GONE
MOVES: dict[RecordingState, frozenset[RecordingState]] = {
    RecordingState.ARRIVED: GONE | {RecordingState.STORED, RecordingState.FAILED},
    RecordingState.STORED: GONE | {RecordingState.TRANSCRIBED, RecordingState.ATTACHED, RecordingState.FAILED},
    RecordingState.TRANSCRIBED: GONE | {RecordingState.ATTACHED, RecordingState.FAILED},
    RecordingState.ATTACHED: GONE,
    RecordingState.FAILED: GONE | UNFINISHED,
    RecordingState.ABSENT: GONE,
    RecordingState.UNWANTED: frozenset(),
    RecordingState.DESTROYED: frozenset(),
}


class CarrierCopy(StrEnum):
    """What is left at the carrier."""

    PRESENT = "present"
    DELETED = "deleted"
    NONE = "none"


class NotRecorded(StrEnum):
    """Why a call is not recorded."""

    OBJECTED = "objected"
    NOTICE_NOT_WHOLE = "notice-not-whole"
    NO_KEY = "no-master-key"
    STOPPED = "stopped-and-destroyed"


class HoldKind(StrEnum):
    """What can stop a timer (P17)."""

    DISPUTE = "dispute"
    PRIVACY_REQUEST = "privacy-request"


class HoldStep(StrEnum):
    """What one proposes about a hold, and another confirms: to keep it until a day of review, or to release it."""

    KEEP = "keep"
    RELEASE = "release"


class CutReason(StrEnum):
    """Why a passage is cut out of a recording."""

    SPECIAL_CATEGORY = "special-category"
    BYSTANDER = "bystander"
    CHILD = "child"
    SECRET = "secret"


class Failure(StrEnum):
    """Why a step failed. What may be different next time is tried again, up to the length of `BACKOFF`."""

    EMPTY = "empty"
    SILENT = "silent"
    TRUNCATED = "truncated"
    NOT_AUDIO = "not_audio"
    TOO_LONG = "too_long"
    TOO_LARGE = "too_large"
    UNSUPPORTED = "unsupported"
    WRONG_LENGTH = "wrong_length"
    GONE = "gone_at_carrier"
    REFUSED = "refused_by_carrier"
    CARRIER = "carrier_unreachable"
    CARRIER_FAILED = "failed_at_carrier"
    VAULT = "vault_unavailable"
    DAMAGED = "damaged_in_vault"
    NO_KEY = "no_master_key"
    TRANSCRIPTION = "transcription_failed"
    UNEXPECTED = "unexpected"


FINAL = frozenset(
    {
        Failure.SILENT,
        Failure.TOO_LONG,
        Failure.TOO_LARGE,
        Failure.UNSUPPORTED,
        Failure.GONE,
        Failure.REFUSED,
        Failure.CARRIER_FAILED,
        Failure.DAMAGED,
    }
)


class ArrivalStatus(StrEnum):
    """What the carrier says about a recording."""

    IN_PROGRESS = "in-progress"
    COMPLETED = "completed"
    ABSENT = "absent"
    FAILED = "failed"


FIRST_STATES = {
    ArrivalStatus.COMPLETED: RecordingState.ARRIVED,
    ArrivalStatus.ABSENT: RecordingState.ABSENT,
    ArrivalStatus.FAILED: RecordingState.FAILED,
}


@dataclass(frozen=True)
class Arrival:
    """A recording as the carrier announces it, by callback or in its list."""

    sid: str
    call_sid: str
    conference_sid: str | None
    status: ArrivalStatus
    seconds: float | None = None
    channels: int | None = None
    started_at: datetime | None = None


@dataclass(frozen=True)
class HoldSpan:
    """A hold as the timer sees it."""

    released_at: datetime | None


@dataclass(frozen=True)
class Listener:
    """Facts about who asks to listen."""

    role: str
    handled: bool
    same_team: bool
    open_dispute: bool
    open_privacy_request: bool
    trained: bool = True


LISTENERS: dict[Purpose, frozenset[Role]] = {
    Purpose.REPLAY: frozenset({Role.AGENT, Role.SUPERVISOR}),
    Purpose.TRAINING: frozenset({Role.COACH, Role.SUPERVISOR}),
    Purpose.DISPUTE: frozenset({Role.SUPERVISOR, Role.PRIVACY}),
    Purpose.AUDIT: frozenset({Role.SUPERVISOR, Role.PRIVACY}),
    Purpose.PRIVACY_REQUEST: frozenset({Role.PRIVACY}),
}
# Conversation technique shows without them; all others need the whole of what was said, or said it themselves.
WITHOUT_PROOFS = frozenset({Purpose.TRAINING})
# Who settles, audits or answers a request needs the whole; a value sounds for nobody else (P02).
WITHOUT_VALUES = frozenset({Purpose.TRAINING, Purpose.REPLAY})


def leaves_out_values(purpose: Purpose) -> bool:
    """Whether who listens for this hears silence where the transcript has no value any more, only its class."""
    return purpose in WITHOUT_VALUES


def leaves_out_proofs(purpose: Purpose) -> bool:
    """Whether who listens for this hears silence, and reads nothing, where the caller proved who they are (P02)."""
    return purpose in WITHOUT_PROOFS


def moved(state: RecordingState, to: RecordingState) -> RecordingState:
    """The state after a step of ours that leads `to`. Every step looks first, so a way that isn't in `MOVES` is a
    mistake of ours: `ValueError`, unlike a late event of a call."""
    if to not in MOVES[state]:
        raise ValueError(f"No recording moves from {state} to {to}.")
    return to


def listening_refusal(purpose: Purpose, listener: Listener) -> str | None:
    """Why this listener may not play for this purpose, as a word; None when they may (P02)."""
    if not listener.trained:
        return "untrained"
    if listener.role not in LISTENERS.get(purpose, frozenset()):
        return "role"
    needs = {
        Purpose.REPLAY: (listener.handled, "not-handled"),
        Purpose.TRAINING: (listener.same_team, "other-team"),
        Purpose.DISPUTE: (listener.open_dispute, "no-open-dispute"),
        Purpose.PRIVACY_REQUEST: (listener.open_privacy_request, "no-open-request"),
    }
    met, otherwise = needs.get(purpose, (True, ""))
    return None if met else otherwise


def cut_refusal(seconds: float, start: float, end: float) -> str | None:
    """Why nothing can be cut from `start` to `end` out of a recording of so many seconds, as a sentence."""
    if not 0 <= start < end < float("inf"):  # false for what is no number, too
        return "A passage has a beginning and, after it, an end, in minutes and seconds of the recording."
    return None if start < seconds else "This passage lies after the end of the recording."


def retain_until(stored_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """When a recording stored now must be destroyed: the end of that local day (P17).

    Days are counted on the local calendar: 30 times 24 hours would be another date where the clock changed between.
    """
    return end_of_local_day(stored_at.astimezone(zone) + timedelta(days=days), zone)


def due_after_release(retain_until: datetime, released_at: datetime) -> datetime:
    """After a hold: the later of the original date and seven days, so that nobody is surprised (P17)."""
    return max(retain_until, released_at + GRACE_AFTER_HOLD)


def due_at(retain_until: datetime | None, holds: Iterable[HoldSpan]) -> datetime | None:
    """When a recording must be gone; None while a hold stands, or while it has no timer (P17)."""
    if retain_until is None:
        return None
    due = retain_until
    for hold in holds:
        if hold.released_at is None:
            return None
        due = max(due, due_after_release(retain_until, hold.released_at))
    return due


def is_due(retain_until: datetime | None, holds: Iterable[HoldSpan], now: datetime) -> bool:
    """Whether a recording must be gone: from this moment on it can't be played, swept or not."""
    due = due_at(retain_until, holds)
    return due is not None and due <= now


def wait_before_retry(failure: Failure, tries: int, retry_after: float | None) -> float | None:
    """Seconds until the next try after `tries` failed ones; None when no further try makes sense.

    At least as long as the carrier asked for (Retry-After), at most an hour beyond our own patience.
    """
    if failure in FINAL or tries > len(BACKOFF):
        return None
    return max(float(BACKOFF[tries - 1]), min(retry_after or 0.0, LONGEST_WAIT))


def length_fits(announced: float | None, found: float) -> bool:
    """Whether a file is as long as the carrier said, within a second; it rounds to whole ones."""
    return announced is None or abs(announced - found) <= FETCH_DURATION_TOLERANCE


def sweep_must_stop(due: int, kept: int, overdue: timedelta = timedelta()) -> bool:
    """A sweep asks first when it would destroy more than max(100, 5 %), or something due longer than a clock that is
    right and a sweep every few minutes leave it."""
    return due > max(100, (due + kept) * 5 // 100) or overdue > OVERDUE_TOO_LONG
