"""What the rows say of the vault: which recordings are kept in it, and whether each still is what was stored."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from contactcenter.recordings.models import Recording
from contactcenter.recordings.vault import Stored


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
