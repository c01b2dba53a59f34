"""One PostgreSQL server for these tests, and a database of its own for each of them."""

import secrets
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from contactcenter import migrations
from contactcenter.core import jobs
from contactcenter.core.db import Database
from tests.recordings.conftest import carrier, carrier_running
from tools.postgresql import server

__all__ = ["carrier", "carrier_running"]

TEMPLATE = "migrated"


@pytest.fixture(autouse=True)
def ledger(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is destroyed is written down in a file of the story's own."""
    monkeypatch.setenv("CONTACTCENTER_LEDGER", str(tmp_path / "ledger"))


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a fresh server's first database."""
    with server() as url:
        yield url


@pytest.fixture(scope="session")
def new_database(postgresql: str) -> Callable[[str], str]:
    """Makes a database from another; its URL."""

    def make(template: str) -> str:
        name = f"story_{secrets.token_hex(6)}"
        host = make_url(postgresql).query["host"]
        with psycopg.connect(f"host={host} user=contactcenter dbname=postgres", autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}".encode())
        return make_url(postgresql).set(database=name).render_as_string()

    return make


@pytest.fixture(scope="session")
def migrated(postgresql: str, new_database: Callable[[str], str]) -> str:
    """The name of a database with all tables, ours and those of the job library; nobody is connected to it."""
    url = new_database("template1")
    db = Database(url)
    migrations.run(db)
    jobs.migrate(url)
    db.close()
    return make_url(url).database or ""


@pytest.fixture
def empty_url(new_database: Callable[[str], str]) -> str:
    """An empty database."""
    return new_database("template1")


@pytest.fixture
def url(new_database: Callable[[str], str], migrated: str) -> str:
    """A database with all tables."""
    return new_database(migrated)


@pytest.fixture
def db(url: str) -> Iterator[Database]:
    """A database with all tables, open."""
    opened = Database(url)
    yield opened
    opened.close()
