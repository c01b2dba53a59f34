"""A worker's disk is full, its vault away, its database locked, its key missing, itself stopped: nothing is lost."""

import re
import signal
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.recordings.reconciliation import reconcile
from contactcenter.recordings.rules import Failure, RecordingState
from tests.desks import all_the_way
from tests.faults.mother import Mother
from tests.faults.recorded import attached, told, worker
from tests.faults.whole import whole
from tests.faults.witness import Witness
from tests.patience import until
from tests.recordings.workplace import PASSWORD, Story, Workplace
from tests.simulator.desk import tone

MEGABYTE = 1_000_000


def key_of(story: Story) -> list[str]:
    """Its event in the inbox."""
    return [f"{story.sid}:recording-completed"]


def fleur_tries_again(place: Workplace, story: Story) -> None:
    """Fleur sees the dead letter on the operations page, and presses its button."""
    url = place.settings.public_url
    with TestClient(create_app(place.parts), base_url=url, headers={"origin": url}, follow_redirects=False) as http:
        assert http.post("/sign-in", data={"login": "fleur", "password": PASSWORD}).status_code == 303
        all_the_way(place.db)
        button = f"/recordings/{story.row().public_id}/retry"
        assert re.search(re.escape(button), http.get("/operations").text), "no button"
        assert http.post(button, headers={"hx-request": "true"}).status_code == 204


def test_a_full_vault_ends_as_a_visible_dead_letter_whose_retry_works(
    place: Workplace, witness: Witness, mother: Mother
) -> None:
    long = tone(440, 240)  # nearly 8 MB: the vault is what comes to the limit, not the database
    story = told(place, [long, tone(880, 240)])
    with worker(mother, place, largest_file=6 * MEGABYTE, pause=0.1):
        until(lambda: story.state is RecordingState.FAILED, "it was given up")
    assert story.row().failure is Failure.VAULT
    assert ("recording-failed", Failure.VAULT.value) in place.alerts()
    assert list(place.vault.list()) == []
    assert story.at_carrier()
    fleur_tries_again(place, story)
    with worker(mother, place):
        until(attached(story), "with room again it is kept")
    whole(place.parts, witness, [story.sid], key_of(story))


def test_a_full_database_keeps_the_recording_at_the_carrier_until_there_is_room(
    place: Workplace, witness: Witness, mother: Mother
) -> None:
    story = told(place)
    assert place.db.clear_log()
    with worker(mother, place, largest_file=60_000):
        time.sleep(2)
    assert story.state is RecordingState.ARRIVED
    assert story.at_carrier()

    def taken_up_again() -> bool:
        """Its jobs may have come to nothing: the sweep gives them anew when nobody has worked on it for ten minutes."""
        time.sleep(0.5)
        place.clock.travel(minutes=11)
        reconcile(place.db, place.carrier, place.jobs, place.clock())
        return attached(story)()

    with worker(mother, place):
        until(taken_up_again, "with room again it is kept")
    whole(place.parts, witness, [story.sid], key_of(story))


@contextmanager
def away(vault: Path) -> Iterator[None]:
    """The vault's disk is not there."""
    elsewhere = vault.rename(vault.with_name("unmounted"))
    yield
    elsewhere.rename(vault)


@pytest.mark.parametrize("stage", ["download half", "enqueue_writing_down 1 committed"], ids=["storing", "reading"])
def test_a_vault_that_was_away_is_used_again_by_itself(
    place: Workplace, witness: Witness, mother: Mother, stage: str
) -> None:
    story = told(place)
    with worker(mother, place, point=stage) as doomed:
        assert doomed.dies() == -signal.SIGKILL
    with worker(mother, place, pause=0.7, waits=True):
        until((place.folder / "built").exists, "it has opened its vault")
        with away(place.folder / "vault"):
            (place.folder / "go").touch()
            until(lambda: story.row().failure is Failure.VAULT, "the vault was missed")
        until(attached(story), "it came to its end by itself")
    whole(place.parts, witness, [story.sid], key_of(story))


@pytest.mark.parametrize("seconds", [1.5, pytest.param(10.0, marks=pytest.mark.prove)])
def test_a_locked_database_holds_up_the_worker_and_costs_nothing(
    place: Workplace, witness: Witness, mother: Mother, seconds: float
) -> None:
    story = told(place)
    with (
        worker(mother, place, pause=0.5),
        closing(sqlite3.connect(place.folder / "contactcenter.db", isolation_level=None)) as other,
    ):
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        assert not attached(story)(), "it was not held up"
        other.execute("ROLLBACK")
        until(attached(story), "it came to its end")
    whole(place.parts, witness, [story.sid], key_of(story))


def test_without_its_key_a_worker_leaves_the_recording_at_the_carrier(
    place: Workplace, witness: Witness, mother: Mother
) -> None:
    story = told(place)
    with worker(mother, place, key="", pause=0.1):
        until(lambda: story.state is RecordingState.FAILED, "it was given up")
    assert story.row().failure is Failure.NO_KEY
    assert story.at_carrier()
    assert list(place.vault.list()) == []
    fleur_tries_again(place, story)
    with worker(mother, place):
        until(attached(story), "with its key it is kept")
    whole(place.parts, witness, [story.sid], key_of(story))


def test_a_worker_that_was_stopped_for_an_hour_catches_up(place: Workplace, witness: Witness, mother: Mother) -> None:
    stories = [told(place) for _ in range(3)]
    place.clock.travel(hours=1)
    with worker(mother, place, hours=1):
        reconcile(place.db, place.carrier, place.jobs, place.clock())
        for story in stories:
            until(attached(story), "it was caught up with")
    assert all(story.row().stored_at == place.clock.now for story in stories)
    assert place.alerts() == []
    whole(place.parts, witness, [story.sid for story in stories], [key for story in stories for key in key_of(story)])
