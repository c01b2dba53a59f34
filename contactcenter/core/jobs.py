"""Durable work: a workflow is enqueued in the transaction of its cause, and runs in the worker (DBOS).

Inputs and outputs are ids only; they stand in clear in the job tables.
"""

from dbos import DBOSClient, DBOSPortableJSONSerializer
from sqlmodel import Session

APPLICATION = "contactcenter"
VERSION = "1"  # fixed: what one version enqueued, the next one runs
RECORDINGS = "recordings"
SWEEPS = "sweeps"


class Jobs:
    """Enqueues workflows by name. The worker registers what runs them."""

    def __init__(self, database_url: str) -> None:
        self._client = DBOSClient(
            system_database_url=database_url,
            serializer=DBOSPortableJSONSerializer(),
            application_name=APPLICATION,
            lazy=True,
        )

    def enqueue(self, session: Session, queue: str, workflow: str, job: str, *ids: str) -> None:
        """Enqueue `workflow` with `ids` under the unique name `job`; the same name twice runs once."""
        self._client.enqueue_in_transaction(
            session,
            {"queue_name": queue, "workflow_name": workflow, "workflow_id": job, "app_version": VERSION},
            *ids,
        )

    def close(self) -> None:
        """Give the connections back."""
        self._client.destroy()
