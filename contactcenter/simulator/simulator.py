"""The carrier itself: its calls, conferences, recordings and numbers, and how calls come about."""

import asyncio
import secrets
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import inf
from typing import Any

from contactcenter.simulator.capture import Recording, Source, Tell
from contactcenter.simulator.conference import Conference
from contactcenter.simulator.config import SimulatorConfig, Telephone
from contactcenter.simulator.engine import Interpreter
from contactcenter.simulator.legs import Goto, Leg, Party, Plan
from contactcenter.simulator.misbehaviour import Misbehaviour
from contactcenter.simulator.prompts import Prompts
from contactcenter.simulator.shelf import Shelf
from contactcenter.simulator.signing import Softphone
from contactcenter.simulator.sound import Script
from contactcenter.simulator.tasks import Tasks
from contactcenter.simulator.twiml import CarrierError, Document
from contactcenter.simulator.webhooks import Hook, Outbox, Webhooks

_BEHAVIOUR_STATUS = {"busy": "busy", "failed": "failed", "never": "no-answer"}


def new_sid(prefix: str) -> str:
    """A random identifier as the carrier makes them: two letters and 32 hexadecimal digits."""
    return prefix + secrets.token_hex(16)


class CannotCall(ValueError):
    """A call that cannot be placed; the text says what to change."""


@dataclass
class Endpoint:
    """The webhooks of a telephone number (PN...) or a voice application (AP...)."""

    sid: str
    name: str
    voice_url: str
    status_callback: str
    fallback_url: str
    created: datetime
    status_events: tuple[str, ...] = ("completed",)
    voice_method: str = "POST"
    status_callback_method: str = "POST"
    fallback_method: str = "POST"

    @property
    def hook(self) -> Hook:
        """Where the events of its calls go."""
        return Hook(self.status_callback, frozenset(self.status_events), self.status_callback_method)


@dataclass(frozen=True)
class Complaint:
    """An entry of the carrier's error log."""

    sid: str
    call_sid: str
    code: int
    message: str
    url: str
    created: datetime


@dataclass
class CallRequest:
    """An inbound call to place: who rings which number, what they say and do."""

    caller: str
    called: str
    audio: str | None = None
    agent_audio: bool = True
    plan: Plan = field(default_factory=Plan)
    speed: float | None = None
    notice_speed: float | None = None


@dataclass(frozen=True)
class Received:
    """A message that came to a person of the telephone page: `way` is "mail" or "text"; a text has no subject."""

    at: datetime
    way: str
    sender: str
    to: str
    subject: str
    body: str


@dataclass(frozen=True)
class Outgoing:
    """A call to place to a telephone: who, with which webhooks, and how many seconds to let it ring."""

    caller: str
    called: str
    hook: Hook
    timeout: float = 60.0
    fallback: str = ""


class Simulator:
    """All state of the carrier, in memory, and the background work that belongs to it."""

    def __init__(self, config: SimulatorConfig) -> None:
        self.config = config
        self.misbehaviour = Misbehaviour()
        self.tasks: Tasks[None] = Tasks()
        self.webhooks = Webhooks(config.auth_token, config.limits, config.trusted)
        self.outbox = Outbox(self.webhooks, self.misbehaviour, self.tasks)
        self.prompts = Prompts(self)
        self.shelf = Shelf(config.conversations_dir)
        self.legs: dict[str, Leg] = {}
        self.conferences: dict[str, Conference] = {}
        self.recordings: dict[str, Recording] = {}
        self.complaints: list[Complaint] = []
        self.messages: list[dict[str, Any]] = []
        self.without_texts: set[str] = set()  # numbers that answered STOP
        self.received: deque[Received] = deque(maxlen=100)  # oldest first
        self.telephones: dict[str, Telephone] = dict(config.telephones)
        self.numbers = {number: self._number(number) for number in config.numbers}
        self.application = self._application()
        self.media_url = f"https://api.twilio.com/2010-04-01/Accounts/{config.account_sid}/Recordings"

    def receive(self, way: str, sender: str, to: str, subject: str, body: str) -> None:
        """Show a message to whoever looks at the telephone page. Any thread may call this."""
        self.received.append(Received(self.config.clock(), way, sender, to, subject, body))

    async def start(self) -> None:
        """Be ready; nothing runs until a call is placed."""

    async def aclose(self) -> None:
        """Drop every call at once, without callbacks, and close all connections."""
        await self.tasks.aclose()
        await self.webhooks.aclose()

    def _number(self, number: str) -> Endpoint:
        made = self.config.numbers[number]
        urls = (made.voice_url, made.status_callback, made.fallback_url)
        return Endpoint(new_sid("PN"), number, *urls, self.config.clock(), made.status_events)

    def _application(self) -> Endpoint:
        config = self.config
        urls = (config.softphone_url, config.agent_status_callback, config.agent_fallback_url)
        return Endpoint(config.application_sid, "softphones", *urls, config.clock())

    async def place_call(self, request: CallRequest) -> Leg:
        """Somebody rings one of our numbers; CannotCall when it is not ours or the audio is unknown."""
        number = self.numbers.get(request.called)
        if number is None:
            raise CannotCall("No number of this account is called that way. Choose one of its numbers.")
        party = Party(request.caller, request.called, "inbound", phone_number_sid=number.sid)
        leg = self._leg(party, number)
        leg.script = await self.script(request.audio, request.agent_audio)
        leg.plan = request.plan
        leg.speed = request.speed or self.config.speed
        leg.notice_speed = request.notice_speed or self.config.notice_speed
        self.legs[leg.sid] = leg
        leg.advance("ringing")
        leg.run(Goto(number.voice_url, number.voice_method))
        return leg

    def connect_softphone(self, softphone: Softphone, params: Iterable[tuple[str, str]]) -> Leg:
        """A browser makes a call through the voice application; its webhook gets the custom parameters."""
        custom = (*softphone.params, *params)
        caller = f"client:{softphone.identity}"
        party = Party(caller, "", "inbound", custom, application_sid=self.application.sid)
        leg = self._leg(party, self.application)
        self.legs[leg.sid] = leg
        leg.advance("ringing")
        leg.run(Goto(self.application.voice_url, self.application.voice_method))
        return leg

    def _leg(self, party: Party, endpoint: Endpoint) -> Leg:
        return Leg(self, new_sid("CA"), party, endpoint.hook, endpoint.fallback_url)

    def call_out(self, outgoing: Outgoing, start: Goto | Document) -> Leg:
        """Ring a telephone, and execute `start` when it answers."""
        party = Party(outgoing.caller, outgoing.called, "outbound-api")
        leg = Leg(self, new_sid("CA"), party, outgoing.hook, outgoing.fallback)
        self.legs[leg.sid] = leg
        self.tasks.spawn(self._ring(leg, outgoing, start))
        return leg

    async def _ring(self, leg: Leg, outgoing: Outgoing, start: Goto | Document) -> None:
        telephone = self.telephones.get(outgoing.called, Telephone("never"))
        leg.advance("initiated")
        if telephone.behaviour != "failed":
            leg.advance("ringing")
            rings = inf if telephone.behaviour == "never" else telephone.after
            await asyncio.sleep(min(rings, outgoing.timeout) / self.config.notice_speed)
        if telephone.behaviour == "answers" and telephone.after <= outgoing.timeout:
            await self._pick_up(leg, telephone, start)
        else:
            leg.end(_BEHAVIOUR_STATUS.get(telephone.behaviour, "no-answer"))

    async def _pick_up(self, leg: Leg, telephone: Telephone, start: Goto | Document) -> None:
        leg.script = await self.script(telephone.audio, partner_speaks=False)
        if not leg.over:
            leg.answer()
            leg.run(start)

    async def script(self, reference: str | None, partner_speaks: bool = True) -> Script | None:
        """The conversation of a reference; CannotCall when there is none of that name."""
        if reference is None:
            return None
        audio = await self.shelf.get(reference)
        if audio is None:
            raise CannotCall("There is no audio of that name. List the conversations, or upload it first.")
        return Script(audio, partner_speaks)

    async def interpret(self, leg: Leg, start: Goto | Document) -> None:
        """Execute TwiML on `leg` until it ends."""
        await Interpreter(self, leg).run(start)

    def conference_named(self, name: str) -> Conference:
        """The conference of that name that goes on, or a new one."""
        for conference in self.conferences.values():
            if conference.name == name and conference.status != "completed":
                return conference
        conference = Conference(self, new_sid("CF"), name)
        self.conferences[conference.sid] = conference
        return conference

    def start_recording(self, source: Source, trim: bool, tell: Tell) -> Recording:
        """Begin to record."""
        recording = Recording(new_sid("RE"), source, self.config.clock(), trim, tell)
        self.recordings[recording.sid] = recording
        return recording

    def complain(self, leg: Leg, error: CarrierError) -> None:
        """Write into the error log."""
        leg.errors.append(error.code)
        leg.note("error", f"{error.code} {error.message}")
        entry = Complaint(new_sid("NO"), leg.sid, error.code, error.message, error.url, self.config.clock())
        self.complaints.append(entry)
