"""Requests from other sites, paths that climb, addresses that lead elsewhere, floods at the sign-in: refused."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from starlette.responses import RedirectResponse
from starlette.routing import Route

from contactcenter.app import public_routes, staff_routes
from contactcenter.recordings.rules import Failure, RecordingState
from tests.calls.carrier_stand_in import carrier, new_sid
from tests.desks import signed_in
from tests.factories import World
from tests.hostile.tables import contents
from tests.house import House
from tests.recordings.workplace import Workplace

ACTS = [
    route
    for route in [*public_routes(), *staff_routes()]
    if isinstance(route, Route) and "POST" in (route.methods or ()) and not route.path.startswith(("/twilio/", "/api/"))
]
ELSEWHERE: list[dict[str, str]] = [
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://[bad"},
    {"origin": "http://a]b"},
    {"origin": "http://testserver.evil.example"},
    {"origin": "http://testserver", "sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"sec-fetch-site": "cross-site", "x-http-method-override": "GET"},
]


@pytest.mark.parametrize("route", ACTS, ids=lambda route: str(route.name))
def test_nothing_that_changes_something_is_done_for_another_site(world: World, route: Route) -> None:
    anna = signed_in(world, "Anna")
    path = route.path
    for name in ("call", "contact", "recording", "alert", "hold"):
        path = path.replace(f"{{{name}}}", "A" * 22)
    before = contents(world.db)
    for headers in ELSEWHERE:
        answer = anna.post(path, data={"available": "1", "language": "nl"}, headers=headers)
        assert (answer.status_code, "set-cookie" in answer.headers) == (403, False), headers
    assert contents(world.db) == before


def test_a_form_of_our_own_pages_is_no_other_site(world: World) -> None:
    anna = signed_in(world, "Anna")
    for headers in ({"origin": "http://testserver"}, {"sec-fetch-site": "same-origin"}, {"sec-fetch-site": "none"}):
        assert anna.post("/available", data={"available": "1"}, headers=headers).status_code == 303


CLIMBS = [
    "/static/../app.py",
    "/static/..%2fapp.py",
    "/static/%2e%2e/%2e%2e/app.py",
    "/static/..%5c..%5capp.py",
    "/static/....//....//app.py",
    "/static/%2e%2e%2f%2e%2e%2f%2e%2e%2fetc/passwd",
    "/static//etc/passwd",
    "/static/%00app.css",
    "/static/app.css%00.png",
    "/static/" + "../" * 40 + "etc/passwd",
    "/static/.%2e/templates/base.html",
    "/prompts/../../app.py",
    "/prompts/x/..%2f..%2fapp.py",
    "/prompts/x/%2e%2e",
    "/prompts/%00/x",
    "/contacts/..",
    "/contacts/%2e%2e%2foperations",
    "/contacts/..\\operations",
    "/contacts/%5c..%5c",
    "/customers/%00",
    "/playback/../x/audio",
    "/playback/..%2f..%2fetc%2fpasswd/audio",
    "/api/v1/customers/%2e%2e",
    "/%2e%2e/%2e%2e/etc/passwd",
    "//etc/passwd",
    "/\\evil.example",
]


def raw(house: House, path: str, cookie: str) -> tuple[int, bytes]:
    """Status and body of exactly this path, which no library tidied up."""
    address = urlsplit(house.url)
    assert address.hostname and address.port
    with socket.create_connection((address.hostname, address.port), timeout=10) as line:
        head = f"GET {path} HTTP/1.1\r\nHost: {address.netloc}\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n"
        line.sendall(head.encode("latin-1"))
        answer = b"".join(iter(lambda: line.recv(65_536), b""))
    return int(answer.split()[1]), answer


@pytest.fixture(scope="module")
def dirk(house: House) -> str:
    """The cookie of a supervisor's session."""
    return "; ".join(f"{name}={value}" for name, value in house.agent("dirk").http.cookies.items())


@pytest.mark.parametrize("path", CLIMBS)
def test_a_path_that_climbs_reaches_nothing(house: House, dirk: str, path: str) -> None:
    status, answer = raw(house, path, dirk)
    assert status in (400, 401, 404)
    assert b"root:" not in answer
    assert b"import" not in answer.partition(b"\r\n\r\n")[2]


@contextmanager
def somebody_elses() -> Iterator[tuple[int, list[str]]]:
    """A server that is not the carrier's: its port, and who came."""
    came: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def watch() -> None:
            while True:
                try:
                    line, _ = listener.accept()
                except OSError:
                    return
                came.append("somebody")
                line.close()

        thread = threading.Thread(target=watch, daemon=True)
        thread.start()
        yield listener.getsockname()[1], came
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)


def addresses(port: int) -> list[str]:
    """Other ways to write where that server is, and ways to pretend that it is somewhere else."""
    return [
        f"http://127.0.0.1:{port}/recording.wav",
        f"http://localhost:{port}/recording.wav",
        f"http://[::ffff:127.0.0.1]:{port}/recording.wav",
        f"http://2130706433:{port}/recording.wav",
        f"http://0x7f000001:{port}/recording.wav",
        f"http://0177.0.0.1:{port}/recording.wav",
        f"http://api.twilio.com@127.0.0.1:{port}/recording.wav",
        f"http://127.0.0.1:{port}#@api.twilio.com/",
        f"http://127.1:{port}\\@api.twilio.com/",
        f"//127.0.0.1:{port}/recording.wav",
        f"gopher://127.0.0.1:{port}/",
        "file:///etc/passwd",
    ]


def test_the_address_in_a_webhook_is_never_asked(tmp_path: Path) -> None:
    with somebody_elses() as (port, came), carrier(tmp_path) as twilio:
        for path in ("voice", "heard?attempt=1"):  # so that the recording is one of ours, and a job is to fetch it
            assert twilio.post(f"/twilio/{path}").status_code == 200
        for address in addresses(port):
            ready = {"RecordingSid": new_sid("RE"), "RecordingStatus": "completed", "RecordingDuration": "3"}
            assert twilio.post("/twilio/recording", RecordingUrl=address, **ready).status_code == 204
        kept = contents(twilio.parts.db)
        assert len(kept["workflow_status"]) == len(addresses(port)), "each is to be fetched"
        assert [address for address in addresses(port) if address in str(kept)] == []
        time.sleep(0.2)
        assert came == []


def test_no_redirect_of_the_carrier_is_followed_wherever_it_leads(
    place: Workplace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with somebody_elses() as (port, came):
        for address in addresses(port):

            async def elsewhere(_ask: object, to: str = address) -> RedirectResponse:
                return RedirectResponse(to, 307)

            monkeypatch.setattr("contactcenter.simulator.rest_recordings._spoiled", lambda ask, *_: elsewhere(ask))
            place.simulator.misbehaviour.set({"media": {"fault": "redirect-foreign", "times": 9}})
            story = place.call().record().arrive().keep()
            assert (story.state, story.row().failure) == (RecordingState.FAILED, Failure.REFUSED)
        assert came == []
