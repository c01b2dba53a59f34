"""Executes TwiML on a leg, with the carrier's fallback when a document fails."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from contactcenter.simulator.conference import Options
from contactcenter.simulator.legs import Goto, Leg
from contactcenter.simulator.twiml import TOP, CarrierError, Document, Verb, parse
from contactcenter.simulator.webhooks import CONTENT_TYPE, Answer

if TYPE_CHECKING:
    from contactcenter.simulator.simulator import Simulator

_XML = {"text/xml", "application/xml", "text/html"}
_UNANSWERED = {"Reject", "Pause", "Redirect"}
_DOCUMENTS_A_CALL = 1000


class Interpreter:
    """Runs one leg from a first document to its end."""

    def __init__(self, carrier: "Simulator", leg: Leg) -> None:
        self._carrier = carrier
        self._leg = leg
        self._verbs: dict[str, Callable[[Verb, str], Awaitable[Goto | None]]] = {
            "Gather": self._gather,
            "Redirect": self._redirect,
            "Hangup": self._hangup,
            "Reject": self._reject,
            "Dial": self._dial,
        }

    async def run(self, start: Goto | Document) -> None:
        """Execute `start` and what it leads to; on an error the fallback, once; then hang up."""
        try:
            await self._follow(start)
        except CarrierError as error:
            self._carrier.complain(self._leg, error)
            await self._fall_back(error)
        self._leg.end()

    async def _fall_back(self, error: CarrierError) -> None:
        if self._leg.fallback and not self._leg.over:
            extra = (("ErrorCode", str(error.code)), ("ErrorUrl", error.url))
            try:
                await self._follow(Goto(self._leg.fallback, "POST", extra))
            except CarrierError as second:
                self._carrier.complain(self._leg, second)
            else:
                return
        await self._apologise()

    async def _apologise(self) -> None:
        self._leg.answer()
        sorry = Verb("Say", {}, "An application error has occurred. Goodbye.")
        await self._carrier.prompts.perform(self._leg, sorry, "", self._leg.notice_speed)

    async def _follow(self, start: Goto | Document) -> None:
        step: Goto | Document | None = start
        for _ in range(_DOCUMENTS_A_CALL):
            document = await self._load(step) if isinstance(step, Goto) else step
            if document is None or self._leg.over:
                return
            step = await self._execute(document)

    async def _load(self, step: Goto) -> Document:
        self._leg.note("document", urlsplit(step.url).path)
        params = [*self._leg.params(), *step.params]
        return await read_document(await self._carrier.webhooks.document(step.url, step.method, params))

    async def _execute(self, document: Document) -> Goto | None:
        for verb in document.verbs:
            if verb.name not in _UNANSWERED:
                self._leg.answer()
            handler = self._verbs.get(verb.name, self._prompt)
            following = await handler(verb, document.url)
            if following is not None or self._leg.over:
                return following
        return None

    async def _prompt(self, verb: Verb, base: str) -> None:
        await self._carrier.prompts.perform(self._leg, verb, base, self._leg.notice_speed)

    async def _redirect(self, verb: Verb, base: str) -> Goto:
        return Goto(urljoin(base, verb.text), verb.get("method", "POST"))

    async def _hangup(self, verb: Verb, base: str) -> None:
        self._leg.end()

    async def _reject(self, verb: Verb, base: str) -> None:
        busy = verb.get("reason") == "busy"
        if self._leg.answered is None:
            self._leg.end("busy" if busy else "no-answer")
        else:
            self._leg.end()

    async def _gather(self, verb: Verb, base: str) -> Goto | None:
        self._leg.gathering("notice" if verb.get("numDigits") == "1" else "number")
        digits, finished_on = await self._digits(verb, base)
        if not digits and not verb.flag("actionOnEmptyResult", default=False):
            return None
        params = (("Digits", digits), ("FinishedOnKey", finished_on), ("msg", "Gather End"))
        return Goto(urljoin(base, verb.get("action") or base), verb.get("method", "POST"), params)

    async def _digits(self, verb: Verb, base: str) -> tuple[str, str]:
        digits = await self._first_digit(verb, base) or ""
        most, last = int(verb.number("numDigits", _DOCUMENTS_A_CALL)), verb.get("finishOnKey", "#")
        while digits and len(digits) < most:
            key = await self._key(verb.number("timeout", 5))
            if key is None:
                break
            if key == last:
                return digits, key
            digits += key
        return digits, ""

    async def _first_digit(self, verb: Verb, base: str) -> str | None:
        """The first key, which interrupts the prompts; None when nobody presses one in time."""
        key = asyncio.ensure_future(self._meaningful_key(verb.get("finishOnKey", "#")))
        prompts = asyncio.ensure_future(self._prompts_and_patience(verb, base))
        try:
            await asyncio.wait({key, prompts}, return_when=asyncio.FIRST_COMPLETED)
            if key.done():
                return key.result()
            prompts.result()
            return None
        finally:
            key.cancel()
            prompts.cancel()
            await asyncio.wait({key, prompts})

    async def _meaningful_key(self, last: str) -> str:
        while (key := await self._leg.digits.get()) == last:
            continue
        return key

    async def _prompts_and_patience(self, verb: Verb, base: str) -> None:
        for prompt in verb.children:
            await self._prompt(prompt, base)
        self._leg.hears_a_prompt()
        await asyncio.sleep(verb.number("timeout", 5) / self._leg.notice_speed)

    async def _key(self, seconds: float) -> str | None:
        try:
            async with asyncio.timeout(seconds / self._leg.notice_speed):
                return await self._leg.digits.get()
        except TimeoutError:
            return None

    async def _dial(self, verb: Verb, base: str) -> Goto | None:
        room = next(iter(verb.children), None)
        if room is None or not room.text:
            raise CarrierError(12100, "This simulator dials conferences only.", base)
        action = None
        if verb.get("action"):
            action = Goto(urljoin(base, verb.get("action")), verb.get("method", "POST"))
        seconds = await self._in_conference(room, base, action)
        if action is None:
            return None
        return Goto(action.url, action.method, _dial_result(seconds))

    async def _in_conference(self, room: Verb, base: str, action: Goto | None) -> int:
        """Join, stay until the leg leaves or the conference ends; seconds of talk."""
        conference = self._carrier.conference_named(room.text)
        leg = self._leg
        leg.dial_action = action and Goto(action.url, action.method, _dial_result(0))
        participation = conference.join(leg, Options.of(room, base))
        try:
            await participation.ended.wait()
        finally:
            participation.leave()
        leg.dial_action = None
        return conference.seconds


def _dial_result(seconds: int) -> tuple[tuple[str, str], ...]:
    answered = (("DialCallStatus", "answered"), ("DialBridged", "true" if seconds else "false"))
    return (*answered, ("DialCallDuration", str(seconds))) if seconds else answered


async def read_document(answer: Answer, allowed: frozenset[str] = TOP) -> Document:
    """The verbs of an answer: TwiML, plain text that is said, or audio that is played."""
    if answer.content_type in _XML:
        return parse(answer.body.decode("utf-8", "replace"), answer.url, allowed)
    if answer.content_type == "text/plain":
        return Document(answer.url, (Verb("Say", {}, answer.body.decode("utf-8", "replace")),))
    if answer.content_type.startswith("audio/"):
        return Document(answer.url, (Verb("Play", {}, answer.url),))
    raise CarrierError(CONTENT_TYPE, f"The carrier does not read {answer.content_type}.", answer.url)
