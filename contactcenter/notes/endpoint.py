"""Drafts by an OpenAI-compatible endpoint that the operator set: asked once for a call, and never believed.

What goes is redacted lines and nothing else. What comes is bounded in time and size, read strictly and checked line by
line (`citing.py`); when anything goes wrong the rules draft instead. No word of either side is logged.
"""

from __future__ import annotations

import asyncio
import ssl
from contextlib import closing, suppress
from datetime import UTC, datetime
from typing import Any

import httpx2
import structlog
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contactcenter.notes import prompt
from contactcenter.notes.citing import Unreadable, checked
from contactcenter.notes.drafter import Conversation, Drafted, NotDrafted, Origin, lines_by_rules
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.said import Segment
from contactcenter.settings import Settings

LARGEST_ANSWER = 256 * 1024  # bytes of the whole body
_CALLER, _AGENT = 0, 1
_TURNS = (
    (_CALLER, "Since this morning I can't open the shared folder with our invoices."),
    (_AGENT, "I see it. The folder was locked, and I have unlocked it for you."),
    (_CALLER, "It works again, thank you. Will you tell me why it was locked?"),
    (_AGENT, "I will ask our engineers, and I will call you back on Friday before noon."),
)
REHEARSAL = Conversation(
    tuple(Segment(channel, at * 6.0, at * 6.0 + 5, text, 1.0) for at, (channel, text) in enumerate(_TURNS)),
    "en",
    ("caller", "agent"),
    datetime(2026, 11, 23, 10, 0, tzinfo=UTC),
)
log = structlog.get_logger()


class _NotUsed(Exception):
    """Why there is no answer that can be used."""

    def __init__(self, reason: NotDrafted) -> None:
        super().__init__(reason.value)
        self.reason = reason


class _Message(BaseModel):
    model_config = ConfigDict(strict=True)

    content: str


class _Choice(BaseModel):
    message: _Message


class _Completion(BaseModel):
    choices: list[_Choice] = Field(min_length=1)


class EndpointDrafter:
    """`Drafter` over POST {base}/chat/completions; `settings` must name address and model."""

    def __init__(self, settings: Settings) -> None:
        assert settings.draft_url and settings.draft_model
        self._url, self._model = f"{settings.draft_url}/chat/completions", settings.draft_model
        self._key, self._seconds = settings.draft_key, settings.draft_seconds
        self._trusted = ssl.create_default_context()  # also what SSL_CERT_FILE names
        self._asking: set[tuple[asyncio.AbstractEventLoop, asyncio.Task[Any]]] = set()
        self._closed = False

    def draft(self, conversation: Conversation, outside: Conversation | None) -> Drafted:
        """What the endpoint writes, as far as what it was told supports it; else the draft of the rules, from all that
        was said, with the reason."""
        ours = lines_by_rules(conversation)
        if outside is None or not lines_by_rules(outside):
            return Drafted(ours)
        try:
            lines = self._answered(outside)
        except _NotUsed as problem:
            return Drafted(ours, self._origin(outside, problem.reason))
        except Exception as error:  # noqa: BLE001  # whatever it answered, the call gets its draft
            log.error("draft-failed", error=type(error).__name__)
            return Drafted(ours, self._origin(outside, NotDrafted.UNEXPECTED))
        return Drafted(lines, self._origin(outside, None))

    def rehearse(self) -> NotDrafted | None:
        """Ask about a conversation that nobody had; why the answer could not be used, or None."""
        try:
            self._answered(REHEARSAL)
        except _NotUsed as problem:
            return problem.reason
        return None

    def close(self) -> None:
        """Stop waiting for answers, and ask no more."""
        self._closed = True
        for loop, task in tuple(self._asking):
            with suppress(RuntimeError):  # it is over
                loop.call_soon_threadsafe(task.cancel)

    def _origin(self, conversation: Conversation, failure: NotDrafted | None) -> Origin:
        asked = tuple((one.channel, one.start) for one in conversation.segments)
        sent = () if failure is NotDrafted.TOO_MUCH_SAID else asked
        return Origin(self._model, prompt.VERSION, prompt.instruction(conversation.language), sent, failure)

    def _answered(self, conversation: Conversation) -> tuple[DraftLine, ...]:
        """The lines that the call supports, at least one. Raises `_NotUsed`."""
        if len(prompt.numbered(conversation)) > prompt.LONGEST_SAID:
            raise _NotUsed(NotDrafted.TOO_MUCH_SAID)
        body = self._within_limits(prompt.request(self._model, conversation))
        try:
            content = _Completion.model_validate_json(body).choices[0].message.content
            lines = checked(content, conversation)
        except (ValidationError, Unreadable):
            raise _NotUsed(NotDrafted.UNREADABLE) from None
        if not lines:
            raise _NotUsed(NotDrafted.UNSUPPORTED)
        return lines

    def _within_limits(self, body: bytes) -> bytes:
        """The answer's body. Raises `_NotUsed`."""
        try:
            with closing(asyncio.new_event_loop()) as loop:  # asyncio.run would wait for a name server that is silent
                return loop.run_until_complete(self._one_request(body))
        except asyncio.CancelledError:
            raise _NotUsed(NotDrafted.STOPPED) from None
        except TimeoutError:
            raise _NotUsed(NotDrafted.SLOW) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError):
            raise _NotUsed(NotDrafted.UNREACHABLE) from None

    async def _one_request(self, body: bytes) -> bytes:
        task = asyncio.current_task()
        assert task is not None
        mine = (asyncio.get_running_loop(), task)
        self._asking.add(mine)
        try:
            if self._closed:
                raise _NotUsed(NotDrafted.STOPPED)
            async with asyncio.timeout(self._seconds):  # for all of it: a limit on each read lets an answer drip on
                return await self._received(body)
        finally:
            self._asking.discard(mine)

    async def _received(self, body: bytes) -> bytes:
        headers = {"content-type": "application/json", "accept-encoding": "identity"}
        if self._key is not None:
            headers["authorization"] = f"Bearer {self._key.get_secret_value()}"
        # No proxy of the environment: words go where the setting says. No redirect, for the same reason.
        client = httpx2.AsyncClient(timeout=None, trust_env=False, follow_redirects=False, verify=self._trusted)
        async with client, client.stream("POST", self._url, content=body, headers=headers) as answer:
            _require_ok(answer.status_code)
            received = bytearray()
            async for piece in answer.aiter_raw():
                received += piece
                if len(received) > LARGEST_ANSWER:
                    raise _NotUsed(NotDrafted.TOO_LONG)
            return bytes(received)


def _require_ok(status: int) -> None:
    if status == 200:
        return
    kinds = {3: NotDrafted.REDIRECTED, 4: NotDrafted.REFUSED}
    raise _NotUsed(kinds.get(status // 100, NotDrafted.FAILED))
