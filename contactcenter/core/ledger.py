"""The ledger of what was destroyed: a file outside database, vault and backups, so that a restore brings nothing back.

One line of JSON for each recording that was destroyed and each contact that may not be recorded: public ids, the
carrier's name of the recording, the object's name, moments, words from vocabularies; no personal data. Lines are
only ever added. A transaction's lines are on the disk before it is committed: a crash in between leaves a line about
something that still stands, and it is destroyed at the next start.
"""

import errno
import json
import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlmodel import Session

from contactcenter.core.errors import Unavailable

PENDING = "ledger"
SUFFIX = ".destroyed"
Line = dict[str, Any]


class LedgerUnavailable(Unavailable):
    """What is to be destroyed can't be written down, so it is not destroyed now."""

    id = "ledger-unavailable"


def note(session: Session, now: datetime, what: str, **ids: str | None) -> None:
    """Have `what` happened to these ids written down when this transaction is committed, and before it is."""
    session.info.setdefault(PENDING, []).append({"at": now.isoformat(), "what": what, **ids})


def moment(line: Line) -> datetime:
    """When a line was written."""
    return datetime.fromisoformat(line["at"])


class Ledger:
    """One file of lines, written by every process of an installation at once: a line is one write at its end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, session: Session) -> None:
        """Write the lines of a transaction that is about to be committed, durably."""
        lines = session.info.pop(PENDING, [])
        if lines:
            self.add(lines)

    def add(self, lines: list[Line]) -> None:
        """Write lines, durably; raises `LedgerUnavailable`."""
        text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
        try:
            self._append(text.encode("utf-8"))
        except OSError as error:
            raise LedgerUnavailable(
                f"The ledger of what was destroyed can't be written ({error.strerror}), so nothing was destroyed; make "
                "room, or correct CONTACTCENTER_LEDGER and the rights of its folder."
            ) from None

    def exists(self) -> bool:
        """Whether one was begun."""
        return self.path.is_file()

    def lines(self) -> Iterator[Line]:
        """Every whole line; what a power cut left of one is passed over: its transaction was never committed."""
        if not self.exists():
            return
        try:
            with self.path.open(encoding="utf-8", errors="replace") as file:
                for text in file:
                    line = _read(text)
                    if line is not None:
                        yield line
        except OSError as error:
            raise LedgerUnavailable(
                f"The ledger of what was destroyed can't be read ({error.strerror}); correct CONTACTCENTER_LEDGER or "
                "its rights."
            ) from None

    def _append(self, text: bytes) -> None:
        new = not self.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            whole = _line_end_first(handle) + text
            if os.write(handle, whole) < len(whole):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            _flush_folder(self.path.parent)


def _read(text: str) -> Line | None:
    try:
        line = json.loads(text)
    except ValueError:
        return None
    return line if isinstance(line, dict) and {"at", "what"} <= line.keys() else None


def _line_end_first(handle: int) -> bytes:
    """A line end before ours where a power cut left half a line."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\n"


def _flush_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
