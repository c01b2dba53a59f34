"""The same with PostgreSQL: its own programs copy and fill, and what was destroyed stays destroyed (P17)."""

import os
import secrets
import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import psycopg
import pytest
from sqlalchemy.engine import make_url
from sqlmodel import select

from contactcenter.backup.manifest import BackupProblem
from contactcenter.compose import migrated as started
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Recording
from contactcenter.recordings.vault import Vault
from tests.operating.destruction import backed_up, destroy_in_every_way, restored
from tests.recordings.workplace import Clock, Scribe, Workplace, people
from tools.postgresql import programs, server


@pytest.fixture(scope="module")
def empty() -> Iterator[Callable[[], str]]:
    """Makes empty databases on a server of their own; their URLs."""
    with server() as url:

        def make() -> str:
            name = f"story_{secrets.token_hex(6)}"
            host = make_url(url).query["host"]
            with psycopg.connect(f"host={host} user=contactcenter dbname=postgres", autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}".encode())
            return make_url(url).set(database=name).render_as_string()

        yield make


@pytest.fixture
def on_server(place: Workplace, empty: Callable[[], str]) -> Iterator[Workplace]:
    """A workplace whose database is PostgreSQL's."""
    ledger = place.folder / "ledger"
    settings = place.settings.model_copy(update={"database_url": empty(), "ledger": ledger})
    db = started(settings)
    with db.writing() as session:
        people(session)
    key = MasterKey.generate()
    vault = Vault(settings.vault_url, MasterKey.parse(key))
    clock = Clock(datetime.now(UTC))
    made = Workplace(settings, db, vault, place.simulator, clock, Scribe(), place.folder, place.carrier, key)
    yield made
    made.close()


@pytest.fixture
def with_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's programs are on the PATH."""
    monkeypatch.setenv("PATH", f"{programs()}:{os.environ['PATH']}")


@pytest.mark.usefixtures("with_programs")
def test_what_was_destroyed_after_a_dump_stays_destroyed(on_server: Workplace, empty: Callable[[], str]) -> None:
    place = on_server
    stories = [place.call().done() for _ in range(5)]
    assert backed_up(place).copied == 5
    destroy_in_every_way(place, stories[:3])
    shutil.rmtree(place.folder / "vault")
    with pytest.raises(BackupProblem, match="There is a database already"):
        restored(place)
    anew = empty()
    report = restored(place, database_url=anew)
    assert (report.recordings, report.copied, report.problems) == (2, 2, ())
    db = Database(anew)
    with db.reading() as session:
        keys = {one.sid for one in session.exec(select(Recording)) if one.wrapped_key}
        words = {one.recording_sid for one in session.exec(select(Transcript))}
    db.close()
    assert keys == words == {story.sid for story in stories[3:]}


def test_without_postgresqls_programs_the_one_that_is_missing_is_named(
    on_server: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(BackupProblem, match="PostgreSQL's program pg_dump is missing"):
        backed_up(on_server)
