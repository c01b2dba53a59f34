"""A switchboard of its own for every story: a copy of a database made once, and the carrier's simulator, running."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from contactcenter.calls import lines
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.customers import service as customers
from contactcenter.customers.rules import Origin
from contactcenter.recordings.vault import Vault
from contactcenter.simulator import Simulator
from tests.calls.carrier_stand_in import LINE, PUBLIC
from tests.factories import BAKKERIJ_JANSEN, incoming
from tests.order.switchboard import Switchboard, sign_everybody_in
from tests.recordings.conftest import carrier, carrier_running, migrated
from tests.recordings.workplace import NOON, Clock, Scribe, Workplace, settings_for

__all__ = ["carrier", "carrier_running", "migrated"]

Open = Callable[[], AbstractContextManager[Switchboard]]


@pytest.fixture(scope="session")
def office(tmp_path_factory: pytest.TempPathFactory, migrated: Path) -> Path:
    """A database with a line, Bakkerij Jansen, and everybody signed in."""
    path = tmp_path_factory.mktemp("office") / "contactcenter.db"
    shutil.copy(migrated, path)
    db = Database(f"sqlite:///{path}")
    with db.writing() as session:
        lines.add(session, LINE, name="Helpdesk", team="Support", language="nl", second_language="en")
        customers.put(session, NOON, incoming(BAKKERIJ_JANSEN), origin=Origin.IMPORT, actor="api")
        sign_everybody_in(session)
    assert db.clear_log()
    db.close()
    return path


@pytest.fixture(scope="session")
def open_switchboard(office: Path, carrier_running: tuple[str, Simulator], carrier: TwilioCarrier) -> Iterator[Open]:
    """Opens a fresh switchboard; what it was is gone when it closes."""
    loop, key = asyncio.new_event_loop(), MasterKey.generate()
    address, simulator = carrier_running

    @contextmanager
    def opened() -> Iterator[Switchboard]:
        simulator.misbehaviour.reset()
        simulator.recordings.clear()
        simulator.legs.clear()
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            shutil.copy(office, folder / "contactcenter.db")
            changes = {"public_url": PUBLIC, "master_key": key}
            settings = settings_for(folder, address, **changes)
            vault = Vault(settings.vault_url, MasterKey.parse(key))
            db = Database(settings.database_url)
            place = Workplace(settings, db, vault, simulator, Clock(), Scribe(), folder, carrier, key)
            switchboard = Switchboard(place, loop)
            try:
                yield switchboard
            finally:
                switchboard.close()

    yield opened
    loop.close()


@pytest.fixture
def switchboard(open_switchboard: Open) -> Iterator[Switchboard]:
    """One fresh switchboard."""
    with open_switchboard() as opened:
        yield opened
