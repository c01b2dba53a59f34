"""Durable work: a workflow is enqueued in the transaction of its cause, and runs in the worker (DBOS).

Inputs and outputs are ids only; they stand in clear in the job tables.
"""

import logging
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from dbos import DBOS, DBOSClient, DBOSPortableJSONSerializer
from dbos import EnqueueOptions as Options
from sqlmodel import Session

APPLICATION = "contactcenter"
VERSION = "1"  # fixed: what one version enqueued, the next one runs
RECORDINGS = "recordings"
TRANSCRIPTS = "transcripts"
REMOVALS = "removals"
SWEEPS = "sweeps"
SWEEP = "sweep"  # the workflow, and what the names of its jobs begin with
FINISHED = ["SUCCESS", "ERROR", "CANCELLED", "MAX_RECOVERY_ATTEMPTS_EXCEEDED"]
WAITING = ["ENQUEUED", "DELAYED"]
LAST = 1  # of priorities; what has none is 0 and goes first
KEPT_FOR = timedelta(days=1)
PURGED_AT_ONCE = 500


class SweepName(StrEnum):
    """Every sweep that the worker wakes; `sweeps.py` says how often, and what it does."""

    RETENTION = "retention"
    REMNANTS = "remnants"
    RECONCILIATION = "reconciliation"
    CALLS = "calls"
    LOST_CALLS = "lost-calls"
    UNKNOWN_CALLS = "unknown-calls"
    LATE_MATCHES = "late-matches"
    WRAP_UPS = "wrap-ups"
    CORRECTIONS = "corrections"
    TRAINING = "training"
    PROMISES = "promises"
    PURGE = "purge"
    SEALING = "sealing"
    SAMPLING = "sampling"
    DEAD_WORKERS = "dead-workers"


def migrate(database_url: str) -> None:
    """Bring the job tables to the newest version; they must stand before anything is enqueued."""
    logging.getLogger("dbos").setLevel(logging.WARNING)
    DBOS.migrate(database_url)


class Jobs:
    """Enqueues workflows by name. The worker registers what runs them."""

    def __init__(self, database_url: str) -> None:
        self._client = DBOSClient(
            system_database_url=database_url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def enqueue(
        self, session: Session, queue: str, workflow: str, job: str, *ids: str, delay: float = 0, last: bool = False
    ) -> None:
        """Enqueue `workflow` with `ids` under the unique name `job`; the same name twice runs once.

        It begins `delay` seconds after the commit at the earliest, and `last` when nothing else waits in its queue.
        """
        options: Options = {
            "queue_name": queue,
            "workflow_name": workflow,
            "workflow_id": job,
            "app_version": VERSION,
        }
        if delay:
            options["delay_seconds"] = delay
        if last:
            options["priority"] = LAST
        self._client.enqueue_in_transaction(session, options, *ids)

    def begun_by(self) -> set[str]:
        """Names of the workers that have begun jobs and not finished them."""
        begun = self._client.list_workflows(status="PENDING", load_input=False, load_output=False)
        return {one.executor_id for one in begun if one.executor_id}

    def unfinished(self) -> set[str]:
        """Names of all jobs that are waiting, delayed or begun."""
        found = self._client.list_workflows(status=[*WAITING, "PENDING"], load_input=False, load_output=False)
        return {one.workflow_id for one in found}

    def take_over(self, executor: str) -> None:
        """Put the begun jobs of a dead worker back into their queues; finished steps are not repeated."""
        begun = self._client.list_workflows(status="PENDING", executor_id=executor, load_input=False, load_output=False)
        for one in begun:
            self._client.resume_workflow(one.workflow_id, queue_name=one.queue_name)

    def waiting(self) -> int:
        """How many jobs nobody has begun yet; delayed ones too."""
        return len(self._client.list_workflows(status=WAITING, load_input=False, load_output=False))

    def last_success(self, sweep: str) -> datetime | None:
        """When the newest job of this sweep that went well was enqueued; None when there was none within a day."""
        found = self._client.list_workflows(
            workflow_id_prefix=_jobs_of(sweep),
            status="SUCCESS",
            sort_desc=True,
            limit=1,
            load_input=False,
            load_output=False,
        )
        return datetime.fromtimestamp(found[0].created_at / 1000, UTC) if found and found[0].created_at else None

    def purge(self, now: datetime) -> int:
        """Forget what finished over a day ago; returns how many."""
        forgotten = 0
        while old := self._client.list_workflows(
            status=FINISHED,
            completed_before=(now - KEPT_FOR).isoformat(),
            limit=PURGED_AT_ONCE,
            load_input=False,
            load_output=False,
        ):
            self._client.delete_workflows([one.workflow_id for one in old])
            forgotten += len(old)
        return forgotten

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()


def sweep_job(name: str, now: datetime, seconds: float) -> str:
    """The name of the job of a sweep that is woken every so many seconds: one for each moment, whoever wakes it."""
    return f"{_jobs_of(name)}{int(now.timestamp() // seconds)}"


def _jobs_of(sweep: str) -> str:
    return f"{SWEEP}:{sweep}:"
