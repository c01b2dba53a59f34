"""Pure decisions about recordings: states, timers, holds, who may listen for what (P01, P02, P17)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from contactcenter.core.clock import end_of_local_day
from contactcenter.verification.rules import Purpose

GRACE_AFTER_HOLD = timedelta(days=7)
FETCH_DURATION_TOLERANCE = 1.0  # seconds between what the carrier says and what the file holds


class RecordingState(StrEnum):
    """How far the pipeline is. Each step leaves the state from which the next one starts."""

    ARRIVED = "arrived"
    STORED = "stored"
    TRANSCRIBED = "transcribed"
    ATTACHED = "attached"
    FAILED = "failed"
    UNWANTED = "unwanted"
    ABSENT = "absent"
    DESTROYED = "destroyed"


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


@dataclass(frozen=True)
class Listener:
    """Facts about who asks to listen."""

    role: str
    handled: bool
    same_team: bool
    open_dispute: bool
    open_privacy_request: bool


def listening_refusal(purpose: Purpose, listener: Listener) -> str | None:
    """Why this listener may not play for this purpose; None when they may (P02)."""
    roles = {
        Purpose.REPLAY: {"agent", "supervisor"},
        Purpose.TRAINING: {"coach", "supervisor"},
        Purpose.DISPUTE: {"supervisor", "privacy-officer"},
        Purpose.AUDIT: {"supervisor", "privacy-officer"},
        Purpose.PRIVACY_REQUEST: {"privacy-officer"},
    }.get(purpose, set())
    if listener.role not in roles:
        return "role"
    if purpose is Purpose.REPLAY and not listener.handled:
        return "not-handled"
    if purpose is Purpose.DISPUTE and not listener.open_dispute:
        return "no-open-dispute"
    if purpose is Purpose.PRIVACY_REQUEST and not listener.open_privacy_request:
        return "no-open-request"
    if purpose is Purpose.TRAINING and not listener.same_team:
        return "other-team"
    return None


def retain_until(stored_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """When a recording stored now must be destroyed: the end of that local day (P17)."""
    return end_of_local_day(stored_at + timedelta(days=days), zone)


def due_after_release(retain_until: datetime, released_at: datetime) -> datetime:
    """After a hold: the later of the original date and seven days, so that nobody is surprised (P17)."""
    return max(retain_until, released_at + GRACE_AFTER_HOLD)


def sweep_must_stop(due: int, kept: int) -> bool:
    """A sweep that would destroy more than max(100, 5 %) asks first."""
    return due > max(100, (due + kept) * 5 // 100)
