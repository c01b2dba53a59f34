"""What the carrier's simulator sees of the product: what was acknowledged, and when its copies were deleted."""

import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from contactcenter.simulator.capture import Recording as CarriersRecording

SLICE = 64  # samples; enough to be found again, too few to be met by chance
Stored = Callable[[str], bool]


class Witness:
    """Looks on while the carrier works. `stored` says of a RecordingSid whether our copy is durable by now."""

    def __init__(self, patch: pytest.MonkeyPatch, stored: Stored) -> None:
        self.deleted: dict[str, list[bool]] = {}
        self.heard: list[bytes] = []
        really_delete, really_finish = CarriersRecording.delete, CarriersRecording.finish

        def delete(recording: CarriersRecording, now: datetime) -> None:
            self.deleted.setdefault(recording.sid, []).append(stored(recording.sid))
            really_delete(recording, now)

        def finish(recording: CarriersRecording, now: datetime) -> None:
            really_finish(recording, now)
            self._listen(recording)

        patch.setattr(CarriersRecording, "delete", delete)
        patch.setattr(CarriersRecording, "finish", finish)

    def _listen(self, recording: CarriersRecording) -> None:
        """Keep some moments of a recording, to be looked for on our disk."""
        media = recording.media(2)
        if media is None:
            return
        places = [len(media) * part // 4 // 4 * 4 for part in (1, 2, 3)]
        pieces = [media[at : at + 4 * SLICE] for at in places]
        self.heard += [piece for piece in pieces if len(set(piece)) > SLICE // 2]

    def only_after_ours(self) -> bool:
        """Whether no copy of the carrier's was deleted before ours was durable, and its row said so."""
        return all(all(moments) for moments in self.deleted.values())

    def sound_on_disk(self, folder: Path) -> list[str]:
        """Files below `folder` that hold sound which the carrier recorded, or a WAV header."""
        assert self.heard, "nobody listened"
        return found_in(folder, [b"WAVEfmt ", *self.heard])


def found_in(folder: Path, wanted: list[bytes]) -> list[str]:
    """Names of the files below `folder` that hold any of these bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()]
    return [path.name for path in files if holds(path, wanted)]


def holds(path: Path, wanted: list[bytes]) -> bool:
    """Whether a file holds any of these; one that went away meanwhile holds nothing.

    Another process reads it: closing a file that SQLite has open here would drop SQLite's own locks on it.
    """
    content = subprocess.run(["cat", str(path)], capture_output=True, check=False).stdout
    return any(piece in content for piece in wanted)
