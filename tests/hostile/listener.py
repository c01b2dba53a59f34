"""A worker in a process of its own, with quick patience, that says what it and its listener took."""

import json
import os
import sys
from pathlib import Path

from contactcenter import compose, worker
from contactcenter.recordings import rules
from contactcenter.recordings.transcriber_child import ChildTranscriber
from contactcenter.settings import load


def peak(process: int | None) -> float:
    """The most memory that a process ever had, in MiB."""
    if process is None:
        return 0.0
    status = Path(f"/proc/{process}/status").read_text()
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def worked(process: int | None) -> float:
    """Seconds that a process has computed; on a busy machine it waits as well, which says nothing about it."""
    if process is None:
        return 0.0
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def say(line: str) -> None:
    """A line to whoever started us."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Work until nothing is asked any more; each line asked is answered with memory and time."""
    setattr(rules, "BACKOFF", (0.01,))  # noqa: B010  # one more try, at once
    setattr(worker, "POLL_SECONDS", 0.05)  # noqa: B010  # and soon
    settings = load()
    parts, transcriber = compose.ports(settings), compose.transcriber(settings)
    assert isinstance(transcriber, ChildTranscriber)
    running = worker.Worker(parts, transcriber)
    running.start()
    say("ready")
    for _ in sys.stdin:
        both = (os.getpid(), transcriber.pid)
        memory = {"worker": peak(both[0]), "listener": peak(both[1])}
        say(json.dumps({"memory": memory, "seconds": sum(map(worked, both))}))
    running.stop()
    parts.db.close()


if __name__ == "__main__":
    main()
