"""Restoring a backup. What was destroyed since it was made is destroyed in it before anybody can ask for it.

SQLite: all of it happens in a file beside the database's place, and takes that place last. PostgreSQL: the empty
database is filled in one transaction; every start does the rest again, before the first request. May be interrupted
and repeated.
"""

import shutil
import socket
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import delete

from contactcenter import compose, migrations
from contactcenter.backup import databases, manifest
from contactcenter.backup.folder import undisturbed
from contactcenter.backup.manifest import OBJECTS, BackupProblem, Manifest
from contactcenter.core.db import Database
from contactcenter.core.disk import flush
from contactcenter.core.gate import gate
from contactcenter.core.keys import KeyMismatch
from contactcenter.core.ledger import Ledger, Line, Written, note_lines, plain
from contactcenter.core.slot import Slot
from contactcenter.core.sqlite import UNFINISHED, discard
from contactcenter.recordings import destroyed
from contactcenter.recordings.vault import Vault, VaultDamaged
from contactcenter.recordings.verifying import Kept, kept_in
from contactcenter.settings import Settings
from contactcenter.staff.models import StaffSession

Progress = Callable[[float], None]
FIRST_WORKER = "worker-1"


@dataclass(frozen=True)
class Report:
    """What came of a restore. `problems` are lines about recordings that can't be opened."""

    made_at: str
    recordings: int
    copied: int
    destroyed: int
    ledger_until: str
    problems: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The report for a person, with what no backup knows."""
        return (
            f"Restored what stood here at {self.made_at}: {self.recordings} recordings can be opened, {self.copied} "
            f"of them came from the backup; {self.destroyed} things that were destroyed since stay destroyed. "
            f"The ledger's last line is of {self.ledger_until}. "
            "Everybody is signed out. Before you start it, disable the accounts, revoke the tokens and place the holds "
            "of after that moment again."
        )


def restore(
    settings: Settings,
    folder: Path,
    now: datetime,
    *,
    without_ledger: bool,
    ledgers: Iterable[Path],
    verify: bool,
    progress: Progress,
) -> Report:
    """Restore the backup in `folder` into an empty database; the vault gets what it lacks.

    `ledgers` are those of other machines. `verify` reads every recording, not only those that were copied.
    `progress` is told the share that is done, 0..1. Raises `BackupProblem`, with nothing put in place.
    """
    compose.require_folder(settings)
    with undisturbed(folder), closing(compose.database(settings)) as place, gate(place, alone=True) as free:
        if not free:
            raise BackupProblem("Somebody starts just now, or restores; stop everything, then restore again.")
        kept = manifest.read(folder, compose.master_key(settings))
        ours, others = Ledger(settings.ledger_file), [Ledger(path) for path in ledgers]
        _refuse_without_ledger(ours, without_ledger)
        lines = _lines_of(others, kept, without_ledger)
        if not without_ledger:
            _complete(ours, kept)
        vaults = _vaults(settings, folder, kept)
        _refuse_taken(settings, place)
        with _filled(settings, place, folder / kept.database) as db:
            gone = _bring_up_to_date(db, now, lines, without_ledger)
            with db.reading() as session:
                wanted = kept_in(session)
            copied, problems = _objects(*vaults, wanted, verify, progress) if vaults else (0, [])
    until = ours.read().lines[-1]["at"]
    return Report(kept.made_at, len(wanted) - len(problems), copied, gone, until, tuple(problems))


def _refuse_without_ledger(ours: Ledger, without: bool) -> None:
    if ours.exists() == without:
        raise BackupProblem(
            "The ledger is there, so nothing is restored without it; leave --without-ledger out."
            if without
            else f"There is no ledger of what was destroyed at {ours.path}: what was destroyed since this "
            "backup would be back. Put the ledger there, or set CONTACTCENTER_LEDGER. Only if it is lost for good, say "
            "--without-ledger."
        )


def _vaults(settings: Settings, folder: Path, kept: Manifest) -> tuple[Vault, Vault] | None:
    """The backup's and ours; None when the backup has no recordings."""
    key, vault = compose.master_key(settings), compose.vault(settings)
    if not kept.objects:
        return None
    if key is None or vault is None:
        raise BackupProblem("This backup has recordings; set CONTACTCENTER_MASTER_KEY_FILE to the key that opens them.")
    return Vault(str(folder / OBJECTS), key), vault


def _refuse_taken(settings: Settings, place: Database) -> None:
    """Nobody may look at a database that is being restored, and none may be overwritten."""
    slot = Slot.take(place)
    slot.release()
    if slot.name != FIRST_WORKER:
        raise BackupProblem("A worker runs; stop the service first.")
    with socket.socket() as asking:
        asking.settimeout(2)
        if asking.connect_ex((settings.host, settings.port)) == 0:
            raise BackupProblem(f"Something listens on {settings.host}:{settings.port}; stop the service first.")
    if not databases.is_empty(place):
        raise BackupProblem(
            "There is a database already; move it away (an SQLite file with its -wal and -shm), or make an empty "
            "one and set CONTACTCENTER_DATABASE_URL, then restore into that."
        )


@contextmanager
def _filled(settings: Settings, place: Database, copy: Path) -> Iterator[Database]:
    """A database with the backup's rows: PostgreSQL's own, or a file that takes the place when the block ends well."""
    if copy.suffix != (".sqlite" if place.is_sqlite else ".dump"):
        raise BackupProblem("The backup is of another kind of database; set CONTACTCENTER_DATABASE_URL to such a one.")
    if not place.is_sqlite:
        databases.load_dump(place, copy)
        yield place
        return
    file = Path(f"{databases.file_of(place)}{UNFINISHED}")
    discard(file)
    try:
        file.touch(mode=0o600)
        shutil.copyfile(copy, file)
        with closing(Database(f"sqlite:///{file}", settings.ledger_file)) as db:
            yield db
            if not db.clear_log():
                raise BackupProblem("Somebody reads the restored database; stop everything, then restore again.")
        _refuse_taken(settings, place)  # whoever was past the gate when it closed
        _put_in_place(file, databases.file_of(place))
    finally:
        discard(file)  # it has keys


def _complete(one: Ledger, kept: Manifest) -> Written:
    """A ledger that has all that the backup knows of it."""
    written = one.read()
    destroyed.refuse_incomplete(written, {head.ledger: head for head in kept.ledgers}, kept.installation)
    destroyed.understood(written)
    return written


def _lines_of(others: list[Ledger], kept: Manifest, without_ledger: bool) -> list[Line]:
    """What other machines wrote into theirs; of a damaged one what can be read, when nothing better is left."""
    lines: list[Line] = []
    for one in others:
        if not one.exists():
            raise BackupProblem("One of the ledgers that --ledger names is not there; correct its path.")
        written = one.read(damaged_too=True) if without_ledger else _complete(one, kept)
        lines += destroyed.known_lines(written)
    return lines


def _bring_up_to_date(db: Database, now: datetime, lines: list[Line], without_ledger: bool) -> int:
    """Tables, and what was destroyed; whoever was signed in then is not any more. How much was destroyed again.

    `lines` are those of other ledgers, which ours takes over.
    """
    migrations.run(db)
    destroyed.begin(db, now, new=without_ledger)
    assert db.ledger is not None
    there = {str(plain(line)) for line in db.ledger.lines()}  # a restore may be repeated
    with db.writing() as session:
        note_lines(session, [line for line in lines if str(plain(line)) not in there])
    gone = destroyed.again(db, now)
    with db.writing() as session:
        session.execute(delete(StaffSession))
    return gone


def _objects(
    source: Vault, vault: Vault, wanted: list[Kept], verify: bool, progress: Progress
) -> tuple[int, list[str]]:
    """Give the vault what it lacks, and for what is damaged there the backup's; (how many were copied, problems)."""
    there = {one.key for one in vault.list()}
    copied, problems = 0, []
    for number, one in enumerate(wanted, 1):
        done, problem = _give(source, vault, one, lacks=one.stored.key not in there, verify=verify)
        copied += done
        if problem is not None:
            problems.append(f"{one.public_id} (object {one.stored.key}): {problem}")
        progress(number / len(wanted))
    return copied, problems


def _give(source: Vault, vault: Vault, one: Kept, *, lacks: bool, verify: bool) -> tuple[bool, str | None]:
    """Copy one object if that makes it better; (whether it was copied, what is wrong with what stands there then)."""
    problem = _problem(vault, one) if verify and not lacks else None
    if not lacks and (problem is None or _problem(source, one) is not None):
        return False, problem
    try:
        source.copy_to(vault, one.stored.key)
    except VaultDamaged as damage:
        return False, damage.sentence
    return True, _problem(vault, one)


def _problem(vault: Vault, one: Kept) -> str | None:
    try:
        vault.verify(one.public_id, one.stored)
    except (VaultDamaged, KeyMismatch) as problem:
        return problem.sentence
    return None


def _put_in_place(made: Path, place: Path) -> None:
    """The restored file takes the database's place, at once; a log of another database would be taken for its own."""
    flush(made)
    for leftover in (f"{place}-wal", f"{place}-shm"):
        Path(leftover).unlink(missing_ok=True)
    made.replace(place)
    flush(place.parent)
