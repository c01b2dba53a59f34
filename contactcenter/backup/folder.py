"""The folder of a backup: where it may be, whose it is, one run at a time, and what is deleted in it.

A folder is claimed while it is empty, for one installation and one master key. Afterwards whatever has a name of our
own pattern there is ours, and nothing else is ever touched.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from contactcenter.backup import manifest
from contactcenter.backup.manifest import DATABASE, OBJECTS, BackupProblem
from contactcenter.core.disk import flush
from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import OURS, folder_of
from contactcenter.settings import Settings

CLAIM = "contactcenter-backup.lock"
ALWAYS_THERE = {CLAIM, "lost+found"}  # the second on a disk of its own
Owner = tuple[str, str | None]  # installation, and the fingerprint of its master key


def place_for(settings: Settings, folder: Path) -> Path:
    """The folder without links; a sentence where a backup would be none, or do harm.

    The ledger survives a restore only outside the backup; and neither of backup and vault may hold the other.
    """
    inside = folder.resolve()
    if settings.ledger_file.resolve().is_relative_to(inside):
        raise BackupProblem("The ledger of what was destroyed may not stand in the backup; choose another folder.")
    vault = folder_of(settings.vault_url)
    if vault is not None and _nested(inside, vault.resolve()):
        raise BackupProblem("Neither of backup and vault may stand inside the other; choose another folder.")
    if (inside / OBJECTS).is_symlink():
        raise BackupProblem("The backup's folder of objects is a link; choose an empty folder.")
    return inside


@contextmanager
def claimed(folder: Path, installation: str, key: MasterKey | None) -> Iterator[None]:
    """Have the folder, made if it is not there, for ourselves while the block lasts.

    A sentence when it is somebody else's, or another run has it.
    """
    _make(folder)
    claim = folder / CLAIM
    if not claim.exists():
        _refuse_filled(folder)  # before anything is left there
    with _locked(claim, os.O_RDWR | os.O_CREAT, fcntl.LOCK_EX) as handle:
        owner = _owner(folder, handle)
        if owner is None:
            _refuse_filled(folder)
        else:
            _refuse_foreign(owner, installation, key)
        _write(handle, (installation, key.fingerprint if key else None))
        yield


@contextmanager
def undisturbed(folder: Path) -> Iterator[None]:
    """No run changes the folder while the block lasts; others may read it."""
    claim = folder / CLAIM
    if not claim.exists():  # a copy of a backup, without it
        yield
        return
    with _locked(claim, os.O_RDONLY, fcntl.LOCK_SH):
        yield


def tidy(folder: Path, databases: set[str], objects: set[str]) -> None:
    """Remove what no list names any more: older databases, and recordings that were destroyed since."""
    for old in folder.iterdir():
        if DATABASE.fullmatch(old.name) and old.name not in databases:
            old.unlink()
    if (folder / OBJECTS).is_dir():
        for old in (folder / OBJECTS).iterdir():
            if OURS.fullmatch(old.name) and old.name not in objects:
                old.unlink()
    flush(folder)


def _nested(one: Path, other: Path) -> bool:
    return one.is_relative_to(other) or other.is_relative_to(one)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupProblem(f"The backup's folder can't be made ({error.strerror}); choose another one.") from None


@contextmanager
def _locked(claim: Path, flags: int, lock: int) -> Iterator[int]:
    try:
        handle = os.open(claim, flags | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise BackupProblem(f"The backup's folder can't be used ({error.strerror}); correct its rights.") from None
    try:
        _lock(handle, lock)
        yield handle
    finally:
        os.close(handle)


def _lock(handle: int, lock: int) -> None:
    try:
        fcntl.flock(handle, lock | fcntl.LOCK_NB)
    except BlockingIOError:
        raise BackupProblem("Somebody uses this backup's folder just now; wait until they are through.") from None


def _owner(folder: Path, handle: int) -> Owner | None:
    """Whose folder it is: by the claim, or by the list in a copy that came without it."""
    try:
        installation, fingerprint = json.loads(os.pread(handle, 1000, 0))
    except (ValueError, TypeError, RecursionError):
        kept = manifest.listed(folder)
        return (kept.installation, kept.fingerprint) if kept else None
    return installation, fingerprint


def _write(handle: int, owner: Owner) -> None:
    os.ftruncate(handle, 0)
    os.pwrite(handle, json.dumps(owner).encode("utf-8"), 0)
    os.fsync(handle)


def _refuse_filled(folder: Path) -> None:
    if (folder / manifest.NAME).exists():
        return
    if {one.name for one in folder.iterdir()} - ALWAYS_THERE:
        raise BackupProblem("This folder holds something else than a backup; choose an empty one.")


def _refuse_foreign(owner: Owner, installation: str, key: MasterKey | None) -> None:
    theirs, fingerprint = owner
    if theirs != installation:
        raise BackupProblem(
            "This folder has the backup of another installation, or of this one before its database was lost. Restore "
            "it first, or choose an empty folder; nothing of it was changed."
        )
    if key is None and fingerprint is not None:
        raise BackupProblem(f"This backup belongs to master key {fingerprint}; set CONTACTCENTER_MASTER_KEY_FILE.")
    if key is not None:
        manifest.refuse_other_key(fingerprint, key)
