"""The worker: runs durable workflows, and wakes sweeps. The rows are the truth; a timer here only asks to look."""

import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterable
from datetime import UTC

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from dbos import DBOS, DBOSPortableJSONSerializer

from contactcenter import compose
from contactcenter.calls.commands import Commander
from contactcenter.calls.speaking import Speaker
from contactcenter.compose import Ports
from contactcenter.core.jobs import (
    APPLICATION,
    RECORDINGS,
    REMOVALS,
    SWEEP,
    SWEEPS,
    TRANSCRIPTS,
    VERSION,
    Jobs,
    SweepName,
    sweep_job,
)
from contactcenter.core.slot import Slot
from contactcenter.recordings import cutting, redoing, refusals, timers
from contactcenter.recordings import jobs as recording_jobs
from contactcenter.recordings.pipeline import Pipeline
from contactcenter.recordings.transcriber import Transcriber
from contactcenter.settings import Settings
from contactcenter.sweeps import ALL_SWEEPS, Means, Sweep

QUEUES = {RECORDINGS: 2, TRANSCRIPTS: 1, REMOVALS: 1, SWEEPS: 4}  # how many at once in one worker
POLL_SECONDS = 0.5
STOP_SECONDS = 3
log = structlog.get_logger()


class Worker:
    """Workflows and sweeps of one process. Only one may run in a process at a time.

    `further` sweeps are woken beside those of the product.
    """

    def __init__(self, ports: Ports, transcriber: Transcriber, further: Iterable[Sweep] = ()) -> None:
        self.ports = ports
        self.jobs = Jobs(ports.settings.database_url)
        self.commander = Commander(ports.db, ports.carrier, ports.clock, Speaker(ports.settings.public_url).url)
        self.pipeline = Pipeline(
            ports.db,
            ports.clock,
            ports.carrier,
            ports.vault,
            transcriber,
            self.jobs,
            ports.settings.zone,
            compose.drafter(ports.settings),
        )
        self.sweeps = {sweep.name: sweep for sweep in (*ALL_SWEEPS, *further)}
        self._scheduler = BackgroundScheduler(
            timezone=UTC, job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
        )
        self._slot: Slot | None = None

    def start(self) -> None:
        """Take a slot, go on with what it left unfinished, then listen to the queues and the clock."""
        self._slot = Slot.take(self.ports.db)
        logging.getLogger("apscheduler").setLevel(logging.WARNING)
        with self.ports.db.writing() as session:
            timers.seed(session, self.ports.clock())
        DBOS(
            config={
                "name": APPLICATION,
                "system_database_url": self.ports.settings.database_url,
                "application_version": VERSION,
                "executor_id": self._slot.name,
                "serializer": DBOSPortableJSONSerializer(),
                "log_level": "WARNING",
            }
        )
        recording_jobs.register(
            self.pipeline,
            self._write_anew,
            lambda _: self.run_sweep(SweepName.REMNANTS),
            self._cut_out,
            self.run_sweep,
        )
        DBOS.launch()
        for name, at_once in QUEUES.items():
            DBOS.register_queue(
                name, worker_concurrency=at_once, polling_interval_sec=POLL_SECONDS, on_conflict="always_update"
            )
        for sweep in self.sweeps.values():
            self._scheduler.add_job(self.wake, "interval", args=[sweep.name], seconds=sweep.seconds, id=sweep.name)
        self._scheduler.start()

    def stop(self) -> None:
        """Begin nothing new, wait a moment for what runs; the rest goes on when this slot starts again.

        A transcription under way is cut off: it begins anew then. Of a draft that is asked for, the rules' is taken.
        """
        self._scheduler.shutdown(wait=False)
        self.pipeline.transcriber.close()
        self.pipeline.drafter.close()
        DBOS.destroy(destroy_registry=True, workflow_completion_timeout_sec=STOP_SECONDS)
        self.pipeline.transcriber.close()  # of what the queue still handed out in between
        self.jobs.close()
        if self._slot is not None:
            self._slot.release()

    def wake(self, name: str) -> None:
        """Enqueue a sweep under the name of its moment, so that several workers run it once."""
        if self._slot is not None:
            self._slot.keep()
        job = sweep_job(name, self.ports.clock(), self.sweeps[name].seconds)
        with self.ports.db.writing() as session:
            self.jobs.enqueue(session, SWEEPS, SWEEP, job, name)

    def _write_anew(self, recording: str) -> None:
        redoing.write_anew(self.pipeline, recording)

    def _cut_out(self, recording: str) -> None:
        cutting.cut_out(self.ports.db, self.ports.vault, self.ports.clock, self.jobs, recording)

    def run_sweep(self, name: str) -> None:
        """Do what a sweep is there for, now."""
        means = Means(self.ports, self.jobs, self.commander, self._slot)
        now = self.ports.clock()
        with refusals.alerting(self.ports.db, now):
            self.sweeps[name].act(means, now)


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
