"""Hostile recordings through a whole worker: words or a reason, in bounded time and memory, and the queue goes on."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlmodel import col, select

from contactcenter.core.alerts import Alert
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import RecordingState
from contactcenter.simulator.capture import Recording as CarriersRecording
from tests.hostile.sounds import refused, spoken
from tests.recordings.speech_model import checkpoint
from tests.recordings.workplace import Story, Workplace

ROOT = Path(__file__).parents[2]
LONGEST_SECONDS, MOST_MIB = 60.0, 256.0
PATIENCE = 240.0  # of the story, on a machine that does other things as well
DONE = (RecordingState.ATTACHED, RecordingState.FAILED)


class Spoilt(CarriersRecording):
    """A recording of the carrier whose media are whatever the story serves."""

    served = b""

    def media(self, channels: int) -> bytes | None:
        """Those bytes, in whatever number of channels was asked for."""
        return self.served


class Listener:
    """The worker's process."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        assert self._said() == "ready"

    def took(self) -> tuple[dict[str, float], float]:
        """The most memory of the worker, and of the process that listens for it, in MiB; their seconds of work."""
        assert self._process.stdin is not None
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        told = json.loads(self._said())
        return told["memory"], told["seconds"]

    def _said(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


@contextmanager
def listening(place: Workplace) -> Iterator[Listener]:
    """A worker of this workplace with the real recogniser, until the block ends."""
    settings = place.settings
    assert settings.twilio_auth_token is not None
    environment = {
        "DATABASE_URL": settings.database_url,
        "VAULT_URL": settings.vault_url,
        "MASTER_KEY": place.key,
        "TWILIO_ACCOUNT_SID": settings.twilio_account_sid or "",
        "TWILIO_AUTH_TOKEN": settings.twilio_auth_token.get_secret_value(),
        "TWILIO_API_URL": str(settings.twilio_api_url),
        "MODELS_DIR": str(checkpoint().parent),
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.hostile.listener"],
        cwd=ROOT,
        env=os.environ | {f"CONTACTCENTER_{name}": value for name, value in environment.items()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield Listener(process)
    finally:
        process.communicate(timeout=60)
    assert process.returncode == 0


def served(place: Workplace, listener: Listener, sounds: dict[str, bytes]) -> tuple[dict[str, Story], float]:
    """Calls whose recordings are these, arriving all at once; the seconds that the worker worked on them."""
    stories, before = {name: place.call().record() for name in sounds}, listener.took()[1]
    for name, story in stories.items():
        carriers = place.simulator.recordings[story.sid]
        carriers.__class__ = Spoilt
        assert isinstance(carriers, Spoilt)
        carriers.served = sounds[name]
        story.arrive(seconds=None)
    began = time.monotonic()
    while waiting := [name for name, story in stories.items() if story.state not in DONE]:
        assert time.monotonic() - began < PATIENCE, f"it hangs: {waiting}"
        time.sleep(0.05)
    return stories, listener.took()[1] - before


def words(place: Workplace, story: Story) -> str:
    """All words that were written down of this call."""
    with place.db.reading() as session:
        found = session.exec(select(Transcript).where(Transcript.contact_id == story.contact_id)).all()
        return " ".join(str(segment["text"]) for one in found for segment in one.segments)


def reason(place: Workplace, story: Story) -> str:
    """Why this recording can't be used, as the operations page shows it with its alert; empty when it can."""
    with place.db.reading() as session:
        row = session.exec(select(Recording).where(Recording.sid == story.sid)).one()
        told = session.exec(select(Alert.detail).where(col(Alert.subject) == row.public_id)).all()
        return row.failure.value if row.failure and told == [row.failure.value] else ""


@pytest.mark.parametrize(
    ("bombs", "strange"), [(1, 1), pytest.param(5, 99, marks=pytest.mark.prove)], ids=["once", "all"]
)
def test_a_hostile_recording_ends_in_words_or_a_reason_and_the_queue_goes_on(
    place: Workplace, bombs: int, strange: int, record_property: Callable[[str, object], None]
) -> None:
    seconds: dict[str, float] = {}
    with listening(place) as listener:
        stories, _ = served(place, listener, {"usual": spoken()["24-bit mono"]})
        assert words(place, stories["usual"])
        before, _ = listener.took()
        stories, seconds["all that are refused"] = served(place, listener, refused())
        for name, story in stories.items():
            assert (story.state, bool(reason(place, story))) == (RecordingState.FAILED, True), name
        for number in range(bombs):
            place.simulator.misbehaviour.set({"media": {"fault": "gzip-bomb", "times": 9}})
            stories, seconds[f"bomb {number}"] = served(place, listener, {"bomb": b""})
            assert reason(place, stories["bomb"]) == "not_audio"
        place.simulator.misbehaviour.reset()
        for name, sound in list(spoken().items())[-strange:]:
            stories, seconds[name] = served(place, listener, {name: sound})
            assert (stories[name].state, bool(words(place, stories[name]))) == (RecordingState.ATTACHED, True), name
        after, _ = listener.took()
    more = {name: round(after[name] - before[name]) for name in before}
    assert max(seconds.values()) < LONGEST_SECONDS
    assert max(more.values()) < MOST_MIB
    record_property("files", len(refused()) + len(seconds) - 1)
    record_property("seconds of work", {name: round(took, 1) for name, took in seconds.items()})
    record_property("MiB more than with the model loaded", more)
