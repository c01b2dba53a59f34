"""Recordings as pages show them: one contact's, those at work, and the calendar of what goes."""

from collections.abc import Iterable, Set
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contactcenter.contacts.models import Contact
from contactcenter.recordings import service, timers
from contactcenter.recordings.holds import Waiting, waiting
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
from contactcenter.staff.models import Staff
from contactcenter.verification.rules import Purpose

LONGEST_LIST = 50


@dataclass(frozen=True)
class HoldView:
    """A hold as the contact page shows it."""

    public_id: str
    kind: HoldKind
    reference: str
    owner: str
    review_on: date
    placed_at: datetime
    confirmed_at: datetime | None
    released_at: datetime | None
    waiting: list[Waiting]


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

    state: RecordingState | None
    allowed: bool
    reason: NotRecorded | None
    seconds: float | None
    playable: bool
    due_at: datetime | None
    carrier_copy: CarrierCopy | None
    failure: Failure | None
    destroyed_at: datetime | None
    pauses: list[Pause]
    holds: list[HoldView]
    listens: list[Listen]


@dataclass(frozen=True)
class Day:
    """How many recordings end on one local day; `held` more would, without their hold."""

    on: date
    due: int
    held: int


@dataclass(frozen=True)
class Work:
    """One recording in the pipeline, or fallen out of it. Ids are public."""

    id: str
    contact: str | None
    state: RecordingState
    failure: Failure | None
    carrier_copy: CarrierCopy
    arrived_at: datetime
    next_try_at: datetime | None

    @property
    def can_retry(self) -> bool:
        """What the carrier itself failed to make can't be fetched again."""
        return self.failure is not Failure.CARRIER_FAILED


def recording_view(session: Session, contact_id: int, now: datetime) -> RecordingView:
    """What to show about the recording of a contact: the newest one, if there are several."""
    recordings = service.recordings_of(session, contact_id)
    last = recordings[-1] if recordings else None
    expected = session.exec(select(Expected).where(Expected.contact_id == contact_id)).first()
    holds = timers.holds_of(session, contact_id)
    due = due_at(last.retain_until, timers.spans(holds)) if last else None
    return RecordingView(
        state=last.state if last else None,
        allowed=expected.allowed if expected else False,
        reason=expected.reason if expected else None,
        seconds=last.seconds if last else None,
        playable=last is not None and last.wrapped_key is not None and not (due is not None and due <= now),
        due_at=due,
        carrier_copy=last.carrier_copy if last else None,
        failure=last.failure if last else None,
        destroyed_at=last.destroyed_at if last else None,
        pauses=list(session.exec(select(Pause).where(Pause.contact_id == contact_id).order_by(col(Pause.id)))),
        holds=[_hold_view(session, hold) for hold in holds],
        listens=_listens(session, [one.id for one in recordings]),
    )


def playable(session: Session, contact_id: int, now: datetime) -> list[Recording]:
    """A contact's recordings that can be opened, the first one first: after a hand-over there can be several."""
    kept = [one for one in service.recordings_of(session, contact_id) if one.wrapped_key is not None]
    return [one for one in kept if not timers.due(session, one, now)]


def past_sids(session: Session, contact_id: int, now: datetime) -> frozenset[str]:
    """The carrier's names of a contact's recordings that must be gone by now, swept or not."""
    recordings = service.recordings_of(session, contact_id)
    return frozenset(one.sid for one in recordings if timers.due(session, one, now))


def kept_until(session: Session, contact_ids: Iterable[int]) -> dict[int, datetime]:
    """The last end of the timers of each of these contacts' recordings that can still be opened, by contact."""
    ending = session.exec(
        select(Recording.contact_id, Recording.retain_until)
        .where(col(Recording.contact_id).in_(list(contact_ids)), col(Recording.wrapped_key).is_not(None))
        .order_by(col(Recording.retain_until))
    )
    return {contact_id: until for contact_id, until in ending if contact_id is not None and until is not None}


def work(session: Session, states: Set[RecordingState]) -> list[Work]:
    """The recordings in these states, newest first, at most fifty."""
    found = session.exec(
        select(Recording, Contact.public_id)
        .outerjoin(Contact, col(Contact.id) == Recording.contact_id)
        .where(col(Recording.state).in_(states))
        .order_by(col(Recording.id).desc())
        .limit(LONGEST_LIST)
    )
    return [
        Work(
            id=one.public_id,
            contact=contact,
            state=one.state,
            failure=one.failure,
            carrier_copy=one.carrier_copy,
            arrived_at=one.arrived_at,
            next_try_at=one.next_try_at,
        )
        for one, contact in found
    ]


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


def _hold_view(session: Session, hold: Hold) -> HoldView:
    return HoldView(
        public_id=hold.public_id,
        kind=hold.kind,
        reference=hold.reference,
        owner=session.get_one(Staff, hold.owner_id).name,
        review_on=hold.review_on,
        placed_at=hold.placed_at,
        confirmed_at=hold.confirmed_at,
        released_at=hold.released_at,
        waiting=waiting(session, hold.id),
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
