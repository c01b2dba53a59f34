"""A worker that hangs in its first transcription, or takes its time, to be killed: `python -m
tests.recordings.dying_worker`.

Where to work, and whether slowly, comes as JSON on the first line of standard input; the master key on the second.
"""

import json
import sys
import time
from pathlib import Path

from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.compose import Ports
from contactcenter.core.clock import system_clock
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.notes.said import Transcript
from contactcenter.recordings import listening
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.transcriber import Course
from contactcenter.recordings.transcription import WindowTranscriber
from contactcenter.recordings.vault import Vault
from contactcenter.worker import Worker
from tests.recordings.scripted import Scripted
from tests.recordings.workplace import Scribe, settings_for


class Hanging(Scribe):
    """Says that it began, and never ends."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Hang."""
        (self.folder / "began").touch()
        time.sleep(600)
        raise AssertionError("Nobody killed this worker.")


def main() -> None:
    """Work until killed."""
    order = json.loads(sys.stdin.readline())
    folder = Path(order["folder"])
    settings = settings_for(folder, order["carrier"])
    vault = Vault(settings.vault_url, MasterKey.parse(sys.stdin.readline()))
    parts = Ports(settings, Database(settings.database_url), system_clock, TwilioCarrier(settings), vault)
    setattr(listening, "KEEP_EVERY", 0.0)  # noqa: B010  # all that is finished
    slow = WindowTranscriber(Scripted(folder / "heard", 0.4), 1)
    Worker(parts, slow if order.get("slow") else Hanging(folder)).start()
    time.sleep(600)


if __name__ == "__main__":
    main()
