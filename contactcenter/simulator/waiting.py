"""What a participant hears while the conference has not begun, or while on hold."""

import asyncio
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

from contactcenter.simulator.legs import Goto, Leg
from contactcenter.simulator.media import music
from contactcenter.simulator.twiml import WAITING, CarrierError, Document, Verb, parse

if TYPE_CHECKING:
    from contactcenter.simulator.simulator import Simulator

_SHORTEST_ROUND = 0.25


class WaitingRoom:
    """Plays the documents of a wait address over and over; they hold only Say, Play, Pause and Redirect."""

    def __init__(self, carrier: "Simulator", leg: Leg) -> None:
        self._carrier, self._leg = carrier, leg
        self._task: asyncio.Task[None] | None = None
        self._playing: str | None = None

    def open(self, url: str | None, method: str) -> None:
        """Play `url`; None is the carrier's own music and "" is silence."""
        if self._task is not None and self._playing == url:
            return
        self.close()
        self._playing = url
        if url != "":
            self._task = self._carrier.tasks.spawn(self._play(url, method))

    def close(self) -> None:
        """Stop playing."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    async def _play(self, url: str | None, method: str) -> None:
        try:
            while url is not None:
                await asyncio.gather(self._round(Goto(url, method)), asyncio.sleep(_SHORTEST_ROUND))
        except CarrierError as error:
            self._carrier.complain(self._leg, error)
        while True:
            await self._carrier.prompts.play(self._leg, "music", "", music(), self._leg.speed)

    async def _round(self, step: Goto | None) -> None:
        """One document and those that it redirects to."""
        while step is not None:
            self._leg.note("wait-document", urlsplit(step.url).path)
            document = await self._load(step)
            step = await self._perform(document)

    async def _load(self, step: Goto) -> Document:
        answer = await self._carrier.webhooks.document(step.url, step.method, self._leg.params())
        if answer.content_type.startswith("audio/"):
            return Document(answer.url, (Verb("Play", {}, answer.url),))
        return parse(answer.body.decode("utf-8", "replace"), answer.url, WAITING)

    async def _perform(self, document: Document) -> Goto | None:
        for verb in document.verbs:
            if verb.name == "Redirect":
                return Goto(urljoin(document.url, verb.text), verb.get("method", "POST"))
            await self._carrier.prompts.perform(self._leg, verb, document.url, self._leg.speed)
        return None
