"""Several processes of the product over one database: web sides by the command line, workers of their own."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import httpx2

from contactcenter.core.clock import system_clock
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.simulator import Simulator
from contactcenter.staff.access import SECURE_COOKIE, hashed
from contactcenter.staff.models import Staff, StaffSession
from tests.calls.carrier_stand_in import FORM, LINE, PUBLIC, new_sid, sign
from tests.patience import until
from tests.processes import answers, stopped
from tests.recordings.workplace import recorded
from tests.simulator.desk import ACCOUNT, TOKEN
from tools.ports import free_port

ROOT = Path(__file__).parents[2]
Done = TypeVar("Done")


@dataclass
class Several:
    """Where the processes are, and the ways in."""

    folder: Path
    settings: dict[str, Any]
    db: Database
    simulator: Simulator
    stack: ExitStack
    webs: list[httpx2.Client] = field(default_factory=list)
    processes: "list[subprocess.Popen[bytes]]" = field(default_factory=list)

    def open_web(self) -> httpx2.Client:
        """One web side more, and a client of it."""
        port = free_port()
        process = self._run([sys.executable, "-m", "contactcenter", "serve", "--web"], PORT=str(port))
        client = self.stack.enter_context(httpx2.Client(base_url=f"http://127.0.0.1:{port}", timeout=30))

        def ready() -> bool:
            assert process.poll() is None, (self.folder / "processes.log").read_text()[-2000:]
            return answers(f"http://127.0.0.1:{port}/readyz")

        until(ready, "the web side is ready", 60)
        self.webs.append(client)
        return client

    def open_worker(self, name: str, seconds: float = 0.0) -> "subprocess.Popen[bytes]":
        """One worker more, which takes so many seconds to write a recording down."""
        process = self._run([sys.executable, "-m", "tests.postgresql.workhand", name], stdin=subprocess.PIPE)
        order = {"settings": self.settings, "folder": str(self.folder), "seconds": seconds}
        assert process.stdin is not None
        with process.stdin as orders:
            orders.write(json.dumps(order).encode() + b"\n")
        return process

    def is_ready(self, name: str) -> bool:
        """Whether this worker has begun to work; one whose database goes away before ends, and is started again."""
        return (self.folder / name).with_suffix(".ready").exists()

    def written_by(self, name: str) -> int:
        """How often this worker began to write something down."""
        notes = self.folder / name
        return len(notes.read_text().splitlines()) if notes.exists() else 0

    def _run(self, command: Sequence[str], stdin: int | None = None, **more: str) -> "subprocess.Popen[bytes]":
        chosen = {**self.settings, **{name.lower(): value for name, value in more.items()}}
        environment = os.environ | {f"CONTACTCENTER_{name.upper()}": str(value) for name, value in chosen.items()}
        with (self.folder / "processes.log").open("ab") as log:
            process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=stdin, stdout=log, stderr=log)
        self.processes.append(process)
        return process

    # --- the carrier and the desks ---

    def post(self, web: httpx2.Client, path: str, **fields: str) -> httpx2.Response:
        """One signed webhook to this web side."""
        usual = {"AccountSid": ACCOUNT, "From": "+31644444444", "To": LINE, "CallStatus": "in-progress"}
        form = usual | fields
        headers = {"x-twilio-signature": sign(TOKEN, PUBLIC + path, list(form.items())), "content-type": FORM}
        return web.post(path, data=form, headers=headers)

    def to_all(self, path: str, **fields: str) -> list[httpx2.Response]:
        """The same webhook to every web side at the same moment."""
        return at_once([partial(self.post, web, path, **fields) for web in self.webs])

    def press(self, web: httpx2.Client, login: str, path: str) -> int:
        """A member of staff presses something in a browser that is attached to this web side."""
        return web.post(path, headers=browser(login)).status_code

    def record(self, call: str, room: str) -> str:
        """The carrier has a recording of this call; its SID."""
        sid = new_sid("RE")
        recorded(self.simulator, sid, call, room, system_clock())
        return sid


def browser(login: str) -> dict[str, str]:
    """Headers of a browser in which this member is signed in."""
    return {"hx-request": "true", "cookie": f"{SECURE_COOKIE}=token-of-{login}"}


def settings_of(folder: Path, database_url: str, carrier_url: str) -> dict[str, Any]:
    """Settings that all processes share."""
    return {
        "database_url": database_url,
        "vault_url": str(folder / "vault"),
        "public_url": PUBLIC,
        "master_key": MasterKey.generate(),
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_api_url": carrier_url,
    }


@contextmanager
def several(folder: Path, settings: dict[str, Any], simulator: Simulator) -> Iterator[Several]:
    """No process yet; all that are opened end with the block."""
    db = Database(settings["database_url"])
    simulator.misbehaviour.reset()
    simulator.recordings.clear()
    with ExitStack() as stack:
        stack.callback(db.close)
        opened = Several(folder, settings, db, simulator, stack)
        try:
            yield opened
        finally:
            stopped(*opened.processes)


def sign_in(db: Database, staff: Sequence[Staff]) -> None:
    """A browser for each, whose token says whose it is."""
    now = system_clock()
    with db.writing() as session:
        for one in staff:
            token = hashed(f"token-of-{one.login}")
            session.add(StaffSession(token_hash=token, staff_id=one.id, started_at=now, seen_at=now))


def at_once(acts: Sequence[Callable[[], Done]]) -> list[Done]:
    """Do all of it at the same moment, each in a thread of its own."""
    start = threading.Barrier(len(acts))

    def do(act: Callable[[], Done]) -> Done:
        start.wait(30)
        return act()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(do, acts))


@dataclass
class Stream:
    """The live events that a browser gets from one web side: subjects, with the moment at which each came."""

    came: list[tuple[float, str]] = field(default_factory=list)

    def wait_for(self, subject: str, seconds: float = 20) -> float:
        """When the last event about this subject came."""
        until(lambda: any(one == subject for _, one in self.came), "the event is in the browser", seconds)
        return max(at for at, one in self.came if one == subject)


@contextmanager
def watching(web: httpx2.Client, login: str) -> Iterator[Stream]:
    """A browser attached to this web side."""
    stream, opened, left = Stream(), threading.Event(), threading.Event()

    def read(lines: Iterator[str]) -> None:
        opened.set()
        for line in lines:
            if left.is_set():
                return
            if line.startswith("data: "):
                stream.came.append((time.monotonic(), line.removeprefix("data: ")))

    def watch() -> None:
        with (
            suppress(httpx2.TransportError, httpx2.StreamError),
            httpx2.Client(base_url=web.base_url, timeout=None) as client,
            client.stream("GET", "/live", headers=browser(login)) as answer,
        ):
            assert answer.status_code == 200
            read(answer.iter_lines())

    threading.Thread(target=watch, daemon=True).start()
    assert opened.wait(20)
    yield stream
    left.set()
