"""Asking a route as somebody: the path with the names of things, a form that is valid enough, what came back."""

import re
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import anyio
from starlette.routing import Route
from starlette.testclient import TestClient

from contactcenter.app import staff_routes
from contactcenter.core.live import LiveHub
from contactcenter.staff.access import LOOPBACK_COOKIE
from contactcenter.staff.rules import Right
from tests.matrices.company import Viewer
from tests.matrices.routes import ROWS

ROUTES = {route.name: route for route in staff_routes() if isinstance(route, Route)}
STREAM = "live"  # the one route that never ends by itself
SAME_FOR_ALL = ("content-length", "date", "set-cookie")  # nothing that an answer says about its thing
LONGEST_SECONDS = 10.0  # in which a stream has told all that was missed, on a machine with too much to do


@dataclass(frozen=True)
class Answer:
    """What came back. `face` is all of it that somebody could tell two answers apart by, but for the asked path."""

    status: int
    headers: tuple[tuple[str, str], ...]
    text: str
    location: str = ""

    @property
    def face(self) -> tuple[object, ...]:
        """Status, headers and text."""
        return self.status, self.headers, re.sub(r'name="back" value="[^"]*"| aria-current="page"', "", self.text)


def method_of(route: Route) -> str:
    """The one method of a route, HEAD apart."""
    (method,) = (route.methods or set()) - {"HEAD"}
    return method


def right_of(route: Route) -> Right | None:
    """The right that a guarded route takes."""
    right: Right | None = getattr(route, "right", None)
    return right


def parameters(route: Route) -> list[str]:
    """What the path of a route names."""
    return re.findall(r"\{(\w+)\}", route.path)


def path_of(route: Route, things: Mapping[str, str]) -> str:
    """The path with these things."""
    called = ROWS[route.name].called
    return re.sub(r"\{(\w+)\}", lambda found: things[called.get(found.group(1), found.group(1))], route.path)


@contextmanager
def browser_of(served: TestClient, viewer: Viewer) -> Iterator[TestClient]:
    """The site in this viewer's browser, by htmx."""
    served.cookies.clear()
    served.cookies.set("language", "en")
    if viewer.token:
        served.cookies.set(LOOPBACK_COOKIE, viewer.token)
    served.headers["hx-request"] = "true"
    yield served
    served.cookies.clear()


def ask(browser: TestClient, route: Route, things: Mapping[str, str], method: str | None = None) -> Answer:
    """Ask this route about these things."""
    path, method = path_of(route, things), method or method_of(route)
    if route.name == STREAM and method == "GET":
        return streamed(browser, path)
    form = {key: value.format_map(dict(things)) for key, value in ROWS[route.name].form.items()}
    return answer_of(browser, method, path, data=form if method == "POST" else None)


def answer_of(browser: TestClient, method: str, path: str, **more: Any) -> Answer:
    """Ask for a path."""
    came = browser.request(method, path, **more)
    headers = sorted((name, value) for name, value in came.headers.items() if name not in SAME_FOR_ALL)
    where = came.headers.get("location", "") or came.headers.get("hx-redirect", "")
    return Answer(came.status_code, tuple(headers), came.text, where)


def streamed(browser: TestClient, path: str, headers: Mapping[str, str] | None = None) -> Answer:
    """What a stream tells of all that was missed since the installation began; then it is ended."""
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    sent = {"host": "testserver", "cookie": cookies, "last-event-id": "0"} | dict(headers or {})
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "http",
        "path": path, "raw_path": path.encode(), "root_path": "", "query_string": b"", "client": ("testclient", 1),
        "server": ("testserver", 80), "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
        "state": {},
    }  # fmt: skip
    told: list[MutableMapping[str, Any]] = []
    hub: LiveHub = browser.app.state.site.live  # type: ignore[attr-defined]  # a Starlette

    async def receive() -> dict[str, Any]:
        await anyio.sleep(LONGEST_SECONDS)
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        told.append(message)

    async def end_when_begun() -> None:
        while not hub.watching:
            await anyio.sleep(0.001)
        hub.end_streams()

    async def listen() -> None:
        with anyio.move_on_after(LONGEST_SECONDS):
            async with anyio.create_task_group() as both:
                both.start_soon(end_when_begun)
                await browser.app(scope, receive, send)
                both.cancel_scope.cancel()

    call: Callable[..., None] = browser.portal.call  # type: ignore[union-attr]  # there is one within the lifespan
    call(listen)
    body = b"".join(one.get("body", b"") for one in told if one["type"] == "http.response.body")
    began = told[0]
    heard = tuple(sorted((name.decode(), value.decode()) for name, value in began["headers"]))
    return Answer(began["status"], heard, body.decode())
