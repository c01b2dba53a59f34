"""Making a backup: the database first, then the objects that this copy names, then the list of both.

May be interrupted and repeated at any time: objects never change, so only new ones are copied, and until the new list
stands the old one and its database do.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from contactcenter import __version__, compose
from contactcenter.backup import databases, manifest
from contactcenter.backup.manifest import OBJECTS, BackupProblem, Manifest
from contactcenter.core.db import Database
from contactcenter.core.keys import KeyMismatch
from contactcenter.core.sqlite import file_of
from contactcenter.recordings import destroyed
from contactcenter.recordings.vault import Vault, VaultDamaged
from contactcenter.recordings.verifying import Kept
from contactcenter.settings import Settings

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


def make(settings: Settings, folder: Path, now: datetime, *, verify: bool, progress: Progress) -> Report:
    """Make a backup in `folder`, or bring the one there up to date. `verify` reads also what was copied before.

    `progress` is told the share that is done, 0..1.
    """
    _refuse_bad_place(settings, folder)
    file = file_of(settings.database_url)
    if file is not None and not file.exists():
        raise BackupProblem("There is no database to back up; see CONTACTCENTER_DATABASE_URL.")
    _folder(folder)
    db = compose.database(settings)
    try:
        if databases.is_empty(db):
            raise BackupProblem("There is no database to back up; see CONTACTCENTER_DATABASE_URL.")
        return _make(settings, db, folder, now, verify, progress)
    finally:
        db.close()


def _make(settings: Settings, db: Database, folder: Path, now: datetime, verify: bool, progress: Progress) -> Report:
    name = f"database-{now:%Y%m%dT%H%M%SZ}.{'sqlite' if db.is_sqlite else 'dump'}"
    kept = databases.copy(db, folder / name)
    key = compose.master_key(settings)
    problems, copied = ([], 0) if not kept else _objects(settings, db, folder, kept, verify, progress)
    bad = {one.partition(":")[0] for one in problems}
    names = tuple(sorted(one.stored.key for one in kept if one.public_id not in bad))
    sha256 = manifest.digest(folder / name)
    assert sha256 is not None
    fingerprint = key.fingerprint if key else None
    manifest.write(folder, Manifest(now.isoformat(), __version__, name, sha256, fingerprint, names))
    _tidy(folder, name, set(names))
    return Report(len(names), copied, tuple(problems))


def _objects(
    settings: Settings, db: Database, folder: Path, kept: list[Kept], verify: bool, progress: Progress
) -> tuple[list[str], int]:
    """Copy what is new and verify it; (problems, how many were copied)."""
    source, target = _vaults(settings, folder)
    there = {one.key for one in target.list()}
    problems, copied = [], 0
    for number, one in enumerate(kept, 1):
        new = one.stored.key not in there
        if new or verify:
            problem = _copy(source, target, one, new)
            copied += new and problem is None
            if problem and not _destroyed_since(db, one):
                problems.append(f"{one.public_id}: {problem}")
        progress(number / len(kept))
    return problems, copied


def _copy(source: Vault, target: Vault, one: Kept, new: bool) -> str | None:
    """Copy and verify one recording; what is wrong with it, as a sentence. A copy that fails is not kept."""
    try:
        if new:
            source.copy_to(target, one.stored.key)
        target.verify(one.public_id, one.stored)
    except VaultDamaged as damage:
        target.destroy(one.stored.key)
        return damage.sentence if new else _copy(source, target, one, new=True)
    except KeyMismatch as mismatch:
        return mismatch.sentence
    return None


def _destroyed_since(db: Database, one: Kept) -> bool:
    """Whether it went while we copied: then nothing is wrong."""
    return db.ledger is not None and one.stored.key in destroyed.gone_objects(db.ledger)


def _vaults(settings: Settings, folder: Path) -> tuple[Vault, Vault]:
    key, source = compose.master_key(settings), compose.vault(settings)
    if key is None or source is None:
        raise BackupProblem("There are recordings, but no key to verify them; set CONTACTCENTER_MASTER_KEY_FILE.")
    return source, Vault(str(folder / OBJECTS), key)


def _refuse_bad_place(settings: Settings, folder: Path) -> None:
    """The ledger survives a restore only outside the backup; and a backup in the vault's folder is none."""
    inside = folder.absolute()
    if settings.ledger_file.absolute().is_relative_to(inside):
        raise BackupProblem("The ledger of what was destroyed may not stand in the backup; choose another folder.")
    if "://" not in settings.vault_url and inside.is_relative_to(Path(settings.vault_url).absolute()):
        raise BackupProblem("A backup can't stand inside the vault; choose another folder.")


def _folder(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupProblem(f"The backup's folder can't be made ({error.strerror}); choose another one.") from None


def _tidy(folder: Path, database: str, objects: set[str]) -> None:
    """Remove what the list no longer names: older databases, and recordings that were destroyed since."""
    for old in folder.glob("database-*"):
        if old.name != database:
            old.unlink()
    if (folder / OBJECTS).is_dir():
        for old in (folder / OBJECTS).iterdir():
            if old.name not in objects:
                old.unlink()
    manifest.flush(folder)
