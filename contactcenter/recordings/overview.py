"""Recordings as pages show them: one contact's, the work queue, the calendar of what goes, the vault's health."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import func
from sqlmodel import Session, col, select

from contactcenter.core.alerts import Alert
from contactcenter.core.errors import Problem
from contactcenter.recordings import service, timers
from contactcenter.recordings.models import Expected, Hold, Pause, Playback, Recording
from contactcenter.recordings.rules import (
    KEPT,
    CarrierCopy,
    Failure,
    HoldKind,
    NotRecorded,
    RecordingState,
    due_at,
)
from contactcenter.recordings.vault import Vault
from contactcenter.staff.models import Staff
from contactcenter.verification.rules import Purpose


@dataclass(frozen=True)
class HoldView:
    """A hold as the contact page shows it."""

    public_id: str
    kind: HoldKind
    reference: str
    owner: str
    review_on: date
    placed_at: datetime
    released_at: datetime | None


@dataclass(frozen=True)
class Listen:
    """Who asked to listen, when, what for, and with what result (P02): agents see it too."""

    name: str
    role: str
    purpose: Purpose
    at: datetime
    refused: str | None
    first_streamed_at: datetime | None


@dataclass(frozen=True)
class RecordingView:
    """All that a contact's page says about its recording. `state` is None while there is none."""

    public_id: str | None
    state: RecordingState | None
    allowed: bool
    reason: NotRecorded | None
    seconds: float | None
    channels: int | None
    roles: list[str]
    playable: bool
    retain_until: datetime | None
    due_at: datetime | None
    rule: str
    carrier_copy: CarrierCopy | None
    object_key: str | None
    failure: Failure | None
    next_try_at: datetime | None
    destroyed_at: datetime | None
    pauses: list[Pause]
    holds: list[HoldView]
    listens: list[Listen]


@dataclass(frozen=True)
class Letter:
    """A recording that failed for good, with its reason."""

    public_id: str
    contact_id: int | None
    failure: Failure | None
    arrived_at: datetime
    can_retry: bool


@dataclass(frozen=True)
class WorkQueue:
    """How much is where in the pipeline, what waits for its next try, what needs a person."""

    counts: dict[RecordingState, int]
    waiting: list[Recording]
    failed: list[Letter]
    alerts: list[Alert]


@dataclass(frozen=True)
class Day:
    """How many recordings end on one local day; `held` more would, without their hold."""

    on: date
    due: int
    held: int


def recording_view(session: Session, contact_id: int, now: datetime) -> RecordingView:
    """What to show about the recording of a contact: the newest one, if there are several."""
    recordings = service.recordings_of(session, contact_id)
    last = recordings[-1] if recordings else None
    expected = session.exec(select(Expected).where(Expected.contact_id == contact_id)).first()
    holds = timers.holds_of(session, contact_id)
    rule = timers.rule_in_force(session, now)
    due = due_at(last.retain_until, timers.spans(holds)) if last else None
    return RecordingView(
        public_id=last.public_id if last else None,
        state=last.state if last else None,
        allowed=expected.allowed if expected else False,
        reason=expected.reason if expected else None,
        seconds=last.seconds if last else None,
        channels=last.channels if last else None,
        roles=last.roles if last else [],
        playable=last is not None and last.wrapped_key is not None and not (due is not None and due <= now),
        retain_until=last.retain_until if last else None,
        due_at=due,
        rule=f"{rule.days} days, {rule.source}",
        carrier_copy=last.carrier_copy if last else None,
        object_key=last.object_key if last else None,
        failure=last.failure if last else None,
        next_try_at=last.next_try_at if last else None,
        destroyed_at=last.destroyed_at if last else None,
        pauses=list(session.exec(select(Pause).where(Pause.contact_id == contact_id).order_by(col(Pause.id)))),
        holds=[_hold_view(session, hold) for hold in holds],
        listens=_listens(session, [one.id for one in recordings]),
    )


def past_sids(session: Session, contact_id: int, now: datetime) -> frozenset[str]:
    """The carrier's names of a contact's recordings that must be gone by now, swept or not."""
    recordings = service.recordings_of(session, contact_id)
    return frozenset(one.sid for one in recordings if timers.due(session, one, now))


def work_queue(session: Session) -> WorkQueue:
    """The pipeline as operations sees it."""
    counted = select(Recording.state, func.count()).group_by(col(Recording.state))
    waiting = select(Recording).where(col(Recording.next_try_at).is_not(None)).order_by(col(Recording.next_try_at))
    failed = select(Recording).where(Recording.state == RecordingState.FAILED).order_by(col(Recording.id).desc())
    unseen = select(Alert).where(col(Alert.seen_at).is_(None)).order_by(col(Alert.id).desc())
    return WorkQueue(
        counts={RecordingState(state): count for state, count in session.exec(counted)},
        waiting=list(session.exec(waiting)),
        failed=[_letter(one) for one in session.exec(failed)],
        alerts=list(session.exec(unseen)),
    )


def upcoming(session: Session, now: datetime, days: int, zone: ZoneInfo) -> list[Day]:
    """The retention calendar: what ends on each of the next local days; the overdue count for today."""
    until = now + timedelta(days=days)
    ending = select(Recording.contact_id, Recording.retain_until).where(
        col(Recording.state).in_(KEPT), col(Recording.retain_until) <= until
    )
    found: dict[date, list[int]] = {}
    for contact_id, retain_until in session.exec(ending):
        assert retain_until is not None
        due = due_at(retain_until, timers.spans(timers.holds_of(session, contact_id)))
        moment = max(due or retain_until, now)
        if moment <= until:
            # the timer is the first instant after the day on which the recording is still kept
            last_day = (moment - timedelta(microseconds=1)).astimezone(zone).date()
            found.setdefault(last_day, [0, 0])[0 if due else 1] += 1
    return [Day(on, *found[on]) for on in sorted(found)]


def vault_health(vault: Vault | None) -> str | None:
    """What is wrong with the vault, as a sentence; None when it writes, reads and deletes."""
    if vault is None:
        return "There is no master key: nothing is recorded. Make one with `contactcenter init`."
    try:
        vault.health()
    except Problem as problem:
        return problem.sentence
    return None


def _hold_view(session: Session, hold: Hold) -> HoldView:
    return HoldView(
        public_id=hold.public_id,
        kind=hold.kind,
        reference=hold.reference,
        owner=session.get_one(Staff, hold.owner_id).name,
        review_on=hold.review_on,
        placed_at=hold.placed_at,
        released_at=hold.released_at,
    )


def _listens(session: Session, recordings: list[int]) -> list[Listen]:
    rows = (
        select(Playback, Staff.name)
        .join(Staff, col(Staff.id) == Playback.staff_id)
        .where(col(Playback.recording_id).in_(recordings))
        .order_by(col(Playback.at).desc())
    )
    return [
        Listen(name, one.role, one.purpose, one.at, one.refused, one.first_streamed_at)
        for one, name in session.exec(rows)
    ]


def _letter(recording: Recording) -> Letter:
    return Letter(
        public_id=recording.public_id,
        contact_id=recording.contact_id,
        failure=recording.failure,
        arrived_at=recording.arrived_at,
        can_retry=recording.failure is not Failure.CARRIER_FAILED,
    )
