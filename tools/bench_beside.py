"""Measures how fast a call that comes in is answered while the machine has much else to do: writes a conversation down,
makes a backup of a gigabyte of recordings, and refuses a flood of sign-ins."""

import asyncio
import multiprocessing
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlencode

from contactcenter import compose, demo
from contactcenter.recordings.audio import decode_call
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import CarrierCopy, RecordingState
from contactcenter.recordings.transcriber import TranscriptionFailed
from contactcenter.settings import Settings, load
from tools.bench_pages import LOGIN, prepare
from tools.bench_webhooks import calls
from tools.figures import Case, compared
from tools.load import Answers, as_fast_as_possible, at_rate, post
from tools.ports import free_port
from tools.serving import environment, running

CONNECTIONS = 50
RATE, SECONDS = 100, 20
RECORDINGS, RECORDING_BYTES, PIECE = 10, 100_000_000, 1_000_000
OUTSIDERS, GUESSES = 16, 1_000  # logins that they guess, in turn
CONVERSATION = Path(demo.__file__).parent / "conversations" / "invoice_nl.wav"


@dataclass(frozen=True)
class Place:
    """An installation that is served, with a gigabyte in its vault."""

    variables: dict[str, str]
    port: int
    folder: Path

    @property
    def settings(self) -> Settings:
        """Its settings, for what runs in this process."""
        return load(**{name.removeprefix("CONTACTCENTER_").lower(): value for name, value in self.variables.items()})


def bench_beside() -> Iterator[Case]:
    """The p99 of webhooks beside each kind of work, and beside all of it, against alone."""
    with tempfile.TemporaryDirectory(prefix="bench-beside-") as made, _place(Path(made)) as place:
        alone = _answers(place)
        for name, work in WORK.items():
            with work(place):
                yield _case(name, _answers(place), alone)
        with ExitStack() as all_of_it:
            for work in WORK.values():
                all_of_it.enter_context(work(place))
            yield _case("all three", _answers(place), alone)


def _case(name: str, beside: Answers, alone: Answers) -> Case:
    both = beside.percentile(0.99), alone.percentile(0.99)
    case = compared(f"webhooks at {RATE}/s beside {name}, p99 against alone", "ms", *both)
    return {**case, "p50": round(beside.percentile(0.5), 1), "refused": beside.refused}


def _answers(place: Place) -> Answers:
    return asyncio.run(at_rate(place.port, calls(place.port, RATE * SECONDS), CONNECTIONS, RATE))


@contextmanager
def _place(folder: Path) -> Iterator[Place]:
    port = free_port()
    place = Place(environment(folder, port), port, folder)
    prepare(folder, place.variables)
    _fill(place.settings)
    with running(["contactcenter", "serve", "--web"], place.variables, port):
        yield place


def _fill(settings: Settings) -> None:
    """A gigabyte of recordings that belong to nobody."""
    db, vault = compose.database(settings), compose.vault(settings)
    assert vault is not None
    for number in range(RECORDINGS):
        public_id = f"bench-{number}"
        stored = vault.store(public_id, (secrets.token_bytes(PIECE) for _ in range(RECORDING_BYTES // PIECE)))
        row = Recording(
            public_id=public_id,
            sid=f"RE{number:032x}",
            state=RecordingState.ATTACHED,
            carrier_copy=CarrierCopy.NONE,
            arrived_at=datetime.now(UTC),
            stored_at=datetime.now(UTC),
            object_key=stored.key,
            wrapped_key=stored.wrapped_key,
            size=stored.size,
            sha256=stored.sha256,
        )
        with db.writing() as session:
            session.add(row)
    db.close()


@contextmanager
def _transcription(place: Place) -> Iterator[None]:
    """Whisper as the worker runs it, one conversation after the other."""
    transcriber = compose.transcriber(place.settings)
    audio = decode_call(CONVERSATION.open("rb"))
    over = threading.Event()

    def write_down() -> None:
        while not over.is_set():
            try:
                transcriber.transcribe(audio, "nl")
            except TranscriptionFailed:
                return  # closed in the middle of it

    writing = threading.Thread(target=write_down)
    writing.start()
    try:
        yield
    finally:
        over.set()
        transcriber.close()
        writing.join()


@contextmanager
def _backup(place: Place) -> Iterator[None]:
    """One backup after the other; each reads all that was copied before."""
    over = threading.Event()
    command = [sys.executable, "-m", "contactcenter", "backup", str(place.folder / "backup"), "--verify"]

    def back_up() -> None:
        while not over.is_set():
            subprocess.run(command, env=place.variables, check=True, stdout=subprocess.DEVNULL)  # ours

    backing = threading.Thread(target=back_up)
    backing.start()
    try:
        yield
    finally:
        over.set()
        backing.join()


@contextmanager
def _flood(place: Place) -> Iterator[None]:
    """Outsiders who guess passwords as fast as they are refused."""
    flooding = multiprocessing.get_context("spawn").Process(target=_guess_all, args=(place.port,))
    flooding.start()
    try:
        yield
    finally:
        flooding.terminate()
        flooding.join()


def _guess_all(port: int) -> None:
    os.nice(5)  # in life they have machines of their own
    asyncio.run(as_fast_as_possible(port, [_guess(LOGIN), *map(_guess, range(GUESSES))] * 100, OUTSIDERS))


def _guess(login: object) -> bytes:
    form = urlencode({"login": login, "password": "x" * 20}).encode()
    return post("/sign-in", form, {"Content-Type": "application/x-www-form-urlencoded"})


WORK: dict[str, Callable[[Place], AbstractContextManager[None]]] = {
    "a transcription": _transcription,
    "a backup of a gigabyte": _backup,
    "a flood of sign-ins": _flood,
}
