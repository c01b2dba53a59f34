"""Places one simulated call through the real doors of a running demo, and waits until everything came of it."""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx2
from rich.console import Console
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

from contactcenter.core.errors import Invalid, Unavailable
from contactcenter.core.telephone import CallerKind, read_caller, to_e164
from contactcenter.demo.people import DUTCH_LINE, PASSWORD

START_SECONDS, RING_SECONDS, PIPELINE_SECONDS = 120, 60, 900
SETTLED = {"attached", "failed", "unwanted", "absent", "destroyed"}
LANGUAGE_KEYS = {"nl": "1", "en": "2"}
Json = dict[str, Any]


@dataclass(frozen=True)
class Wish:
    """The call to place. `answer` is a demo login, None for a call that nobody answers."""

    caller: str
    audio: Path
    to: str | None
    language: str | None
    keys: str
    answer: str | None
    speed: float


def place(wish: Wish, base_url: str | None, console: Console) -> Json:
    """Ring, answer, talk, hang up, wait; the outcome as the demo tells it. Raises `Problem`s with a mend."""
    if not wish.audio.is_file():
        raise Invalid("The audio file can't be found; give the path of a two-channel WAV.")
    wish = replace(wish, caller=_caller(wish.caller))
    try:
        return _placed(wish, base_url, console)
    except httpx2.TransportError as error:
        kind = type(error).__name__
        raise Unavailable(f"The demo does not answer ({kind}); see that it runs, and where.") from None


def _placed(wish: Wish, base_url: str | None, console: Console) -> Json:
    with _instance(base_url, console) as url, httpx2.Client(base_url=url, timeout=30) as http:
        sid = _ring(http, wish)
        console.print(f"Ringing ({sid}) ...")
        if wish.answer is None:
            return _give_up(http, sid)
        agent = _sign_in(url, wish.answer)
        call = _until(lambda: _waiting(http, sid), RING_SECONDS, "The call never reached the queue.")
        if call["call"]["status"] != "ended":
            _talk(http, agent, url, call["call"]["id"], console)
        return _until(lambda: _settled(http, sid), PIPELINE_SECONDS, "The recording was not finished in time.")


def _caller(written: str) -> str:
    """The caller as a carrier sends it: E.164, or what stands there for none."""
    if read_caller(written).kind in (CallerKind.WITHHELD, CallerKind.SIP):
        return written
    number = to_e164(written)
    if number is None:
        raise Invalid("--from takes a telephone number like +31612345678, or the word anonymous.")
    return number


def as_text(outcome: Json) -> str:
    """The outcome for a reader."""
    lines = [
        f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in outcome.items() if name != "transcript"
    ]
    spoken = outcome["transcript"]["segments"] if outcome["transcript"] else []
    lines += [f"  {segment['start']:7.1f}  {segment['channel']}  {segment['text']}" for segment in spoken]
    return "\n".join(lines)


def _ring(http: httpx2.Client, wish: Wish) -> str:
    ref = _good(http.post("/simulator/audio", content=wish.audio.read_bytes())).json()["ref"]
    pressed = (
        LANGUAGE_KEYS[wish.language] if wish.language == "en" and wish.to in (None, DUTCH_LINE) else ""
    ) + wish.keys
    order = {
        "from": wish.caller,
        "to": wish.to or DUTCH_LINE,
        "audio": ref,
        "keys": [{"at": "notice", "digit": digit} for digit in pressed],
        "speed": wish.speed,
        "notice_speed": wish.speed,
        "hangup": "after-audio" if wish.answer else None,
    }
    return str(_good(http.post("/simulator/calls", json=order)).json()["sid"])


def _give_up(http: httpx2.Client, sid: str) -> Json:
    _until(lambda: _waiting(http, sid), RING_SECONDS, "The call never reached the queue.")
    http.post(f"/simulator/calls/{sid}/hangup")
    return _until(lambda: _ended(http, sid), RING_SECONDS, "The call did not end.")


def _sign_in(url: str, login: str) -> httpx2.Client:
    agent = httpx2.Client(base_url=url, timeout=30, headers={"origin": url})
    answer = agent.post("/sign-in", data={"login": login, "password": PASSWORD})
    if answer.status_code != 303:
        raise Invalid("This login can't sign in; --answer takes a demo login such as anna.")
    return agent


def _talk(http: httpx2.Client, agent: httpx2.Client, url: str, call: str, console: Console) -> None:
    _good(agent.post(f"/calls/{call}/answer", headers={"hx-request": "true"}))
    token = _good(agent.get("/softphone/token")).json()
    address = f"ws{url.removeprefix('http')}{token['url']}?token={token['token']}"
    console.print("Answered; talking ...")
    with connect(address, max_size=None) as line:
        line.send(json.dumps({"connect": {"call": call}}))
        with contextlib.suppress(ConnectionClosed):
            for message in line:
                if isinstance(message, str) and json.loads(message).get("state") == "closed":
                    break
    console.print("Hung up; waiting for the recording ...")


def _outcome(http: httpx2.Client, sid: str) -> Json | None:
    answer = http.get(f"/telephone/calls/{sid}/outcome")
    return answer.json() if answer.status_code == 200 else None


def _waiting(http: httpx2.Client, sid: str) -> Json | None:
    outcome = _outcome(http, sid)
    return outcome if outcome and outcome["call"]["status"] != "notice" else None


def _ended(http: httpx2.Client, sid: str) -> Json | None:
    outcome = _outcome(http, sid)
    return outcome if outcome and outcome["call"]["status"] == "ended" else None


def _settled(http: httpx2.Client, sid: str) -> Json | None:
    outcome = _ended(http, sid)
    if outcome is None:
        return None
    if outcome["recording"] is None:  # never recorded: give a late callback a moment, then it is settled
        return outcome if (outcome["seconds"]["since_end"] or 0) > 5 else None
    return outcome if outcome["recording"]["state"] in SETTLED else None


def _until(look: Callable[[], Json | None], seconds: float, otherwise: str) -> Json:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.3)
    raise Unavailable(otherwise)


def _good(answer: httpx2.Response) -> httpx2.Response:
    if answer.status_code >= 400:
        raise Invalid(f"{answer.request.url.path} answered {answer.status_code}: {answer.text[:200]}")
    return answer


@contextlib.contextmanager
def _instance(base_url: str | None, console: Console) -> Iterator[str]:
    """The running instance, or an own temporary one that is gone afterwards."""
    if base_url is not None:
        yield base_url.rstrip("/")
        return
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        console.print("Starting a temporary demo ...")
        command = [sys.executable, "-m", "contactcenter", "demo", "--folder", folder, "--port", str(port)]
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)  # noqa: S603  # ourselves
        try:
            yield _ready(f"http://127.0.0.1:{port}", child)
        finally:
            child.terminate()
            child.wait(timeout=20)


def _ready(url: str, child: "subprocess.Popen[bytes]") -> str:
    assert child.stderr is not None
    threading.Thread(target=child.stderr.read, daemon=True).start()  # a full pipe would stop it

    def look() -> Json | None:
        if child.poll() is not None:
            raise Unavailable("The temporary demo ended at once; run `contactcenter demo` to see why.")
        with contextlib.suppress(httpx2.TransportError):
            return httpx2.get(f"{url}/readyz", timeout=2).json()  # type: ignore[no-any-return]  # JSON is Any
        return None

    _until(look, START_SECONDS, "The temporary demo did not start in time.")
    return url
