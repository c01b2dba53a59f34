"""What it costs that writers take turns on PostgreSQL: calls taken a second by one, two and four processes."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlmodel import func, select

from contactcenter import migrations
from contactcenter.calls import lines
from contactcenter.calls.models import Call
from contactcenter.core import jobs
from contactcenter.core.db import Database
from tests.calls.carrier_stand_in import LINE
from tools.postgresql import server

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def durable() -> Iterator[str]:
    """A server that flushes each commit to the disk, as in life, with a line of ours."""
    with server(fsync="on", full_page_writes="on") as url:
        db = Database(url)
        migrations.run(db)
        jobs.migrate(url)
        with db.writing() as session:
            lines.add(session, LINE, name="Helpdesk", team="Support", language="nl", second_language="en")
        db.close()
        yield url


def calls_a_second(url: str, writers: int, seconds: float, turns: str) -> float:
    """How many calls so many processes commit together."""
    command = [sys.executable, "-m", "tests.postgresql.writer", url, str(seconds), turns]
    running = [
        subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for _ in range(writers)
    ]
    for one in running:
        assert one.stdout is not None and one.stdout.readline() == "ready\n"
    return sum(int(one.communicate("go\n")[0]) for one in running) / seconds


@pytest.mark.parametrize("seconds", [pytest.param(8.0, marks=pytest.mark.prove), 0.5])
def test_writers_that_take_turns_lose_no_call(
    durable: str, seconds: float, record_property: Callable[[str, object], None]
) -> None:
    with_turns = [1, 2, 4] if seconds > 1 else [2]
    for writers in with_turns:
        record_property(f"{writers} taking turns, calls/s", round(calls_a_second(durable, writers, seconds, "turns")))
        if seconds > 1:
            record_property(f"{writers} without, calls/s", round(calls_a_second(durable, writers, seconds, "free")))
    db = Database(durable)
    with db.reading() as session:
        calls = session.exec(select(func.count()).select_from(Call)).one()
        assert calls == session.exec(select(func.count(func.distinct(Call.contact_id)))).one()
        assert calls > 0
    db.close()
