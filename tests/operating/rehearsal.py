"""An installation as docs/running.md makes it, with the simulator as its carrier: every part a process of its own."""

import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import httpx2
from sqlmodel import col, select
from websockets.typing import Origin

from contactcenter import compose
from contactcenter.calls import lines
from contactcenter.calls.models import Call
from contactcenter.core.clock import system_clock
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.recordings.models import Recording
from contactcenter.settings import load
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.house import CONVERSATIONS, JORIS, first_seconds, softphone
from tests.operating.installation import Environment, plain
from tests.patience import until
from tests.processes import answers

ROOT = Path(__file__).parents[2]
LINE, PASSWORD = "+31201234567", "a long enough password"
SECRET = "0f" * 16
TOKEN = "a-token-of-the-rehearsal"


@dataclass
class Rehearsal:
    """An installation as running.md makes it, reached over TLS."""

    url: str
    carrier: str
    settings: Environment
    trust: ssl.SSLContext | None = None

    def client(self, **more: Any) -> httpx2.Client:
        """Somebody outside."""
        return httpx2.Client(base_url=self.url, verify=self.trust or True, timeout=20, **more)

    @contextmanager
    def signed_in(self, login: str) -> Iterator[httpx2.Client]:
        """Somebody at a desk."""
        with self.client(headers={"origin": self.url}) as browser:
            assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
            yield browser

    def call(self, sid: str, state: str) -> Call | None:
        """A call as the database has it, once it is so far."""
        db = Database(self.settings["CONTACTCENTER_DATABASE_URL"])
        with db.reading() as session:
            found = session.exec(select(Call).where(Call.sid == sid, col(Call.state) == state)).first()
        db.close()
        return found

    def recordings(self) -> list[Recording]:
        """What is in the vault."""
        db = Database(self.settings["CONTACTCENTER_DATABASE_URL"])
        with db.reading() as session:
            found = list(session.exec(select(Recording)))
        db.close()
        return found


def settings_of(folder: Path, public_url: str, product: int, carrier: int) -> Environment:
    """What the processes of a rehearsal are told; its database has Anna and a line."""
    settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'contactcenter.db'}",
        "VAULT_URL": str(folder / "recordings"),
        "MODELS_DIR": str(ROOT / "models"),
        "MASTER_KEY": MasterKey.generate(),
        "PORT": str(product),
        "PUBLIC_URL": public_url,
        "TRUSTED_PROXIES": "127.0.0.1",
        "TWILIO_ACCOUNT_SID": "AC" + SECRET,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_KEY_SID": "SK" + SECRET,
        "TWILIO_API_KEY_SECRET": "the secret of the rehearsal's key",
        "TWILIO_APPLICATION_SID": "AP" + SECRET,
        "TWILIO_API_URL": f"http://127.0.0.1:{carrier}",
        "SOFTPHONE_URL": "/softphone/stream",
    }
    furnish(settings["DATABASE_URL"])
    return plain(folder) | {f"CONTACTCENTER_{name}": value for name, value in settings.items()}


@contextmanager
def carrying(environment: Environment, *options: str) -> Iterator[str]:
    """`contactcenter simulate carrier` while the block lasts; its address."""
    folder, address = environment["HOME"], environment["CONTACTCENTER_TWILIO_API_URL"]
    port = address.rpartition(":")[2]
    command = [sys.executable, "-m", "contactcenter", "simulate", "carrier", "--port", port, *options]
    with (Path(folder) / "carrier.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, cwd=folder, stdout=log, stderr=log)
        try:
            until(lambda: answers(f"{address}/simulator/calls"), "the carrier answers")
            yield address
        finally:
            process.terminate()
            process.wait(20)


def furnish(database: str) -> None:
    """Anna, and a line; as `staff add` and `line add` do it."""
    db = compose.migrated(load(database_url=database))
    with db.writing() as session:
        trained = date(2026, 5, 1)
        staff.add(
            session, system_clock(), login="anna", name="Anna", role=Role.AGENT, password=PASSWORD, trained_on=trained
        )
        lines.add(session, LINE, name="Helpdesk", team=staff.DEFAULT_TEAM, language="en")
    db.close()


def ring(rehearsal: Rehearsal, **how: Any) -> str:
    """Joris rings and talks for some seconds; the call's SID."""
    sound = first_seconds((CONVERSATIONS / "question_en.wav").read_bytes(), 12)
    with httpx2.Client(base_url=rehearsal.carrier, verify=rehearsal.trust or True, timeout=20) as http:
        ref = http.post("/simulator/audio", content=sound).json()["ref"]
        order = {"from": JORIS, "to": LINE, "audio": ref, "hangup": "after-audio", **how}
        placed = http.post("/simulator/calls", json=order)
    assert placed.status_code == 201, placed.text
    return str(placed.json()["sid"])


def watch(rehearsal: Rehearsal, heard: list[str], opened: threading.Event, seen: threading.Event) -> None:
    """Anna's page in another window, until she has seen enough and something more comes."""
    with rehearsal.signed_in("anna") as anna, anna.stream("GET", "/live", timeout=60) as stream:
        opened.set()
        for line in stream.iter_lines():
            heard.append(line)
            if seen.is_set():
                return


def talk(rehearsal: Rehearsal, anna: httpx2.Client, call: str) -> int:
    """Anna's softphone through nginx, until the call is over; how many frames of sound came."""
    token = anna.get("/softphone/token").json()
    base = rehearsal.url if rehearsal.trust else rehearsal.carrier
    address = f"ws{base.removeprefix('http')}{token['url']}?token={token['token']}"
    return softphone(address, call, ssl=rehearsal.trust, origin=Origin(base))
