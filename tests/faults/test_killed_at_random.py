"""Web and worker processes are killed (kill -9) at random while people call; nothing of what they said is lost."""

import random
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from contactcenter.calls.mending import end_lost, name_unknown
from contactcenter.core.clock import system_clock
from contactcenter.core.jobs import Jobs
from contactcenter.recordings.reconciliation import reconcile
from tests.faults.installation import Installation, in_threads, installation
from tests.faults.whole import whole
from tests.patience import until


@pytest.mark.parametrize(
    ("seed", "kills", "calls"),
    [(0, 3, 3), *(pytest.param(seed, 10, 8, marks=pytest.mark.prove) for seed in range(1, 11))],
)
def test_processes_killed_under_load_lose_and_double_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    record_property: Callable[[str, object], None],
    seed: int,
    kills: int,
    calls: int,
) -> None:
    chance = random.Random(seed)
    with installation(tmp_path, monkeypatch, agents=calls) as place:
        place.worker.start()
        place.start_web()
        people = in_threads([later(place, number, calls, kills, chance.uniform(0, 1)) for number in range(calls)])
        for _ in range(kills):
            time.sleep(chance.uniform(0.1, 2.0))
            kill_one(place, chance)
        for thread in people:
            thread.join(120)
        comes_to_rest(place)
        assert len(place.made()) >= 1, "somebody was recorded"
        whole(place.parts, place.witness, place.made(), place.acknowledged)
        record_property("kills", kills)
        record_property("calls", calls)
        record_property("recordings", len(place.made()))
        record_property("acknowledged", len(place.acknowledged))
        record_property("ready_again_s", [round(seconds, 1) for seconds in place.ready_in])


def later(place: Installation, number: int, calls: int, kills: int, share: float) -> Callable[[], None]:
    """A call that begins somewhere among the kills."""
    audio = place.sound()

    def call() -> None:
        time.sleep((number + share) * 3.0 * kills / calls)
        place.call(audio, f"agent{number}")

    return call


def kill_one(place: Installation, chance: random.Random) -> None:
    """kill -9, and start it again as a supervisor does."""
    if chance.random() < 0.5:
        place.web.kill()
        place.start_web()
    else:
        place.worker.kill()
        place.worker.start()


def comes_to_rest(place: Installation) -> None:
    """What the worker's sweeps do within a quarter of an hour, now: callbacks that got lost are asked for."""
    place.hang_up_all()
    jobs = Jobs(place.parts.settings.database_url)
    later_on = system_clock() + timedelta(minutes=15)
    time.sleep(1.5)  # the carrier finishes its recordings
    end_lost(place.parts.db, place.parts.carrier, later_on)
    reconcile(place.parts.db, place.parts.carrier, jobs, later_on)
    name_unknown(place.parts.db, place.parts.carrier, later_on)
    jobs.close()
    until(place.settled, "everything is kept and written down", 240)
