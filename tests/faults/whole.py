"""What must hold when everything has come to rest, whoever was killed in between."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy.engine import make_url
from sqlmodel import Session, col, func, select

from contactcenter.compose import Ports
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.inbox import InboxEvent
from contactcenter.notes.models import Summary, Transcript
from contactcenter.recordings import retention, timers, verifying
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import CarrierCopy, RecordingState
from tests.faults.witness import Witness, found_in

HOME_OF_WORDS = "contactcenter.db"  # and its log
ONCE = (Action.RECORDING_ARRIVED, Action.RECORDING_STORED, Action.RECORDING_CARRIER_COPY_DELETED)


def whole(parts: Ports, witness: Witness, sids: Collection[str], acknowledged: Collection[str] = ()) -> None:
    """Everything that was promised about these recordings (SIDs) and acknowledged events (keys of the inbox)."""
    with parts.db.reading() as session:
        known = set(session.exec(select(InboxEvent.key)))
        assert set(acknowledged) <= known, "an acknowledged webhook is nowhere"
        for sid in sids:
            one_of_each(session, parts, sid)
        said = [segment["text"] for kept in session.exec(select(Transcript)) for segment in kept.segments]
    assert witness.only_after_ours(), "the carrier's copy was deleted before ours was durable"
    assert {*witness.deleted} >= {*sids}, "the carrier still has a copy"
    objects_fit_rows(parts)
    nothing_in_clear(parts, witness, said)
    assert integrity(parts) == "ok"


def one_of_each(session: Session, parts: Ports, sid: str) -> None:
    """One recording with one timer, one transcript, one draft; each act once on record."""
    recording = session.exec(select(Recording).where(Recording.sid == sid)).one()
    assert recording.state is RecordingState.ATTACHED
    assert recording.carrier_copy is CarrierCopy.DELETED
    assert recording.wrapped_key
    assert recording.stored_at
    assert recording.retain_until == timers.timer(session, recording.stored_at, parts.settings.zone)
    session.exec(select(Transcript).where(Transcript.recording_sid == sid)).one()
    draft = session.exec(select(Summary).where(Summary.contact_id == recording.contact_id)).one()
    assert draft.draft_lines is not None
    for action in ONCE:
        acts = select(func.count()).where(AuditEntry.subject == recording.public_id, col(AuditEntry.action) == action)
        assert session.exec(acts).one() == 1, action


def objects_fit_rows(parts: Ports) -> None:
    """No key without its object; and once the sweep of orphans comes of age, no object without its row."""
    assert parts.vault is not None
    retention.orphans(parts.db, parts.vault, datetime.now(UTC) + timedelta(days=2))
    assert verifying.verify_all(parts.db, parts.vault, lambda _: None) == [], "a key or an object is alone or damaged"


def nothing_in_clear(parts: Ports, witness: Witness, said: Collection[str] = ()) -> None:
    """No sound on our disk at all, and no word outside of the database."""
    folder = folder_of(parts)
    assert witness.sound_on_disk(folder) == [], "sound in clear"
    words = [text.encode() for text in said if len(text) > 12]
    if words:
        assert [name for name in found_in(folder, words) if not name.startswith(HOME_OF_WORDS)] == [], "words"


def folder_of(parts: Ports) -> Path:
    """Where the instance keeps everything: database, vault and temporary files."""
    return database_of(parts).parent


def database_of(parts: Ports) -> Path:
    """The file of the database."""
    return Path(make_url(parts.settings.database_url).database or "")


def integrity(parts: Ports) -> str:
    """What SQLite says of its own file."""
    with closing(sqlite3.connect(database_of(parts))) as database:
        return str(database.execute("PRAGMA integrity_check").fetchone()[0])
