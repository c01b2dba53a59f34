"""A stand-in for an OpenAI-compatible endpoint on 127.0.0.1: it behaves as such are documented, or as a story wants."""

import json
import re
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

Entry = dict[str, Any]
PATH = "/v1/chat/completions"


def faithful(lines: list[str]) -> str:
    """A machine that repeats the longest line of the caller and of the agent, and cites them."""
    entries = []
    for who, act in (("caller", "question"), ("agent", "done")):
        said = [found for line in lines if (found := re.fullmatch(rf"(\d+) {who}: (.*)", line))]
        if said:
            longest = max(said, key=lambda found: len(found[2]))
            entries.append({"act": act, "text": longest[2], "cites": [int(longest[1])]})
    return json.dumps({"lines": entries})


@dataclass
class Endpoint:
    """What was asked, and what is answered. `says` writes the content of the message from the numbered lines."""

    port: int = 0
    key: str | None = None
    says: Callable[[list[str]], str] = faithful
    acts: Callable[["_Handler", bytes], None] | None = None
    asked: list[Entry] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    came: Event = field(default_factory=Event)
    tls: ssl.SSLContext | None = None

    @property
    def url(self) -> str:
        """Its base address."""
        return f"{'https' if self.tls else 'http'}://127.0.0.1:{self.port}/v1"

    @property
    def lines(self) -> list[str]:
        """The numbered lines of what was asked last."""
        return str(self.asked[-1]["messages"][1]["content"]).split("\n")


def completion(content: str) -> bytes:
    """The body of a whole answer."""
    message = {"role": "assistant", "content": content, "refusal": None}
    choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
    usage = {"prompt_tokens": 9, "completion_tokens": 9, "total_tokens": 18}
    kind = {"id": "chatcmpl-1", "object": "chat.completion", "created": 1_790_000_000, "model": "small"}
    return json.dumps({**kind, "choices": [choice], "usage": usage}).encode()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    endpoint: Endpoint

    def do_POST(self) -> None:
        """Answer as documented, unless the story says otherwise."""
        body = self.rfile.read(int(self.headers["content-length"]))
        endpoint = self.endpoint
        if self.path != PATH:
            endpoint.elsewhere.append(self.path)
            return self.answer(404, b'{"error": {"message": "no such route"}}')
        endpoint.asked.append(json.loads(body))
        endpoint.headers.append({name.lower(): value for name, value in self.headers.items()})
        endpoint.came.set()
        if endpoint.key and self.headers["authorization"] != f"Bearer {endpoint.key}":
            return self.answer(401, b'{"error": {"message": "invalid key"}}')
        if endpoint.acts is not None:
            with suppress(OSError):  # who asked has gone
                endpoint.acts(self, body)
            self.close_connection = True
            return None
        return self.answer(200, completion(endpoint.says(endpoint.lines)))

    def answer(self, status: int, body: bytes, **headers: str) -> None:
        """A whole answer."""
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def drip(self, seconds: float = 0.05) -> None:
        """The head of an answer, then a byte now and then, for ever."""
        self.send_response(200)
        self.send_header("transfer-encoding", "chunked")
        self.end_headers()
        while True:
            self.wfile.write(b"1\r\n \r\n")
            time.sleep(seconds)

    def drip_head(self) -> None:
        """Headers that never end, a letter at a time."""
        self.wfile.write(b"HTTP/1.1 200 OK\r\nx-a: ")
        while True:
            self.wfile.write(b"a")
            time.sleep(0.05)

    def flood(self) -> None:
        """Blanks without end."""
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(b" " * 65536)

    def log_message(self, format: str, *args: Any) -> None:
        """Tell nobody."""


Handler = _Handler


@contextmanager
def endpoint(**how: Any) -> Iterator[Endpoint]:
    """An endpoint that answers until the block ends."""
    made = Endpoint(**how)
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (_Handler,), {"endpoint": made}))
    server.daemon_threads = True
    made.port = server.server_address[1]
    if made.tls:
        server.socket = made.tls.wrap_socket(server.socket, server_side=True)
    Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield made
    finally:
        server.shutdown()
        server.socket.close()
