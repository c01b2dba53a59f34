"""A worker in a process of its own, with quick patience, that says how much memory it and its listener ever had."""

import json
import os
import sys
from pathlib import Path

from contactcenter import compose, worker
from contactcenter.recordings import rules
from contactcenter.recordings.whisper_child import ChildTranscriber
from contactcenter.settings import load


def peak(process: int | None) -> float:
    """The most memory that a process ever had, in MiB."""
    if process is None:
        return 0.0
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def say(line: str) -> None:
    """A line to whoever started us."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Work until nothing is asked any more; each line asked is answered with the peaks."""
    setattr(rules, "BACKOFF", (0.01,))  # noqa: B010  # one more try, at once
    setattr(worker, "POLL_SECONDS", 0.05)  # noqa: B010
    settings = load()
    parts, transcriber = compose.ports(settings), compose.transcriber(settings)
    assert isinstance(transcriber, ChildTranscriber)
    running = worker.Worker(parts, transcriber)
    running.start()
    say("ready")
    for _ in sys.stdin:
        say(json.dumps({"worker": peak(os.getpid()), "listener": peak(transcriber.pid)}))
    running.stop()
    parts.db.close()


if __name__ == "__main__":
    main()
