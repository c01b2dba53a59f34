"""Turns at the database: who comes first writes first.

SQLite lets waiting writers sleep and try again, so with many of them some starve until their timeout while others pass,
and the file lies idle while all sleep. Taking turns here costs nothing and is fair; other processes still meet at
the file's own lock.
"""

import threading
from collections import deque
from types import TracebackType

from sqlalchemy.exc import TimeoutError as WaitedTooLong

PATIENCE_SECONDS = 15.0


class Turns:
    """A lock that serves in the order of coming. Not to be taken twice by one thread."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Event] = deque()

    def __enter__(self) -> None:
        """Wait for the turn; raises SQLAlchemy's `TimeoutError` after 15 seconds."""
        with self._guard:
            if not self._taken:
                self._taken = True
                return
            mine = threading.Event()
            self._waiting.append(mine)
        if not mine.wait(PATIENCE_SECONDS) and not self._came_late(mine):
            raise WaitedTooLong("The database was busy with earlier writers for 15 seconds.")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let the next one go."""
        with self._guard:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False

    def _came_late(self, mine: threading.Event) -> bool:
        """Leave the row; True when the turn came in this very moment after all."""
        with self._guard:
            if mine.is_set():
                return True
            self._waiting.remove(mine)
            return False
