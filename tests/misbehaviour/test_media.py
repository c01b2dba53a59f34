"""All that the carrier can do wrong with a recording, at the same time, through a running worker and over HTTP.

What may be better next time is tried again until it is stored and checked; what never becomes better is a dead letter
with its reason, and its retry goes well once the carrier behaves. Nobody is held up, and nothing goes anywhere else.
"""

import random
import sys
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import get_args
from urllib.parse import urlsplit

import pytest

from contactcenter.recordings import service
from contactcenter.recordings.rules import BACKOFF, CarrierCopy, Failure, RecordingState
from contactcenter.recordings.verifying import stored_of
from contactcenter.simulator.misbehaviour import MediaFault
from contactcenter.simulator.rest_recordings import _bomb
from tests.misbehaviour.conftest import MEBIBYTE
from tests.patience import until
from tests.recordings.workplace import Story, Workplace, plaintext_anywhere, working

Record = Callable[[str, object], None]
ALL_TRIES = len(BACKOFF) + 1


@dataclass(frozen=True)
class Row:
    """What one recording's downloads are, and what must come of it: stored, or a dead letter with this reason."""

    faults: tuple[str, ...]
    dead: Failure | None = None
    bytes_change: bool = False


ROWS = {
    "not there yet, three times": Row(("404",) * 3),
    "too many requests": Row(("429",)),
    "an error of the carrier's": Row(("500",)),
    "it hangs": Row(("hang",)),
    "a byte a second": Row(("slow",)),
    "the line is cut": Row(("cut",)),
    "half of it, as if it were whole": Row(("wrong-length",)),
    "a page of HTML": Row(("html",)),
    "no sound at all": Row(("wrong-bytes",)),
    "a gzip bomb": Row(("gzip-bomb",)),
    "other bytes each time": Row(("cut", "changing"), bytes_change=True),
    "one after the other": Row(("404", "cut", "html", "500", "wrong-length")),
    "sent on to this machine": Row(("redirect-local",), dead=Failure.REFUSED),
    "sent on to a foreign host": Row(("redirect-foreign",), dead=Failure.REFUSED),
    "without end": Row(("endless",), dead=Failure.TOO_LARGE),
    "never there": Row(("404",) * ALL_TRIES, dead=Failure.CARRIER),
    "always half of it": Row(("wrong-length",) * ALL_TRIES, dead=Failure.TRUNCATED),
    "always a page of HTML": Row(("html",) * ALL_TRIES, dead=Failure.NOT_AUDIO),
}


class Connections:
    """Every address that this process connects to, and every name that it looks up, while it listens."""

    def __init__(self) -> None:
        self.listening = False
        self.seen: set[str] = set()
        sys.addaudithook(self._heard)  # there is no way to take it off again

    def _heard(self, event: str, arguments: tuple[object, ...]) -> None:
        if self.listening and event == "socket.connect" and isinstance(arguments[1], tuple):
            self.seen.add(f"{arguments[1][0]}:{arguments[1][1]}")
        if self.listening and event == "socket.getaddrinfo":
            self.seen.add(f"{arguments[0]}:{arguments[1]}")


CONNECTIONS = Connections()


@contextmanager
def listening() -> Iterator[set[str]]:
    """What is connected to in the block."""
    CONNECTIONS.seen, CONNECTIONS.listening = set(), True
    try:
        yield CONNECTIONS.seen
    finally:
        CONNECTIONS.listening = False


def begin(place: Workplace, rows: list[Row]) -> list[tuple[Story, bytes]]:
    """A recording for each row, as the carrier has it; the worker has not begun."""
    told = [(place.call().record(loudness=4000 + number), row) for number, row in enumerate(rows)]
    place.simulator.misbehaviour.set({"media": {"each": {story.sid: list(row.faults) for story, row in told}}})
    sounds = [place.simulator.recordings[story.sid].media(2) or b"" for story, _ in told]
    return [(story.arrive(), sound) for (story, _), sound in zip(told, sounds, strict=True)]


def settled(story: Story) -> bool:
    """Whether nothing more happens to it by itself."""
    return story.state in (RecordingState.ATTACHED, RecordingState.FAILED)


def sound_in_vault(place: Workplace, story: Story) -> bytes:
    """What we keep, read back."""
    row = story.row()
    return b"".join(place.vault.open(row.public_id, stored_of(row)).pieces())


def check(place: Workplace, story: Story, sound: bytes, row: Row) -> None:
    """It is as the row says, and ours is the only copy if it is stored."""
    kept = story.row()
    if row.dead is not None:
        assert (kept.state, kept.failure, kept.object_key) == (RecordingState.FAILED, row.dead, None)
        assert story.at_carrier()
        assert ("recording-failed", row.dead.value) in place.alerts()
        return
    assert (kept.state, kept.failure, kept.carrier_copy) == (RecordingState.ATTACHED, None, CarrierCopy.DELETED)
    assert not story.at_carrier()
    assert (sound_in_vault(place, story) == sound) == (not row.bytes_change)
    place.vault.verify(kept.public_id, stored_of(kept))


def nothing_is_left_over(place: Workplace, stories: list[Story]) -> None:
    """One object for each that is kept, no sound in clear, and no other host was asked for anything."""
    kept = {row.object_key for row in (story.row() for story in stories) if row.object_key}
    assert {one.key for one in place.vault.list()} == kept
    assert not plaintext_anywhere(place.folder)


def test_every_row_ends_as_it_must_and_no_worker_hangs(place: Workplace, record_property: Record) -> None:
    told = begin(place, list(ROWS.values()))
    carrier = urlsplit(place.settings.twilio_api_url).netloc
    began = time.monotonic()
    with listening() as connections, working(place):
        until(lambda: all(settled(story) for story, _ in told), "all are stored or dead letters", 60)
        seconds = time.monotonic() - began
        for (story, sound), (name, row) in zip(told, ROWS.items(), strict=True):
            print(name, story.state, story.row().failure)  # noqa: T201  # which row it was, should one fail
            check(place, story, sound, row)
        dead = [(story, sound) for (story, sound), row in zip(told, ROWS.values(), strict=True) if row.dead]
        with place.db.writing() as session:
            for story, _ in dead:
                service.retry(session, place.clock(), place.jobs, story.row().public_id, "dirk")
        until(lambda: all(story.state is RecordingState.ATTACHED for story, _ in dead), "each retry goes well", 60)
    for story, sound in dead:
        check(place, story, sound, Row(()))
    assert connections == {carrier}
    nothing_is_left_over(place, [story for story, _ in told])
    record_property("rows", len(ROWS))
    record_property("seconds until all were settled", round(seconds, 1))


def test_a_carrier_that_asks_for_patience_gets_it(place: Workplace) -> None:
    story = place.call().record().arrive()
    place.simulator.misbehaviour.set({"media": {"fault": "429", "retry_after": 90}})
    story.keep()
    row = story.row()
    assert row.next_try_at is not None
    assert (row.next_try_at - place.clock()).total_seconds() == 90
    assert story.keep().state is RecordingState.STORED


def test_a_bomb_and_an_endless_stream_take_little_memory(place: Workplace, record_property: Record) -> None:
    _bomb()  # made beforehand: it is the carrier's memory
    stories = [place.call().record() for _ in range(2)]
    faults = dict(zip((story.sid for story in stories), (["gzip-bomb"], ["endless"]), strict=True))
    place.simulator.misbehaviour.set({"media": {"each": faults}})
    tracemalloc.start()
    try:
        for story in stories:
            story.arrive().keep()
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [story.row().failure for story in stories] == [Failure.NOT_AUDIO, Failure.TOO_LARGE]
    assert peak < 64 * MEBIBYTE
    record_property("MiB at most", round(peak / MEBIBYTE, 1))


CURABLE: tuple[str, ...] = tuple(
    fault for fault in get_args(MediaFault) if not fault.startswith("redirect") and fault not in ("endless", "changing")
)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("number", "calls"),
    [
        pytest.param(1, 3, id="a few"),
        *(pytest.param(number, 150, marks=pytest.mark.prove, id=f"seed {number}") for number in range(2, 8)),
    ],
)
def test_any_mixture_of_misbehaviour_over_many_calls_ends_well(
    place: Workplace, number: int, calls: int, record_property: Record
) -> None:
    chance = random.Random(number)
    rows = [Row(tuple(chance.choices(CURABLE, k=chance.randrange(5)))) for _ in range(calls)]
    told = begin(place, rows)
    with working(place):
        until(lambda: all(settled(story) for story, _ in told), "all are stored", 10 * calls)
    for (story, sound), row in zip(told, rows, strict=True):
        check(place, story, sound, row)
    nothing_is_left_over(place, [story for story, _ in told])
    assert place.alerts() == []
    record_property("calls", calls)
    record_property("downloads that went wrong", sum(len(row.faults) for row in rows))
