"""Sends prepared HTTP requests over many connections and notes how each was answered. As lean as Python allows, so that
on two cores the server is what is measured."""

import asyncio
import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field


@dataclass
class Answers:
    """How long each answer took, in seconds; how many were not 2xx; how long all of it lasted."""

    seconds: list[float] = field(default_factory=list)
    refused: int = 0
    lasted: float = 0.0

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.seconds) / self.lasted

    def percentile(self, share: float) -> float:
        """The time within which this share (0 to 1) was answered, in milliseconds."""
        ordered = sorted(self.seconds)
        return 1000 * ordered[min(len(ordered) - 1, math.ceil(share * len(ordered)) - 1)]


async def as_fast_as_possible(port: int, requests: Sequence[bytes], connections: int) -> Answers:
    """Every connection sends its next request as soon as it has its answer."""
    answers, left = Answers(), iter(requests)

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for request in left:
            await _exchange(reader, writer, request, time.perf_counter(), answers)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(connections)))
    answers.lasted = time.perf_counter() - began
    return answers


async def at_rate(port: int, requests: Sequence[bytes], connections: int, per_second: float) -> Answers:
    """Requests fall due at an even pace, answered or not. Times count from when a request was due, so that a server
    that falls behind shows it."""
    answers, began = Answers(), time.perf_counter() + 0.1
    due: Iterator[tuple[float, bytes]] = iter([(began + n / per_second, each) for n, each in enumerate(requests)])

    async def one() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for moment, request in due:
            await asyncio.sleep(max(0.0, moment - time.perf_counter()))
            await _exchange(reader, writer, request, moment, answers)
        writer.close()

    await asyncio.gather(*(one() for _ in range(connections)))
    answers.lasted = time.perf_counter() - began
    return answers


def post(path: str, body: bytes, headers: dict[str, str]) -> bytes:
    """A POST as it goes over the wire, on a connection that stays open."""
    lines = {"Host": "127.0.0.1", "Content-Length": str(len(body))} | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"POST {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1") + body


def get(path: str, headers: dict[str, str]) -> bytes:
    """A GET as it goes over the wire, on a connection that stays open."""
    head = "".join(f"{name}: {value}\r\n" for name, value in ({"Host": "127.0.0.1"} | headers).items())
    return f"GET {path} HTTP/1.1\r\n{head}\r\n".encode("latin-1")


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, since: float, answers: Answers
) -> None:
    writer.write(request)
    head = await reader.readuntil(b"\r\n\r\n")
    status = int(head[9:12])
    if status != 204:  # no content
        await reader.readexactly(_length(head))
    answers.seconds.append(time.perf_counter() - since)
    answers.refused += not 200 <= status < 300  # what HTTP calls success


def _length(head: bytes) -> int:
    at = head.lower().index(b"content-length:") + 15
    return int(head[at : head.index(b"\r", at)])
