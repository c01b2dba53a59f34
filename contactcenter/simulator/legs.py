"""One leg of the carrier: its facts, its states, and the callbacks that tell of them."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from functools import partial
from math import ceil
from typing import TYPE_CHECKING, Any

from contactcenter.simulator.signing import Params, call_token
from contactcenter.simulator.sound import Ear, Mouth, Script
from contactcenter.simulator.twiml import Document
from contactcenter.simulator.webhooks import Hook

if TYPE_CHECKING:
    from contactcenter.simulator.conference import Participation
    from contactcenter.simulator.simulator import Simulator

API_VERSION = "2010-04-01"
FINAL = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})
_EVENTS = {"initiated": "initiated", "ringing": "ringing", "in-progress": "answered"}
_SIP_CODES = {"completed": "200", "busy": "486", "no-answer": "487", "canceled": "487", "failed": "404"}


@dataclass(frozen=True)
class Goto:
    """Go on with the TwiML that a webhook answers."""

    url: str
    method: str = "POST"
    params: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Heard:
    """Something that happened on a leg: `at` seconds after it began, on the clock on the wall."""

    at: float
    kind: str
    detail: str
    seconds: float | None = None
    whole: bool | None = None


@dataclass(frozen=True)
class PlannedKey:
    """Keys that the caller will press: one in the next gather of one key ("notice"), several in the next that takes a
    number ("number"), or one so many seconds after the answer.
    """

    at: float | str
    digits: str


@dataclass
class Plan:
    """What the person at this leg will do by itself."""

    keys: list[PlannedKey] = field(default_factory=list)
    hangup: str | float | None = None


@dataclass(frozen=True)
class Party:
    """Who a leg is: both numbers, the carrier's direction, custom parameters of a softphone."""

    caller: str
    called: str
    direction: str
    params: tuple[tuple[str, str], ...] = ()
    phone_number_sid: str = ""
    application_sid: str = ""


class Leg:
    """A call of the carrier. State changes are immediate; callbacks about them go out in the background."""

    def __init__(self, carrier: "Simulator", sid: str, party: Party, hook: Hook, fallback: str = "") -> None:
        self.carrier, self.sid, self.party, self.hook, self.fallback = carrier, sid, party, hook, fallback
        self.speed = carrier.config.speed
        self.notice_speed = carrier.config.notice_speed
        self.status = "queued"
        self.created = self.updated = carrier.config.clock()
        self.answered: datetime | None = None
        self.ended: datetime | None = None
        self.ear, self.mouth = Ear(), Mouth()
        self.script: Script | None = None
        self.plan = Plan()
        self.heard: list[Heard] = []
        self.digits: asyncio.Queue[str] = asyncio.Queue()
        self.participation: Participation | None = None
        self.conference_sid: str | None = None
        self.dial_action: Goto | None = None
        self.errors: list[int] = []
        self.deleted = False
        self._task: asyncio.Task[None] | None = None
        self._next_key: PlannedKey | None = None
        self._timers: list[asyncio.Task[None]] = []
        self._began = asyncio.get_running_loop().time()
        self._talked, self._paced_at, self._pace = 0.0, 0.0, 0.0
        self._sequence = 0

    @property
    def over(self) -> bool:
        """Whether the leg has ended."""
        return self.status in FINAL

    @property
    def seconds(self) -> int:
        """Whole seconds of talk since the answer; quickened time counts as it would have lasted."""
        return round(self._talked + (asyncio.get_running_loop().time() - self._paced_at) * self._pace)

    def pace(self, speed: float) -> None:
        """From now on a second on the wall counts as `speed` seconds of talk."""
        now = asyncio.get_running_loop().time()
        self._talked += (now - self._paced_at) * self._pace
        self._paced_at, self._pace = now, speed

    def run(self, start: "Goto | Document") -> None:
        """Execute TwiML from `start` on, in place of what the leg was doing."""
        self._stop_task()
        if self.participation is not None:
            self.dial_action = None
            self.participation.leave("participant_updated_via_api")
        self._task = self.carrier.tasks.spawn(self.carrier.interpret(self, start))

    def _stop_task(self) -> None:
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    def advance(self, status: str) -> None:
        """Go to a state that is not final (initiated, ringing, in-progress), and tell of it."""
        self.status, self.updated = status, self.carrier.config.clock()
        self._report(_EVENTS[status])

    def answer(self) -> None:
        """Be picked up, once."""
        if self.answered is None and not self.over:
            self.answered = self.carrier.config.clock()
            self.pace(self.notice_speed)
            self.advance("in-progress")
            self._schedule()

    def _schedule(self) -> None:
        for key in self.plan.keys:
            if not isinstance(key.at, str):
                self._after(key.at, partial(self.press, key.digits))
        if isinstance(self.plan.hangup, int | float):
            self._after(self.plan.hangup, self.end)

    def _after(self, seconds: float, act: Callable[[], None]) -> None:
        async def later() -> None:
            await asyncio.sleep(seconds / self.notice_speed)
            act()

        self._timers.append(self.carrier.tasks.spawn(later()))

    def gathering(self, wanted: str) -> None:
        """A gather begins: earlier keys are forgotten, what is planned for one like it may be pressed.

        `wanted` is "notice" for one key, "number" for several.
        """
        while not self.digits.empty():
            self.digits.get_nowait()
        self._next_key = next((key for key in self.plan.keys if key.at == wanted), None)

    def hears_a_prompt(self) -> None:
        """The caller hears something: a key planned for this gather is pressed a moment later."""
        key, self._next_key = self._next_key, None
        if key is not None:
            self.plan.keys.remove(key)
            self._after(0.3, partial(self.press, key.digits))

    def press(self, digits: str) -> None:
        """Press keys of the telephone, one after the other."""
        for digit in digits:
            if not self.over:
                self.note("digit", digit)
                self.digits.put_nowait(digit)

    def end(self, status: str = "completed", reason: str = "participant_hung_up") -> None:
        """End the leg, once; before the answer it ends as not answered."""
        if self.over:
            return
        if status == "completed" and self.answered is None:
            status = "no-answer"
        self.status, self.ended = status, self.carrier.config.clock()
        self.updated = self.ended
        if self.participation is not None:
            self.participation.leave(reason)
        self.pace(0)
        if self.dial_action is not None:
            self._last_action(self.dial_action)
        self._report("completed")
        for timer in [*self._timers, *([self._task] if self._task else [])]:
            if timer is not asyncio.current_task():
                timer.cancel()

    def _last_action(self, action: Goto) -> None:
        """The carrier asks for a Dial's action even when the caller hung up; the answer counts no more."""
        hook = Hook(action.url, frozenset(), action.method)
        self.carrier.outbox.send(self.sid, "dial-action", hook, [*self.params(), *action.params])

    def _report(self, event: str) -> None:
        self.ear.tell({"state": self.status, "callSid": self.sid})
        if self.hook.url and event in self.hook.events:
            self.carrier.outbox.send(self.sid, self.status, self.hook, self._progress())
            self._sequence += 1

    def _progress(self) -> Params:
        extra = [
            ("Timestamp", format_datetime(self.updated)),
            ("CallbackSource", "call-progress-events"),
            ("SequenceNumber", str(self._sequence)),
        ]
        if self.over:
            seconds = self.seconds
            extra += [("CallDuration", str(seconds)), ("Duration", str(ceil(seconds / 60)))]
            extra.append(("SipResponseCode", _SIP_CODES[self.status]))
        return [*self.params(), *extra]

    def params(self) -> Params:
        """The parameters that every webhook about this leg gets."""
        caller, called = self.party.caller, self.party.called
        common = [
            ("AccountSid", self.carrier.config.account_sid),
            ("ApiVersion", API_VERSION),
            ("CallSid", self.sid),
            ("CallStatus", self.status),
            ("Direction", self.party.direction),
            *[("From", caller), ("Caller", caller), ("To", called), ("Called", called)],
        ]
        if self.party.application_sid:
            taken = {name for name, _ in common}
            custom = [(name, value) for name, value in self.party.params if name not in taken]
            return [*common, ("ApplicationSid", self.party.application_sid), *custom]
        return [*common, *_places(), *self._inbound()]

    def _inbound(self) -> Params:
        if self.party.direction != "inbound":
            return []
        return [("CallToken", call_token(self.party.caller, self.party.called))]

    def note(self, kind: str, detail: str, seconds: float | None = None, whole: bool | None = None) -> None:
        """Keep what happened, for who asks how the call went."""
        at = round(asyncio.get_running_loop().time() - self._began, 3)
        self.heard.append(Heard(at, kind, detail, seconds, whole))
        self.ear.tell({"heard": kind, "detail": detail, "at": at})

    def view(self) -> dict[str, Any]:
        """The leg as the control API shows it."""
        return {
            "sid": self.sid,
            "state": self.status,
            "from": self.party.caller,
            "to": self.party.called,
            "direction": self.party.direction,
            "seconds": self.seconds,
            "conference": self.conference_sid,
            "heard": [vars(item) for item in self.heard],
            "errors": self.errors,
        }


def _places() -> Params:
    return [
        (side + what, "") for side in ("From", "To", "Caller", "Called") for what in ("City", "State", "Zip", "Country")
    ]
