"""Commits that share a flush to the disk.

SQLite in WAL mode, with synchronous=FULL, flushes its log once per commit, one commit after another. With NORMAL it
leaves that to the checkpoint; then we flush the log ourselves after a commit, and all commits that were waiting
share one flush. Nobody is answered before his commit is on the disk, as with FULL.
"""

import os
import threading
from pathlib import Path


class SharedFlush:
    """Flushes one file for many at once."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._counting, self._flushing = threading.Lock(), threading.Lock()
        self._asked = self._done = self._lost = 0

    def wait(self) -> None:
        """Return when everything that was written before this call is on the disk; raises `OSError`."""
        with self._counting:
            self._asked += 1
            mine = self._asked
        with self._flushing:
            if self._done >= mine:  # a flush that began after our commit has taken it along
                return
            if self._lost >= mine:  # a flush that fails may drop what it should have written: the next says nothing
                raise OSError("The disk failed while this commit was written to it.")
            with self._counting:
                covered = self._asked
            try:
                self._flush()
            except OSError:
                self._lost = covered
                raise
            self._done = covered

    def _flush(self) -> None:
        # Opened each time: SQLite may have begun another file. It holds no lock on its log that a close would drop.
        try:
            descriptor = os.open(self._file, os.O_RDONLY)
        except FileNotFoundError:  # the last connection has closed: everything is in the database, flushed
            return
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
