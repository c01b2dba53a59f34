"""Measures how fast a call that comes in is answered, against a bare handler with the same signature and database.

Ours stores the event, the call, its contact, its link and the decision on recording, and answers with the notice.
"""

import asyncio
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Awaitable, Iterator
from pathlib import Path
from urllib.parse import urlencode

from contactcenter.carrier.signature import FORM, signature_of
from tools.figures import Case, compared
from tools.load import Answers, as_fast_as_possible, at_rate, post
from tools.ports import free_port
from tools.serving import ACCOUNT, LINE, TOKEN, environment, running

CONNECTIONS = 50
CALLS = 3000
RATE, SECONDS = 500, 20
ROUNDS = 3


def bench_webhooks() -> Iterator[Case]:
    """Requests a second, then times at 500 a second, then what else the machine is made to do beside."""
    with tempfile.TemporaryDirectory(prefix="bench-webhooks-") as made:
        folder = Path(made)
        for name in ("ours", "bare"):
            (folder / name).mkdir()
        ours, bare = free_port(), free_port()
        variables = environment(folder / "ours", ours)
        _prepare(variables)
        with (
            running(["contactcenter", "serve", "--web"], variables, ours),
            running(["tools.serving"], environment(folder / "bare", bare), bare),
        ):
            yield _throughput(ours, bare, connections=1)
            yield _throughput(ours, bare, connections=CONNECTIONS)
            yield from _latency(ours, bare)


def _prepare(variables: dict[str, str]) -> None:
    for command in (["migrate"], ["line", "add", LINE, "--name", "Helpdesk", "--language", "nl"]):
        subprocess.run(  # ours
            [sys.executable, "-m", "contactcenter", *command], env=variables, check=True, stdout=subprocess.DEVNULL
        )


def _throughput(ours: int, bare: int, connections: int) -> Case:
    """Best of three rounds in turn."""
    rates: dict[int, float] = {ours: 0.0, bare: 0.0}
    for _ in range(ROUNDS):
        for port in (ours, bare):
            answers = _measured(as_fast_as_possible(port, calls(port, CALLS), connections))
            rates[port] = max(rates[port], answers.rate)
    name = f"webhooks, as fast as possible, connections: {connections}"
    return compared(name, "requests/s", rates[ours], rates[bare])


def _latency(ours: int, bare: int) -> Iterator[Case]:
    for name, port in (("ours", ours), ("bare", bare)):
        answers = _measured(at_rate(port, calls(port, RATE * SECONDS), CONNECTIONS, RATE))
        yield {"case": f"webhooks, {RATE}/s for {SECONDS} s, {name}", "unit": "ms", **_spread(answers)}


def _spread(answers: Answers) -> Case:
    return {
        "answered": len(answers.seconds),
        "refused": answers.refused,
        "p50": round(answers.percentile(0.5), 1),
        "p99": round(answers.percentile(0.99), 1),
        "most": round(answers.percentile(1), 1),
    }


def _measured(load: "Awaitable[Answers]") -> Answers:
    async def run() -> Answers:
        return await load

    return asyncio.run(run())


def calls(port: int, count: int) -> list[bytes]:
    """Calls that ring, signed as the carrier does."""
    return [_call(port) for _ in range(count)]


def _call(port: int) -> bytes:
    number = f"+316{secrets.randbelow(10**8):08}"
    fields = {
        "AccountSid": ACCOUNT,
        "ApiVersion": "2010-04-01",
        "CallSid": "CA" + secrets.token_hex(16),
        "CallStatus": "ringing",
        "Called": LINE,
        "Caller": number,
        "Direction": "inbound",
        "From": number,
        "To": LINE,
    }
    signature = signature_of(TOKEN, f"http://127.0.0.1:{port}/twilio/voice", list(fields.items()))
    return post("/twilio/voice", urlencode(fields).encode(), {"Content-Type": FORM, "X-Twilio-Signature": signature})
