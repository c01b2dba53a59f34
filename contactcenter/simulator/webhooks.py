"""The carrier's requests to the product: documents that it waits for, and callbacks that it only sends."""

import asyncio
import ssl
from collections import deque
from collections.abc import Coroutine
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urldefrag, urlencode

import httpx2

from contactcenter.simulator.config import Limits
from contactcenter.simulator.misbehaviour import Misbehaviour
from contactcenter.simulator.signing import Params, sign
from contactcenter.simulator.tasks import Tasks
from contactcenter.simulator.twiml import CarrierError

RETRIEVAL_FAILURE = 11200
CONNECTION_FAILURE = 11205
TOO_LARGE = 11750
CONTENT_TYPE = 12300
_GRACE = 0.5


@dataclass(frozen=True)
class Answer:
    """What a webhook answered: its address, its media type without parameters, its body."""

    url: str
    content_type: str
    body: bytes


class Webhooks:
    """Signed requests within the carrier's limits of time and size."""

    def __init__(self, auth_token: str, limits: Limits, trusted: Path | None = None) -> None:
        self._token = auth_token
        self._limits = limits
        self._trusted = trusted
        self._client: httpx2.AsyncClient | None = None
        self._sending: Tasks[httpx2.Response] = Tasks()

    async def document(self, url: str, method: str, params: Params) -> Answer:
        """Ask for TwiML; CarrierError for whatever makes the carrier go to the fallback."""
        answer = await self.fetch(url, method, params)
        if len(answer.body) > self._limits.document_bytes:
            raise CarrierError(TOO_LARGE, "The document is larger than 64 KB.", url)
        return answer

    async def fetch(self, url: str, method: str, params: Params) -> Answer:
        """One signed request; CarrierError unless it is answered with 2xx in time."""
        try:
            response = await self._within_limits(self._send(urldefrag(url).url, method.upper(), params))
        except httpx2.ConnectError as error:
            raise CarrierError(CONNECTION_FAILURE, "The address cannot be reached.", url) from error
        except (TimeoutError, httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise CarrierError(RETRIEVAL_FAILURE, "The address did not answer in time.", url) from error
        if not response.is_success:
            raise CarrierError(RETRIEVAL_FAILURE, f"The address answered {response.status_code}.", url)
        kind = response.headers.get("content-type", "").split(";")[0].strip().lower()
        return Answer(url, kind, response.content)

    async def _within_limits(self, request: Coroutine[None, None, httpx2.Response]) -> httpx2.Response:
        """Wait for the answer; who stops waiting (a leg that hangs up) does not take the request back."""
        sending = self._sending.spawn(request)
        sending.add_done_callback(lambda done: done.cancelled() or done.exception())  # nobody may be left to ask
        try:
            async with asyncio.timeout(self._limits.answer_seconds):
                return await asyncio.shield(sending)
        except TimeoutError:
            sending.cancel()
            raise

    async def _send(self, url: str, method: str, params: Params) -> httpx2.Response:
        if method == "GET" and params:
            url, params = f"{url}{'&' if '?' in url else '?'}{urlencode(params)}", []
        headers = {"X-Twilio-Signature": sign(url, params, self._token), "User-Agent": "TwilioProxy/1.1"}
        if method == "GET":
            return await self._http().get(url, headers=headers)
        headers["Content-Type"] = "application/x-www-form-urlencoded; charset=UTF-8"
        return await self._http().post(url, content=urlencode(params), headers=headers)

    def _http(self) -> httpx2.AsyncClient:
        if self._client is None:
            timeout = httpx2.Timeout(self._limits.answer_seconds, connect=self._limits.connect_seconds)
            self._client = httpx2.AsyncClient(timeout=timeout, trust_env=False, verify=_trusting(self._trusted))
        return self._client

    async def aclose(self) -> None:
        """Let requests on their way arrive for a moment, then close the connections."""
        await self._sending.aclose(grace=_GRACE)
        if self._client is not None:
            await self._client.aclose()
            self._client = None


def _trusting(certificate: Path | None) -> ssl.SSLContext:
    """What certificates webhooks may have: those that everybody trusts, and this one."""
    context = ssl.create_default_context()
    if certificate is not None:
        context.load_verify_locations(certificate)
    return context


@dataclass(frozen=True)
class Hook:
    """Where the events of a call, conference or recording go, and which of them."""

    url: str
    events: frozenset[str]
    method: str = "POST"


@dataclass(frozen=True)
class Delivery:
    """One attempt to deliver a callback, for the control API: no parameters, they hold personal data."""

    event: str
    subject: str
    delivered: bool


class Outbox:
    """Sends callbacks, in order within one subject (a call, a conference), without resending them."""

    def __init__(self, webhooks: Webhooks, misbehaviour: Misbehaviour, tasks: Tasks[None]) -> None:
        self._webhooks = webhooks
        self._misbehaviour = misbehaviour
        self._tasks = tasks
        self._last: dict[str, asyncio.Task[None]] = {}
        self.deliveries: deque[Delivery] = deque(maxlen=2000)

    def send(self, subject: str, event: str, hook: Hook, params: Params) -> None:
        """Queue the callback of `event`, unless nobody asked for it or it is to get lost."""
        for _ in range(self._misbehaviour.copies(event)):
            before = None if self._misbehaviour.callbacks.shuffle else self._last.get(subject)
            self._last[subject] = self._tasks.spawn(self._deliver(before, subject, event, hook, params))

    async def _deliver(
        self, before: asyncio.Task[None] | None, subject: str, event: str, hook: Hook, params: Params
    ) -> None:
        if before is not None:
            await asyncio.wait({before})
        await asyncio.sleep(self._misbehaviour.wait(event))
        try:
            await self._webhooks.fetch(hook.url, hook.method, params)
            delivered = True
        except CarrierError:
            delivered = False
        self.deliveries.append(Delivery(event, subject, delivered))
        if self._last.get(subject) is asyncio.current_task():
            del self._last[subject]
