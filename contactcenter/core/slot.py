"""A worker's name is a slot under a lock, so that it finds its own unfinished jobs when it starts again."""

import fcntl
import threading
from contextlib import suppress
from pathlib import Path
from typing import IO

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from contactcenter.core.db import Database
from contactcenter.core.jobs import Jobs

MOST_WORKERS = 64
LOCK_SPACE = 7_230_115  # one number of ours, so that advisory locks of others don't meet it
NAME = "worker-"
log = structlog.get_logger()


class Slot:
    """A worker's name: the lowest that no running worker has. Its lock ends with the process, however it ends."""

    def __init__(self, db: Database, number: int) -> None:
        self.name = f"{NAME}{number}"
        self._db = db
        self._number = number
        self._file: IO[str] | None = None
        self._connection: Connection | None = None
        self._looking = threading.Lock()

    @classmethod
    def take(cls, db: Database) -> "Slot":
        """The lowest free slot."""
        for number in range(1, MOST_WORKERS + 1):
            slot = cls(db, number)
            if slot.lock():
                return slot
        raise RuntimeError(f"{MOST_WORKERS} workers run already; stop one first.")

    def lock(self) -> bool:
        """Take this slot; False when a running worker has it."""
        return self._lock_file() if self._db.is_sqlite else self._lock_server()

    def keep(self) -> None:
        """Take it again when it was lost: a server that restarts forgets who has which, and takes us for dead."""
        if self._connection is None:
            return
        with self._looking:
            try:
                self._connection.execute(text("SELECT 1"))
            except SQLAlchemyError:
                with suppress(SQLAlchemyError):
                    self._connection.invalidate()
                    self._connection.close()
                if not self.lock():
                    log.error("slot-taken", slot=self.name)  # by a worker that began meanwhile; steps may run twice

    def release(self) -> None:
        """Give it back."""
        if self._file is not None:
            self._file.close()
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()

    def _lock_file(self) -> bool:
        database = make_url(self._db.url).database
        self._file = Path(f"{database}.{self.name}.lock").open("w")  # noqa: SIM115  # open as long as the slot is ours
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self._file.close()
            return False
        return True

    def _lock_server(self) -> bool:
        self._connection = self._db.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        ask = text("SELECT pg_try_advisory_lock(:space, :slot)")
        if self._connection.execute(ask, {"space": LOCK_SPACE, "slot": self._number}).scalar():
            return True
        self._connection.close()
        return False


def take_over_dead(db: Database, jobs: Jobs, own: Slot | None) -> None:
    """Put jobs of workers that are dead back into their queues; a slot that can be locked is dead. `own` is alive."""
    alive = {own.name} if own is not None else set()
    for name in jobs.begun_by() - alive:
        number = name.removeprefix(NAME)
        slot = Slot(db, int(number)) if number.isdecimal() else None
        if slot is not None and slot.lock():
            try:
                jobs.take_over(name)
            finally:
                slot.release()
