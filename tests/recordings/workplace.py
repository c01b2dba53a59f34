"""Where recordings are worked on: a real database, a real vault, and the carrier's simulator over HTTP."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import numpy as np
from sqlmodel import Session, col, select

from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.compose import Ports
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, Direction
from contactcenter.core.alerts import Alert
from contactcenter.core.db import Database
from contactcenter.core.jobs import Jobs
from contactcenter.notes.said import Segment, Transcript
from contactcenter.recordings import service, timers
from contactcenter.recordings.audio import Sound
from contactcenter.recordings.models import Recording
from contactcenter.recordings.pipeline import Pipeline, Step
from contactcenter.recordings.rules import Arrival, ArrivalStatus, HoldKind, RecordingState
from contactcenter.recordings.transcriber import Course, Transcriber
from contactcenter.recordings.vault import Vault
from contactcenter.settings import Settings, load
from contactcenter.simulator import Simulator
from contactcenter.simulator.capture import Recording as CarriersRecording
from contactcenter.simulator.capture import Source
from contactcenter.staff import service as staff
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from contactcenter.sweeps import Sweep
from contactcenter.worker import Worker
from tests.simulator.desk import ACCOUNT, TOKEN, Samples, tone

NOON = datetime(2026, 11, 2, 11, 0, tzinfo=UTC)
PASSWORD = "a-long-password-for-tests"
PEOPLE = {
    "anna": Role.AGENT,
    "bram": Role.AGENT,
    "carla": Role.COACH,
    "dirk": Role.SUPERVISOR,
    "eva": Role.PRIVACY,
    "fleur": Role.ADMIN,
}
SAID = "De koelcel van bakkerij Jansen geeft storing en het brood bederft vannacht."
ANSWERED = "Wij sturen vanmiddag een monteur naar de bakkerij voor de koelcel."


@dataclass
class Scribe:
    """A listener that always hears the same words, where the words don't matter."""

    engine: str = "scribe"
    model: str = "fixed"
    segments: tuple[Segment, ...] = (Segment(0, 0.5, 2.0, SAID, 0.9), Segment(1, 2.2, 2.9, ANSWERED, 0.9))
    heard: list[tuple[int, str | None]] = field(default_factory=list)

    def transcribe(self, sound: Sound, language: str | None, course: Course | None = None) -> Transcript:
        """Note what was asked, and say the usual."""
        self.heard.append((sound.count, language))
        return Transcript(language or "nl", self.engine, self.model, self.segments)

    def close(self) -> None:
        """Nothing was started."""


@dataclass
class Clock:
    """A clock that stands still until a story moves it."""

    now: datetime = NOON

    def __call__(self) -> datetime:
        """The moment of the story."""
        return self.now

    def travel(self, **by: float) -> datetime:
        """Let time pass."""
        self.now += timedelta(**by)
        return self.now


@dataclass
class Workplace:
    """Everything that the stories of this folder need."""

    settings: Settings
    db: Database
    vault: Vault
    simulator: Simulator
    clock: Clock
    scribe: Scribe
    folder: Path
    carrier: TwilioCarrier
    key: str

    def __post_init__(self) -> None:
        self.jobs = Jobs(self.settings.database_url)
        self.pipeline = Pipeline(
            self.db, self.clock, self.carrier, self.vault, self.scribe, self.jobs, self.settings.zone
        )
        self.calls = 0

    @property
    def parts(self) -> Ports:
        """The parts as the worker and the web side take them."""
        return Ports(self.settings, self.db, self.clock, self.carrier, self.vault)

    def close(self) -> None:
        """Give everything back."""
        self.jobs.close()
        self.db.close()

    def call(self, *, heard_notice: bool = True, handled_by: str | None = "anna", named: bool = True) -> "Story":
        """Joris Jansen rings, hears the notice, and talks with somebody for three seconds."""
        self.calls += 1
        story = Story(self, f"CA{self.calls:032x}", f"CF{self.calls:032x}", f"RE{self.calls:032x}")
        with self.db.writing() as session:
            story.contact_id = contacts.start(
                session,
                self.clock.now,
                channel=Channel.PHONE,
                direction=Direction.INBOUND,
                team_id=self.staff(session, "anna").team_id,
                language="nl",
                statement_version="2021-06",
            )
            contact = session.get_one(Contact, story.contact_id)
            story.contact = contact.public_id
            service.expect(
                session,
                self.clock.now,
                contact_id=story.contact_id,
                call_sid=story.call_sid,
                language="nl",
                transcription_named=named,
            )
            if heard_notice:
                service.allow(session, self.clock.now, story.call_sid)
            service.conference_known(session, story.call_sid, story.conference_sid)
            if handled_by:
                contacts.begin_handling(session, self.clock.now, contact, self.staff(session, handled_by).id)
        return story

    def staff(self, session: Session, login: str) -> Staff:
        """One of the people here."""
        return session.exec(select(Staff).where(Staff.login == login)).one()

    def alerts(self) -> list[tuple[str, str]]:
        """Kind and detail of every alert, in order."""
        with self.db.reading() as session:
            return [(one.kind, one.detail) for one in session.exec(select(Alert).order_by(col(Alert.id)))]


@dataclass
class Story:
    """One call and its recording."""

    place: Workplace
    call_sid: str
    conference_sid: str
    sid: str
    contact_id: int = 0
    contact: str = ""

    def record(self, seconds: float = 3.0, loudness: int = 8000, sound: Sequence[Samples] | None = None) -> "Story":
        """The carrier recorded both sides of it, and is done; two tones, unless they make another sound."""
        sound = sound or (tone(440, seconds, loudness), tone(880, seconds, loudness))
        recorded(self.place.simulator, self.sid, self.call_sid, self.conference_sid, self.place.clock.now, sound)
        return self

    def at_carrier(self) -> bool:
        """Whether the carrier still has the sound."""
        return not self.place.simulator.recordings[self.sid].deleted

    def arrive(self, status: ArrivalStatus = ArrivalStatus.COMPLETED, seconds: float | None = 3.0) -> "Story":
        """The carrier says so."""
        arrival = Arrival(self.sid, "", self.conference_sid, status, seconds, 2, self.place.clock.now)
        with self.place.db.writing() as session:
            service.arrived(session, self.place.clock.now, self.place.jobs, arrival)
        return self

    def keep(self) -> "Story":
        """The pipeline, up to our copy being the only one."""
        self._run(self.place.pipeline.keeping())
        return self

    def write_down(self) -> "Story":
        """The pipeline, from sound to draft."""
        self._run(self.place.pipeline.writing_down())
        return self

    def done(self) -> "Story":
        """Recorded, arrived, kept, written down."""
        return self.record().arrive().keep().write_down()

    def _run(self, steps: tuple[Step, ...]) -> None:
        for step in steps:
            if not self.place.pipeline.run(step, self.row().public_id):
                return

    def row(self) -> Recording:
        """The recording as the database has it now."""
        with self.place.db.reading() as session:
            found = service.recording_by_sid(session, self.sid)
            assert found is not None
            session.expunge(found)
            return found

    @property
    def state(self) -> RecordingState:
        """How far it is."""
        return self.row().state

    def end(self) -> "Story":
        """Joris hangs up."""
        with self.place.db.writing() as session:
            contacts.end(session, self.place.clock.now, session.get_one(Contact, self.contact_id), missed=False)
        return self


def hold(place: Workplace, story: Story, kind: HoldKind = HoldKind.DISPUTE) -> str:
    """Eva places a hold, and somebody confirmed it; its public id."""
    with place.db.writing() as session:
        eva = place.staff(session, "eva")
        placed = timers.place_hold(
            session,
            place.clock(),
            contact=session.get_one(Contact, story.contact_id),
            owner_id=eva.id,
            actor=eva.public_id,
            kind=kind,
            reference="D-2026/17",
            review_on=place.clock().date() + timedelta(days=14),
        )
        placed.confirmed_at = place.clock()
    return placed.public_id


def recorded(
    simulator: Simulator, sid: str, call: str, room: str, now: datetime, sound: Sequence[Samples] | None = None
) -> None:
    """The carrier has a recording of this call and conference (SIDs): 16-bit samples of both sides, at 8 kHz."""
    source = Source(ACCOUNT, call, room, "https://api.twilio.com")
    made = CarriersRecording(sid, source, now, False, lambda *_: None)
    caller, agent = sound or (tone(440, 3), tone(880, 3))
    made.write(caller, agent)
    made.finish(now)
    simulator.recordings[sid] = made


def settings_for(folder: Path, carrier_url: str, **more: object) -> Settings:
    """Settings of a workplace in `folder`, whose carrier answers at `carrier_url`."""
    return load(
        database_url=f"sqlite:///{folder / 'contactcenter.db'}",
        vault_url=str(folder / "vault"),
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_api_url=carrier_url,
        **more,
    )


def people(session: Session) -> None:
    """The staff of the stories, all trained."""
    for login, role in PEOPLE.items():
        staff.add(
            session,
            NOON,
            login=login,
            name=login.title(),
            role=role,
            password=PASSWORD,
            language="en",
            trained_on=date(2026, 1, 5),
        )


def plaintext_anywhere(folder: Path) -> bool:
    """Whether a file below `folder` holds sound of the stories, or a WAV header."""
    heard = np.asarray(tone(440, 0.05), "<i2").tobytes()
    contents = [path.read_bytes() for path in folder.rglob("*") if path.is_file()]
    return any(b"WAVEfmt" in content or heard in content for content in contents)


@contextmanager
def working(place: Workplace, scribe: Transcriber | None = None, further: Iterable[Sweep] = ()) -> Iterator[Worker]:
    """A worker that runs until the block ends."""
    worker = Worker(place.parts, scribe or place.scribe, further)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop()
