"""Stories of this folder happen in a small company with a line, made once per process and copied for each story."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.engine import make_url

from contactcenter.core.db import Database
from tests.factories import World, company
from tests.privacy.line import Line, open_line, set_up

__all__ = ["company"]


def copied(of: World, to: Path) -> World:
    """The same company in another file."""
    shutil.copy(make_url(of.db.url).database or "", to)
    return World(Database(f"sqlite:///{to}"), members=dict(of.members))


@pytest.fixture(scope="session")
def prepared(company: World, tmp_path_factory: pytest.TempPathFactory) -> World:
    """The company with a line, Eva, the privacy officer, and Dirk, the supervisor."""
    made = copied(company, tmp_path_factory.mktemp("line") / "company.sqlite3")
    set_up(made)
    assert made.db.clear_log()
    made.db.close()
    return made


@pytest.fixture
def world(prepared: World, tmp_path: Path) -> Iterator[World]:
    """A fresh copy of it."""
    made = copied(prepared, tmp_path / "company.sqlite3")
    yield made
    made.db.close()


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    """Its line."""
    with open_line(world) as opened:
        yield opened
