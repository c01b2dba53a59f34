"""Live events reach the desks that another process serves, at once and in the order of commits."""

import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from queue import Queue

from contactcenter.core.db import Database
from contactcenter.core.live import announce
from tools.postgresql import restart

ROOT = Path(__file__).parents[2]
NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)


def _pass_on(lines: Iterable[str], heard: Queue[str]) -> None:
    for line in lines:
        heard.put(line.strip())


@contextmanager
def another_process(url: str, *topics: str) -> Iterator[Queue[str]]:
    """A process that serves desks; what its hub gives them."""
    running = subprocess.Popen(
        [sys.executable, "-m", "tests.postgresql.listener", url, *topics],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    heard: Queue[str] = Queue()
    assert running.stdin and running.stdout
    reader = threading.Thread(target=_pass_on, args=(running.stdout, heard))
    reader.start()
    try:
        assert heard.get(timeout=60) == "ready"
        yield heard
    finally:
        running.stdin.close()
        assert running.wait(20) == 0
        reader.join(10)
        running.stdout.close()


def test_an_event_of_one_process_is_at_the_desks_of_another_at_once(db: Database) -> None:
    with another_process(db.url, "queue:1") as heard:
        waits = []
        for number in range(9):
            began = time.monotonic()
            with db.writing() as session:
                announce(session, NOON, "queue:2", "of another team")
                announce(session, NOON, "queue:1", f"call-{number}")
            assert heard.get(timeout=10) == f"call-{number}"
            waits.append(time.monotonic() - began)
        assert statistics.median(waits) < 0.4, waits  # without a notification it would be found once a second
        assert heard.empty()


def test_what_is_rolled_back_was_never_announced(db: Database) -> None:
    with another_process(db.url, "queue:1") as heard:
        with suppress(InterruptedError), db.writing() as session:
            announce(session, NOON, "queue:1", "never happened")
            raise InterruptedError
        with db.writing() as session:
            announce(session, NOON, "queue:1", "happened")
        assert heard.get(timeout=10) == "happened"


def test_an_event_of_a_slow_transaction_is_not_overtaken_and_lost(db: Database) -> None:
    announced, other = threading.Event(), Database(db.url)

    def slowly() -> None:
        with other.writing() as session:
            announce(session, NOON, "queue:1", "slow")
            session.flush()
            announced.set()
            time.sleep(0.5)

    with another_process(db.url, "queue:1") as heard:
        slow = threading.Thread(target=slowly)
        slow.start()
        assert announced.wait(10)
        with db.writing() as session:
            announce(session, NOON, "queue:1", "quick")
        assert {heard.get(timeout=10), heard.get(timeout=10)} == {"slow", "quick"}
        slow.join()
    other.close()


def test_streams_go_on_and_catch_up_when_the_database_restarted(db: Database) -> None:
    with another_process(db.url, "queue:1") as heard:
        for number in range(3):
            with db.writing() as session:
                announce(session, NOON, "queue:1", f"before {number}")
            assert heard.get(timeout=10) == f"before {number}"
            restart(db.url)
            with db.writing() as session:  # at once: the other process may not have come back yet
                announce(session, NOON, "queue:1", f"after {number}")
            assert heard.get(timeout=20) == f"after {number}"
        assert heard.empty()
