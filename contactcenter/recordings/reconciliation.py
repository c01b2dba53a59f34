"""Comparing the carrier's recordings with ours: a lost callback is mended, what can't be is named (P01, P03)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy import exists
from sqlmodel import Session, col, select

from contactcenter.carrier.port import Carrier, CarrierProblem, CarrierRecording
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.db import Database
from contactcenter.core.jobs import Jobs
from contactcenter.recordings import service, steering
from contactcenter.recordings.models import Expected, Recording, Transcription
from contactcenter.recordings.rules import UNFINISHED, Arrival, ArrivalStatus

log = structlog.get_logger()
LOOK_BACK = timedelta(hours=48)
CALLBACK_PATIENCE = timedelta(minutes=10)  # that long a callback, or the next job, may take before it counts as lost
STEP_PATIENCE = timedelta(hours=24)  # no job, and no wait between two tries, takes nearly as long
FINISHED = {"completed", "absent", "failed"}


@dataclass(frozen=True)
class Difference:
    """What a comparison found, as counts. `asked` is False when the carrier did not answer."""

    asked: bool
    found: int = 0
    missing: int = 0
    foreign: int = 0
    revived: int = 0


def reconcile(db: Database, carrier: Carrier, jobs: Jobs, now: datetime) -> Difference:
    """Compare the recordings of the last 48 hours. Asking the carrier comes first; then one transaction."""
    try:
        recordings = [one for one in carrier.recordings_since(now - LOOK_BACK) if one.status in FINISHED]
    except CarrierProblem as problem:
        log.warning("reconciliation-failed", trouble=problem.trouble.value)
        return Difference(asked=False)
    worked_on = {job.split(":")[1] for job in jobs.unfinished() if ":" in job}
    with db.writing() as session:
        steering.wake_rested(session, now, jobs)
        found, foreign = _take_lost(session, now, jobs, recordings)
        return Difference(
            asked=True,
            found=found,
            foreign=foreign,
            missing=_name_missing(session, now),
            revived=_revive(session, now, jobs, worked_on),
        )


def _take_lost(session: Session, now: datetime, jobs: Jobs, listed: list[CarrierRecording]) -> tuple[int, int]:
    """Recordings whose callback never came arrive now. Those of no call of ours are named, and left alone:
    another application may use the same account."""
    known = set(session.exec(select(Recording.sid).where(col(Recording.sid).in_({one.sid for one in listed}))))
    found = foreign = 0
    for one in listed:
        if one.sid in known or (one.started_at is not None and now - one.started_at < CALLBACK_PATIENCE):
            continue
        if not _is_ours(session, one):
            raise_alert(session, now, AlertKind.RECORDING_OF_UNKNOWN_CALL, one.sid)
            foreign += 1
            continue
        status = ArrivalStatus(one.status)
        arrival = Arrival(one.sid, one.call_sid, one.conference_sid, status, one.seconds, None, one.started_at)
        service.arrived(session, now, jobs, arrival)
        record(session, now, service.WORKER, Action.RECORDING_FOUND, one.sid)
        found += 1
    return found, foreign


def _is_ours(session: Session, one: CarrierRecording) -> bool:
    same_call = col(Expected.call_sid) == one.call_sid
    same_conference = col(Expected.conference_sid) == one.conference_sid
    ours = same_call | same_conference if one.conference_sid else same_call
    return session.exec(select(Expected.id).where(ours)).first() is not None


def _name_missing(session: Session, now: datetime) -> int:
    """Calls that were answered, should have been recorded, ended ten minutes ago, and have no recording."""
    handled = exists().where(col(Handling.contact_id) == Contact.id)
    recorded = exists().where(col(Recording.contact_id) == Contact.id)
    missing = (
        select(Contact)
        .join(Expected, col(Expected.contact_id) == Contact.id)
        .where(
            col(Expected.allowed),
            col(Contact.ended_at) > now - LOOK_BACK,
            col(Contact.ended_at) < now - CALLBACK_PATIENCE,
            handled,
            ~recorded,
        )
    )
    contacts = list(session.exec(missing))
    for contact in contacts:
        raise_alert(session, now, AlertKind.RECORDING_MISSING, contact.public_id)
    return len(contacts)


def _revive(session: Session, now: datetime, jobs: Jobs, worked_on: set[str]) -> int:
    """Recordings that are neither done nor dead letters, and have no job any more, or one that came to nothing."""
    resting = [one for one in _resting(session, now - CALLBACK_PATIENCE) if one.public_id not in worked_on]
    recordings = {one.public_id: one for one in (*resting, *_resting(session, now - STEP_PATIENCE))}
    for recording in recordings.values():
        recording.next_try_at = now
        service.enqueue_next(session, jobs, recording)
        raise_alert(session, now, AlertKind.RECORDING_STUCK, recording.public_id)
    return len(recordings)


def _resting(session: Session, latest: datetime) -> list[Recording]:
    """Unfinished recordings with which nothing has happened since, unless somebody lets them rest."""
    stopped = select(Transcription.recording_id).where(col(Transcription.stopped_at).is_not(None))
    resting = (
        select(Recording)
        .where(col(Recording.id).not_in(stopped))
        .where(col(Recording.state).in_(UNFINISHED), col(Recording.arrived_at) < latest)
        .where(col(Recording.next_try_at).is_(None) | (col(Recording.next_try_at) < latest))
        .where(col(Recording.stored_at).is_(None) | (col(Recording.stored_at) < latest))
    )
    return list(session.exec(resting))
