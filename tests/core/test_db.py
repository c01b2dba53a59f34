"""The two kinds of session, and what the database refuses."""

import os
import subprocess
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from threading import Thread

import pytest
from sqlalchemy.exc import IntegrityError, StatementError
from sqlmodel import Session, select

from contactcenter import migrations
from contactcenter.core import inbox
from contactcenter.core.clock import end_of_local_day
from contactcenter.core.db import Database
from contactcenter.core.inbox import InboxEvent
from contactcenter.core.live import LiveEvent
from contactcenter.customers.models import Customer
from contactcenter.settings import load

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


@pytest.fixture
def db(tmp_path: Path) -> Database:
    opened = Database(f"sqlite:///{tmp_path / 'story.db'}")
    migrations.run(opened)
    return opened


def test_the_models_and_the_migrations_agree(db: Database) -> None:
    assert migrations.differences(db) == []


def test_migrating_back_leaves_nothing_of_ours(db: Database) -> None:
    migrations.undo(db, "base")
    assert migrations.differences(db) != []
    migrations.run(db)
    assert migrations.differences(db) == []


def test_the_database_and_its_log_are_for_their_owner_only(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        opened = Database(f"sqlite:///{tmp_path / 'new.db'}")
        migrations.run(opened)
        with opened.writing() as session:
            inbox.accept(session, NOW, "CA1:voice", "voice", "CA1")
        rights = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob("new.db*")}
        opened.close()
    finally:
        os.umask(before)
    assert rights == {"new.db": 0o600, "new.db-wal": 0o600, "new.db-shm": 0o600}


def test_an_error_of_the_database_repeats_nothing_of_what_was_sent(db: Database) -> None:
    with db.writing() as session:
        for name in ("Joris", "Jansen"):
            session.add(Customer(relation_number="10042", name=name, created_at=NOW, changed_at=NOW))
        with pytest.raises(IntegrityError) as refused:
            session.flush()
        session.rollback()
    for kept in ("10042", "Joris", "Jansen"):
        assert kept not in str(refused.value)


def test_what_raises_is_rolled_back(db: Database) -> None:
    def fails(session: Session) -> None:
        inbox.accept(session, NOW, "CA1:voice", "voice", "CA1")
        raise RuntimeError("the power went")

    with pytest.raises(RuntimeError), db.writing() as session:
        fails(session)
    with db.reading() as session:
        assert session.exec(select(InboxEvent)).all() == []


def test_the_same_event_is_accepted_once_even_from_many_threads(db: Database) -> None:
    accepted: list[bool] = []

    def deliver() -> None:
        with db.writing() as session:
            accepted.append(inbox.accept(session, NOW, "CA1:voice", "voice", "CA1"))

    threads = [Thread(target=deliver) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(accepted) == [False] * 7 + [True]


def test_a_moment_without_a_zone_is_refused(db: Database) -> None:
    naive = NOW.replace(tzinfo=None)
    with db.writing() as session:
        session.add(LiveEvent(topic="x", subject="y", at=naive))
        with pytest.raises((StatementError, ValueError), match="zone"):
            session.flush()
        session.rollback()


@pytest.mark.parametrize(
    ("moment", "end"),
    [
        ("2026-11-02T09:00", "2026-11-02T23:00"),
        ("2026-07-01T22:30", "2026-07-02T22:00"),
        ("2026-10-25T00:30", "2026-10-25T23:00"),  # the long day
        ("2026-03-29T00:30", "2026-03-29T22:00"),  # the short day
    ],
)
def test_a_day_ends_where_we_live(moment: str, end: str) -> None:
    zone = load(timezone="Europe/Amsterdam").zone
    ended = end_of_local_day(datetime.fromisoformat(moment).replace(tzinfo=UTC), zone)
    assert ended == datetime.fromisoformat(end).replace(tzinfo=UTC)


NEVER_RESTS = """
import sys, time
from sqlalchemy import text
from contactcenter.core.db import Database
db = Database(sys.argv[1])
while True:
    with db.writing() as session:
        session.execute(text("DELETE FROM inbox_event WHERE key = 'none'"))
        time.sleep(0.06)
    print(".", end="", flush=True)
    db.give_way()
"""


def test_a_writer_comes_in_between_the_transactions_of_another_process(db: Database, tmp_path: Path) -> None:
    """As a webhook must while a large sweep runs: SQLite's own waiting asks ever more rarely, and starves."""
    done = tmp_path / "transactions"
    with done.open("w") as out, subprocess.Popen([sys.executable, "-c", NEVER_RESTS, db.url], stdout=out) as busy:
        while done.stat().st_size == 0:
            time.sleep(0.01)
        before = done.stat().st_size
        for number in range(20):
            with db.writing() as session:
                inbox.accept(session, NOW, f"webhook-{number}", "test", "")
        between = done.stat().st_size - before
        busy.kill()
    assert between < 20 * 3, f"{between} transactions of the other process for 20 of ours"
