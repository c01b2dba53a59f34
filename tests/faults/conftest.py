"""A workplace with a witness at the carrier, and a mother of processes that die when they are told to."""

import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.recordings.service import recording_by_sid
from contactcenter.worker import QUEUES
from tests.faults.mother import Mother
from tests.faults.witness import Witness
from tests.recordings.conftest import carrier, carrier_running, place
from tests.recordings.conftest import migrated as bare
from tests.recordings.workplace import Workplace

__all__ = ["bare", "carrier", "carrier_running", "place"]


@pytest.fixture(scope="session")
def mother() -> Iterator[Mother]:
    """Loaded once, for all that die here."""
    with Mother() as made:
        yield made


@pytest.fixture(scope="session")
def migrated(bare: Path, mother: Mother, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database in which a worker has run: where its queues are known already, a worker begins a second sooner."""
    folder = tmp_path_factory.mktemp("used")
    database = folder / "contactcenter.db"
    shutil.copy(bare, database)
    order = {"role": "worker", "folder": str(folder), "carrier": "http://127.0.0.1:9", "point": ""}
    with mother.child(**order, key=MasterKey.generate()) as worker, closing(sqlite3.connect(database)) as looking:
        while looking.execute("SELECT count(*) FROM queues").fetchone()[0] < len(QUEUES):
            assert worker.lives()
            time.sleep(0.02)
    db = Database(f"sqlite:///{database}")
    assert db.clear_log()
    db.close()
    return database


@pytest.fixture
def witness(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> Witness:
    """Looks on at the carrier of this workplace."""

    def stored(sid: str) -> bool:
        with place.db.reading() as session:
            found = recording_by_sid(session, sid)
            return found is not None and found.stored_at is not None and found.wrapped_key is not None

    return Witness(monkeypatch, stored)
