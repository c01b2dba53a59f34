"""A recording in the vault as a file: for what reads files, in memory and from anywhere in it."""

import io
from typing import BinaryIO, cast

from contactcenter.recordings.vault import Opened


class VaultFile(io.RawIOBase):
    """A recording in the vault as a file that can be read from anywhere in it."""

    def __init__(self, opened: Opened) -> None:
        self._opened = opened
        self._at = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def seekable(self) -> bool:
        """Always."""
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move; returns the new place in bytes."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._opened.size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, target: memoryview) -> int:  # type: ignore[override]  # any writable buffer comes in
        """Fill `target` from here on; returns how many bytes there were."""
        start = min(self._at, self._opened.size)
        end = min(start + len(target), self._opened.size)
        filled = 0
        for piece in self._opened.read(start, end):
            target[filled : filled + len(piece)] = piece
            filled += len(piece)
        self._at = end
        return filled


def as_file(opened: Opened, ahead: int = 1024 * 1024) -> BinaryIO:
    """An open recording as a file, of which so many bytes are read at once."""
    return cast(BinaryIO, io.BufferedReader(VaultFile(opened), ahead))
