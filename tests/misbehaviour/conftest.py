"""A workplace whose carrier and worker lose their patience sooner than in life; the carrier still speaks over HTTP."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactcenter.carrier import twilio
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.recordings import fetching, rules
from contactcenter.recordings.vault import Vault
from contactcenter.simulator import Simulator
from tests.order.conftest import office, open_switchboard, switchboard
from tests.recordings.conftest import carrier, carrier_running, migrated
from tests.recordings.workplace import Clock, Scribe, Workplace, settings_for

__all__ = ["carrier", "carrier_running", "migrated", "office", "open_switchboard", "switchboard"]

MEBIBYTE = 2**20


@pytest.fixture
def place(
    tmp_path: Path, migrated: Path, carrier_running: tuple[str, Simulator], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Workplace]:
    """Silence counts as a hang after a second and a half, a drip as too slow after one; eight tries take seconds."""
    monkeypatch.setattr(twilio, "ANSWER_SECONDS", 1.5)
    monkeypatch.setattr(fetching, "SLOW_AFTER", 1.0)
    monkeypatch.setattr(fetching, "MAX_BYTES", 8 * MEBIBYTE)
    monkeypatch.setattr(rules, "BACKOFF", (0.1,) * len(rules.BACKOFF))
    address, simulator = carrier_running
    simulator.misbehaviour.reset()
    simulator.recordings.clear()
    shutil.copy(migrated, tmp_path / "contactcenter.db")
    settings, key = settings_for(tmp_path, address), MasterKey.generate()
    impatient, db = TwilioCarrier(settings), Database(settings.database_url)
    vault = Vault(settings.vault_url, MasterKey.parse(key))
    made = Workplace(settings, db, vault, simulator, Clock(), Scribe(), tmp_path, impatient, key)
    yield made
    made.close()
    impatient.close()
