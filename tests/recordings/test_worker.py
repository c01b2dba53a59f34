"""The worker does what was enqueued, wakes its sweeps, and goes on where it, or a dead one, left off."""

import contextlib
import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import pytest

from contactcenter.core.clock import system_clock
from contactcenter.core.db import metadata
from contactcenter.core.jobs import SweepName
from contactcenter.core.slot import Slot
from contactcenter.notes.said import Transcript
from contactcenter.recordings import rules
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.rules import Failure, RecordingState
from contactcenter.recordings.transcriber import Course, TranscriptionFailed
from contactcenter.sweeps import Sweep
from tests.patience import until
from tests.recordings.workplace import SAID, Scribe, Workplace, working

ROOT = Path(__file__).parents[2]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow each other sooner than in life."""
    monkeypatch.setattr(rules, "BACKOFF", (0.5,) * 7)


def job_tables(place: Workplace) -> str:
    """All that the tables of the job library hold."""
    with contextlib.closing(sqlite3.connect(place.folder / "contactcenter.db")) as database:
        rows = [line for line in database.iterdump() if line.startswith("INSERT INTO")]
    return "\n".join(line for line in rows if line.split('"')[1] not in metadata.tables)


class Stuck(Scribe):
    """A transcriber that never comes back, until it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.began, self.closed = threading.Event(), threading.Event()

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Begin, and hang."""
        self.began.set()
        self.closed.wait(30)
        raise TranscriptionFailed("The transcription was cut off.")

    def close(self) -> None:
        """Give up."""
        self.closed.set()


def test_arrived_recordings_are_kept_and_written_down_and_jobs_know_only_ids(place: Workplace) -> None:
    first, second = place.call().record().arrive(), place.call().record().arrive()
    unwanted = place.call(heard_notice=False).record().arrive()
    with working(place):
        until(lambda: first.state is second.state is RecordingState.ATTACHED, "both are attached")
        until(lambda: not unwanted.at_carrier(), "what should not exist is removed at the carrier")
    assert not first.at_carrier()
    assert len(list(place.vault.list())) == 2
    kept = job_tables(place)
    assert first.row().public_id in kept
    assert first.sid not in kept
    assert not any(word in kept for word in SAID.split() if len(word) > 4)


def test_a_carrier_that_is_not_ready_is_asked_again_by_itself(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.simulator.misbehaviour.set({"media": {"fault": "404"}})
    with working(place):
        until(lambda: story.state is RecordingState.ATTACHED, "the second try went well")
    assert place.simulator.misbehaviour.media.times == 0


def test_a_worker_that_stops_amid_a_transcription_goes_on_when_it_is_back(place: Workplace) -> None:
    story, stuck = place.call().record().arrive(), Stuck()
    with working(place, stuck):
        assert stuck.began.wait(120)
    assert story.state is RecordingState.STORED
    with working(place):
        until(lambda: story.state is RecordingState.ATTACHED, "it is attached")
    assert story.row().failure is None


def test_a_failed_transcription_does_not_hold_up_the_next_recording(place: Workplace) -> None:
    stuck = Stuck()
    stuck.close()
    first, second = place.call().record().arrive(), place.call().record().arrive()
    with working(place, stuck):
        until(lambda: first.row().tries and second.row().tries, "both were tried")
    assert first.row().failure is Failure.TRANSCRIPTION


def test_sweeps_wake_once_for_their_moment_and_finished_jobs_are_forgotten(place: Workplace) -> None:
    story = place.call().done()
    ran: list[object] = []
    place.clock.travel(days=31)
    with working(place, further=[Sweep("commands", 3600, lambda _, now: ran.append(now))]) as worker:
        worker.wake("commands")
        worker.wake("commands")
        worker.wake("retention")
        until(lambda: ran and story.state is RecordingState.DESTROYED, "both sweeps ran")
        assert "sweep:commands" in job_tables(place)
        for name in worker.sweeps.keys() - {"commands"}:
            worker.run_sweep(name)
        place.jobs.purge(system_clock() + timedelta(days=2))
    assert ran == [place.clock()]
    assert "sweep:commands" not in job_tables(place)


def test_workers_take_the_lowest_free_name(place: Workplace) -> None:
    first, second = Slot.take(place.db), Slot.take(place.db)
    assert (first.name, second.name) == ("worker-1", "worker-2")
    first.release()
    third = Slot.take(place.db)
    assert third.name == "worker-1"
    second.release()
    third.release()


def test_the_jobs_of_a_killed_worker_are_taken_over_by_a_living_one(place: Workplace) -> None:
    story, alive = place.call().record().arrive(), Slot.take(place.db)
    dying = subprocess.Popen(
        [sys.executable, "-m", "tests.recordings.dying_worker"], cwd=ROOT, stdin=subprocess.PIPE, text=True
    )
    assert dying.stdin is not None
    with dying.stdin as order:
        order.write(json.dumps({"folder": str(place.folder), "carrier": place.settings.twilio_api_url}))
        order.write("\n" + place.key)
    until((place.folder / "began").exists, "the other worker transcribes", 60)
    os.kill(dying.pid, signal.SIGKILL)
    dying.wait()
    alive.release()
    assert story.state is RecordingState.STORED
    with working(place) as first:
        first.run_sweep(SweepName.DEAD_WORKERS)
        until(lambda: story.state is RecordingState.ATTACHED, "the living worker took it over")
