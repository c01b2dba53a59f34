"""What the ledger says is destroyed, done again in a database that came from a backup; before its first request.

The database may be older than the ledger, never the other way round: what it still holds of a line goes.
"""

from datetime import datetime, timedelta

import structlog
from sqlmodel import Session, col, select

from contactcenter.contacts.models import Contact
from contactcenter.core import ledger
from contactcenter.core.audit import Action, AuditEntry, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.core.ledger import Ledger, Line, moment
from contactcenter.recordings import service, timers
from contactcenter.recordings.models import Recording
from contactcenter.recordings.retention import certify
from contactcenter.recordings.rules import GONE, CarrierCopy, NotRecorded, RecordingState

AT_ONCE = 100  # lines of one transaction
CLOCKS_DIFFER = timedelta(days=1)  # by less than this: machines, and a clock that was set back
log = structlog.get_logger()


class LedgerMissing(Problem):
    """Nobody can say what was destroyed since the database was made."""

    id = "ledger-missing"


def begin(db: Database, now: datetime, *, new: bool = False) -> None:
    """Begin the ledger of this database, with what it knows to be destroyed, if there is none yet.

    Raises `LedgerMissing` when there was one before and `new` doesn't say that it is lost: the database may come
    from a backup, and what was destroyed since would be back.
    """
    if db.ledger is None or db.ledger.exists():
        return
    with db.writing() as session:
        if _begun(session) and not new:
            raise LedgerMissing(
                "The ledger of what was destroyed is missing, though this database had one. Put it back, or correct "
                "CONTACTCENTER_LEDGER. If it is lost for good, `contactcenter migrate --new-ledger` begins another "
                "one; what was destroyed since the last backup may then be back."
            )
        record(session, now, service.WORKER, Action.LEDGER_BEGUN, "installation")
        ledger.note(session, now, "begun")
        for recording in session.exec(select(Recording).where(col(Recording.state).in_(GONE))):
            service.on_ledger(session, recording.destroyed_at or now, recording)


def again(db: Database, now: datetime) -> int:
    """Destroy what the ledger says and this database still has, or would fetch anew; how much that was."""
    if db.ledger is None:
        return 0
    lines = _unknown_lines(db, db.ledger)
    done = sum(_do_again(db, now, lines[at : at + AT_ONCE]) for at in range(0, len(lines), AT_ONCE))
    if done:
        log.warning("destroyed-again", count=done)
    return done


def gone_objects(written: Ledger) -> set[str]:
    """Names of the objects that must not come back into the vault."""
    return {line["object"] for line in written.lines() if line["what"] == service.DESTROYED and line["object"]}


def _begun(session: Session) -> bool:
    begun = select(AuditEntry.id).where(AuditEntry.action == Action.LEDGER_BEGUN)
    return session.exec(begun).first() is not None


def _unknown_lines(db: Database, written: Ledger) -> list[Line]:
    """The lines that this database may not know of, the oldest first: about what it has, or newer than all it knows."""
    with db.reading() as session:
        here = set(session.exec(select(Recording.sid).where(col(Recording.state).not_in(GONE))))
        newest = session.exec(select(AuditEntry.at).order_by(col(AuditEntry.at).desc())).first()
    if newest is None:
        return []  # nothing ever happened here
    since = newest - CLOCKS_DIFFER
    return [line for line in written.lines() if line.get("sid") in here or moment(line) > since]


def _do_again(db: Database, now: datetime, lines: list[Line]) -> int:
    with db.writing() as session:
        done = sum(_refuse(session, line) or _destroy(session, now, line) for line in lines)
        session.info.pop(ledger.PENDING, None)  # it stands there already
    return done


def _refuse(session: Session, line: Line) -> bool:
    """A contact that may not be recorded; what arrives of it later is turned away."""
    if line["what"] != service.REFUSED:
        return False
    contact = _contact(session, line)
    expected = service.expected_of(session, contact.id) if contact else None
    if expected is None or expected.refused_at is not None:
        return False
    service.refuse(session, moment(line), expected.contact_id, NotRecorded(line["reason"]))
    return True


def _destroy(session: Session, now: datetime, line: Line) -> bool:
    if line["what"] != service.DESTROYED:
        return False
    recording = service.recording_by_sid(session, line["sid"])
    if recording is None:
        return _bury(session, line)
    if recording.state in GONE or _held_since(session, recording, line):
        return False
    service.shred(session, moment(line), recording, RecordingState(line["state"]))
    if recording.state is RecordingState.DESTROYED:
        certify(session, moment(line), recording)
    record(session, now, service.WORKER, Action.RECORDING_DESTROYED_AGAIN, recording.public_id)
    return True


def _bury(session: Session, line: Line) -> bool:
    """A row for a recording that came and went after the backup, so that no late callback brings it back.

    Of a call that this database doesn't know none is ever fetched; nothing needs to be said.
    """
    contact = _contact(session, line)
    if contact is None:
        return False
    buried = Recording(
        public_id=line["recording"],
        sid=line["sid"],
        contact_id=contact.id,
        state=RecordingState(line["state"]),
        carrier_copy=CarrierCopy.PRESENT,  # as far as we know; the clearing sweep asks
        arrived_at=moment(line),
        object_key=line["object"],
        destroyed_at=moment(line),
    )
    session.add(buried)
    return True


def _held_since(session: Session, recording: Recording, line: Line) -> bool:
    """A hold that is younger than the line: the destruction was written down and then not committed."""
    holds = timers.holds_of(session, recording.contact_id)
    return line["state"] == RecordingState.DESTROYED and any(hold.placed_at > moment(line) for hold in holds)


def _contact(session: Session, line: Line) -> Contact | None:
    return session.exec(select(Contact).where(Contact.public_id == line["contact"])).first()
