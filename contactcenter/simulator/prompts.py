"""Say, Play and Pause: what a leg hears outside a conversation."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from contactcenter.simulator.legs import Leg
from contactcenter.simulator.media import RATE, NotAudio, Samples, decode, mono, murmur
from contactcenter.simulator.sound import played
from contactcenter.simulator.twiml import CarrierError, Verb
from contactcenter.simulator.webhooks import CONTENT_TYPE

if TYPE_CHECKING:
    from contactcenter.simulator.simulator import Simulator

_ENDLESS = 1000
_KEPT = 64


class Prompts:
    """Speaks prompts into legs; a file that was fetched once is kept, as the carrier caches it."""

    def __init__(self, carrier: "Simulator") -> None:
        self._carrier = carrier
        self._files: dict[str, Samples] = {}

    async def perform(self, leg: Leg, verb: Verb, base: str, speed: float) -> None:
        """Let `leg` hear one Say, Play or Pause at `speed`; relative addresses are taken from `base`."""
        if verb.name == "Pause":
            await self._pause(leg, verb.number("length", 1), speed)
        elif verb.name == "Say":
            await self._repeat(leg, verb, "say", verb.text[:80], murmur(verb.text), speed)
        elif verb.text:
            url = urljoin(base, verb.text)
            await self._repeat(leg, verb, "play", urlsplit(url).path, await self._file(url), speed)

    async def _repeat(self, leg: Leg, verb: Verb, kind: str, what: str, audio: Samples, speed: float) -> None:
        times = int(verb.number("loop", 1)) or _ENDLESS
        for _ in range(times):
            await self.play(leg, kind, what, audio, speed)

    async def play(self, leg: Leg, kind: str, what: str, audio: Samples, speed: float) -> None:
        """Let `leg` hear `audio`, and keep how much of it was heard."""
        loop, whole = asyncio.get_running_loop(), False
        began, length = loop.time(), len(audio) / RATE
        leg.hears_a_prompt()
        try:
            await played(leg.ear, audio, speed)
            whole = True
        finally:
            heard = length if whole else min(length, (loop.time() - began) * speed)
            leg.note(kind, what, round(heard, 3), whole)

    async def _pause(self, leg: Leg, seconds: float, speed: float) -> None:
        await asyncio.sleep(seconds / speed)
        leg.note("pause", "", seconds, True)

    async def _file(self, url: str) -> Samples:
        if url not in self._files:
            answer = await self._carrier.webhooks.fetch(url, "GET", [])
            try:
                audio = mono(await asyncio.to_thread(decode, answer.body))
            except NotAudio as error:
                raise CarrierError(CONTENT_TYPE, "The address answered no audio.", url) from error
            while len(self._files) >= _KEPT:
                self._files.pop(next(iter(self._files)))
            self._files[url] = audio
        return self._files[url]
