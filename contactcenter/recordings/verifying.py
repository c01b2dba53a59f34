"""What the rows say of the vault: which recordings are kept in it, and whether each still is what was stored."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlmodel import Session, col, select

from contactcenter.core.db import Database
from contactcenter.core.keys import KeyMismatch
from contactcenter.recordings.models import Recording
from contactcenter.recordings.vault import Stored, Vault, VaultDamaged, VaultUnavailable

LOOKED_FOR = 3  # objects; one or two may have been lost by themselves


@dataclass(frozen=True)
class Kept:
    """A recording whose key stands in its row, by public id."""

    public_id: str
    stored: Stored


def kept_in(session: Session) -> list[Kept]:
    """The recordings that a database can open."""
    found = session.exec(select(Recording).where(col(Recording.wrapped_key).is_not(None)))
    return [Kept(one.public_id, stored_of(one)) for one in found]


def is_the_vault_of(session: Session, vault: Vault) -> bool:
    """Whether the vault holds any of the recordings that were stored last; one that was never stored in, too.

    False for the empty folder of a disk that is not mounted: what is stored there would be lost from sight.
    """
    stored = select(Recording.object_key).where(
        col(Recording.wrapped_key).is_not(None), col(Recording.object_key).is_not(None)
    )
    newest = session.exec(stored.order_by(col(Recording.stored_at).desc()).limit(LOOKED_FOR)).all()
    return not newest or any(vault.holds(key) for key in newest if key)


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
