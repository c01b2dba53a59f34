"""What a backup folder holds: a copy of the database, the objects that it names, and this list of both.

manifest.json              written last: without it the folder holds no whole backup
database-<moment>.sqlite   or .dump, of PostgreSQL's own format
objects/                   sealed recordings under their names; they never change
"""

import hashlib
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path

from contactcenter.core.errors import Invalid

FORMAT = 1
NAME = "manifest.json"
OBJECTS = "objects"
READ_AT_ONCE = 1024 * 1024  # bytes


class BackupProblem(Invalid):
    """A backup can't be made, or can't be restored."""

    id = "backup-problem"


@dataclass(frozen=True)
class Manifest:
    """One backup. `fingerprint` is the master key's; `objects` are names of sealed recordings."""

    made_at: str
    version: str
    database: str
    sha256: str
    fingerprint: str | None
    objects: tuple[str, ...]
    format: int = FORMAT


def write(folder: Path, manifest: Manifest) -> None:
    """Put the list of a whole backup in place, at once and durably."""
    unfinished = folder / f"{NAME}.part"
    with unfinished.open("w", encoding="utf-8") as file:
        json.dump(asdict(manifest), file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / NAME)
    flush(folder)


def read(folder: Path) -> Manifest:
    """The list of a backup, whose database is what it was; else a sentence."""
    try:
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
        manifest = Manifest(**(kept | {"objects": tuple(kept["objects"])}))
    except FileNotFoundError:
        raise BackupProblem("This folder holds no whole backup; name one that `contactcenter backup` made.") from None
    except (OSError, ValueError, TypeError, KeyError):
        raise BackupProblem("The backup's manifest can't be read; take another backup.") from None
    if manifest.format != FORMAT:
        raise BackupProblem("This backup was made by a newer version; restore it with that one.")
    if digest(folder / manifest.database) != manifest.sha256:
        raise BackupProblem("The backup's database is not what was written; take another backup.")
    return manifest


def digest(file: Path) -> str | None:
    """SHA-256 of a file, in hex; None when it can't be read."""
    found = hashlib.sha256()
    try:
        with file.open("rb") as opened:
            while piece := opened.read(READ_AT_ONCE):
                found.update(piece)
    except OSError:
        return None
    return found.hexdigest()


def flush(path: Path) -> None:
    """Force a file, or the names in a folder, to the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
