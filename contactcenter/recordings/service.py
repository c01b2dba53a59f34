"""What is decided about recording a call, and what happens when a recording arrives (P01)."""

import secrets
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core import ledger
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import insert
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.core.jobs import RECORDINGS, REMOVALS, TRANSCRIPTS, Jobs
from contactcenter.core.live import OPERATIONS, announce
from contactcenter.notes import service as notes
from contactcenter.notes.models import Transcript
from contactcenter.recordings import timers, underway
from contactcenter.recordings.models import Expected, Pause, Recording
from contactcenter.recordings.rules import (
    FIRST_STATES,
    GONE,
    Arrival,
    ArrivalStatus,
    CarrierCopy,
    Failure,
    NotRecorded,
    RecordingState,
    moved,
)

WORKER = Actor.WORKER
DESTROYED, REFUSED = "destroyed", "refused"  # what the ledger calls them
KEEP, WRITE_DOWN, REMOVE = "keep-recording", "write-down-recording", "remove-unwanted"
WRITE_ANEW = "write-down-anew"
ROLES = {1: [], 2: ["caller", "agent"]}  # the caller is in the conference before an agent can join it
WISHES = (NotRecorded.OBJECTED, NotRecorded.STOPPED)  # a caller's own


def expect(
    session: Session,
    now: datetime,
    *,
    contact_id: int,
    call_sid: str,
    language: str,
    transcription_named: bool,
) -> None:
    """Keep the decision for a call that begins: not recorded, until its notice was heard whole."""
    insert(
        session,
        Expected,
        contact_id=contact_id,
        call_sid=call_sid,
        allowed=False,
        reason=NotRecorded.NOTICE_NOT_WHOLE,
        transcription_named=transcription_named,
        language=language,
        decided_at=now,
    )


def allow(session: Session, now: datetime, call_sid: str) -> None:
    """The notice was heard whole: capture may begin, unless the call was refused before."""
    expected = _expected_of_call(session, call_sid)
    if expected is None:
        raise NotFound()
    if expected.reason is not NotRecorded.NOTICE_NOT_WHOLE:
        return
    expected.allowed, expected.reason, expected.decided_at = True, None, now
    record(session, now, Actor.CARRIER, Action.RECORDING_EXPECTED, contact_of(session, expected).public_id)


def forbid(session: Session, now: datetime, contact_id: int, reason: NotRecorded) -> None:
    """Nothing of this contact may be captured, fetched or heard from now on. The first reason stays."""
    expected = expected_of(session, contact_id)
    if expected is None or expected.reason not in (None, NotRecorded.NOTICE_NOT_WHOLE):
        return
    expected.allowed, expected.reason = False, reason
    contact = contact_of(session, expected)
    record(session, now, Actor.CARRIER, Action.RECORDING_REFUSED, contact.public_id, reason.value)
    contacts.tell(session, now, contact)


def refuse(session: Session, now: datetime, contact_id: int, reason: NotRecorded) -> None:
    """No recording of this contact may exist from now on.

    Keys of what was kept are destroyed here and now, its words too; objects and the carrier's copies follow within
    a minute. The first reason stays.
    """
    expected = expected_of(session, contact_id)
    if expected is None or expected.refused_at is not None:
        return
    forbid(session, now, contact_id, reason)
    expected.refused_at = now
    contact = contact_of(session, expected)
    if reason in WISHES:
        ledger.note(session, now, REFUSED, contact=contact.public_id, reason=reason.value)
    for recording in recordings_of(session, contact_id):
        turn_away(session, now, recording)
    contacts.tell(session, now, contact)


def turn_away(session: Session, now: datetime, recording: Recording) -> None:
    """Make a recording that should not exist unreadable; `retention.clear_remnants` removes what is left of it."""
    if recording.state in GONE:
        return
    shred(session, now, recording, RecordingState.UNWANTED)
    record(session, now, WORKER, Action.RECORDING_UNWANTED, recording.public_id)


def shred(session: Session, now: datetime, recording: Recording, state: RecordingState) -> None:
    """Destroy the key, and everything that was derived from the sound; the ledger has it before it is committed."""
    recording.state = moved(recording.state, state)
    on_ledger(session, now, recording)
    recording.wrapped_key, recording.peaks, recording.sha256 = None, None, None
    recording.next_try_at = None
    underway.forget(session, recording.id)
    if recording.contact_id is not None:
        notes.destroy_derived(session, recording.contact_id, recording.sid)


def on_ledger(session: Session, now: datetime, recording: Recording) -> None:
    """Write a recording that is gone into the ledger, so that no restore brings it back."""
    contact = session.get_one(Contact, recording.contact_id).public_id if recording.contact_id is not None else None
    ids = {"recording": recording.public_id, "sid": recording.sid, "contact": contact, "object": recording.object_key}
    ledger.note(session, now, DESTROYED, **ids, state=recording.state.value)


def is_allowed(session: Session, contact_id: int) -> bool:
    """Whether this contact may be recorded, now."""
    expected = expected_of(session, contact_id)
    return expected is not None and expected.allowed


def conference_known(session: Session, call_sid: str, conference_sid: str) -> None:
    """The carrier named the conference of the call: a recording is joined on it."""
    expected = _expected_of_call(session, call_sid)
    if expected is not None:
        expected.conference_sid = conference_sid


def paused(session: Session, now: datetime, contact_id: int, why: str) -> None:
    """Nothing is captured from now on; the interval is kept with the recording. One for each reason, at most."""
    if not open_gaps(session, contact_id, why):
        session.add(Pause(contact_id=contact_id, why=why, began_at=now))


def resumed(session: Session, now: datetime, contact_id: int, why: str) -> None:
    """This reason to capture nothing is over; another one may stand: a pause for card data outlasts a hold."""
    for pause in open_gaps(session, contact_id, why):
        pause.ended_at = now


def open_gaps(session: Session, contact_id: int, why: str | None = None) -> list[Pause]:
    """The gaps that still last, of all reasons or of one: while there is any, nothing may be captured."""
    lasting = select(Pause).where(Pause.contact_id == contact_id, col(Pause.ended_at).is_(None))
    return list(session.exec(lasting if why is None else lasting.where(Pause.why == why)))


def arrived(session: Session, now: datetime, jobs: Jobs, arrival: Arrival) -> None:
    """The carrier has a recording, or says that there is none. A repeated arrival changes nothing.

    It is joined to its contact by conference, else by call. One that should not exist is never fetched: it is
    marked, deleted at the carrier, and reported unless the caller's objection explains it.
    """
    if arrival.status is ArrivalStatus.IN_PROGRESS or recording_by_sid(session, arrival.sid) is not None:
        return
    expected = _expected_by(session, arrival)
    recording = _new_recording(session, now, arrival, expected)
    if arrival.status is not ArrivalStatus.COMPLETED:
        _report_none(session, now, recording)
    elif expected is None or not expected.allowed:
        _turn_away_and_report(session, now, recording, expected)
        jobs.enqueue(session, REMOVALS, REMOVE, f"{REMOVE}:{recording.public_id}", recording.public_id)
    else:
        recording.retain_until = timers.provisional(session, now)
        record(session, now, Actor.CARRIER, Action.RECORDING_ARRIVED, recording.public_id)
        enqueue_next(session, jobs, recording)
    tell(session, now, recording)


def enqueue_next(session: Session, jobs: Jobs, recording: Recording, delay: float = 0) -> None:
    """Enqueue the workflow that takes this recording on from its state."""
    kept = recording.state is not RecordingState.ARRIVED
    workflow, queue = (WRITE_DOWN, TRANSCRIPTS) if kept else (KEEP, RECORDINGS)
    jobs.enqueue(session, queue, workflow, _job(workflow, recording), recording.public_id, delay=delay)


def enqueue_anew(session: Session, jobs: Jobs, recording: Recording) -> None:
    """Enqueue that what is written down already is written down anew: calls that have no words yet go first."""
    jobs.enqueue(session, TRANSCRIPTS, WRITE_ANEW, _job(WRITE_ANEW, recording), recording.public_id, last=True)


def _job(workflow: str, recording: Recording) -> str:
    return f"{workflow}:{recording.public_id}:{secrets.token_hex(8)}"


def retry(session: Session, now: datetime, jobs: Jobs, public_id: str, actor: str) -> None:
    """Try a dead letter again, from the last step that went well. Raises `Conflict` for what is none."""
    recording = by_public_id(session, public_id)
    if recording.state is not RecordingState.FAILED or recording.failure is Failure.CARRIER_FAILED:
        raise Conflict("Only a recording that failed can be tried again; reload the page to see where it stands.")
    recording.state = moved(recording.state, _state_reached(session, recording))
    recording.failure, recording.tries, recording.next_try_at = None, 0, None
    record(session, now, actor, Action.RECORDING_RETRIED, public_id)
    enqueue_next(session, jobs, recording)
    tell(session, now, recording)


def tell(session: Session, now: datetime, recording: Recording) -> None:
    """Pages that show this recording look again."""
    announce(session, now, OPERATIONS, recording.public_id)
    if recording.contact_id is not None:
        contacts.tell(session, now, session.get_one(Contact, recording.contact_id))


def by_public_id(session: Session, public_id: str) -> Recording:
    """A recording by the name that pages and jobs use."""
    recording = session.exec(select(Recording).where(Recording.public_id == public_id)).first()
    if recording is None:
        raise NotFound()
    return recording


def recording_by_sid(session: Session, sid: str) -> Recording | None:
    """A recording by the carrier's name."""
    return session.exec(select(Recording).where(Recording.sid == sid)).first()


def recordings_of(session: Session, contact_id: int) -> list[Recording]:
    """All recordings of a contact, the first one first."""
    found = select(Recording).where(Recording.contact_id == contact_id).order_by(col(Recording.id))
    return list(session.exec(found))


def expected_of(session: Session, contact_id: int) -> Expected | None:
    """What was decided for this contact."""
    return session.exec(select(Expected).where(Expected.contact_id == contact_id)).first()


def contact_of(session: Session, expected: Expected) -> Contact:
    """The contact that a decision is about."""
    return session.get_one(Contact, expected.contact_id)


def _expected_of_call(session: Session, call_sid: str) -> Expected | None:
    return session.exec(select(Expected).where(Expected.call_sid == call_sid)).first()


def _expected_by(session: Session, arrival: Arrival) -> Expected | None:
    if arrival.conference_sid:
        same = select(Expected).where(Expected.conference_sid == arrival.conference_sid)
        found = session.exec(same).first()
        if found is not None:
            return found
    return _expected_of_call(session, arrival.call_sid)


def _new_recording(session: Session, now: datetime, arrival: Arrival, expected: Expected | None) -> Recording:
    exists = arrival.status is ArrivalStatus.COMPLETED
    recording = Recording(
        sid=arrival.sid,
        contact_id=expected.contact_id if expected else None,
        state=FIRST_STATES[arrival.status],
        failure=Failure.CARRIER_FAILED if arrival.status is ArrivalStatus.FAILED else None,
        carrier_copy=CarrierCopy.PRESENT if exists else CarrierCopy.NONE,
        carrier_seconds=arrival.seconds,
        started_at=arrival.started_at,
        arrived_at=now,
        channels=arrival.channels,
    )
    session.add(recording)
    session.flush()
    return recording


def _report_none(session: Session, now: datetime, recording: Recording) -> None:
    record(session, now, Actor.CARRIER, Action.RECORDING_MISSING, recording.public_id, recording.state.value)
    if recording.state is RecordingState.FAILED:
        raise_alert(session, now, AlertKind.RECORDING_FAILED, recording.public_id, Failure.CARRIER_FAILED.value)


def _turn_away_and_report(session: Session, now: datetime, recording: Recording, expected: Expected | None) -> None:
    turn_away(session, now, recording)
    explained = expected is not None and expected.reason in WISHES
    if not explained:
        reason = expected.reason.value if expected is not None and expected.reason else "unknown-call"
        raise_alert(session, now, AlertKind.RECORDING_UNWANTED, recording.public_id, reason)


def _state_reached(session: Session, recording: Recording) -> RecordingState:
    if recording.wrapped_key is None:
        return RecordingState.ARRIVED
    written = session.exec(select(Transcript.id).where(Transcript.recording_sid == recording.sid)).first()
    return RecordingState.STORED if written is None else RecordingState.TRANSCRIBED
