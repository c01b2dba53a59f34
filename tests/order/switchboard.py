"""A switchboard for stories of order: what happens on the line, and what the carrier tells of it, are two things.

Somebody rings, hears the notice, is answered, hangs up: each makes events, which wait in the call's outbox until the
story delivers them, in whatever order, twice, or a day late. Documents that steer the call are asked for at once, as
the carrier does. Everything goes through signed webhooks and the desk's own routes into a real database and vault;
the carrier's recordings lie in its simulator.
"""

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from xml.etree.ElementTree import Element, fromstring

import httpx2
from sqlalchemy import update
from sqlmodel import Session, col, select

from contactcenter.app import create_app
from contactcenter.calls.models import Call
from contactcenter.contacts.models import Contact
from contactcenter.core.jobs import SweepName
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import UNFINISHED, RecordingState
from contactcenter.staff.access import SECURE_COOKIE, hashed
from contactcenter.staff.models import Staff, StaffSession
from contactcenter.worker import Worker
from tests.calls.carrier_stand_in import FORM, LINE, PUBLIC, sign
from tests.recordings.workplace import NOON, Workplace, recorded
from tests.simulator.desk import ACCOUNT, TOKEN

SID = {"call": "CA", "room": "CF", "recording": "RE"}
BESIDE_SWEEPS = tuple(name.value for name in SweepName if name is not SweepName.DEAD_WORKERS)


@dataclass
class Event:
    """One callback as the carrier sends it."""

    path: str
    fields: dict[str, str]
    delivered: int = 0

    @property
    def name(self) -> str:
        """What it tells, for a story that failed."""
        if "RecordingStatus" in self.fields:
            return f"recording-{self.fields['RecordingStatus']}"
        return self.fields.get("StatusCallbackEvent") or "leg-completed"


@dataclass
class OnTheLine:
    """One call as it really is, whatever we were told of it."""

    sid: str
    room: str
    caller: str
    attempt: int = 1
    place: str = "notice"  # then "room", then "over"
    records: bool = False
    recording_url: str = ""
    agents: dict[str, str] = field(default_factory=dict)  # legs in the room now: SID to login
    joined: list[str] = field(default_factory=list)  # logins of who was ever there
    heard_out: bool = False
    objected: bool = False
    recording: str | None = None
    numbers: "count[int]" = field(default_factory=count)
    outbox: list[Event] = field(default_factory=list)

    def tell(self, path: str, **fields: str) -> None:
        """Put an event into the outbox."""
        self.outbox.append(Event(path, fields | {"SequenceNumber": str(next(self.numbers))}))


class Switchboard:
    """The product and the people who call it, at a moment that stories move."""

    def __init__(self, place: Workplace, loop: asyncio.AbstractEventLoop) -> None:
        self.place, self.loop = place, loop
        parts = place.parts
        app = create_app(parts)
        self.jobs = app.state.site.jobs
        self.http = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url=PUBLIC)
        self.worker = Worker(parts, place.scribe)
        self.calls: list[OnTheLine] = []
        self._sids = count(1)

    @property
    def now(self) -> datetime:
        """The moment of the story."""
        return self.place.clock.now

    def close(self) -> None:
        """Give everything back."""
        self.loop.run_until_complete(self.http.aclose())
        self.jobs.close()
        self.worker.jobs.close()
        self.place.close()

    # --- on the line ---------------------------------------------------------------------------------------------

    def ring(self, caller: str = "+31612345678") -> OnTheLine:
        """Somebody rings our line; the carrier asks what to play."""
        call = OnTheLine(self.new_sid("call"), self.new_sid("room"), caller)
        self.calls.append(call)
        self.follow(call, "/twilio/voice")
        return call

    def hear_out(self, call: OnTheLine) -> None:
        """No key was pressed: the carrier goes on after the notice."""
        call.heard_out = True
        self.follow(call, f"/twilio/heard?attempt={call.attempt}")

    def press(self, call: OnTheLine, key: str) -> None:
        """A key in the notice."""
        call.objected |= key == "9"
        self.follow(call, f"/twilio/key?attempt={call.attempt}", Digits=key)

    def press_late(self, call: OnTheLine) -> None:
        """That the objection key was pressed in a notice is heard of after the notice, or after the call."""
        call.objected = True
        self.post(f"/twilio/key?attempt={call.attempt}", CallSid=call.sid, From=call.caller, Digits="9")

    def follow(self, call: OnTheLine, path: str, **fields: str) -> None:
        """Ask for a document and do what it says."""
        document = fromstring(self.post(path, CallSid=call.sid, From=call.caller, **fields).text)
        gather, room = document.find("Gather"), document.find("Dial/Conference")
        if gather is not None:
            call.attempt = int(gather.attrib["action"].rpartition("=")[2])
        elif room is not None:
            self._enter(call, room)
        else:
            self.hang_up(call)

    def _enter(self, call: OnTheLine, room: Element) -> None:
        if call.place == "notice":
            call.place, call.records = "room", room.attrib["record"] == "record-from-start"
            call.recording_url = room.attrib["recordingStatusCallback"].removeprefix(PUBLIC)
            self._conference(call, "participant-join", call.sid)

    def softphone(self, call: OnTheLine, login: str) -> bool:
        """An agent's browser dials into the call; whether the door opened."""
        leg, identity = self.new_sid("call"), f"client:{self.staff(login).softphone_identity}"
        answer = self.post("/twilio/agent", CallSid=leg, From=identity, To="", call=self.row(call).public_id)
        if call.place != "room" or fromstring(answer.text).find("Dial") is None:
            return False
        if call.records and call.recording is None:
            call.recording = self.new_sid("recording")
            self._recording(call, "in-progress")
        call.agents[leg] = login
        call.joined.append(login)
        self._conference(call, "participant-join", leg)
        return True

    def agent_leaves(self, call: OnTheLine, leg: str) -> None:
        """The agent's browser is closed."""
        del call.agents[leg]
        self._conference(call, "participant-leave", leg)
        call.tell("/twilio/status", CallSid=leg, CallStatus="completed")

    def hang_up(self, call: OnTheLine) -> None:
        """The caller is gone, and with them the conference; the carrier has a recording if it made one."""
        if call.place == "room":
            for leg in list(call.agents):
                self.agent_leaves(call, leg)
            self._conference(call, "participant-leave", call.sid)
            if call.joined:
                self._conference(call, "conference-end", call.sid)
        if call.recording is not None:
            self._record(call)
            self._recording(call, "completed", RecordingDuration="3", RecordingChannels="2")
        call.place = "over"
        call.tell("/twilio/status", CallSid=call.sid, CallStatus="completed")

    def deliver(self, event: Event) -> httpx2.Response:
        """The carrier's callback comes in."""
        event.delivered += 1
        return self.post(event.path, **event.fields)

    def _conference(self, call: OnTheLine, event: str, leg: str) -> None:
        name = self.row(call).public_id
        call.tell(
            "/twilio/conference", ConferenceSid=call.room, FriendlyName=name, StatusCallbackEvent=event, CallSid=leg
        )

    def _recording(self, call: OnTheLine, status: str, **more: str) -> None:
        fields = {"RecordingSid": call.recording or "", "ConferenceSid": call.room, "RecordingStatus": status}
        call.tell(call.recording_url, **fields, **more)

    def _record(self, call: OnTheLine) -> None:
        """What the carrier keeps of the call until we ask it to forget."""
        assert call.recording is not None
        recorded(self.place.simulator, call.recording, call.sid, call.room, self.now)

    # --- at the desks --------------------------------------------------------------------------------------------

    def act(self, login: str, path: str, **form: str) -> httpx2.Response:
        """A member of staff presses something."""
        return self._send("POST", path, data=form, headers=self._browser(login))

    def look(self, login: str, path: str) -> httpx2.Response:
        """A member of staff looks."""
        return self._send("GET", path, headers=self._browser(login))

    def on_call(self, login: str, call: OnTheLine, what: str) -> int:
        """A button of the desk for this call; the status of the answer."""
        return self.act(login, f"/calls/{self.row(call).public_id}/{what}").status_code

    def _browser(self, login: str) -> dict[str, str]:
        return {"hx-request": "true", "cookie": f"{SECURE_COOKIE}=token-of-{login}"}

    # --- beside --------------------------------------------------------------------------------------------------

    def travel(self, **by: float) -> None:
        """Time passes; everybody stays signed in."""
        now = self.place.clock.travel(**by)
        with self.place.db.writing() as session:
            session.execute(update(StaffSession).values(started_at=now, seen_at=now))

    def sweep(self, name: str) -> None:
        """The worker wakes one of its sweeps."""
        self.worker.run_sweep(name)

    def work(self) -> None:
        """The worker does what was enqueued: every recording goes as far as it can."""
        pipeline = self.place.pipeline
        with self.place.db.reading() as session:
            waiting = session.exec(select(Recording.public_id).where(col(Recording.state).in_(UNFINISHED))).all()
        for public_id in waiting:
            for step in (*pipeline.keeping(), *pipeline.writing_down()):
                if not pipeline.run(step, public_id):
                    break
        with self.place.db.reading() as session:
            unwanted = session.exec(select(Recording.id).where(Recording.state == RecordingState.UNWANTED)).first()
        if unwanted is not None:
            self.sweep("remnants")

    # --- looking -------------------------------------------------------------------------------------------------

    def row(self, call: OnTheLine) -> Call:
        """The call as the database has it now."""
        with self.place.db.reading() as session:
            return session.exec(select(Call).where(Call.sid == call.sid)).one()

    def contact(self, session: Session, call: OnTheLine) -> Contact:
        """The contact of a call."""
        return session.exec(
            select(Contact).join(Call, col(Call.contact_id) == Contact.id).where(Call.sid == call.sid)
        ).one()

    def staff(self, login: str) -> Staff:
        """One of the people here."""
        with self.place.db.reading() as session:
            return self.place.staff(session, login)

    def new_sid(self, kind: str) -> str:
        """A SID as the carrier makes them, the same in every run of the same story."""
        return f"{SID[kind]}{next(self._sids):032x}"

    def post(self, path: str, **fields: str) -> httpx2.Response:
        """One signed webhook; whatever it is, it is never answered with an error."""
        usual = {"AccountSid": ACCOUNT, "CallStatus": "in-progress", "Direction": "inbound", "To": LINE}
        recording = {} if "recording" not in path else {"CallStatus": "", "To": ""}
        form = {name: value for name, value in (usual | recording | fields).items() if value}
        headers = {"x-twilio-signature": sign(TOKEN, PUBLIC + path, list(form.items())), "content-type": FORM}
        answer = self._send("POST", path, data=form, headers=headers)
        assert answer.status_code in (200, 204), (path, answer.status_code)
        return answer

    def _send(self, method: str, path: str, **more: object) -> httpx2.Response:
        sending = self.http.request(method, path, **more)  # type: ignore[arg-type]  # passed on by name
        answer = self.loop.run_until_complete(sending)
        assert answer.status_code < 500, (path, answer.status_code)
        return answer


def sign_everybody_in(session: Session) -> None:
    """A session for each member of staff, whose token says whose it is."""
    for one in session.exec(select(Staff)):
        token = hashed(f"token-of-{one.login}")
        session.add(StaffSession(token_hash=token, staff_id=one.id, started_at=NOON, seen_at=NOON, proved_at=NOON))
