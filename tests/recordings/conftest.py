"""A workplace for every test; the carrier runs once, the database is a copy of one that was migrated once."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactcenter import migrations
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.core import jobs
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Vault
from contactcenter.simulator import Simulator, SimulatorConfig, create_simulator
from tests.recordings.workplace import Clock, Scribe, Workplace, people, settings_for
from tests.simulator.desk import ACCOUNT, APPLICATION, KEY, KEY_SECRET, TOKEN, served


@pytest.fixture(scope="session")
def carrier_running() -> Iterator[tuple[str, Simulator]]:
    """The simulator's address, and the simulator in it."""
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        api_key_sid=KEY,
        api_key_secret=KEY_SECRET,
        application_sid=APPLICATION,
        product_url="http://127.0.0.1:9",
        numbers={},
    )
    app = create_simulator(config)
    with served(lambda _address: app) as address:
        yield address, app.state.simulator


@pytest.fixture(scope="session")
def carrier(
    carrier_running: tuple[str, Simulator], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[TwilioCarrier]:
    """The carrier as the product speaks to it."""
    made = TwilioCarrier(settings_for(tmp_path_factory.mktemp("carrier"), carrier_running[0]))
    yield made
    made.close()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and the staff of the stories."""
    path = tmp_path_factory.mktemp("migrated") / "contactcenter.db"
    db = Database(f"sqlite:///{path}")
    migrations.run(db)
    jobs.migrate(db.url)
    with db.writing() as session:
        people(session)
    assert db.clear_log()
    db.close()
    return path


@pytest.fixture
def place(
    tmp_path: Path, migrated: Path, carrier_running: tuple[str, Simulator], carrier: TwilioCarrier
) -> Iterator[Workplace]:
    """A workplace of its own, with a carrier that behaves until told otherwise."""
    address, simulator = carrier_running
    simulator.misbehaviour.reset()
    simulator.recordings.clear()
    simulator.legs.clear()
    shutil.copy(migrated, tmp_path / "contactcenter.db")
    settings = settings_for(tmp_path, address)
    key = MasterKey.generate()
    vault = Vault(settings.vault_url, MasterKey.parse(key))
    made = Workplace(
        settings, Database(settings.database_url), vault, simulator, Clock(), Scribe(), tmp_path, carrier, key
    )
    yield made
    made.close()
