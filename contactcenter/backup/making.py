"""Making a backup: the database first, then the objects that this copy names, then the list of both.

May be interrupted and repeated at any time: objects never change, so only new ones are copied, and until the new list
stands the old one and its database do. Whose the folder is, and what may go from it, is folder.py.
"""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain, count
from pathlib import Path

from sqlalchemy import inspect

from contactcenter import __version__, compose
from contactcenter.backup import databases, manifest
from contactcenter.backup.folder import claimed, place_for, tidy
from contactcenter.backup.manifest import OBJECTS, BackupProblem, Manifest
from contactcenter.core import installation
from contactcenter.core.db import Database
from contactcenter.core.installation import LedgerHead
from contactcenter.core.keys import KeyMismatch, MasterKey
from contactcenter.core.ledger import Known
from contactcenter.core.sqlite import file_of
from contactcenter.recordings import destroyed
from contactcenter.recordings.vault import Vault, VaultDamaged
from contactcenter.recordings.verifying import Kept
from contactcenter.settings import Settings

MAY_BE_LOST = 100  # recordings; of many 5 %
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Report:
    """What a backup holds. `problems` are lines about recordings that are not as they were stored."""

    recordings: int
    copied: int
    problems: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The report for a person."""
        return f"Backed up the database and {self.recordings} recordings; {self.copied} were new, and verified."


def make(
    settings: Settings, folder: Path, now: datetime, *, verify: bool, force: bool = False, progress: Progress
) -> Report:
    """Make a backup in `folder`, or bring the one there up to date. `verify` reads also what was copied before.

    `force` makes it also when it would hold far fewer recordings than before. `progress` is told the share that is
    done, 0..1. Raises `BackupProblem`, with what stood there still standing.
    """
    folder, key = place_for(settings, folder), compose.master_key(settings)
    file = file_of(settings.database_url)
    if file is not None and not file.exists():
        raise BackupProblem("There is no database to back up; see CONTACTCENTER_DATABASE_URL.")
    with closing(compose.database(settings)) as db:
        ours = _installation(db)
        with claimed(folder, ours, key):
            before, copy = manifest.listed(folder), _new_name(db, folder, now)
            with _discarded_on_failure(copy):
                copied_database = databases.copy(db, copy)
                kept = copied_database.kept
                if not force:
                    _refuse_fall(db, before, kept)
                problems, copied = _objects(settings, db, folder, kept, verify, progress) if kept else ({}, 0)
                names = tuple(sorted(one.stored.key for one in kept if one.public_id not in problems))
                made = _list_of(ours, copy, key, names, copied_database.ledgers, now)
            _write_list(folder, before, made)
            tidy(folder, {copy.name, before.database if before else ""}, {one.stored.key for one in kept})
    return Report(len(names), copied, tuple(problems.values()))


def _installation(db: Database) -> str:
    if databases.is_empty(db):
        raise BackupProblem("There is no database to back up; see CONTACTCENTER_DATABASE_URL.")
    if not inspect(db.engine).has_table(str(LedgerHead.__tablename__)):
        raise BackupProblem("The database is of an older version; run `contactcenter migrate` first.")
    with db.writing() as session:
        return installation.name_of(session)


def _new_name(db: Database, folder: Path, now: datetime) -> Path:
    """A file that is not there yet: the one before must stand until the new one is whole."""
    kind = "sqlite" if db.is_sqlite else "dump"
    again = chain([""], (f"-{number}" for number in count(2)))
    names = (folder / f"database-{now:%Y%m%dT%H%M%SZ}{suffix}.{kind}" for suffix in again)
    return next(name for name in names if not name.exists())


@contextmanager
def _discarded_on_failure(copy: Path) -> Iterator[None]:
    """A copy that no list names would only lie there, with its keys."""
    try:
        yield
    except BaseException:
        copy.unlink(missing_ok=True)
        raise


def _list_of(
    ours: str, copy: Path, key: MasterKey | None, names: tuple[str, ...], ledgers: Known, now: datetime
) -> Manifest:
    sha256 = manifest.digest(copy)
    assert sha256 is not None
    made = Manifest(
        made_at=now.astimezone(UTC).isoformat(),
        version=__version__,
        installation=ours,
        database=copy.name,
        sha256=sha256,
        fingerprint=key.fingerprint if key else None,
        objects=names,
        ledgers=tuple(ledgers.values()),
    )
    return made.marked(key)


def _write_list(folder: Path, before: Manifest | None, made: Manifest) -> None:
    if before is not None:
        manifest.write(folder, before, manifest.BEFORE)
    manifest.write(folder, made)


def _refuse_fall(db: Database, before: Manifest | None, kept: list[Kept]) -> None:
    """Far fewer recordings than before, and the ledger doesn't say why: perhaps this is not the database."""
    lost = set(before.objects if before else ()) - {one.stored.key for one in kept}
    if lost and db.ledger is not None:
        lost -= destroyed.gone_objects(db.ledger)
    if before and lost and (not kept or len(lost) > max(MAY_BE_LOST, len(before.objects) // 20)):
        raise BackupProblem(
            f"The last backup has {len(before.objects)} recordings, this database {len(kept)}, and the ledger doesn't "
            "say that the others were destroyed; nothing was changed. See whether it is the right database. If it is, "
            "say --force."
        )


def _objects(
    settings: Settings, db: Database, folder: Path, kept: list[Kept], verify: bool, progress: Progress
) -> tuple[dict[str, str], int]:
    """Copy what is new and verify it; (problems by recording, how many were copied)."""
    source, target = _vaults(settings, folder)
    there = {one.key for one in target.list()}
    problems: dict[str, str] = {}
    copied = 0
    for number, one in enumerate(kept, 1):
        new = one.stored.key not in there
        if new or verify:
            problem = _copy(source, target, one, new)
            copied += new and problem is None
            if problem and not _destroyed_since(db, one):
                problems[one.public_id] = f"{one.public_id} (object {one.stored.key}): {problem}"
        progress(number / len(kept))
    return problems, copied


def _copy(source: Vault, target: Vault, one: Kept, new: bool) -> str | None:
    """Copy and verify one recording; what is wrong with it, as a sentence.

    A new copy that fails is not kept; an old one is made anew, if what stands in the vault is good.
    """
    try:
        if new:
            source.copy_to(target, one.stored.key)
        target.verify(one.public_id, one.stored)
    except VaultDamaged as damage:
        return _mend(source, target, one, new, damage)
    except KeyMismatch as mismatch:
        return mismatch.sentence
    return None


def _mend(source: Vault, target: Vault, one: Kept, new: bool, damage: VaultDamaged) -> str | None:
    if new:
        target.destroy(one.stored.key)
        return damage.sentence
    try:
        source.verify(one.public_id, one.stored)
    except VaultDamaged as damage_here:
        return damage_here.sentence
    return _copy(source, target, one, new=True)


def _destroyed_since(db: Database, one: Kept) -> bool:
    """Whether it went while we copied: then nothing is wrong."""
    return db.ledger is not None and one.stored.key in destroyed.gone_objects(db.ledger)


def _vaults(settings: Settings, folder: Path) -> tuple[Vault, Vault]:
    key, source = compose.master_key(settings), compose.vault(settings)
    if key is None or source is None:
        raise BackupProblem("There are recordings, but no key to verify them; set CONTACTCENTER_MASTER_KEY_FILE.")
    return source, Vault(str(folder / OBJECTS), key)
