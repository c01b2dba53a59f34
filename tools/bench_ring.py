"""Measures from the webhook that puts a caller into the queue to the event in an agent's browser stream."""

import asyncio
import secrets
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode

from contactcenter.carrier.signature import FORM, signature_of
from tools.bench_pages import prepare, sign_in
from tools.figures import Case
from tools.load import Answers, get, post
from tools.ports import free_port
from tools.serving import ACCOUNT, LINE, TOKEN, environment, running

CALLS, PAUSE = 300, 0.05


def bench_ring() -> Iterator[Case]:
    """Milliseconds until the desk is told that a call waits."""
    with tempfile.TemporaryDirectory(prefix="bench-ring-") as made:
        port = free_port()
        variables = environment(Path(made), port)
        prepare(Path(made), variables)
        with running(["contactcenter", "serve", "--web"], variables, port):
            answers = asyncio.run(_rings(port, sign_in(port)))
    yield {
        "case": "ring: webhook to the desk's stream",
        "unit": "ms",
        "calls": len(answers.seconds),
        "p50": round(answers.percentile(0.5), 1),
        "p95": round(answers.percentile(0.95), 1),
    }


async def _rings(port: int, cookie: str) -> Answers:
    answers = Answers()
    events, listening = await asyncio.open_connection("127.0.0.1", port)
    listening.write(get("/live", {"Cookie": cookie, "Accept": "text/event-stream"}))
    await events.readuntil(b"\r\n\r\n")
    webhooks, calling = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(CALLS):
        await _post(port, webhooks, calling, "/twilio/voice", sid := "CA" + secrets.token_hex(16))
        began = time.perf_counter()
        posted = asyncio.create_task(_post(port, webhooks, calling, "/twilio/heard?attempt=1", sid))
        await events.readuntil(b"event: queue")
        answers.seconds.append(time.perf_counter() - began)
        await posted
        await asyncio.sleep(PAUSE)
    for writer in (listening, calling):
        writer.close()
    return answers


async def _post(port: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, sid: str) -> None:
    fields = {"AccountSid": ACCOUNT, "CallSid": sid, "CallStatus": "in-progress", "From": "anonymous", "To": LINE}
    signature = signature_of(TOKEN, f"http://127.0.0.1:{port}{path}", list(fields.items()))
    writer.write(post(path, urlencode(fields).encode(), {"Content-Type": FORM, "X-Twilio-Signature": signature}))
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.split(b":")[1]))
