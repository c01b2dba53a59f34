"""What the tests of the simulator talk with: a small product, servers, a softphone, prepared sound."""

import io
import json
import socket
import threading
import time
import wave
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import httpx2
import numpy as np
import uvicorn
from numpy.typing import NDArray
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.http_client import TwilioHttpClient
from twilio.http.response import Response as SdkResponse
from twilio.jwt.access_token import AccessToken
from twilio.jwt.access_token.grants import VoiceGrant
from twilio.request_validator import RequestValidator
from twilio.rest import Client
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests.patience import PATIENCE, until

ACCOUNT = "AC" + "a1" * 16
TOKEN = "the-account's-auth-token"
KEY, KEY_SECRET = "SK" + "b2" * 16, "the-api-key's-secret-of-some-length"
APPLICATION = "AP" + "c3" * 16
LINE = "+31201234567"
JORIS = "+31612345678"
RATE = 8000

Samples = NDArray[np.int16]


def tone(hertz: float, seconds: float, loudness: int = 8000) -> Samples:
    """A steady tone, by which a voice is told from another."""
    return np.asarray(np.sin(2 * np.pi * hertz * np.arange(int(seconds * RATE)) / RATE) * loudness, np.int16)


def wav(*channels: Samples) -> bytes:
    """A 16-bit WAV file."""
    made = io.BytesIO()
    with wave.open(made, "wb") as out:
        out.setnchannels(len(channels))
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(np.stack(channels, axis=1).astype("<i2").tobytes())
    return made.getvalue()


def channels(data: bytes) -> Samples:
    """The channels of a WAV file, as an independent reader sees them."""
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getframerate(), sound.getsampwidth()) == (RATE, 2)
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
        return samples.reshape(-1, sound.getnchannels()).T.astype(np.int16)


def loudness(samples: Samples, hertz: float) -> float:
    """How much of a tone is in `samples`, about its amplitude."""
    if not len(samples):
        return 0.0
    wave_ = np.exp(-2j * np.pi * hertz * np.arange(len(samples)) / RATE)
    return float(2 * abs(np.mean(samples * wave_)))


def loudest(samples: Samples, hertz: float) -> float:
    """How much of a tone there is in the 20 ms that hold most of it: live sound may have gaps."""
    return max((loudness(samples[at : at + 160], hertz) for at in range(0, len(samples), 160)), default=0)


@dataclass(frozen=True)
class Received:
    """A webhook as it came in."""

    path: str
    params: list[tuple[str, str]]
    signed: bool
    at: float
    url: str
    signature: str

    def __getitem__(self, name: str) -> str:
        return dict(self.params)[name]


@dataclass
class Product:
    """A product in miniature: the flow of a real call, and a list of all that the carrier sent."""

    base: str = ""
    received: list[Received] = field(default_factory=list)
    answers: dict[str, Callable[[], Response]] = field(default_factory=dict)
    record: str = "record-from-start"

    def routes(self) -> list[Route]:
        """The product's webhooks and sounds."""
        return [
            Route("/sounds/notice.wav", self._notice),
            Route("/twilio/{event:path}", self._webhook, methods=["GET", "POST"]),
        ]

    async def _notice(self, request: Request) -> Response:
        return Response(wav(tone(300, 2)), media_type="audio/wav")

    async def _webhook(self, request: Request) -> Response:
        params = [(name, str(value)) for name, value in (await request.form()).multi_items()]
        url = self.base + request.url.path + (f"?{request.url.query}" if request.url.query else "")
        signature = request.headers.get("x-twilio-signature", "")
        values = await request.form() if request.method == "POST" else {}
        signed = RequestValidator(TOKEN).validate(url, values, signature)
        path = request.path_params["event"]
        self.received.append(Received(path, params, signed, time.monotonic(), url, signature))
        if path in self.answers:
            return await run_in_threadpool(self.answers[path])
        return twiml(self._flow().get(path, ""))

    def _flow(self) -> dict[str, str]:
        gather = '<Gather input="dtmf" numDigits="1" timeout="1" action="choice" method="POST">'
        return {
            "voice": gather + '<Play>/sounds/notice.wav</Play></Gather><Redirect method="POST">talk</Redirect>',
            "choice": "<Redirect>talk</Redirect>",
            "talk": self.room("caller", start="false", end="true", extra='waitUrl="wait"'),
            "agent": self.room("agent", start="true", end="false"),
            "wait": "<Play>/sounds/notice.wav</Play>",
            "dial": "<Hangup/>",
        }

    def room(self, label: str, start: str, end: str, extra: str = "") -> str:
        """The <Dial> by which a leg joins the one conference of these tests."""
        return (
            f'<Dial action="dial"><Conference startConferenceOnEnter="{start}" endConferenceOnExit="{end}" '
            f'beep="false" record="{self.record}" trim="do-not-trim" participantLabel="{label}" '
            'statusCallback="conference" statusCallbackEvent="start end join leave mute hold modify" '
            'recordingStatusCallback="recording" '
            f'recordingStatusCallbackEvent="in-progress completed absent" {extra}>room</Conference></Dial>'
        )

    def of(self, path: str) -> list[Received]:
        """What came in on one path, in the order of arrival."""
        return [one for one in self.received if one.path == path]

    def statuses(self, path: str, name: str) -> list[str]:
        """One parameter of all that came in on one path."""
        return [one[name] for one in self.of(path)]

    def await_(self, path: str, **wanted: str) -> Received:
        """The first webhook on `path` with these parameters."""
        return until(lambda: next(iter(self._matching(path, wanted)), None), f"{path} {wanted}")

    def _matching(self, path: str, wanted: dict[str, str]) -> list[Received]:
        return [one for one in self.of(path) if wanted.items() <= dict(one.params).items()]


def twiml(verbs: str, status: int = 200) -> Response:
    """A TwiML answer."""
    return Response(f"<Response>{verbs}</Response>", status, media_type="text/xml")


@contextmanager
def served(make: Callable[[str], Starlette]) -> Iterator[str]:
    """Serve the app that `make` gives for an address of this machine; the address, without a slash at its end."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        free.listen()
        base = f"http://127.0.0.1:{free.getsockname()[1]}"
        config = uvicorn.Config(make(base), log_level="critical", ws="websockets-sansio", timeout_graceful_shutdown=1)
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [free]})
        thread.start()
        until(lambda: server.started, "server")
        try:
            yield base
        finally:
            server.should_exit = True
            thread.join()


class LocalHttpClient(TwilioHttpClient):  # type: ignore[misc]  # the SDK has no types
    def __init__(self, base: str) -> None:
        super().__init__(timeout=PATIENCE)
        self._base = urlsplit(base)

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> SdkResponse:
        local = urlsplit(url)._replace(scheme=self._base.scheme, netloc=self._base.netloc).geturl()
        return super().request(method, local, *args, **kwargs)


@dataclass
class Desk:
    """A running simulator beside a running product, and the doors to both."""

    base: str
    product: Product
    http: httpx2.Client
    sdk: Client

    def ring(self, **wish: Any) -> str:
        """Joris rings the line; the SID of his call."""
        answer = self.http.post("/simulator/calls", json={"from": JORIS, "to": LINE, **wish})
        assert answer.status_code == 201, answer.text
        return str(answer.json()["sid"])

    def upload(self, *sound: Samples) -> str:
        """The reference of uploaded sound."""
        return str(self.http.post("/simulator/audio", content=wav(*sound)).json()["ref"])

    def call(self, sid: str) -> dict[str, Any]:
        """What happened on a call."""
        seen: dict[str, Any] = self.http.get(f"/simulator/calls/{sid}").json()
        return seen

    def ended(self, sid: str) -> dict[str, Any]:
        """The call, once it is over."""
        until(lambda: self.call(sid)["state"] in ("completed", "busy", "no-answer", "failed"), "end")
        return self.call(sid)

    def room(self) -> str:
        """The SID of the conference, once it is in progress."""
        found = until(lambda: self.sdk.conferences.list(status="in-progress"), "conference")
        return str(found[0].sid)

    def media(self, recording: str, **query: str) -> httpx2.Response:
        """The download of a recording."""
        path = f"/2010-04-01/Accounts/{ACCOUNT}/Recordings/{recording}.wav"
        return self.http.get(path, params=query, auth=(ACCOUNT, TOKEN))

    @contextmanager
    def softphone(self, identity: str = "agent_anna", **connect_to: str) -> Iterator["Softphone"]:
        """An agent's browser with a call to the voice application."""
        url = f"{self.base.replace('http', 'ws')}/softphone/stream?token={access_token(identity)}"
        with connect(url) as line:
            phone = Softphone(line)
            phone.tell({"connect": connect_to or {"call": "public-id"}})
            yield phone


def access_token(identity: str, secret: str = KEY_SECRET, application: str = APPLICATION, ttl: int = 60) -> str:
    """A token as the official SDK makes it."""
    token = AccessToken(ACCOUNT, KEY, secret, identity=identity, ttl=ttl)
    token.add_grant(VoiceGrant(outgoing_application_sid=application))
    return str(token.to_jwt())


class Softphone:
    """The browser's end of a stream; a thread takes in what comes, as a loudspeaker does."""

    def __init__(self, line: ClientConnection) -> None:
        self._line = line
        self._frames: list[bytes] = []
        self._states: list[str] = []
        self.sid = ""
        threading.Thread(target=self._take_in, daemon=True).start()

    def _take_in(self) -> None:
        with suppress(ConnectionClosed):
            for message in self._line:
                if isinstance(message, bytes):
                    self._frames.append(message)
                else:
                    told = json.loads(message)
                    self.sid = told.get("callSid", self.sid)
                    self._states.append(told.get("state", ""))

    def tell(self, message: dict[str, Any]) -> None:
        """Send a message."""
        self._line.send(json.dumps(message))

    def forget(self) -> None:
        """Heard begins anew."""
        self._frames.clear()

    def heard(self) -> Samples:
        """All that came out of the loudspeaker since the last forget, and in the quarter second to come."""
        self.hear(0.25)
        return np.frombuffer(b"".join(self._frames), "<i2").astype(np.int16)

    def speak(self, samples: Samples) -> None:
        """Say something, in 20 ms frames at the pace of a microphone."""
        for position in range(0, len(samples), 160):
            self._line.send(samples[position : position + 160].astype("<i2").tobytes())
            time.sleep(0.018)

    def state(self, wanted: str) -> None:
        """Wait until the leg was in a state."""
        until(lambda: wanted in self._states, wanted)

    def hear(self, seconds: float) -> Samples:
        """What comes out of the loudspeaker in the next so many seconds of sound."""
        start, count = len(self._frames), round(seconds * 50)
        until(lambda: len(self._frames) >= start + count, "sound")
        frames = self._frames[start : start + count]
        assert {len(frame) for frame in frames} == {320}
        return np.frombuffer(b"".join(frames), "<i2").astype(np.int16)
