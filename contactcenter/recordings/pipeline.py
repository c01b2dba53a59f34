"""What happens to a recording, step by step. Every step may run twice and changes nothing the second time.

    fetch_and_store      carrier -> checked, encrypted object in the vault; key, timer and waveform in its row
    delete_carrier_copy  only after ours is durable and committed
    write_down           both channels to words, redacted before any text is kept (only where the notice named it)
    draft                a summary for a person to edit and confirm

The row's state says which steps are behind it. The object is durable before the row names it: a crash in between
leaves an object whose key nobody has, which a sweep removes, and never a row without its object.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session, select

from contactcenter.carrier.port import Carrier
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.clock import Clock
from contactcenter.core.db import Database
from contactcenter.core.jobs import Jobs
from contactcenter.notes import alerts, summaries
from contactcenter.notes import service as notes
from contactcenter.notes.drafter import ByRules, Conversation, Drafted, Drafter
from contactcenter.notes.models import Transcript as KeptTranscript
from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Transcript
from contactcenter.recordings import cuts, service, timers, underway
from contactcenter.recordings.fetching import Fetched, Setback, fetch, sound_of
from contactcenter.recordings.left_out import is_left_out, left_out
from contactcenter.recordings.listening import KeptCourse, watched
from contactcenter.recordings.models import Recording
from contactcenter.recordings.retention import carrier_copy_deleted, delete_at_carrier
from contactcenter.recordings.rules import (
    GONE,
    UNFINISHED,
    CarrierCopy,
    Failure,
    RecordingState,
    moved,
    wait_before_retry,
)
from contactcenter.recordings.transcriber import Transcriber, TranscriptionFailed
from contactcenter.recordings.underway import Superseded, Try
from contactcenter.recordings.vault import Stored, Vault
from contactcenter.recordings.verifying import is_the_vault_of, stored_of
from contactcenter.verification import flags
from contactcenter.verification.rules import Purpose

log = structlog.get_logger()
Step = Callable[[str], None]


@dataclass(frozen=True)
class Order:
    """A recording to be written down: the try at it, where its sound lies, and its language, None to detect it."""

    one: Try
    stored: Stored
    language: str | None


@dataclass(frozen=True)
class Pipeline:
    """The steps, and what they stand on. `vault` is None without a master key."""

    db: Database
    clock: Clock
    carrier: Carrier
    vault: Vault | None
    transcriber: Transcriber
    jobs: Jobs
    zone: ZoneInfo
    drafter: Drafter = field(default_factory=ByRules)

    def keeping(self) -> tuple[Step, ...]:
        """The steps until our copy is the only one."""
        return (self.fetch_and_store, self.delete_carrier_copy, self.enqueue_writing_down)

    def writing_down(self) -> tuple[Step, ...]:
        """The steps from sound to a drafted summary; they take long, so they have a queue of their own."""
        return (self.write_down, self.draft)

    def run(self, step: Step, recording: str) -> bool:
        """Run one step; False when the steps after it must wait. A failure is kept, and tried again or shown."""
        try:
            step(recording)
        except Setback as setback:
            self._set_back(recording, setback)
            return False
        except Exception as error:  # noqa: BLE001  # a bug must end as a dead letter that somebody sees, not in silence
            log.error("recording-step-failed", step=step.__name__, recording=recording, error=type(error).__name__)
            self._set_back(recording, Setback(Failure.UNEXPECTED))
            return False
        return True

    def fetch_and_store(self, public_id: str) -> None:
        """Bring the sound into the vault, unless an objection came first, or comes while it is fetched."""
        with self.db.writing() as session:
            recording = service.by_public_id(session, public_id)
            if recording.state is not RecordingState.ARRIVED:
                return
            if not allowed(session, recording):
                service.turn_away(session, self.clock(), recording)
                return
            sid, announced = recording.sid, recording.carrier_seconds
        vault = self._vault_of_the_rows()
        fetched = fetch(self.carrier, vault, public_id, sid, announced)
        with self.db.writing() as session:
            recording = service.by_public_id(session, public_id)
            arrived = recording.state is RecordingState.ARRIVED
            kept = arrived and allowed(session, recording)
            if kept:
                self._keep(session, recording, fetched)
            elif arrived:
                service.turn_away(session, self.clock(), recording)
        if not kept:
            vault.destroy(fetched.stored.key)

    def delete_carrier_copy(self, public_id: str) -> None:
        """From here on ours is the only copy. What the carrier refuses now, the clearing sweep asks again."""
        with self.db.reading() as session:
            recording = service.by_public_id(session, public_id)
            sid = recording.sid
            ready = recording.stored_at is not None or recording.state in GONE
            if not ready or recording.carrier_copy is not CarrierCopy.PRESENT:
                return
        if delete_at_carrier(self.carrier, public_id, sid) is None:
            with self.db.writing() as session:
                carrier_copy_deleted(session, self.clock(), service.by_public_id(session, public_id))

    def enqueue_writing_down(self, public_id: str) -> None:
        """Hand over to the queue of long work."""
        with self.db.writing() as session:
            recording = service.by_public_id(session, public_id)
            if recording.state in (RecordingState.STORED, RecordingState.TRANSCRIBED):
                service.enqueue_next(session, self.jobs, recording)

    def write_down(self, public_id: str) -> None:
        """Sound to words, channel by channel, redacted before the text touches anything but memory."""
        try:
            order = self._order(public_id)
            if order is not None:
                self._attach(order, redacted(self.said(order)))
        except Superseded:
            return  # it rests, it is gone, or another try goes on with it

    def _order(self, public_id: str) -> Order | None:
        """What is to be written down, if anything."""
        with self.db.writing() as session:
            recording = service.by_public_id(session, public_id)
            if recording.state is not RecordingState.STORED:
                return None
            if not allowed(session, recording):
                service.turn_away(session, self.clock(), recording)
                return None
            if not transcription_named(session, recording):  # the work on it is done by now (P30)
                underway.forget(session, recording.id)
                self._advance(session, self.clock(), recording, RecordingState.ATTACHED)
                return None
            if cuts.waiting(session, recording.sid):  # it goes on when the passage is out: nobody listens to that
                return None
            one = underway.claimed(session, self.clock(), recording)
            of_line = session.get_one(Contact, recording.contact_id).language  # or chosen by key
            return Order(one, stored_of(recording), underway.wished(session, recording.id) or of_line or None)

    def said(self, order: Order, told: Callable[[float], None] = lambda _: None) -> Transcript:
        """What is said, to be redacted before it is kept anywhere; `told` hears the share (0..1) that is finished.

        Raises `Setback`, and `Superseded` when another object took this one's place.
        """
        one, vault = order.one, self._vault()
        try:
            with sound_of(vault, one.recording, order.stored) as sound, watched(self.db, one, self.transcriber):
                course = KeptCourse(self.db, self.clock, one, vault.drawer(one.recording, order.stored), told)
                return self.transcriber.transcribe(sound, order.language, course)
        except TranscriptionFailed:
            raise Setback(Failure.TRANSCRIPTION) from None
        except Setback:
            with self.db.reading() as session:
                underway.standing(session, one)
            raise

    def _attach(self, order: Order, transcript: Transcript) -> None:
        with self.db.writing() as session:
            recording, _ = underway.standing(session, order.one)
            if not allowed(session, recording):
                service.turn_away(session, self.clock(), recording)
                return
            assert recording.contact_id is not None
            now = self.clock()
            underway.forget(session, recording.id)
            notes.attach_transcript(session, now, recording.contact_id, recording.sid, transcript, recording.roles)
            alerts.read(session, now, recording.sid, recording.started_at)
            self._advance(session, now, recording, RecordingState.TRANSCRIBED)

    def draft(self, public_id: str) -> None:
        """A summary of the redacted words, for a person to edit and confirm (P10). Drafting may take a minute: what
        was cut, or objected to, meanwhile is in no draft."""
        with self.db.reading() as session:
            recording = service.by_public_id(session, public_id)
            asked = _conversation(session, recording, self.zone)
            written = summaries.is_confirmed(session, recording.contact_id)
            told = _for_outside(session, self.clock(), recording, asked) if asked else None
        if asked is None:
            return
        drafted = Drafted(()) if written else self.drafter.draft(asked, told)  # a person's summary needs none
        with self.db.writing() as session:
            recording, now = service.by_public_id(session, public_id), self.clock()
            assert recording.contact_id is not None
            said = _conversation(session, recording, self.zone)
            if said is not None:
                drafted = drafted if said == asked else drafted.of_changed(said)
                summaries.attach_draft(session, now, recording.contact_id, drafted.lines, drafted.origin)
                self._advance(session, now, recording, RecordingState.ATTACHED)
            if drafted.origin is not None:
                summaries.machine_asked(session, now, recording.contact_id, drafted.origin)

    def _keep(self, session: Session, recording: Recording, fetched: Fetched) -> None:
        now = self.clock()
        recording.object_key, recording.wrapped_key = fetched.stored.key, fetched.stored.wrapped_key
        recording.size, recording.sha256 = fetched.stored.size, fetched.stored.sha256
        recording.seconds, recording.channels = fetched.seconds, fetched.channels
        recording.roles, recording.peaks = list(service.ROLES[fetched.channels]), fetched.peaks
        recording.stored_at, recording.retain_until = now, timers.timer(session, now, self.zone)
        record(session, now, service.WORKER, Action.RECORDING_STORED, recording.public_id)
        self._advance(session, now, recording, RecordingState.STORED)

    def _advance(self, session: Session, now: datetime, recording: Recording, state: RecordingState) -> None:
        recording.state = moved(recording.state, state)
        recording.failure, recording.tries, recording.next_try_at = None, 0, None
        service.tell(session, now, recording)

    def _vault(self) -> Vault:
        if self.vault is None:
            raise Setback(Failure.NO_KEY)
        return self.vault

    def _vault_of_the_rows(self) -> Vault:
        """The vault, if it is the one that the rows speak of; else it waits to be mounted."""
        vault = self._vault()
        with self.db.reading() as session:
            if not is_the_vault_of(session, vault):
                raise Setback(Failure.VAULT)
        return vault

    def _set_back(self, public_id: str, setback: Setback) -> None:
        """Keep why it failed; try again later, or leave a dead letter with its reason."""
        with self.db.writing() as session:
            recording = service.by_public_id(session, public_id)
            if recording.state not in UNFINISHED:
                return
            set_back(session, self.clock(), self.jobs, recording, setback)


def allowed(session: Session, recording: Recording) -> bool:
    """Whether we may have this recording, still."""
    return recording.contact_id is not None and service.is_allowed(session, recording.contact_id)


def transcription_named(session: Session, recording: Recording) -> bool:
    """Whether the notice that the caller heard named that the words are written down (P30)."""
    assert recording.contact_id is not None
    expected = service.expected_of(session, recording.contact_id)
    return expected is not None and expected.transcription_named


def set_back(session: Session, now: datetime, jobs: Jobs, recording: Recording, setback: Setback) -> None:
    """One failed try more: the next one is enqueued, or somebody is told that there will be none."""
    recording.tries += 1
    recording.failure = setback.failure
    wait = wait_before_retry(setback.failure, recording.tries, setback.retry_after)
    if wait is None:
        recording.state, recording.next_try_at = moved(recording.state, RecordingState.FAILED), None
        record(session, now, service.WORKER, Action.RECORDING_FAILED, recording.public_id, setback.failure.value)
        raise_alert(session, now, AlertKind.RECORDING_FAILED, recording.public_id, setback.failure.value)
    else:
        recording.next_try_at = now + timedelta(seconds=wait)
        service.enqueue_next(session, jobs, recording, delay=wait)
    service.tell(session, now, recording)


def redacted(transcript: Transcript) -> Transcript:
    """The transcript with account numbers, telephone numbers and the like taken out of its text."""
    return replace(transcript, segments=redact_segments(transcript.segments, transcript.language))


def _for_outside(
    session: Session, now: datetime, recording: Recording, conversation: Conversation
) -> Conversation | None:
    """What of a conversation may go to a machine that is not ours: nothing when its time is over or nothing of the
    customer may be disclosed (P17), and never how the caller proved who they are (P02)."""
    link = contacts.active_link(session, recording.contact_id) if recording.contact_id else None
    if timers.due(session, recording, now) or (link is not None and flags.shuts(session, now, link.customer_id)):
        return None
    proofs = left_out(session, recording, Purpose.TRAINING)
    said = tuple(one for one in conversation.segments if not is_left_out(proofs, one.start, one.end))
    return replace(conversation, segments=said) if said else None


def _conversation(session: Session, recording: Recording, zone: ZoneInfo) -> Conversation | None:
    """What is to be drafted from, if anything."""
    if recording.state is not RecordingState.TRANSCRIBED:
        return None
    kept = session.exec(select(KeptTranscript).where(KeptTranscript.recording_sid == recording.sid)).one()
    began = recording.started_at or session.get_one(Contact, kept.contact_id).started_at
    return Conversation(tuple(kept.said), kept.language, tuple(kept.roles), began.astimezone(zone))
