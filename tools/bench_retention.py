"""Measures the retention sweep: it grows with what is due and not with what is kept, and holds no webhook up."""

import asyncio
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from contactcenter import compose
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.recordings import retention, timers
from contactcenter.recordings.vault import Vault
from contactcenter.settings import PREFIX, load
from tools.bench_pages import prepare
from tools.bench_webhooks import calls
from tools.figures import Case, compared
from tools.growth import grow
from tools.load import Answers, at_rate
from tools.ports import free_port
from tools.serving import environment, running

FEW_KEPT, MANY_KEPT = 10_000, 1_000_000
FEW_DUE, MANY_DUE = 1_000, 100_000
RATE, SECONDS = 50, 20


@dataclass(frozen=True)
class Place:
    """A database with recordings, and what is swept there."""

    db: Database
    vault: Vault
    port: int

    def make_due(self, due: int) -> None:
        """So many recordings are kept, and due since a minute."""
        with self.db.writing() as session:
            session.connection().execute(
                text(
                    "UPDATE recording SET state = 'attached', wrapped_key = x'00', object_key = NULL,"
                    " retain_until = :due"
                    " WHERE id IN (SELECT id FROM recording WHERE state = 'destroyed' LIMIT :count)"
                ),
                {"due": datetime.now(UTC).replace(tzinfo=None), "count": due},
            )

    def sweep(self) -> float:
        """Seconds that a sweep takes."""
        began = time.perf_counter()
        report = retention.sweep(self.db, self.vault, AbsentCarrier(), datetime.now(UTC), force=True)
        if report.destroyed != report.due:
            raise SystemExit(report.sentence)
        return time.perf_counter() - began


def bench_retention() -> Iterator[Case]:
    """Seconds of a sweep, and how fast webhooks are answered beside a large one."""
    with _place(FEW_KEPT) as small:
        small.make_due(FEW_DUE)
        reference = small.sweep()
    with _place(MANY_KEPT) as large:
        large.make_due(FEW_DUE)
        yield compared(
            f"sweep: {FEW_DUE} due among {MANY_KEPT} against among {FEW_KEPT}", "s", large.sweep(), reference, digits=5
        )
        large.make_due(MANY_DUE)
        alone = asyncio.run(at_rate(large.port, calls(large.port, RATE * SECONDS), 50, RATE))
        beside, seconds = _with_webhooks(large)
        yield compared(
            f"sweep: {MANY_DUE} due against {FEW_DUE}, per recording",
            "s",
            seconds / MANY_DUE,
            reference / FEW_DUE,
            digits=5,
        )
        both = beside.percentile(0.99), alone.percentile(0.99)
        name = f"webhooks at {RATE}/s beside the sweep of {MANY_DUE}, p99 against alone"
        yield {**compared(name, "ms", *both), "refused": beside.refused}


def _with_webhooks(place: Place) -> tuple[Answers, float]:
    took: list[float] = []
    sweeping = threading.Thread(target=lambda: took.append(place.sweep()))
    sweeping.start()
    answers = asyncio.run(at_rate(place.port, calls(place.port, RATE * SECONDS), 50, RATE))
    sweeping.join()
    return answers, took[0]


@contextmanager
def _place(kept: int) -> Iterator[Place]:
    with tempfile.TemporaryDirectory(prefix="bench-retention-") as made:
        folder, port = Path(made), free_port()
        variables = environment(folder, port)
        prepare(folder, variables)
        db = compose.database(load(database_url=variables[f"{PREFIX}DATABASE_URL"]))
        grow(db, kept)
        with db.writing() as session:
            timers.seed(session, datetime.now(UTC))
        vault = Vault(str(folder / "recordings"), MasterKey.parse(MasterKey.generate()))
        with running(["contactcenter", "serve", "--web"], variables, port):
            yield Place(db, vault, port)
        db.close()
