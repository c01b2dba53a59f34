"""What the ledger says is destroyed, done again in a database that came from a backup; before its first request.

The database may be older than the ledger, never the other way round: what it still holds of a line goes. What came
first is said by the place of a line, not by its moment.
"""

from datetime import datetime

import structlog
from sqlalchemy import or_
from sqlmodel import Session, col, select

from contactcenter.contacts.models import Contact
from contactcenter.core import installation, ledger
from contactcenter.core.audit import Action, AuditEntry, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.core.ledger import Known, Ledger, Line, Written, moment
from contactcenter.recordings import cuts, service, timers
from contactcenter.recordings.models import Cut, Expected, Recording
from contactcenter.recordings.retention import certify
from contactcenter.recordings.rules import GONE, CarrierCopy, CutReason, NotRecorded, RecordingState
from contactcenter.recordings.service import DESTROYED, REFUSED
from contactcenter.staff.rules import Role

PUT_BACK = (
    "Put the newest whole copy of it back, or correct CONTACTCENTER_LEDGER. If there is none, move this one away; then "
    "`contactcenter migrate --new-ledger` begins another one, or `contactcenter restore --without-ledger --ledger "
    "THE_OLD_ONE` uses what it has. What was destroyed since may then be back."
)
AT_ONCE = 100  # lines of one transaction
STATES = frozenset(state.value for state in GONE)
REASONS = frozenset(reason.value for reason in NotRecorded)
CUT_IDS = {"cut", "recording", "sid", "contact"}
IDS = {DESTROYED: {"recording", "sid"}, REFUSED: {"contact"}, timers.HELD: {"contact", "hold"}, cuts.CUT: CUT_IDS}
Numbered = tuple[int, Line]  # a line and its place in the ledger
log = structlog.get_logger()


class LedgerMissing(Problem):
    """Nobody can say what was destroyed since the database was made."""

    id = "ledger-missing"


def begin(db: Database, now: datetime, *, new: bool = False) -> None:
    """Begin the ledger of this database, with what it knows to be destroyed, if there is none yet.

    Raises `LedgerMissing` when there was one before and `new` doesn't say that it is lost, or when it is not whole:
    the database may come from a backup, and what was destroyed since would be back.
    """
    if db.ledger is None:
        return
    written = db.ledger.read()
    with db.writing() as session:
        known = ledger.known_to(session)
        if written.head is None:
            _begin(session, now, written, known, new=new)
            return
        refuse_incomplete(written, known, installation.name_of(session))
        if known.get(written.head.ledger) != written.head:
            ledger.remember(session, written.head)


def again(db: Database, now: datetime) -> int:
    """Destroy what the ledger says and this database still has, or would fetch anew; how much that was."""
    if db.ledger is None:
        return 0
    lines = understood(db.ledger.read())
    held = {line["hold"]: place for place, line in enumerate(lines) if line["what"] == timers.HELD}
    unknown = _unknown(db, lines)
    parts = (unknown[at : at + AT_ONCE] for at in range(0, len(unknown), AT_ONCE))
    done = sum(_do_again(db, now, part, held) for part in parts)
    if done:
        log.warning("destroyed-again", count=done)
    return done


def gone_objects(written: Ledger) -> set[str]:
    """Names of the objects that must not come back into the vault."""
    return {line["object"] for line in written.lines() if line["what"] in (DESTROYED, cuts.CUT) and line.get("object")}


def refuse_incomplete(written: Written, known: Known, ours: str) -> None:
    """Raise `LedgerMissing` for a ledger that lacks what is `known` of it, or is not of the installation `ours`."""
    if not known:
        return
    if written.head is None:
        raise LedgerMissing(f"The ledger of what was destroyed is empty, or a very old one. {PUT_BACK}")
    mine = known.get(written.head.ledger)
    if mine is None and written.installation != ours:
        raise LedgerMissing(f"The ledger of what was destroyed is another installation's. {PUT_BACK}")
    if mine is not None and not written.holds(mine):
        raise LedgerMissing(
            f"The ledger of what was destroyed is not the newest: it has {written.head.lines} lines, of which the last "
            f"is of {written.lines[-1]['at']}, and {mine.lines} were written. {PUT_BACK}"
        )


def known_lines(written: Written) -> list[Line]:
    """Those of the lines that say what we know how to do."""
    return [line for line in written.lines if _is_understood(line)]


def understood(written: Written) -> list[Line]:
    """The lines, if each says what we know how to do; else a sentence."""
    for number, line in enumerate(written.lines, 1):
        if not _is_understood(line):
            raise LedgerMissing(
                f"Line {number} of the ledger of what was destroyed says nothing that this version knows. {PUT_BACK}"
            )
    return written.lines


def _is_understood(line: Line) -> bool:
    what = line["what"]
    known = what == ledger.BEGUN or what in IDS
    state_too = line.get("state") in STATES if what == DESTROYED else True
    reason_too = line.get("reason") in REASONS if what == REFUSED else True
    passage_too = _cut_of(line) is not None if what == cuts.CUT else True
    return known and state_too and reason_too and passage_too and all(line.get(name) for name in IDS.get(what, ()))


def _begin(session: Session, now: datetime, written: Written, known: Known, *, new: bool) -> None:
    if not new and (known or (_begun(session) and not written.lines)):
        raise LedgerMissing(
            "The ledger of what was destroyed is missing, though this database had one. Put it back, or correct "
            "CONTACTCENTER_LEDGER. If it is lost for good, `contactcenter migrate --new-ledger` begins another "
            "one; what was destroyed since the last backup may then be back."
        )
    record(session, now, service.WORKER, Action.LEDGER_BEGUN, "installation")
    ledger.note(session, now, ledger.BEGUN, installation=installation.name_of(session))
    for recording in session.exec(select(Recording).where(col(Recording.state).in_(GONE))):
        service.on_ledger(session, recording.destroyed_at or now, recording)
    for cut in session.exec(select(Cut)):
        cuts.on_ledger(session, cut)


def _begun(session: Session) -> bool:
    begun = select(AuditEntry.id).where(AuditEntry.action == Action.LEDGER_BEGUN)
    return session.exec(begun).first() is not None


def _unknown(db: Database, lines: list[Line]) -> list[Numbered]:
    """The lines that this database hasn't done, in their order, about contacts or recordings that it has.

    By what its rows say, never by moments: those are of whatever clock there was.
    """
    with db.reading() as session:
        gone = set(session.exec(select(Recording.sid).where(col(Recording.state).in_(GONE))))
        here = set(session.exec(select(Recording.sid))) - gone
        refused = set(
            session.exec(
                select(Contact.public_id)
                .join(Expected, col(Expected.contact_id) == col(Contact.id))
                .where(col(Expected.refused_at).is_not(None))
            )
        )
        cut = set(session.exec(select(Cut.public_id)))
        left = [
            (place, line)
            for place, line in enumerate(lines)
            if (line["what"] == DESTROYED and line["sid"] not in gone)
            or (line["what"] == REFUSED and line["contact"] not in refused)
            or (line["what"] == cuts.CUT and line["cut"] not in cut)
        ]
        contacts = _contacts_among(session, {line["contact"] for _, line in left if line.get("contact")})
    return [(place, line) for place, line in left if line.get("contact") in contacts or line.get("sid") in here]


def _contacts_among(session: Session, named: set[str]) -> set[str]:
    names = sorted(named)
    parts = (names[at : at + AT_ONCE] for at in range(0, len(names), AT_ONCE))
    return {
        one for part in parts for one in session.exec(select(Contact.public_id).where(col(Contact.public_id).in_(part)))
    }


def _do_again(db: Database, now: datetime, lines: list[Numbered], held: dict[str, int]) -> int:
    with db.writing() as session:
        done = sum(DO_AGAIN[line["what"]](session, now, place, line, held) for place, line in lines)
        session.info.pop(ledger.PENDING, None)  # it stands there already
    return done


def _refuse(session: Session, now: datetime, place: int, line: Line, held: dict[str, int]) -> bool:
    """A contact that may not be recorded; what arrives of it later is turned away."""
    contact = _contact(session, line)
    expected = service.expected_of(session, contact.id) if contact else None
    if expected is None or expected.refused_at is not None:
        return False
    service.refuse(session, moment(line), expected.contact_id, NotRecorded(line["reason"]))
    return True


def _destroy(session: Session, now: datetime, place: int, line: Line, held: dict[str, int]) -> bool:
    either = or_(col(Recording.sid) == line["sid"], col(Recording.public_id) == line["recording"])
    recording = session.exec(select(Recording).where(either)).first()
    if recording is None:
        return _bury(session, line)
    if recording.state in GONE or _held_since(session, recording, place, line, held):
        return False
    service.shred(session, moment(line), recording, RecordingState(line["state"]))
    if recording.state is RecordingState.DESTROYED:
        certify(session, moment(line), recording)
    record(session, now, service.WORKER, Action.RECORDING_DESTROYED_AGAIN, recording.public_id)
    return True


def _cut(session: Session, now: datetime, place: int, line: Line, held: dict[str, int]) -> bool:
    """A passage: unheard and unread from here on, also if its recording is yet to come; the sweep cuts its sound."""
    contact, cut = _contact(session, line), _cut_of(line)
    if contact is None or cut is None:
        return False
    if any(held.get(hold.public_id, -1) > place for hold in timers.holds_of(session, contact.id)):
        return False
    cuts.begin(session, cut, contact.id)
    record(session, now, service.WORKER, Action.RECORDING_CUT_ASKED, line["recording"], cut.reason.value)
    return True


def _cut_of(line: Line) -> Cut | None:
    """The row that a line speaks of; None when it doesn't."""
    try:
        cut = Cut(
            public_id=line["cut"],
            recording_sid=line["sid"],
            start=float(line["start"]),
            end=float(line["end"]),
            reason=CutReason(line["reason"]),
            role=Role(line["role"]),
            asked_at=moment(line),
        )
    except (KeyError, ValueError, TypeError):
        return None
    return cut if 0 <= cut.start < cut.end else None


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
        object_key=line.get("object"),
        destroyed_at=moment(line),
    )
    session.add(buried)
    return True


def _held_since(session: Session, recording: Recording, place: int, line: Line, held: dict[str, int]) -> bool:
    """A hold that this database has, and that was placed after the line was written: then its transaction never was."""
    holds = timers.holds_of(session, recording.contact_id)
    return line["state"] == RecordingState.DESTROYED and any(held.get(hold.public_id, -1) > place for hold in holds)


DO_AGAIN = {REFUSED: _refuse, DESTROYED: _destroy, cuts.CUT: _cut}


def _contact(session: Session, line: Line) -> Contact | None:
    return session.exec(select(Contact).where(Contact.public_id == line.get("contact"))).first()
