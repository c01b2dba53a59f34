"""A running house: the product, its worker and simulated telephones on a free port, at a clock that stories can move.

Stories go through HTTP: `house.ring(...)` gives a telephone, `house.agent("anna")` somebody at a desk.
"""

import contextlib
import json
import re
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx2
import uvicorn
from sqlmodel import Session, select
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from contactcenter.compose import Ports, ports, transcriber
from contactcenter.demo import people
from contactcenter.demo.instance import demo_app, demo_settings, prepare
from contactcenter.recordings.transcriber import Transcriber
from contactcenter.settings import Settings
from contactcenter.verification.models import Question
from tests.patience import until

PATIENCE = 60.0
Json = dict[str, Any]
JORIS, PRIYA, SHARED, STRANGER = "+31612345678", "+31622222222", "+31633333333", "+31644444444"
JORIS_KNOWS = {  # as demo/customers.jsonl has it
    "postcode": "7311ab",
    "licence-provider": "Veldwijk Partners Oost",
    "licence-count": "twelve",
    "last-order": "four extra licences",
    "last-invoice-month": "May",
    "last-invoice-amount": "96 euro",
    "last-mutation": "from 8 to 12 licences",
    "contract-start": "March 2023",
    "active-licences": "nine",
    "device-id": "0a08",
}
CONVERSATIONS = Path(people.__file__).parent / "conversations"


@dataclass
class StoryClock:
    """The real time, moved by as much as the story says."""

    offset: timedelta = field(default_factory=timedelta)

    def __call__(self) -> datetime:
        """The present moment of the story."""
        return datetime.now(UTC) + self.offset

    def travel(self, **by: float) -> None:
        """Let time pass: `travel(days=31)`."""
        self.offset += timedelta(**by)


def first_seconds(wav: bytes, seconds: int) -> bytes:
    """The beginning of a two-channel mu-law WAV at 8 kHz."""
    begin = wav.index(b"data") + 8
    sound = wav[begin : begin + seconds * 16_000]
    head = bytearray(wav[:begin])
    head[4:8], head[-4:] = (len(head) + len(sound) - 8).to_bytes(4, "little"), len(sound).to_bytes(4, "little")
    return bytes(head) + sound


def softphone(address: str, call: str, **how: Any) -> int:
    """A softphone in this call until it is over, or its line is lost; how many frames of sound came."""
    frames = 0
    with contextlib.suppress(ConnectionClosed), connect(address, max_size=None, **how) as line:
        line.send(json.dumps({"connect": {"call": call}}))
        for message in line:
            if isinstance(message, bytes):
                frames += 1
            elif json.loads(message).get("state") == "closed":
                break
    return frames


@dataclass
class House:
    """One running instance, and the ways into it."""

    url: str
    folder: Path
    settings: Settings
    parts: Ports
    clock: StoryClock
    clients: list[httpx2.Client] = field(default_factory=list)

    def beginning(self, conversation: str) -> str:
        """The first seconds of a conversation: enough to be written down, quick to transcribe."""
        sound = (CONVERSATIONS / f"{conversation}.wav").read_bytes()
        answer = httpx2.post(f"{self.url}/simulator/audio", content=first_seconds(sound, 12))
        return str(answer.json()["ref"])

    def ring(
        self,
        caller: str = JORIS,
        *,
        to: str = people.ENGLISH_LINE,
        says: str | None = None,
        keys: str = "",
        number: str = "",
        hangup: str | float | None = None,
        speed: float | None = None,
    ) -> "Telephone":
        """Somebody rings one of our lines; keys are pressed during the notice, a number when it is asked for.

        A `speed` of 1 talks as in life.
        """
        order = {
            "from": caller,
            "to": to,
            "audio": says or self.beginning("question_en"),
            "keys": [{"at": "notice", "digit": key} for key in keys] + [{"at": "number", "digits": number}],
            "hangup": hangup,
        }
        if speed is not None:
            order["speed"] = speed
        answer = httpx2.post(f"{self.url}/simulator/calls", json=order, timeout=20)
        assert answer.status_code == 201, answer.text
        return Telephone(self, answer.json()["sid"])

    def agent(self, login: str) -> "Agent":
        """A member of staff who has signed in."""
        client = httpx2.Client(base_url=self.url, timeout=20, headers={"origin": self.url})
        self.clients.append(client)
        agent = Agent(self, login, client)
        answer = agent.http.post("/sign-in", data={"login": login, "password": people.PASSWORD})
        assert answer.status_code == 303, answer.text
        return agent

    def carrier_keeps(self, phone: "Telephone") -> list[str]:
        """SIDs of what the carrier still has of this call, by its own list."""
        listed = self.parts.carrier.recordings_since(self.clock() - timedelta(days=365))
        return [one.sid for one in listed if one.call_sid == phone.sid]

    def look(self) -> "contextlib.AbstractContextManager[Session]":
        """A reading session, for what no page shows."""
        return self.parts.db.reading()

    def misbehave(self, **how: Any) -> None:
        """Let the carrier misbehave from now on; with nothing it behaves again."""
        if how:
            assert httpx2.post(f"{self.url}/simulator/misbehaviour", json=how).status_code == 200
        else:
            assert httpx2.delete(f"{self.url}/simulator/misbehaviour").status_code == 200


@dataclass
class Telephone:
    """One call that somebody placed."""

    house: House
    sid: str

    def outcome(self) -> Json:
        """What came of it so far; empty before the first webhook was taken."""
        answer = httpx2.get(f"{self.house.url}/telephone/calls/{self.sid}/outcome", timeout=20)
        return answer.json() if answer.status_code == 200 else {}

    def heard(self) -> Json:
        """What the carrier knows of the leg: prompts played, documents fetched, state."""
        found: Json = httpx2.get(f"{self.house.url}/simulator/calls/{self.sid}", timeout=20).json()
        return found

    def is_(self, *states: str) -> Json:
        """Wait until the call has one of these states; its outcome then."""

        def look() -> Json | None:
            outcome = self.outcome()
            return outcome if outcome and outcome["call"]["status"] in states else None

        return until(look, f"the call is {' or '.join(states)}")

    def recording_is(self, *states: str) -> Json:
        """Wait until its recording has one of these states; the outcome then."""

        def look() -> Json | None:
            outcome = self.outcome()
            recording = outcome.get("recording")
            return outcome if recording and recording["state"] in states else None

        return until(look, f"the recording is {' or '.join(states)}", 4 * PATIENCE)

    def hang_up(self) -> None:
        """The caller hangs up."""
        httpx2.post(f"{self.house.url}/simulator/calls/{self.sid}/hangup", timeout=20)

    @property
    def id(self) -> str:
        """The call's public id."""
        return str(self.outcome()["call"]["id"])

    @property
    def contact(self) -> str:
        """The contact's public id."""
        return str(self.outcome()["contact"]["id"])


@dataclass
class Agent:
    """Somebody at a desk, in a browser without eyes."""

    house: House
    login: str
    http: httpx2.Client

    def get(self, path: str, status: int = 200) -> str:
        """A page as HTML."""
        answer = self.http.get(path)
        assert answer.status_code == status, (path, answer.status_code, answer.text[:400])
        return answer.text

    def post(self, path: str, status: tuple[int, ...] = (204,), /, **form: str) -> httpx2.Response:
        """An act, as the page's scripts do it."""
        answer = self.http.post(path, data=form, headers={"hx-request": "true"})
        assert answer.status_code in status, (path, answer.status_code, answer.text[:400])
        return answer

    @contextmanager
    def on_the_line(self, phone: Telephone) -> Iterator[None]:
        """Answer, and stay on the line until the block ends or the caller hangs up; then hang up."""
        phone.is_("waiting")
        self.post(f"/calls/{phone.id}/answer")
        line = threading.Thread(target=self._softphone, args=(phone.id,), daemon=True)
        line.start()
        phone.is_("connected", "ended")
        yield
        if phone.outcome()["call"]["status"] != "ended":
            self.post(f"/calls/{phone.id}/end")
        phone.is_("ended")
        line.join(timeout=10)

    def handles(self, phone: Telephone) -> None:
        """Answer and talk until the caller hangs up."""
        with self.on_the_line(phone):
            phone.is_("ended")

    def asks(self, contact: str) -> tuple[str, str]:
        """Draw a question; its public id as the desk shows it, and the fact that it is about."""
        self.post(f"/contacts/{contact}/question")
        found = re.search(r'name="question" value="([\w-]{22})"', self.get("/desk/call"))
        assert found, "the desk shows no question"
        with self.house.look() as session:
            asked = session.exec(select(Question).where(Question.public_id == found.group(1))).one()
            return asked.public_id, asked.fact

    def verifies(self, contact: str, answers: dict[str, str]) -> None:
        """Ask one question of a caller who knows the answers by heart."""
        question, fact = self.asks(contact)
        self.post(f"/contacts/{contact}/answer", question=question, typed=answers[fact])

    def confirms(self, phone: Telephone) -> None:
        """Confirm, as the second person, what somebody else proposed about the holds of this call."""
        steps = re.findall(r'action="(/holds/steps/[\w-]{22})"', self.get(f"/contacts/{phone.contact}"))
        assert steps, "nothing waits for a second person"
        for step in steps:
            self.post(step, accept="1")

    def closes(self, contact: str, **words: str) -> None:
        """Wrap up."""
        usual = {"outcome": "solved", "kind": "question", "question": "Can a second laptop use the same licence?"}
        self.post(f"/contacts/{contact}/close", (204,), **(usual | words))

    def _softphone(self, call: str) -> None:
        token = self.http.get("/softphone/token").json()
        address = f"ws{self.house.url.removeprefix('http')}{token['url']}?token={token['token']}"
        softphone(address, call)


@contextmanager
def open_house(
    folder: Path, *, speed: float = 40.0, listener: Transcriber | None = None, **settings: Any
) -> Iterator[House]:
    """A house of its own in `folder`, gone afterwards; Whisper writes down, or `listener`."""
    clock = StoryClock()
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        chosen = demo_settings(folder, door.getsockname()[1]).model_copy(update=settings)
        prepare(chosen, clock)
        parts = ports(chosen, clock=clock)
        app = demo_app(parts, listener or transcriber(chosen), speed=speed, notice_speed=speed)
        server = uvicorn.Server(uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=1))
        thread = threading.Thread(target=server.run, args=([door],), daemon=True)
        thread.start()
        until(lambda: server.started or None, "the house is open")
        opened = House(chosen.public_url, folder, chosen, parts, clock)
        try:
            yield opened
        finally:
            for client in opened.clients:
                client.close()
            parts.carrier.close()
            server.should_exit = True
            thread.join(timeout=20)
            parts.db.close()
