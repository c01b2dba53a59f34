"""Recordings that are being written down: what is finished of them, who is at it, and how somebody steps in.

What is finished is kept window by window, sealed, since whole calls are redacted and not parts of them. Of several
tries at one recording the newest goes on; an older one finds that out with its next look, and ends.
"""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlmodel import Session, col, delete, select

from contactcenter.recordings.models import Cut, Recording, Transcription, TranscriptionPart
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.transcriber import Task


class Superseded(Exception):
    """Somebody stopped this try, or began another one, or its recording is gone or another one by now."""


@dataclass(frozen=True)
class Try:
    """One try at writing a recording down, as it was when it began."""

    recording: str
    state: RecordingState
    object_key: str
    claim: str


def of(session: Session, recording_id: int) -> Transcription | None:
    """The transcription under way of a recording."""
    return session.exec(select(Transcription).where(Transcription.recording_id == recording_id)).first()


def wished(session: Session, recording_id: int) -> str | None:
    """The language that somebody chose for this recording, if any."""
    row = of(session, recording_id)
    return row.wished if row is not None else None


def claimed(session: Session, now: datetime, recording: Recording) -> Try:
    """Begin a try; older ones end. Raises `Superseded` while somebody wants it to rest."""
    row = of(session, recording.id) or Transcription(recording_id=recording.id, moved_at=now)
    if row.stopped_at is not None:
        raise Superseded
    assert recording.object_key is not None
    row.claim = secrets.token_hex(8)
    session.add(row)
    return Try(recording.public_id, recording.state, recording.object_key, row.claim)


def standing(session: Session, one: Try) -> tuple[Recording, Transcription]:
    """The rows of a try that may still go on; raises `Superseded` for one that may not.

    The sound has to be the very same: what was cut out of it meanwhile must not come back.
    """
    found = session.exec(
        select(Recording, Transcription)
        .join(Transcription, col(Transcription.recording_id) == Recording.id)
        .where(Recording.public_id == one.recording, Transcription.claim == one.claim)
        .execution_options(populate_existing=True)
    ).first()
    if found is None:
        raise Superseded
    recording, row = found
    same = (recording.state, recording.object_key) == (one.state, one.object_key)
    if not same or recording.wrapped_key is None or row.stopped_at is not None or _is_cut(session, recording):
        raise Superseded
    return recording, row


def resumed(session: Session, one: Try, row: Transcription, task: Task) -> list[TranscriptionPart]:
    """The parts of this very task that are finished already, in order; those of any other are forgotten."""
    new = {"object_key": one.object_key, **asdict(task)}
    if any(getattr(row, name) != value for name, value in new.items()):
        anew(session, row)
        for name, value in new.items():
            setattr(row, name, value)
    parts = select(TranscriptionPart).where(TranscriptionPart.transcription_id == row.id)
    return list(session.exec(parts.order_by(col(TranscriptionPart.id))))


def anew(session: Session, row: Transcription) -> None:
    """Nothing is finished any more."""
    session.exec(delete(TranscriptionPart).where(col(TranscriptionPart.transcription_id) == row.id))
    row.windows = row.finished = 0


def cut(session: Session, recording: Recording) -> None:
    """Something is cut out of a recording: what was finished of it goes, and what is at it ends."""
    row = of(session, recording.id)
    if row is not None:
        anew(session, row)
        row.claim = ""


def forget(session: Session, recording_id: int) -> None:
    """Nothing is under way any more: the words are attached, or may not be."""
    row = of(session, recording_id)
    if row is not None:
        anew(session, row)
        session.flush()
        session.delete(row)
        session.flush()


def _is_cut(session: Session, recording: Recording) -> bool:
    """Whether a passage waits for being cut out: nobody listens to that any more."""
    waiting = select(Cut.id).where(Cut.recording_sid == recording.sid, col(Cut.cut_at).is_(None))
    return session.exec(waiting).first() is not None
