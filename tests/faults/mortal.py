"""Processes of the product that kill themselves (SIGKILL) at a named point: `python -m tests.faults.mortal`.

A mother loads everything once and forks a child for each order, so that dying two dozen times stays cheap. Orders and
answers are JSON, a line each. `{"fork": {...}}` answers `{"pid": 7}`; `{"wait": 7}` answers `{"status": null}` while it
runs, else how it ended. The product knows nothing of this: only the ports that it is given are wrapped.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from sqlalchemy import Engine, event
from sqlmodel import Session

from contactcenter import worker
from contactcenter.app import create_app
from contactcenter.carrier.port import Media
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.compose import Ports
from contactcenter.core.db import Database
from contactcenter.core.jobs import SweepName
from contactcenter.core.keys import MasterKey
from contactcenter.notes.said import Transcript
from contactcenter.recordings import rules
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.engine import EngineName
from contactcenter.recordings.transcriber import Course, Transcriber
from contactcenter.recordings.transcriber_child import ChildTranscriber
from contactcenter.recordings.vault import Stored, Vault
from contactcenter.recordings.weights import ensure
from contactcenter.settings import Settings
from tests.recordings.workplace import NOON, Scribe, settings_for

Order = dict[str, Any]


class Fate:
    """Dies at its point, and nowhere else; without a point it lives on."""

    def __init__(self, point: str) -> None:
        self.point = point
        self._seen: dict[str, int] = {}

    def at(self, point: str) -> None:
        """This is such a point."""
        if point == self.point:
            os.kill(os.getpid(), signal.SIGKILL)

    def nth(self, name: str) -> str:
        """How often something of this name happened so far, as a name of its own: `write_down 2`."""
        self._seen[name] = self._seen.get(name, 0) + 1
        return f"{name} {self._seen[name]}"


class MortalDatabase(Database):
    """Every writing transaction has two points: written but not committed, and committed. Its verb names it."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__(url)
        self._fate = fate

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """As the database does it, for whoever called."""
        verb = self._fate.nth(sys._getframe(2).f_code.co_name)  # beyond contextlib's own frame
        with super().writing() as session:
            yield session
            session.flush()
            self._fate.at(f"{verb} written")
        self._fate.at(f"{verb} committed")


class MortalCarrier(TwilioCarrier):
    """Points amid a download, and before and after a deletion."""

    def __init__(self, settings: Settings, fate: Fate) -> None:
        super().__init__(settings)
        self._fate = fate

    @contextmanager
    def open_media(self, recording: str) -> Iterator[Media]:
        """The same media, with a point after its first piece."""
        with super().open_media(recording) as media:
            yield replace(media, chunks=self._pieces(media.chunks))

    def _pieces(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield chunk[: len(chunk) // 2]
            self._fate.at("download half")
            yield chunk[len(chunk) // 2 :]

    def delete_recording(self, recording: str) -> None:
        """The same, with a point on both sides."""
        self._fate.at("delete asked")
        super().delete_recording(recording)
        self._fate.at("delete done")


class MortalVault(Vault):
    """A point when the object is durable and no row names it."""

    def __init__(self, url: str, key: MasterKey, fate: Fate) -> None:
        super().__init__(url, key)
        self._fate = fate

    def store(self, recording_id: str, chunks: Any) -> Stored:
        """As the vault does it."""
        stored = super().store(recording_id, chunks)
        self._fate.at("object durable")
        return stored


class MortalScribe(Scribe):
    """Hears the same words always, with a point on both sides."""

    def __init__(self, fate: Fate) -> None:
        super().__init__()
        self._fate = fate

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Listen."""
        self._fate.at("words asked")
        heard = super().transcribe(sound, language, course)
        self._fate.at("words heard")
        return heard


class MortalWhisper(ChildTranscriber):
    """The real speech recognition; the worker dies so many seconds after its child has begun."""

    def __init__(self, fate: Fate, after: float, child: Path) -> None:
        super().__init__(str(ensure("base", Path("models"))), 2, EngineName.OPENAI)
        self._fate, self._after, self._file = fate, after, child
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while self.pid is None:
            time.sleep(0.01)
        self._file.write_text(str(self.pid))
        time.sleep(self._after)
        self._fate.at("child listens")


def parts_of(order: Order, fate: Fate) -> Ports:
    """The product's ports, each with its points."""
    folder = Path(order["folder"])
    settings = settings_for(folder, order["carrier"]).model_copy(update={"port": order.get("port", 0)})
    vault = MortalVault(settings.vault_url, MasterKey.parse(order["key"]), fate) if order["key"] else None
    db, now = MortalDatabase(settings.database_url, fate), NOON + timedelta(hours=order.get("hours", 0))
    return Ports(settings, db, lambda: now, MortalCarrier(settings, fate), vault)


def work(order: Order) -> None:
    """A worker, until it dies or is killed."""
    fate = Fate(order["point"])
    event.listen(Engine, "commit", lambda _: fate.at(fate.nth("commit")))  # the job library's engine, too
    worker.POLL_SECONDS = 0.05
    if "pause" in order:
        vars(rules)["BACKOFF"] = (order["pause"],) * 2  # two more tries, soon
    parts = parts_of(order, fate)
    running = worker.Worker(parts, listener(order, fate))
    if order.get("waits"):
        stand_by(Path(order["folder"]))
    running.start()
    if order.get("takes_over"):
        running.run_sweep(SweepName.DEAD_WORKERS)
    time.sleep(600)


def stand_by(folder: Path) -> None:
    """Say that everything is opened, and begin when there is a file named `go`."""
    (folder / "built").touch()
    while not (folder / "go").exists():
        time.sleep(0.01)


def listener(order: Order, fate: Fate) -> Transcriber:
    """Whisper where the order says how long it lives, else somebody who always hears the same."""
    if "whisper" not in order:
        return MortalScribe(fate)
    return MortalWhisper(fate, order["whisper"], Path(order["folder"]) / "child")


def serve(order: Order) -> None:
    """The web side, until it dies or is killed."""
    parts = parts_of(order, Fate(order["point"]))
    config = uvicorn.Config(create_app(parts), host="127.0.0.1", port=order["port"], log_level="critical")
    uvicorn.Server(config).run()


ROLES: dict[str, Callable[[Order], None]] = {"worker": work, "web": serve}


def child(order: Order) -> None:
    """Live as ordered; never comes back."""
    temporary = Path(order["folder"]) / "tmp"
    temporary.mkdir(exist_ok=True)
    tempfile.tempdir = str(temporary)
    if "largest_file" in order:  # a disk on which no file grows beyond so many bytes
        resource.setrlimit(resource.RLIMIT_FSIZE, (order["largest_file"],) * 2)
    try:
        ROLES[order["role"]](order)
    finally:
        os._exit(1)


def ended(pid: int) -> int | None:
    """How a child ended, as a negative signal or a status; None while it runs."""
    found, status = os.waitpid(pid, os.WNOHANG)
    return os.waitstatus_to_exitcode(status) if found else None


def main() -> None:
    """Take orders until nobody gives any."""
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            answer: Order = {"status": ended(order["wait"])}
        else:
            pid = os.fork()
            if pid == 0:
                child(order["fork"])
            answer = {"pid": pid}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
