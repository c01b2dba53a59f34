"""Durable work on PostgreSQL: recordings are kept and written down, workers have names of their own."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import text

from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.core.slot import Slot
from contactcenter.recordings import rules
from contactcenter.recordings.rules import RecordingState
from contactcenter.recordings.vault import Vault
from contactcenter.simulator import Simulator
from tests.patience import until
from tests.recordings.workplace import Clock, Scribe, Workplace, people, settings_for, working
from tools.postgresql import restart


@pytest.fixture
def place(
    tmp_path: Path, url: str, carrier_running: tuple[str, Simulator], carrier: TwilioCarrier
) -> Iterator[Workplace]:
    """Where recordings are worked on, with the database on PostgreSQL."""
    address, simulator = carrier_running
    simulator.misbehaviour.reset()
    simulator.recordings.clear()
    settings = settings_for(tmp_path, address).model_copy(update={"database_url": url})
    key = MasterKey.generate()
    vault = Vault(settings.vault_url, MasterKey.parse(key))
    made = Workplace(settings, Database(url), vault, simulator, Clock(), Scribe(), tmp_path, carrier, key)
    with made.db.writing() as session:
        people(session)
    yield made
    made.close()


def jobs(place: Workplace) -> dict[str, str]:
    """Name and status of every job."""
    with place.db.engine.connect() as connection:
        rows = connection.execute(text("SELECT workflow_uuid, status FROM dbos.workflow_status"))
        return {str(name): str(status) for name, status in rows}


def test_recordings_are_kept_and_written_down(place: Workplace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "BACKOFF", (0.5,) * 7)
    first, second = place.call().record().arrive(), place.call().record().arrive()
    unwanted = place.call(heard_notice=False).record().arrive()
    place.simulator.misbehaviour.set({"media": {"fault": "404"}})
    with working(place) as worker:
        until(lambda: first.state is second.state is RecordingState.ATTACHED, "both are attached")
        until(lambda: not unwanted.at_carrier(), "what should not exist is removed at the carrier")
        for name in worker.sweeps:
            worker.wake(name)
        until(lambda: set(jobs(place).values()) == {"SUCCESS"}, "all jobs and sweeps are done")
    assert not first.at_carrier()
    assert len(list(place.vault.list())) == 2
    assert not any(first.sid in name or second.sid in name for name in jobs(place))


def test_a_job_stands_or_falls_with_its_transaction(place: Workplace) -> None:
    with suppress(InterruptedError), place.db.writing() as session:
        place.jobs.enqueue(session, "sweeps", "sweep", "sweep:retention:never", "retention")
        raise InterruptedError
    with place.db.writing() as session:
        place.jobs.enqueue(session, "sweeps", "sweep", "sweep:retention:once", "retention")
    assert list(jobs(place)) == ["sweep:retention:once"]


def lose_connection_of(place: Workplace, slot: int) -> bool:
    """Cut off who holds this slot, as the end of a process does; whether nobody holds it any more."""
    holders = (
        "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND objid = :slot "
        "AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    with place.db.engine.connect() as connection:
        return not connection.execute(text(holders), {"slot": slot}).all()


def test_a_worker_keeps_its_name_when_the_database_restarts(place: Workplace) -> None:
    with working(place) as worker:
        restart(place.settings.database_url)
        worker.wake("calls")
        second = Slot.take(place.db)
        assert second.name == "worker-2"
        second.release()


def test_workers_take_the_lowest_free_name_and_a_lost_connection_frees_it(place: Workplace) -> None:
    first, second = Slot.take(place.db), Slot.take(place.db)
    assert (first.name, second.name) == ("worker-1", "worker-2")
    until(lambda: lose_connection_of(place, 1), "the first worker's connection is gone")
    third = Slot.take(place.db)
    assert third.name == "worker-1"
    for slot in (first, second, third):
        slot.release()
