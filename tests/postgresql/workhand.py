"""A worker as a process of its own: `python -m tests.postgresql.workhand NAME`, with its order on standard input.

The order is JSON: the settings, the folder in which it notes what it wrote down, for how many seconds it writes. It
works until it is killed, or told to stop.
"""

import json
import signal
import sys
import threading
import time
from dataclasses import replace
from pathlib import Path

from contactcenter.compose import ports
from contactcenter.core import logs
from contactcenter.core.jobs import SweepName
from contactcenter.notes.said import Transcript
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.transcriber import Course
from contactcenter.settings import load
from contactcenter.worker import Worker
from tests.recordings.workplace import Scribe

TAKE_OVER_SECONDS = 2.0


class Noting(Scribe):
    """Notes each time that it writes something down."""

    def __init__(self, notes: Path, seconds: float) -> None:
        super().__init__()
        self.notes, self.seconds = notes, seconds

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Note it, and take the time that it takes."""
        with self.notes.open("a") as file:
            file.write("began\n")
        time.sleep(self.seconds)
        return super().transcribe(sound, language, course)


def main() -> None:
    """Work."""
    logs.set_up()
    order = json.loads(sys.stdin.readline())
    parts = ports(load(**order["settings"]))
    scribe = Noting(Path(order["folder"]) / sys.argv[1], order["seconds"])
    worker = Worker(parts, scribe)
    often = replace(worker.sweeps[SweepName.DEAD_WORKERS], seconds=TAKE_OVER_SECONDS)
    worker.sweeps[often.name] = often
    stopping = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stopping.set())
    worker.start()
    scribe.notes.with_suffix(".ready").touch()
    stopping.wait()
    worker.stop()


if __name__ == "__main__":
    main()
