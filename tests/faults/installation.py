"""A whole installation: `contactcenter serve --web` and `--worker` as processes of their own, and a carrier.

The processes can be killed and started again at any moment; carrier, callers and agents live on in the test.
"""

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest
from sqlmodel import Session, select
from starlette.applications import Starlette

from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState
from contactcenter.calls.webhooks import FALLBACK
from contactcenter.compose import Ports, migrated, ports
from contactcenter.core.clock import system_clock
from contactcenter.core.keys import MasterKey
from contactcenter.demo import people
from contactcenter.demo.instance import simulator_config
from contactcenter.recordings import service
from contactcenter.recordings.rules import RecordingState
from contactcenter.settings import load
from contactcenter.simulator import Simulator, create_simulator
from contactcenter.simulator.signing import Params
from contactcenter.simulator.webhooks import Answer
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.faults.witness import Witness
from tests.house import CONVERSATIONS, JORIS, first_seconds, softphone
from tests.patience import until
from tests.processes import answers, stopped
from tests.simulator.desk import served
from tools.ports import free_port

ROOT = Path(__file__).parents[2]
PASSWORD = "a-long-password-for-tests"
SPEED = 40.0


def event_key(url: str, params: Params) -> str | None:
    """The inbox key of a webhook; None for those that are only read."""
    said, parts = dict(params), urlsplit(url)
    kind, attempt = parts.path.removeprefix("/twilio/"), parts.query.removeprefix("attempt=")
    sid = said.get("CallSid", "")
    event, number = said.get("StatusCallbackEvent", ""), said.get("SequenceNumber", "")
    return {
        "voice": f"{sid}:voice",
        "heard": f"{sid}:heard-{attempt}",
        "key": f"{sid}:key-{attempt}",
        "agent": f"{sid}:agent",
        "conference": f"{said.get('ConferenceSid', '')}:{event}:{sid}:{number}",
        "status": f"{sid}:status:{said.get('CallStatus', '')}:{number}",
        "recording": f"{said.get('RecordingSid', '')}:recording-{said.get('RecordingStatus', '')}",
    }.get(kind)


@dataclass
class Process:
    """One process of the product, started again and again."""

    arguments: tuple[str, ...]
    environment: dict[str, str]
    log: Path
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> None:
        """Start it."""
        command = [sys.executable, "-m", "contactcenter", *self.arguments]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, cwd=ROOT, env=self.environment, stdout=log, stderr=log)

    def kill(self) -> None:
        """kill -9."""
        assert self.process is not None
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Let it end as it wants to, or not at all."""
        if self.process is not None:
            stopped(self.process)


@dataclass
class Installation:
    """One running installation and the ways into it."""

    folder: Path
    parts: Ports
    simulator: Simulator
    carrier_url: str
    web: Process
    worker: Process
    witness: Witness
    acknowledged: set[str] = field(default_factory=set)
    ready_in: list[float] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the product answers."""
        return self.parts.settings.public_url

    def start_web(self) -> None:
        """Start the web side, and wait until it takes calls."""
        began = time.monotonic()
        self.web.start()
        until(lambda: answers(f"{self.url}/readyz"), "the web side is ready", 60)
        self.ready_in.append(time.monotonic() - began)

    def ring(self, audio: str) -> str:
        """Joris rings, says what is in `audio`, and hangs up; the SID of his call."""
        order = {"from": JORIS, "to": people.ENGLISH_LINE, "audio": audio, "hangup": "after-audio"}
        answer = httpx2.post(f"{self.carrier_url}/simulator/calls", json=order, timeout=20)
        return str(answer.json()["sid"])

    def sound(self, seconds: int = 4) -> str:
        """Some seconds of a conversation, for the carrier."""
        cut = first_seconds((CONVERSATIONS / "question_en.wav").read_bytes(), seconds)
        return str(httpx2.post(f"{self.carrier_url}/simulator/audio", content=cut).json()["ref"])

    def call(self, audio: str, agent: str) -> None:
        """One call from beginning to end, whatever happens to the product meanwhile; who is cut off rings again."""
        waiting = until(lambda: self._put_through(audio), "the call waits", 240)
        with suppress(httpx2.HTTPError, AssertionError), httpx2.Client(base_url=self.url, timeout=15) as http:
            http.headers["origin"] = self.url
            again(lambda: http.post("/sign-in", data={"login": agent, "password": PASSWORD}), 303)
            again(lambda: http.post(f"/calls/{waiting}/answer", headers={"hx-request": "true"}), 204)
            token = again(lambda: http.get("/softphone/token"), 200).json()["token"]
            self._softphone(token, waiting)

    def _put_through(self, audio: str) -> str | None:
        sid = self.ring(audio)
        waiting = until(lambda: self._waiting(sid), "the call waits or is over")
        if waiting != "over":
            return waiting
        time.sleep(0.5)
        return None

    def _waiting(self, sid: str) -> str | None:
        if self.simulator.legs[sid].over:
            return "over"
        with self.parts.db.reading() as session:
            call = session.exec(select(Call).where(Call.sid == sid)).first()
            return call.public_id if call is not None and call.state is CallState.WAITING else None

    def _softphone(self, token: str, call: str) -> None:
        address = f"ws{self.carrier_url.removeprefix('http')}/softphone/stream?token={token}"
        softphone(address, call)

    def hang_up_all(self) -> None:
        """Who still waits, because an agent was lost, gives up."""
        for sid, leg in list(self.simulator.legs.items()):
            if not leg.over:
                httpx2.post(f"{self.carrier_url}/simulator/calls/{sid}/hangup", timeout=20)

    def made(self) -> list[str]:
        """SIDs of what the carrier has recorded to its end."""
        return [sid for sid, one in list(self.simulator.recordings.items()) if one.status == "completed"]

    def settled(self) -> bool:
        """Whether every recording that the carrier made has come to its end with us."""
        with self.parts.db.reading() as session:
            return all(attached(session, sid) for sid in self.made())

    def words(self, name: str) -> str:
        """What a process has written."""
        return (self.folder / f"{name}.log").read_text(encoding="utf-8")


def attached(session: Session, sid: str) -> bool:
    """Whether a recording is kept and written down."""
    found = service.recording_by_sid(session, sid)
    return found is not None and found.state is RecordingState.ATTACHED


def again(ask: Callable[[], httpx2.Response], wanted: int) -> httpx2.Response:
    """Ask until the answer is as wanted: somebody at a desk presses the button once more."""

    def look() -> httpx2.Response | None:
        with suppress(httpx2.TransportError):
            answer = ask()
            return answer if answer.status_code == wanted else None
        return None

    return until(look, f"an answer {wanted}", 60)


@contextmanager
def installation(folder: Path, patch: pytest.MonkeyPatch, *, agents: int = 1, **more: Any) -> Iterator[Installation]:
    """A migrated installation with some agents and a carrier; its processes are not started yet."""
    (folder / "tmp").mkdir()
    port = free_port()
    secret = secrets.token_hex(16)
    chosen: dict[str, Any] = {
        "host": "127.0.0.1",
        "port": port,
        "public_url": f"http://127.0.0.1:{port}",
        "database_url": f"sqlite:///{folder / 'contactcenter.db'}",
        "vault_url": str(folder / "vault"),
        "master_key": MasterKey.generate(),
        "twilio_account_sid": "AC" + secret,
        "twilio_auth_token": secret[::-1],
        "twilio_api_key_sid": "SK" + secret,
        "twilio_api_key_secret": secret * 2,
        "twilio_application_sid": "AP" + secret,
        "softphone_url": "/softphone/stream",
        **more,
    }
    apps: list[Starlette] = []

    def carrier_app(base: str) -> Starlette:
        chosen["twilio_api_url"] = base
        apps.append(create_simulator(simulator_config(load(**chosen), system_clock, speed=SPEED, notice_speed=SPEED)))
        return apps[0]

    with served(carrier_app) as carrier_url:
        yield from opened(folder, patch, agents, chosen, carrier_url, apps[0].state.simulator)


def opened(
    folder: Path, patch: pytest.MonkeyPatch, agents: int, chosen: dict[str, Any], carrier_url: str, simulator: Simulator
) -> Iterator[Installation]:
    """The installation, until its block ends."""
    settings = load(**chosen)
    db = migrated(settings)
    people.load(db, system_clock())
    with db.writing() as session:
        for number in range(agents):
            staff.add(
                session, system_clock(), login=f"agent{number}", name=f"Agent {number}", role=Role.AGENT,
                password=PASSWORD, language="en",
            )  # fmt: skip
    db.close()
    parts = ports(settings)
    environment = {**os.environ, "TMPDIR": str(folder / "tmp")}
    environment |= {f"CONTACTCENTER_{name.upper()}": str(value) for name, value in chosen.items()}

    def stored(sid: str) -> bool:
        with parts.db.reading() as session:
            found = service.recording_by_sid(session, sid)
            return found is not None and found.stored_at is not None and found.wrapped_key is not None

    made = Installation(
        folder,
        parts,
        simulator,
        carrier_url,
        Process(("serve", "--web"), environment, folder / "web.log"),
        Process(("serve", "--worker"), environment, folder / "worker.log"),
        Witness(patch, stored),
    )
    look_on(made)
    try:
        yield made
    finally:
        made.worker.stop()
        made.web.stop()
        parts.carrier.close()
        parts.db.close()


def look_on(made: Installation) -> None:
    """Note every webhook that the product acknowledged."""
    really = made.simulator.webhooks.fetch

    async def fetch(url: str, method: str, params: Params) -> Answer:
        answer = await really(url, method, params)
        key = event_key(url, params)
        if key is not None and answer.body != FALLBACK:
            made.acknowledged.add(key)
        return answer

    made.simulator.webhooks.fetch = fetch  # type: ignore[method-assign]  # the witness stands at the carrier's door


def in_threads(calls: list[Callable[[], None]]) -> list[threading.Thread]:
    """Each in a thread of its own."""
    threads = [threading.Thread(target=call, daemon=True) for call in calls]
    for thread in threads:
        thread.start()
    return threads
