"""How far a contact is written down, and how its handler, or a supervisor of the team, steers that.

They stop it for a while: for a day at most from when it was kept, since nobody keeps what they said from being written
down by letting it rest. And they choose its language, where the caller spoke another one than the line.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.jobs import Jobs
from contactcenter.notes import redone
from contactcenter.recordings import service, underway
from contactcenter.recordings.languages import is_language
from contactcenter.recordings.models import Recording, Transcription
from contactcenter.recordings.rules import RecordingState
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Role

LONGEST_REST = timedelta(hours=24)


@dataclass(frozen=True)
class Writing:
    """How far the words of a contact are: whole percents, None while they wait for their turn; `until` when it may
    rest; `anew` while older words stand until these take their place."""

    percent: int | None
    rests: bool
    until: datetime
    language: str | None
    anew: bool


def writing_of(session: Session, contact_id: int) -> Writing | None:
    """How far the newest recording of a contact that is to be written down is, or is written down anew in a language
    that was chosen; None when there is none."""
    recording = _to_be_written(session, contact_id) or _wished_anew(session, contact_id)
    if recording is None:
        return None
    row = underway.of(session, recording.id)
    anew = recording.state is not RecordingState.STORED
    if row is None:
        return Writing(None, rests=False, until=_rests_until(recording), language=None, anew=anew)
    percent = row.finished * 100 // row.windows if row.windows else None
    return Writing(percent, row.stopped_at is not None, _rests_until(recording), row.wished, anew)


def may_steer(session: Session, viewer: Member, contact: Contact) -> bool:
    """Whether this member may stop it and let it go on."""
    of_team = viewer.role is Role.SUPERVISOR and viewer.team_id == contact.team_id
    return viewer.trained and (of_team or contacts.handled_by(session, contact.id, viewer.id))


def stop(session: Session, now: datetime, viewer: Member, contact: Contact) -> None:
    """Let it rest: who is at it ends within a second or two, what is finished stays, others in the queue come first.
    What is written down anew does not rest: that wish is given up, and the words stay as they are.

    Raises `NotFound` for who may not, `Conflict` when nothing of the contact is to be written down, or its day is over;
    twice is once.
    """
    if may_steer(session, viewer, contact) and (recording := _wished_anew(session, contact.id)) is not None:
        underway.forget(session, recording.id)
        record(session, now, viewer.public_id, Action.TRANSCRIPTION_STOPPED, recording.public_id)
        service.tell(session, now, recording)
        return
    recording, row = _steered(session, now, viewer, contact)
    if now >= _rests_until(recording):
        raise Conflict("This call was kept more than a day ago, so it is written down now.")
    if row.stopped_at is None:
        row.stopped_at, row.claim = now, ""
        record(session, now, viewer.public_id, Action.TRANSCRIPTION_STOPPED, recording.public_id)
        service.tell(session, now, recording)


def go_on(session: Session, now: datetime, jobs: Jobs, viewer: Member, contact: Contact) -> None:
    """Let it go on at the last finished window. Raises `NotFound` and `Conflict` as `stop` does."""
    recording, row = _steered(session, now, viewer, contact)
    if row.stopped_at is not None:
        _wake(session, now, jobs, recording, row, viewer.public_id)


def in_language(session: Session, now: datetime, jobs: Jobs, viewer: Member, contact: Contact, language: str) -> None:
    """Have the newest recording written down in this language (P10): it begins anew, and words that are there stay
    until the new ones take their place (`redoing.write_anew`).

    Raises `NotFound` and `Conflict` as `stop` does, and `Invalid` for what is no language of Whisper; twice is once.
    """
    if not may_steer(session, viewer, contact):
        raise NotFound()
    if not is_language(language):
        raise Invalid("Choose a language from the list.")
    recording = _to_be_written(session, contact.id) or _written(session, contact.id)
    if recording is None:
        raise Conflict("Nothing of this contact is written down now; reload the page.")
    row = underway.of(session, recording.id) or Transcription(recording_id=recording.id, moved_at=now)
    session.add(row)
    if row.wished == language:
        return
    row.wished, row.claim = language, ""
    record(session, now, viewer.public_id, Action.TRANSCRIPTION_LANGUAGE, recording.public_id, language)
    if recording.state is RecordingState.ATTACHED:
        service.enqueue_anew(session, jobs, recording)
    elif row.stopped_at is None:
        service.enqueue_next(session, jobs, recording)
    service.tell(session, now, recording)


def wake_rested(session: Session, now: datetime, jobs: Jobs) -> int:
    """Let go on by itself what has rested as long as it may; how many did."""
    found = session.exec(
        select(Recording, Transcription)
        .join(Transcription, col(Transcription.recording_id) == Recording.id)
        .where(Recording.state == RecordingState.STORED, col(Transcription.stopped_at).is_not(None))
        .where(col(Recording.stored_at) <= now - LONGEST_REST)
    ).all()
    for recording, row in found:
        _wake(session, now, jobs, recording, row, service.WORKER)
    return len(found)


def _wake(session: Session, now: datetime, jobs: Jobs, recording: Recording, row: Transcription, actor: str) -> None:
    row.stopped_at = None
    record(session, now, actor, Action.TRANSCRIPTION_GONE_ON, recording.public_id)
    service.enqueue_next(session, jobs, recording)
    service.tell(session, now, recording)


def _rests_until(recording: Recording) -> datetime:
    return (recording.stored_at or recording.arrived_at) + LONGEST_REST


def _steered(session: Session, now: datetime, viewer: Member, contact: Contact) -> tuple[Recording, Transcription]:
    if not may_steer(session, viewer, contact):
        raise NotFound()
    recording = _to_be_written(session, contact.id)
    if recording is None:
        raise Conflict("Nothing of this contact is being written down now; reload the page.")
    row = underway.of(session, recording.id) or Transcription(recording_id=recording.id, moved_at=now)
    session.add(row)
    return recording, row


def _written(session: Session, contact_id: int) -> Recording | None:
    """The newest recording of a contact that has words, and its sound."""
    found = [one for one in service.recordings_of(session, contact_id) if one.state is RecordingState.ATTACHED]
    with_words = [one for one in found if one.wrapped_key is not None and redone.of(session, one.sid) is not None]
    return with_words[-1] if with_words else None


def _wished_anew(session: Session, contact_id: int) -> Recording | None:
    found = (
        select(Recording)
        .join(Transcription, col(Transcription.recording_id) == Recording.id)
        .where(Recording.contact_id == contact_id, Recording.state == RecordingState.ATTACHED)
        .where(col(Transcription.wished).is_not(None))
    )
    return session.exec(found.order_by(col(Recording.id).desc())).first()


def _to_be_written(session: Session, contact_id: int) -> Recording | None:
    stored = [one for one in service.recordings_of(session, contact_id) if one.state is RecordingState.STORED]
    return stored[-1] if stored else None
