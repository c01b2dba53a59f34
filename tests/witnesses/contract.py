"""Twilio's own OpenAPI behind Prism, and a recorder in front of it that notes what was asked and what it said."""

import json
import re
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import httpx2
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from tests.patience import until
from tools.node import NODE, witness

OPENAPI = "@twilio/cli-core/src/services/twilio-api/twilio_api_v2010.json"
PASSED_ON = {"authorization", "content-type", "accept"}
FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Asked:
    """One request of the product: the operation, the names of its fields, and what Prism made of it."""

    method: str
    path: str
    names: frozenset[str]
    status: int
    objections: tuple[str, ...]

    @property
    def unknown(self) -> frozenset[str]:
        """Names that Twilio's description of this operation lacks; Prism lets those through."""
        return self.names - _names_of(self.method.lower(), self.path)


@dataclass
class Recorder:
    """Passes every request on to Prism and keeps what it answered."""

    prism: str
    asked: list[Asked] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def app(self) -> Starlette:
        """The address that the product takes for Twilio's."""
        return Starlette(routes=[Route("/{path:path}", self._pass_on, methods=["GET", "POST", "DELETE", "PUT"])])

    async def _pass_on(self, request: Request) -> Response:
        body = await request.body()
        return await run_in_threadpool(self._send, request, body)

    def _send(self, request: Request, body: bytes) -> Response:
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        headers = {name: value for name, value in request.headers.items() if name in PASSED_ON}
        answer = httpx2.request(request.method, self.prism + target, content=body, headers=headers, timeout=20)
        sent = parse_qsl(f"{request.url.query}&{body.decode()}", keep_blank_values=True)
        names = frozenset(name for name, _ in sent)
        with self.lock:
            self.asked.append(Asked(request.method, request.url.path, names, answer.status_code, _objections(answer)))
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))


def _objections(answer: httpx2.Response) -> tuple[str, ...]:
    """What Prism has against the request; the examples in Twilio's description break that description themselves."""
    found = json.loads(answer.headers.get("sl-violations", "[]"))
    return tuple(one["message"] for one in found if one["location"][0] != "response")


@contextmanager
def prism() -> Iterator[str]:
    """Twilio's API as its own description makes it, on a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = witness("@stoplight/prism-cli/dist/index.js")
    running = subprocess.Popen(
        [NODE, script, "mock", "-h", "127.0.0.1", "-p", str(port), witness(OPENAPI)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        until(lambda: _listens(port), "Prism", 60)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.terminate()
        running.wait()


def _listens(port: int) -> bool:
    with closing(socket.socket()) as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


@cache
def _description() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(witness(OPENAPI).read_text(encoding="utf-8"))
    return found


def _names_of(method: str, path: str) -> frozenset[str]:
    """The fields that an operation takes, in its query and in its form."""
    operation = _operation(path)[method]
    query = {one["name"] for one in operation.get("parameters", []) if one["in"] == "query"}
    form = operation.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    return frozenset(query | form.get("properties", {}).keys())


def _operation(path: str) -> dict[str, Any]:
    wanted = urlsplit(path).path
    for template, operations in _description()["paths"].items():
        if re.fullmatch(re.sub(r"\\\{\w+\\\}", "[^/]+", re.escape(template)), wanted):
            found: dict[str, Any] = operations
            return found
    raise AssertionError(f"Twilio describes no such resource: {wanted}")
