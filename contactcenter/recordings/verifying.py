"""What the rows say of the vault: which recordings are kept in it, and whether each still is what was stored."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from contactcenter.core.db import Database
from contactcenter.core.keys import KeyMismatch
from contactcenter.recordings.models import Recording
from contactcenter.recordings.vault import Stored, Vault, VaultDamaged, VaultUnavailable


@dataclass(frozen=True)
class Kept:
    """A recording whose key stands in its row, by public id."""

    public_id: str
    stored: Stored


def kept_in(session: Session) -> list[Kept]:
    """The recordings that a database can open."""
    found = session.exec(select(Recording).where(col(Recording.wrapped_key).is_not(None)))
    return [Kept(one.public_id, stored_of(one)) for one in found]


def stored_of(recording: Recording) -> Stored:
    """What opens a recording in the vault; its key is empty once it was destroyed."""
    return Stored(
        key=recording.object_key or "",
        wrapped_key=recording.wrapped_key or b"",
        size=recording.size or 0,
        sha256=recording.sha256 or "",
    )


def verify_all(db: Database, vault: Vault, progress: Callable[[float], None]) -> list[str]:
    """Read every recording in the vault from end to end; one line for each that is not as it was stored.

    `progress` is told the share that is done, 0..1.
    """
    with db.reading() as session:
        kept = kept_in(session)
    problems = []
    for number, one in enumerate(kept, 1):
        try:
            vault.verify(one.public_id, one.stored)
        except (VaultDamaged, VaultUnavailable, KeyMismatch) as problem:
            problems.append(f"{one.public_id}: {problem.sentence}")
        progress(number / len(kept))
    named = {one.stored.key for one in kept}
    problems += [f"{file.key}: No recording names this object." for file in vault.list() if file.key not in named]
    return problems
