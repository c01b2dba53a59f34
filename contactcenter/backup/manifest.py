"""What a backup folder holds: copies of the database, the objects that they name, and this list.

manifest.json              written last: without it the folder holds no whole backup
manifest-before.json       the list of the run before; its database stays until the next run
database-<moment>.sqlite   or .dump, of PostgreSQL's own format
objects/                   sealed recordings under their names; they never change
contactcenter-backup.lock  whose folder this is (folder.py)

Where there is a master key, the list bears a mark that only who has the key can make.
"""

import hashlib
import hmac
import os
import re
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contactcenter.core.disk import flush
from contactcenter.core.errors import Invalid
from contactcenter.core.keys import MasterKey
from contactcenter.core.ledger import Head

FORMAT = 2
NAME, BEFORE = "manifest.json", "manifest-before.json"
OBJECTS = "objects"
DATABASE = re.compile(r"database-[0-9]{8}T[0-9]{6}Z(-[0-9]+)?\.(sqlite|dump)")
MARK = "mark of a backup's list"
READ_AT_ONCE = 1024 * 1024  # bytes

Moment = Annotated[str, Field(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]{8,15}\+00:00$")]
Sha256 = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]


class BackupProblem(Invalid):
    """A backup can't be made, or can't be restored."""

    id = "backup-problem"


class _Dated(BaseModel):
    model_config = ConfigDict(strict=True)
    format: int


class Manifest(_Dated):
    """One backup. `fingerprint` is the master key's; `objects` are names of sealed recordings, `ledgers` the last lines
    that its database knows of.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    format: int = FORMAT
    made_at: Moment
    version: Annotated[str, Field(pattern="^[0-9a-z.+]{1,40}$")]
    installation: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,40}$")]
    database: Annotated[str, Field(pattern=f"^{DATABASE.pattern}$")]
    sha256: Sha256
    fingerprint: Annotated[str, Field(pattern="^[0-9a-f]{16}$")] | None
    objects: tuple[Annotated[str, Field(pattern="^[0-9a-f]{32}$")], ...]
    ledgers: tuple[Head, ...]
    mark: Sha256 | None = None

    def marked(self, key: MasterKey | None) -> "Manifest":
        """The same with the key's mark, so that nobody without the key can alter it, or the database that it names."""
        if key is None:
            return self
        content = self.model_dump_json(exclude={"mark"}).encode("utf-8")
        return self.model_copy(update={"mark": hmac.new(key.derive(MARK), content, "sha256").hexdigest()})


def write(folder: Path, manifest: Manifest, name: str = NAME) -> None:
    """Put the list of a whole backup in place, at once and durably."""
    unfinished = folder / f"{name}.part"
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(manifest.model_dump_json(indent=1))
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(folder / name)
    flush(folder)


def listed(folder: Path) -> Manifest | None:
    """The list in a folder, None when there is none; a sentence when it can't be read."""
    try:
        text = (folder / NAME).read_bytes()
        if _Dated.model_validate_json(text).format != FORMAT:
            raise BackupProblem("This backup was made by another version; restore it with that one.")
        return Manifest.model_validate_json(text)
    except FileNotFoundError:
        return None
    except (OSError, ValidationError):
        raise BackupProblem("The backup's manifest can't be read; take another backup, into an empty folder.") from None


def read(folder: Path, key: MasterKey | None) -> Manifest:
    """The list of a backup that is what was written, under this key where there is one; else a sentence."""
    manifest = listed(folder)
    if manifest is None:
        raise BackupProblem("This folder holds no whole backup; name one that `contactcenter backup` made.")
    if key is not None:
        _refuse_altered(manifest, key)
    if digest(folder / manifest.database) != manifest.sha256:
        raise BackupProblem("The backup's database is not what was written; take another backup.")
    return manifest


def refuse_other_key(belongs: str | None, key: MasterKey) -> None:
    """Say so when a backup was made under another master key; `belongs` is that key's fingerprint."""
    if belongs not in (None, key.fingerprint):
        raise BackupProblem(
            f"This backup belongs to master key {belongs}, but the one in use is {key.fingerprint}; set "
            "CONTACTCENTER_MASTER_KEY_FILE to the other one."
        )


def _refuse_altered(manifest: Manifest, key: MasterKey) -> None:
    refuse_other_key(manifest.fingerprint, key)
    if manifest.fingerprint is None:
        raise BackupProblem(
            "This backup was made without a master key, so nothing shows whether it was altered. If you trust it, "
            "restore it without CONTACTCENTER_MASTER_KEY_FILE, and set that afterwards."
        )
    if not hmac.compare_digest(manifest.mark or "", manifest.marked(key).mark or ""):
        raise BackupProblem("The backup's manifest was altered since it was written; restore an older backup.")


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
