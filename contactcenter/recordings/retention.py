"""Destroying what is due, on time and provably (P17).

First the key and all words go, in one transaction: from then on the object is noise. Then the object and the
carrier's copy go, then what SQLite's log may still hold; each part is repeated by the next sweep until it is done.
A certificate says when; it holds no personal data.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy import func, update
from sqlmodel import Session, col, select

from contactcenter.carrier.port import Carrier, CarrierProblem, Trouble
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.db import Database
from contactcenter.recordings import cutting, service, timers
from contactcenter.recordings.models import Certificate, Hold, Recording
from contactcenter.recordings.rules import GONE, KEPT, CarrierCopy, RecordingState, due_at, sweep_must_stop
from contactcenter.recordings.vault import Vault, VaultDamaged, VaultUnavailable

log = structlog.get_logger()
CARRIER_KEEPS_METADATA = timedelta(days=40)
ORPHAN_AFTER = timedelta(days=1)
AT_ONCE = 20  # recordings of one transaction (some 60 ms), so that a large sweep never holds up a webhook
LOG_TRIES, LOG_PAUSE = 20, 0.1  # seconds between tries to empty SQLite's log
PARTS = ["audio", "key", "waveform", "transcript", "draft", "citations", "carrier-copy"]


class Due(NamedTuple):
    """A recording that must be gone, and the moment since when: its timer's end, later when a hold stood then."""

    public_id: str
    since: datetime


@dataclass(frozen=True)
class Report:
    """What a sweep did. `stopped` means that it was more than it may destroy without asking."""

    due: int
    destroyed: int
    cleared: bool
    stopped: bool = False
    dry_run: bool = False

    @property
    def sentence(self) -> str:
        """The report for a person."""
        if self.dry_run:
            return f"{self.due} recordings are due; nothing was destroyed."
        if self.stopped:
            return (
                f"{self.due} recordings are due, more or longer than a sweep destroys without asking. They can't be "
                "played any more. Look at the clock and at the retention rule, then run "
                "`contactcenter retention sweep --force`."
            )
        rest = "" if self.cleared else " Some remnants stay until the next sweep; see the operations page."
        return f"{self.destroyed} recordings were destroyed.{rest}"


def sweep(
    db: Database,
    vault: Vault | None,
    carrier: Carrier,
    now: datetime,
    *,
    dry_run: bool = False,
    force: bool = False,
) -> Report:
    """Destroy what is due, holds obeyed; unless `force`, stop and ask when that is too much or was due too long ago."""
    with db.reading() as session:
        due, kept = due_recordings(session, now), _count_kept(session)
    overdue = now - min((one.since for one in due), default=now)
    if dry_run:
        return Report(len(due), 0, cleared=False, dry_run=True)
    if sweep_must_stop(len(due), kept - len(due), overdue) and not force:
        with db.writing() as session:
            raise_alert(session, now, AlertKind.SWEEP_STOPPED, f"{now:%Y-%m-%d}", str(len(due)))
            record(session, now, service.WORKER, Action.SWEEP_STOPPED, f"{now:%Y-%m-%d}", str(len(due)))
        return Report(len(due), 0, cleared=False, stopped=True)
    destroyed = sum(_destroy_some(db, now, due[at : at + AT_ONCE]) for at in range(0, len(due), AT_ONCE))
    return Report(len(due), destroyed, cleared=clear_remnants(db, vault, carrier, now))


def due_recordings(session: Session, now: datetime) -> list[Due]:
    """The recordings that must be gone now, those whose timers ran out first at the front."""
    past = (
        select(Recording.public_id, Recording.contact_id, Recording.retain_until)
        .where(col(Recording.retain_until) <= now, col(Recording.state).in_(KEPT))
        .order_by(col(Recording.retain_until))
    )
    holds = _holds_by_contact(session)
    ends = [
        (public_id, due_at(retain_until, timers.spans(holds.get(contact_id or 0, []))))
        for public_id, contact_id, retain_until in session.exec(past)
    ]
    return [Due(public_id, since) for public_id, since in ends if since is not None and since <= now]


def clear_remnants(db: Database, vault: Vault | None, carrier: Carrier, now: datetime) -> bool:
    """Remove objects and carrier copies of what is unwanted or destroyed; True when nothing at all is left.

    Also asks the carrier again about copies of what we keep ourselves by now.
    """
    with db.reading() as session:
        remnants = _with_remnants(session)
    gone = [_clear_one(db, vault, carrier, now, one) for one in remnants]
    emptied = _empty_log(db)
    if emptied:
        _complete_certificates(db, now)
    return all(gone) and emptied


def delete_at_carrier(carrier: Carrier, public_id: str, sid: str) -> Trouble | None:
    """Ask the carrier to delete its copy; None when it did, else why not."""
    try:
        carrier.delete_recording(sid)
    except CarrierProblem as problem:
        log.warning("carrier-copy-stays", recording=public_id, trouble=problem.trouble.value)
        return problem.trouble
    return None


def carrier_copy_deleted(session: Session, now: datetime, recording: Recording) -> None:
    """The carrier deleted its copy, or had none any more."""
    if recording.carrier_copy is CarrierCopy.PRESENT:
        recording.carrier_copy = CarrierCopy.DELETED
        record(session, now, service.WORKER, Action.RECORDING_CARRIER_COPY_DELETED, recording.public_id)
        service.tell(session, now, recording)


def orphans(db: Database, vault: Vault, now: datetime) -> int:
    """Remove objects that no row names and nobody has the key of: a worker was killed between the two.

    Stops as the sweep does: very many orphans mean that the database is older than the vault.
    """
    with db.reading() as session:
        named = set(session.exec(select(Recording.object_key).where(col(Recording.object_key).is_not(None))))
    objects = list(vault.list())
    lost = [one.key for one in objects if one.key not in named and one.modified < now - ORPHAN_AFTER]
    if sweep_must_stop(len(lost), len(objects) - len(lost)):
        with db.writing() as session:
            raise_alert(session, now, AlertKind.VAULT_ORPHANS, f"{now:%Y-%m-%d}", str(len(lost)))
        return 0
    for key in lost:
        vault.destroy(key)
    return len(lost)


def _destroy_some(db: Database, now: datetime, due: Iterable[Due]) -> int:
    """Keys and words of some recordings, in one transaction; a hold that came in between is obeyed."""
    destroyed = 0
    with db.writing() as session:
        for one in due:
            recording = service.by_public_id(session, one.public_id)
            if recording.state in KEPT and timers.due(session, recording, now):
                _destroy(session, now, recording)
                destroyed += 1
    db.give_way()
    return destroyed


def _destroy(session: Session, now: datetime, recording: Recording) -> None:
    service.shred(session, now, recording, RecordingState.DESTROYED)
    certify(session, now, recording)
    record(session, now, service.WORKER, Action.RECORDING_DESTROYED, recording.public_id)
    service.tell(session, now, recording)


def certify(session: Session, now: datetime, recording: Recording) -> None:
    """Say when and by which rule a recording went."""
    assert recording.retain_until is not None
    at_carrier = recording.carrier_copy is not CarrierCopy.NONE
    holds = timers.spans(timers.holds_of(session, recording.contact_id))
    rule = timers.rule_in_force(session, now)
    recording.destroyed_at = now
    session.add(
        Certificate(
            recording=recording.public_id,
            parts=PARTS,
            rule=f"{rule.data_class} {rule.version}: {rule.days} days",
            due_at=due_at(recording.retain_until, holds) or recording.retain_until,
            destroyed_at=now,
            carrier_keeps_metadata_until=now + CARRIER_KEEPS_METADATA if at_carrier else None,
        )
    )


def _with_remnants(session: Session) -> list[Recording]:
    gone = col(Recording.state).in_(GONE)
    ours = col(Recording.stored_at).is_not(None)
    in_vault = select(Recording).where(gone, col(Recording.object_key).is_not(None))
    at_carrier = select(Recording).where(Recording.carrier_copy == CarrierCopy.PRESENT, gone | ours)
    found = [*session.exec(in_vault), *session.exec(at_carrier)]  # two questions, each with its index
    return list({recording.id: recording for recording in found}.values())


def _clear_one(db: Database, vault: Vault | None, carrier: Carrier, now: datetime, remnant: Recording) -> bool:
    """`remnant` is a row as it was read before: the store and the carrier are asked outside of any transaction."""
    with db.reading() as session:
        keep_object = service.by_public_id(session, remnant.public_id).state not in GONE
    object_gone = (
        keep_object or remnant.object_key is None or _delete_object(vault, remnant.object_key, remnant.public_id)
    )
    copy_gone = remnant.carrier_copy is not CarrierCopy.PRESENT or _delete_copy(db, carrier, now, remnant)
    with db.writing() as session:
        recording = service.by_public_id(session, remnant.public_id)
        if object_gone and not keep_object:
            recording.object_key = None
        if copy_gone:
            carrier_copy_deleted(session, now, recording)
    return object_gone and copy_gone


def _delete_object(vault: Vault | None, key: str, public_id: str) -> bool:
    if vault is None:
        return False
    try:
        vault.destroy(key)
    except (VaultUnavailable, VaultDamaged) as problem:
        log.warning("object-stays", recording=public_id, problem=problem.id)
        return False
    return True


def _delete_copy(db: Database, carrier: Carrier, now: datetime, remnant: Recording) -> bool:
    trouble = delete_at_carrier(carrier, remnant.public_id, remnant.sid)
    if trouble is Trouble.REFUSED:
        with db.writing() as session:
            raise_alert(session, now, AlertKind.CARRIER_COPY_STAYS, remnant.public_id, trouble.value)
    return trouble is None


def _empty_log(db: Database) -> bool:
    for _ in range(LOG_TRIES):
        if db.clear_log():
            return True
        time.sleep(LOG_PAUSE)
    return False


def _complete_certificates(db: Database, now: datetime) -> None:
    """The second moment of a certificate: objects, carrier copy and remnants in the database's log are gone."""
    with db.reading() as session:
        left = {one.public_id for one in _with_remnants(session)} | cutting.unfinished(session)
        waiting = session.exec(
            select(Certificate.id, Certificate.recording).where(col(Certificate.cleared_at).is_(None))
        )
        done = [id for id, recording in waiting if recording not in left]
    for at in range(0, len(done), AT_ONCE):
        with db.writing() as session:
            session.execute(
                update(Certificate).where(col(Certificate.id).in_(done[at : at + AT_ONCE])).values(cleared_at=now)
            )


def _count_kept(session: Session) -> int:
    return session.exec(select(func.count()).where(col(Recording.state).in_(KEPT))).one()


def _holds_by_contact(session: Session) -> dict[int, list[Hold]]:
    found: dict[int, list[Hold]] = {}
    for hold in session.exec(select(Hold)):
        found.setdefault(hold.contact_id, []).append(hold)
    return found
