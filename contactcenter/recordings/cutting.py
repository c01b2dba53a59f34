"""The sound of a passage goes: a new object without it, under a new key, takes the place of the one that has it (P17).

The new object is durable, and read back, before one transaction names it and forgets the old key; then the old object
goes. Killed in between, either the whole is there, which nobody hears (`cuts.py`), or the recording without its
passage. Every step may run twice. In memory is a piece of the recording at a time.
"""

from collections.abc import Sequence
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from contactcenter.core.audit import Action, record
from contactcenter.core.clock import Clock
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.core.jobs import Jobs
from contactcenter.recordings import cuts, service
from contactcenter.recordings.left_out import LeftOut, flat, of_cuts, silenced, silences
from contactcenter.recordings.models import Certificate, Cut, Recording
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.vault import Stored, Vault
from contactcenter.recordings.vault_file import as_file
from contactcenter.recordings.verifying import stored_of
from contactcenter.recordings.wav import read_header

HEADER_AHEAD = 4096  # bytes; a header is shorter
PARTS = ["audio-of-passage", "key", "waveform-of-passage", "words-of-passage"]
TO_WRITE_DOWN = (RecordingState.STORED, RecordingState.TRANSCRIBED)
log = structlog.get_logger()


def cut_all(db: Database, vault: Vault | None, clock: Clock, jobs: Jobs) -> bool:
    """Cut out whatever waits for it, and delete what is left of what was; False when some of it must wait."""
    with db.reading() as session:
        waiting = _waiting(session)
    done = [cut_out(db, vault, clock, jobs, public_id) for public_id in waiting]
    return clear(db, vault) and all(done)


def cut_out(db: Database, vault: Vault | None, clock: Clock, jobs: Jobs, public_id: str) -> bool:
    """Cut out of one recording whatever waits for it; False when it must wait: the sweep tries again."""
    if vault is None:
        return False
    try:
        _cut_out(db, vault, clock, jobs, public_id)
    except Problem as problem:
        log.warning("passage-stays", recording=public_id, problem=problem.id)
        return False
    except Exception as error:  # noqa: BLE001  # others wait behind it; the promises count what stays
        log.error("passage-stays", recording=public_id, error=type(error).__name__)
        return False
    return clear(db, vault)


def clear(db: Database, vault: Vault | None) -> bool:
    """Delete the objects that had passages since cut; True when none is left."""
    with db.reading() as session:
        left = session.exec(select(Cut.id, Cut.remnant).where(col(Cut.remnant).is_not(None))).all()
    gone = [_delete(db, vault, id, remnant) for id, remnant in left if remnant]
    return all(gone)


def unfinished(session: Session) -> set[str]:
    """Recordings, by public id, of which a passage is still in the vault."""
    left = select(Recording.public_id).join(Cut, col(Cut.recording_sid) == col(Recording.sid))
    return {*session.exec(left.where(col(Cut.remnant).is_not(None))), *_waiting(session)}


def _waiting(session: Session) -> list[str]:
    """Recordings that can be opened and have a passage that nobody has cut out yet, by public id."""
    asked = select(Cut.recording_sid).where(col(Cut.cut_at).is_(None))
    kept = select(Recording.public_id).where(col(Recording.sid).in_(asked), col(Recording.wrapped_key).is_not(None))
    return list(session.exec(kept.order_by(col(Recording.id))))


def _cut_out(db: Database, vault: Vault, clock: Clock, jobs: Jobs, public_id: str) -> None:
    with db.reading() as session:
        recording = service.by_public_id(session, public_id)
        asked = [one.id for one in cuts.waiting(session, recording.sid)]
        silent, stored = of_cuts(session, recording), stored_of(recording)
    if not asked or not stored.wrapped_key:
        return
    made = _without(vault, public_id, stored, silent)
    with db.writing() as session:
        recording = service.by_public_id(session, public_id)
        taken = recording.object_key == stored.key and recording.wrapped_key is not None
        if taken:
            _replace(session, clock(), recording, made, silent, asked)
            if recording.state in TO_WRITE_DOWN:  # what was heard of the old sound is dropped
                service.enqueue_next(session, jobs, recording)
    if not taken:
        vault.destroy(made.key)


def _without(vault: Vault, public_id: str, stored: Stored, silent: Sequence[LeftOut]) -> Stored:
    """The same recording once more, silent in these seconds; read back, so that the old one may go."""
    header = read_header(as_file(vault.open(public_id, stored), HEADER_AHEAD))
    made = vault.store_anew(public_id, stored, lambda pieces: silenced(pieces, 0, silences(header, silent)))
    vault.verify(public_id, made)
    return made


def _replace(
    session: Session, now: datetime, recording: Recording, made: Stored, silent: Sequence[LeftOut], asked: Sequence[int]
) -> None:
    done = list(session.exec(select(Cut).where(col(Cut.id).in_(asked))))
    done[-1].remnant = recording.object_key
    recording.object_key, recording.wrapped_key = made.key, made.wrapped_key
    recording.size, recording.sha256 = made.size, made.sha256
    recording.peaks = [flat(channel, silent) for channel in recording.peaks or []]
    for one in done:
        one.cut_at = now
        session.add(_certificate(recording, one, now))
        record(session, now, service.WORKER, Action.RECORDING_CUT, recording.public_id, one.reason.value)
    service.tell(session, now, recording)


def _certificate(recording: Recording, cut: Cut, now: datetime) -> Certificate:
    return Certificate(
        recording=recording.public_id,
        parts=PARTS,
        rule=f"cut: {cut.reason.value}",
        due_at=cut.asked_at,
        destroyed_at=now,
    )


def _delete(db: Database, vault: Vault | None, id: int, remnant: str) -> bool:
    if vault is None:
        return False
    try:
        vault.destroy(remnant)
    except Problem as problem:
        log.warning("object-stays", problem=problem.id)
        return False
    with db.writing() as session:
        session.get_one(Cut, id).remnant = None
    return True
