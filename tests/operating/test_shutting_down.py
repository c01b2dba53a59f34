"""Stopping in the middle of a call: within five seconds, nothing half, and the call goes on with who serves next."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

from tests.operating.rehearsal import Rehearsal, carrying, ring, settings_of, talk
from tests.patience import until
from tests.processes import answers
from tools.ports import free_port

MOST_SECONDS = 15.0  # of a machine that does much else; alone it takes three or four (docs/reliability.md)


@pytest.fixture
def rehearsal(tmp_path: Path) -> Iterator[Rehearsal]:
    """A carrier and settings; the product is started by the story."""
    product, carrier = free_port(), free_port()
    environment = settings_of(tmp_path, f"http://127.0.0.1:{product}", product, carrier)
    with carrying(environment, "--speed", "30") as address:
        yield Rehearsal(environment["CONTACTCENTER_PUBLIC_URL"], address, environment)


def started(rehearsal: Rehearsal, log: Path) -> subprocess.Popen[bytes]:
    """`contactcenter serve`, ready, in a process group of its own."""
    with log.open("a") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "contactcenter", "serve"],
            cwd=rehearsal.settings["HOME"],
            env=rehearsal.settings,
            stdout=said,
            stderr=said,
            start_new_session=True,
        )
    until(lambda: answers(f"{rehearsal.url}/readyz") or process.poll() is not None, "it answers")
    assert process.poll() is None, log.read_text()
    return process


def ended(process: subprocess.Popen[bytes]) -> float:
    """Tell it to stop, as systemd does; the seconds until nothing of it runs any more."""
    began = time.monotonic()
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    took = time.monotonic() - began
    assert not runs(process.pid), "its worker went with it"
    return took


def test_a_worker_does_not_outlive_a_web_side_that_is_killed(rehearsal: Rehearsal, tmp_path: Path) -> None:
    process = started(rehearsal, tmp_path / "serve.log")
    process.kill()
    process.wait()
    until(lambda: not runs(process.pid), "its worker went with it", 20)


def runs(group: int) -> bool:
    """Whether anything of a process group still runs."""
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def watched(rehearsal: Rehearsal, opened: threading.Event, how: list[str]) -> None:
    """Anna's page; how its stream ended."""
    try:
        with rehearsal.signed_in("anna") as anna, anna.stream("GET", "/live", timeout=60) as stream:
            opened.set()
            for _ in stream.iter_lines():
                pass
        how.append("whole")
    except httpx2.TransportError as error:
        how.append(type(error).__name__)


def test_a_call_in_progress_outlives_a_restart(rehearsal: Rehearsal, tmp_path: Path) -> None:
    log, opened, how = tmp_path / "serve.log", threading.Event(), []  # type: ignore[var-annotated]  # texts
    first = started(rehearsal, log)
    window = threading.Thread(target=watched, args=(rehearsal, opened, how), daemon=True)
    window.start()
    assert opened.wait(20)
    with rehearsal.signed_in("anna") as anna:
        anna.post("/available", data={"available": "1"})
        sid = ring(rehearsal)
        until(lambda: rehearsal.call(sid, "waiting"), "the call waits")
    assert ended(first) < MOST_SECONDS
    window.join(10)
    assert how == ["whole"]

    second = started(rehearsal, log)
    waiting = until(lambda: rehearsal.call(sid, "waiting"), "the call still waits")
    with rehearsal.signed_in("anna") as anna:
        assert anna.post(f"/calls/{waiting.public_id}/answer", headers={"hx-request": "true"}).status_code == 204
        assert talk(rehearsal, anna, waiting.public_id) > 10
    assert until(lambda: rehearsal.call(sid, "ended"), "the call ends").ending == "answered"
    until(lambda: [one for one in rehearsal.recordings() if one.stored_at], "the recording is stored")
    until(lambda: httpx2.get(f"{rehearsal.url}/readyz").json()["state"] == "ready", "all is ready, the worker too")
    assert ended(second) < MOST_SECONDS
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line for line in lines if line["level"] != "info"] == [], "no word of trouble"
    said = Counter(line["event"] for line in lines)
    assert said["serving"] == said["stopped"] == 2
