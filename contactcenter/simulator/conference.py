"""A conference: who is in it, when it starts and ends, and what it tells about that."""

import asyncio
from dataclasses import dataclass, replace
from email.utils import format_datetime
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from contactcenter.simulator.capture import Recording, Source
from contactcenter.simulator.legs import Leg
from contactcenter.simulator.mixing import Mixer
from contactcenter.simulator.signing import Params
from contactcenter.simulator.twiml import Verb
from contactcenter.simulator.waiting import WaitingRoom
from contactcenter.simulator.webhooks import Hook

if TYPE_CHECKING:
    from contactcenter.simulator.simulator import Simulator

_SHORT_EVENTS = {
    "start": {"conference-start"},
    "end": {"conference-end"},
    "join": {"participant-join"},
    "leave": {"participant-leave"},
    "mute": {"participant-mute", "participant-unmute"},
    "hold": {"participant-hold", "participant-unhold"},
    "modify": {"participant-modify"},
}
_HANGUP_REASONS = {"participant_hung_up", "participant_updated_via_api"}


@dataclass(frozen=True)
class Options:
    """How a participant joins. A `wait_url` of None is the carrier's own music, "" is silence."""

    muted: bool = False
    hold: bool = False
    start_on_enter: bool = True
    end_on_exit: bool = False
    label: str = ""
    coach: str = ""
    wait_url: str | None = None
    wait_method: str = "POST"
    record: bool = False
    trim: bool = True
    events: Hook | None = None
    recording_events: Hook | None = None

    @classmethod
    def of(cls, verb: Verb, base: str) -> "Options":
        """The options that a <Conference> asks for; addresses in it are relative to `base`."""
        wait = verb.attributes.get("waitUrl")
        return cls(
            muted=verb.flag("muted", default=False),
            start_on_enter=verb.flag("startConferenceOnEnter", default=True),
            end_on_exit=verb.flag("endConferenceOnExit", default=False),
            label=verb.get("participantLabel"),
            coach=verb.get("coach"),
            wait_url=urljoin(base, wait) if wait else wait,
            wait_method=verb.get("waitMethod", "POST"),
            record=verb.get("record", "do-not-record") in ("record-from-start", "true"),
            trim=verb.get("trim", "trim-silence") == "trim-silence",
            events=_hook(verb, "statusCallback", base, ""),
            recording_events=_hook(verb, "recordingStatusCallback", base, "completed"),
        )


def _hook(verb: Verb, name: str, base: str, default: str) -> Hook | None:
    if not verb.get(name):
        return None
    events = frozenset(verb.get(f"{name}Event", default).split())
    return Hook(urljoin(base, verb.get(name)), events, verb.get(f"{name}Method", "POST"))


class Participation:
    """One leg in one conference; `ended` is set when it is out again."""

    def __init__(self, conference: "Conference", leg: Leg, options: Options) -> None:
        self.conference, self.leg, self.options = conference, leg, options
        self.joined = self.updated = conference.carrier.config.clock()
        self.ended = asyncio.Event()
        self.waiting = WaitingRoom(conference.carrier, leg)

    def leave(self, reason: str = "participant_hung_up") -> None:
        """Leave the conference, once."""
        self.conference.leave(self, reason)

    def hold_music(self, url: str | None, method: str) -> None:
        """What to play from the next hold on; None is the carrier's own music."""
        self.options = replace(self.options, wait_url=url, wait_method=method)

    def change(self, event: str, options: Options) -> None:
        """Take other options (mute, hold, coach, ...) and tell of them."""
        self.options, self.updated = options, self.conference.carrier.config.clock()
        self.conference.tell(event, self)
        self.conference.update_music(self)


class Conference:
    """A named room: init until somebody starts it, in-progress while people talk, completed for ever."""

    def __init__(self, carrier: "Simulator", sid: str, name: str) -> None:
        self.carrier, self.sid, self.name = carrier, sid, name
        self.status = "init"
        self.created = self.updated = carrier.config.clock()
        self.participants: dict[str, Participation] = {}
        self.first_call_sid = ""
        self.reason_ended = ""
        self.ended_by = ""
        self.recording: Recording | None = None
        self.mixer = Mixer(self)
        self._events: Hook | None = None
        self._recording_events: Hook | None = None
        self._sequence = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def seconds(self) -> int:
        """Whole seconds of talk."""
        return self.mixer.seconds

    @property
    def _speed(self) -> float:
        """The pace of talk here: that of the leg which came first."""
        return self.carrier.legs[self.first_call_sid].speed

    def join(self, leg: Leg, options: Options) -> Participation:
        """Let `leg` in; the second participant starts the conference when either may start it."""
        participation = Participation(self, leg, options)
        self.first_call_sid = self.first_call_sid or leg.sid
        leg.participation, leg.conference_sid = participation, self.sid
        self.participants[leg.sid] = participation
        leg.pace(self._speed)
        self._events = self._events or options.events
        self._recording_events = self._recording_events or options.recording_events
        leg.note("conference", "join")
        self.tell("participant-join", participation)
        self._start_if_ready()
        self.update_music(participation)
        return participation

    def _start_if_ready(self) -> None:
        people = list(self.participants.values())
        if self.status != "init" or len(people) < 2 or not any(one.options.start_on_enter for one in people):
            return
        self._status("in-progress")
        self.tell("conference-start")
        if any(one.options.record for one in people):
            self._record(all(one.options.trim for one in people if one.options.record))
        for one in people:
            self.update_music(one)
        self._task = self.carrier.tasks.spawn(self.mixer.run(self._speed))

    def _status(self, status: str) -> None:
        self.status, self.updated = status, self.carrier.config.clock()

    def _record(self, trim: bool) -> None:
        account_sid, media_url = self.carrier.config.account_sid, self.carrier.media_url
        source = Source(account_sid, self.first_call_sid, self.sid, media_url)
        self.recording = self.carrier.start_recording(source, trim, self._tell_recording)

    def update_music(self, one: Participation) -> None:
        """Start or stop what a participant hears instead of the others."""
        if one.options.hold or self.status == "init":
            one.waiting.open(one.options.wait_url, one.options.wait_method)
        else:
            one.waiting.close()

    def leave(self, one: Participation, reason: str) -> None:
        """Let a participant out; the last one, or one with end-on-exit, ends the conference."""
        if self.participants.pop(one.leg.sid, None) is None:
            return
        one.waiting.close()
        one.leg.participation = None
        one.leg.pace(one.leg.notice_speed)
        one.ended.set()
        one.leg.note("conference", "leave")
        self.tell("participant-leave", one, [("ReasonParticipantLeft", _left(reason))])
        if one.options.end_on_exit:
            self.end("participant-with-end-conference-on-exit-left", one.leg.sid)
        elif not self.participants:
            self.end("last-participant-left", one.leg.sid)

    def end(self, reason: str, call_sid: str = "") -> None:
        """End the conference for everybody, once."""
        if self.status == "completed":
            return
        self._status("completed")
        self.reason_ended, self.ended_by = reason, call_sid
        for one in list(self.participants.values()):
            self.leave(one, reason)
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()
        if self.recording is not None and self.recording.running:
            self.stop_recording(self.recording)
        ended_by = [("CallSidEndingConference", call_sid)] if call_sid else []
        self.tell("conference-end", None, [("ReasonConferenceEnded", reason), *ended_by])

    def stop_recording(self, recording: Recording) -> None:
        """Capture no more, and work on the file as long as the carrier would."""
        recording.stop()

        async def work() -> None:
            await asyncio.sleep(self.carrier.config.limits.processing_seconds)
            recording.finish(self.carrier.config.clock())

        self.carrier.tasks.spawn(work())

    def modify(self, one: Participation, **changes: object) -> None:
        """Change a participant's options one by one, each with the event that the carrier sends for it."""
        for name, value in changes.items():
            if getattr(one.options, name) != value:
                one.change(_event(name, value), replace(one.options, **{name: value}))  # type: ignore[arg-type]  # by name

    def tell(self, event: str, one: Participation | None = None, extra: Params | None = None) -> None:
        """Send a conference event to who asked for it."""
        if self._events is None or not any(event in _SHORT_EVENTS.get(name, ()) for name in self._events.events):
            return
        self._sequence += 1
        about = _about(one) if one is not None else []
        self.carrier.outbox.send(self.sid, event, self._events, [*self._params(event), *about, *(extra or [])])

    def _params(self, event: str) -> Params:
        return [
            ("AccountSid", self.carrier.config.account_sid),
            ("ConferenceSid", self.sid),
            ("FriendlyName", self.name),
            ("StatusCallbackEvent", event),
            ("SequenceNumber", str(self._sequence)),
            ("Timestamp", format_datetime(self.carrier.config.clock())),
        ]

    def _tell_recording(self, recording: Recording, event: str) -> None:
        hook = self._recording_events
        if hook is not None and event in hook.events:
            self.carrier.outbox.send(recording.sid, f"recording-{event}", hook, recording.params())


def _event(name: str, value: object) -> str:
    changed = {"muted": "mute", "hold": "hold"}.get(name)
    if changed is None:
        return "participant-modify"
    return f"participant-{changed}" if value else f"participant-un{changed}"


def _left(reason: str) -> str:
    return reason if reason in _HANGUP_REASONS else "participant_hung_up"


def _about(one: Participation) -> Params:
    options = one.options
    flags = {
        "Muted": options.muted,
        "Hold": options.hold,
        "Coaching": bool(options.coach),
        "StartConferenceOnEnter": options.start_on_enter,
        "EndConferenceOnExit": options.end_on_exit,
    }
    label = [("ParticipantLabel", options.label)] if options.label else []
    coached = [("CallSidToCoach", options.coach)] if options.coach else []
    stated = [(name, str(flag).lower()) for name, flag in flags.items()]
    return [("CallSid", one.leg.sid), *label, *coached, *stated]
