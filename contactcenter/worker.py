"""The worker: runs durable workflows, and wakes sweeps. The rows are the truth; a timer here only asks to look."""

import fcntl
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from dbos import DBOS, DBOSPortableJSONSerializer
from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session, col, select

from contactcenter import compose
from contactcenter.calls import linking, mending
from contactcenter.calls.commands import Commander
from contactcenter.calls.models import Call, Leg
from contactcenter.calls.speaking import Speaker
from contactcenter.compose import Ports
from contactcenter.contacts import service as contacts
from contactcenter.core import inbox, live
from contactcenter.core.db import Database
from contactcenter.core.jobs import APPLICATION, RECORDINGS, REMOVALS, SWEEPS, TRANSCRIPTS, VERSION, Jobs
from contactcenter.recordings import jobs as recording_jobs
from contactcenter.recordings import retention, timers
from contactcenter.recordings.pipeline import Pipeline
from contactcenter.recordings.reconciliation import reconcile
from contactcenter.recordings.transcriber import Transcriber
from contactcenter.settings import Settings
from contactcenter.staff import service as staff

QUEUES = {RECORDINGS: 2, TRANSCRIPTS: 1, REMOVALS: 1, SWEEPS: 4}  # how many at once in one worker
POLL_SECONDS = 0.5
STOP_SECONDS = 3
MOST_WORKERS = 64
LOCK_SPACE = 7_230_115  # one number of ours, so that advisory locks of others don't meet it
Sweep = tuple[float, Callable[[datetime], object]]
log = structlog.get_logger()


class Slot:
    """A worker's name: the lowest that no running worker has. Its lock ends with the process, however it ends."""

    def __init__(self, db: Database, number: int) -> None:
        self.name = f"worker-{number}"
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


class Worker:
    """Workflows and sweeps of one process. Only one may run in a process at a time.

    `sweeps` are further ones: by name, how often in seconds, and what to do.
    """

    def __init__(self, parts: Ports, transcriber: Transcriber, sweeps: Mapping[str, Sweep] | None = None) -> None:
        self.db, self.clock, self.carrier, self.vault = parts.db, parts.clock, parts.carrier, parts.vault
        self.settings = parts.settings
        self.jobs = Jobs(parts.settings.database_url)
        self.commander = Commander(parts.db, parts.carrier, parts.clock, Speaker(parts.settings.public_url).url)
        self.pipeline = Pipeline(
            parts.db, parts.clock, parts.carrier, parts.vault, transcriber, self.jobs, parts.settings.zone
        )
        self.sweeps: dict[str, Sweep] = {
            "retention": (600, self.destroy_due),
            "remnants": (60, self.clear_remnants),
            "reconciliation": (300, self.reconcile),
            "purge": (3600, self.purge),
            "wrap-ups": (60, self.close_overdue),
            "dead-workers": (60, self.take_over),
            "calls": (5, self.mend_calls),
            "lost-calls": (60, self.end_lost_calls),
            "late-matches": (600, self.link_late),
            **(sweeps or {}),
        }
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._slot: Slot | None = None

    def start(self) -> None:
        """Take a slot, go on with what it left unfinished, then listen to the queues and the clock."""
        self._slot = Slot.take(self.db)
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        with self.db.writing() as session:
            timers.seed(session, self.clock())
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self.settings.database_url,
                "application_version": VERSION,
                "executor_id": self._slot.name,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "WARNING",
            }
        )
        recording_jobs.register(self.pipeline, lambda _: self.clear_remnants(self.clock()), self.run_sweep)
        DBOS.launch()
        for name, at_once in QUEUES.items():
            DBOS.register_queue(
                name, worker_concurrency=at_once, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
            )
        for name, (seconds, _) in self.sweeps.items():
            self._scheduler.add_job(self.wake, "interval", args=[name], seconds=seconds, id=name)
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing new, wait a moment for what runs; the rest goes on when this slot starts again.

        A transcription under way is cut off: it begins anew then.
        """
        self._scheduler.shutdown(wait=False)
        self.pipeline.transcriber.close()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=STOP_SECONDS)
        self.pipeline.transcriber.close()  # of what the queue still handed out in between
        self.jobs.close()
        if self._slot is not None:
            self._slot.release()

    def wake(self, name: str) -> None:
        """Enqueue a sweep under the name of its moment, so that several workers run it once."""
        if self._slot is not None:
            self._slot.keep()
        now = self.clock()
        seconds = self.sweeps[name][0]
        job = f"{recording_jobs.SWEEP}:{name}:{int(now.timestamp() // seconds)}"
        with self.db.writing() as session:
            self.jobs.enqueue(session, SWEEPS, recording_jobs.SWEEP, job, name)

    def run_sweep(self, name: str) -> None:
        """Do what a sweep is there for, now."""
        self.sweeps[name][1](self.clock())

    def destroy_due(self, now: datetime) -> None:
        """Sweep: what is due goes; objects that nobody names go as well."""
        retention.sweep(self.db, self.vault, self.carrier, now)
        if self.vault is not None:
            retention.orphans(self.db, self.vault, now)

    def clear_remnants(self, now: datetime) -> None:
        """Sweep: objects and carrier copies of what is destroyed or unwanted."""
        retention.clear_remnants(self.db, self.vault, self.carrier, now)

    def reconcile(self, now: datetime) -> None:
        """Sweep: the carrier's lists against ours."""
        reconcile(self.db, self.carrier, self.jobs, now, known_calls)

    def purge(self, now: datetime) -> None:
        """Sweep: forget events, live events, sign-ins and finished jobs that are past their time."""
        with self.db.writing() as session:
            inbox.purge(session, now)
            live.purge(session, now)
            staff.purge(session, now)
        self.jobs.purge(now)

    def close_overdue(self, now: datetime) -> None:
        """Sweep: wrap-ups that nobody closed."""
        with self.db.writing() as session:
            contacts.close_overdue(session, now)

    def mend_calls(self, now: datetime) -> None:
        """Sweep: claims that came to nothing, commands that were never sent."""
        mending.mend(self.db, self.commander, now)

    def end_lost_calls(self, now: datetime) -> None:
        """Sweep: calls whose end we never heard of."""
        mending.end_lost(self.db, self.carrier, now)

    def link_late(self, now: datetime) -> None:
        """Sweep: contacts that nobody could link, whose number is known since."""
        linking.link_late(self.db, now)

    def take_over(self, _now: datetime) -> None:
        """Sweep: jobs of workers that are dead go back into their queues; a slot that can be locked is dead."""
        assert self._slot is not None
        for name in self.jobs.begun_by() - {self._slot.name}:
            number = name.removeprefix("worker-")
            slot = Slot(self.db, int(number)) if number.isdecimal() else None
            if slot is not None and slot.lock():
                try:
                    self.jobs.take_over(name)
                finally:
                    slot.release()


def known_calls(session: Session, sids: set[str]) -> set[str]:
    """Which of these calls are ours: callers' and agents' legs."""
    callers = session.exec(select(Call.sid).where(col(Call.sid).in_(sids)))
    legs = session.exec(select(Leg.sid).where(col(Leg.sid).in_(sids)))
    return {*callers, *legs}


def run_worker(settings: Settings, *, until_input_ends: bool = False) -> None:
    """Run a worker as a process of its own, until SIGTERM or Ctrl-C, or until standard input ends: a child that does so
    outlives nobody."""
    os.nice(5)  # callers come first
    compose.migrated(settings).close()
    parts = compose.ports(settings)
    worker = Worker(parts, compose.transcriber(settings))
    stopping = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    if until_input_ends:
        threading.Thread(target=_after_input, args=[stopping.set], daemon=True).start()
    worker.start()
    log.info("working", database="sqlite" if parts.db.is_sqlite else "postgresql", recordings=parts.vault is not None)
    stopping.wait()
    worker.stop()
    log.info("worker-stopped")
    parts.db.close()


def _after_input(then: Callable[[], None]) -> None:
    os.read(sys.stdin.fileno(), 1)  # nobody writes there
    then()
