"""A line on which calls happen by the product's own verbs, and a look at what is said of each promise then."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count

from sqlmodel import select

from contactcenter.calls import lines, presence, queue, service
from contactcenter.calls.models import Call
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core import inbox, jobs
from contactcenter.core.jobs import Jobs
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.privacy.promises import verdict_of
from contactcenter.privacy.rules import Finding, Page, State
from contactcenter.recordings import service as recordings
from contactcenter.recordings.rules import Arrival, ArrivalStatus, RecordingState
from contactcenter.staff.rules import Role
from contactcenter.verification.models import Correction, Disclosure, Evidence, Verification
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, Level, Purpose
from tests.factories import JORIS, OWN_LINE, World

TALK = timedelta(minutes=3)


@dataclass
class Line:
    """Our only number, and the people who answer it."""

    world: World
    jobs: Jobs
    sids: "count[int]"

    def ring(self, caller: str = JORIS, *, to: str = OWN_LINE) -> str:
        """Somebody rings; the CallSid. The notice begins to play."""
        sid = f"CA{next(self.sids):032x}"
        with self.world.writing() as session:
            inbox.accept(session, self.world.now, f"{sid}:voice", "voice", sid)
            service.arrive(session, self.world.now, sid=sid, sent_from=caller, to=to, can_record=True)
        return sid

    def hear(self, sid: str, seconds: float = 12) -> None:
        """The caller hears the notice to its end and waits."""
        self.world.travel(seconds=seconds)
        with self.world.writing() as session:
            service.notice_heard(session, self.world.now, sid, 1, can_record=True)

    def press(self, sid: str, key: str) -> None:
        """The caller presses a key in the notice, or after it."""
        with self.world.writing() as session:
            service.key_pressed(session, self.world.now, sid, 1, key, can_record=True)

    def answer(self, sid: str, name: str = "Anna") -> datetime:
        """Somebody answers after ten seconds and is on the line two later; that moment."""
        self.world.travel(seconds=10)
        member, leg = self.world.members[name], f"CB{next(self.sids):032x}"
        with self.world.writing() as session:
            call = service.by_sid(session, sid)
            queue.claim(session, self.world.now, member, call)
            assert queue.agent_connects(session, member.softphone_identity, call, leg)
        self.world.travel(seconds=2)
        with self.world.writing() as session:
            presence.joined(session, self.world.now, call.public_id, f"CF{sid[2:]}", leg)
        return self.world.now

    def talk(self, caller: str = JORIS) -> tuple[str, datetime]:
        """A call that is heard out and answered: its CallSid, and when capture began."""
        sid = self.ring(caller)
        self.hear(sid)
        return sid, self.answer(sid)

    def hang_up(self, sid: str) -> None:
        """The call is over after three minutes."""
        self.world.travel(seconds=TALK.total_seconds())
        with self.world.writing() as session:
            service.end(session, self.world.now, service.by_sid(session, sid))

    def record(self, sid: str, began: datetime | None) -> str:
        """The carrier says that it recorded this call from then on; the recording's public id."""
        name = f"RE{next(self.sids):032x}"
        arrival = Arrival(name, sid, None, ArrivalStatus.COMPLETED, TALK.total_seconds(), 2, began)
        with self.world.writing() as session:
            recordings.arrived(session, self.world.now, self.jobs, arrival)
            recording = recordings.recording_by_sid(session, name)
            assert recording is not None
            return recording.public_id

    def keep(self, recording: str, days: int = 30) -> None:
        """Ours is durable, the carrier's copy deleted: what the worker does, without sound."""
        with self.world.writing() as session:
            row = recordings.by_public_id(session, recording)
            row.state, row.wrapped_key, row.object_key = RecordingState.ATTACHED, b"key", recording
            row.stored_at, row.retain_until = self.world.now, self.world.now + timedelta(days=days)
            row.carrier_copy = row.carrier_copy.DELETED

    def whole(self) -> tuple[str, str]:
        """A call from ring to recording that is as it should be: public ids of its contact and its recording."""
        sid, began = self.talk()
        self.hang_up(sid)
        recording = self.record(sid, began.replace(microsecond=0))
        self.keep(recording)
        return self.contact(sid), recording

    def contact(self, sid: str) -> str:
        """The public id of a call's contact."""
        return self.world.rows(select(Contact.public_id).join(Call).where(Call.sid == sid))[0]

    def finding(self, id: str) -> Finding:
        """What is found of a promise now."""
        with self.world.reading() as session:
            found = verdict_of(session, self.world.now, id)
        assert found.finding is not None
        return found.finding

    def keeps(self, id: str, checked: int) -> None:
        """The promise is kept, and so many could have broken it."""
        found = self.finding(id)
        assert (found.count, found.checked, found.offenders) == (0, checked, ())

    def breaks(self, id: str, *of: str | None, page: Page = Page.CONTACT) -> None:
        """The promise is broken by what these pages show, and nothing else."""
        with self.world.reading() as session:
            found = verdict_of(session, self.world.now, id)
        assert found.state is State.BROKEN
        assert found.finding is not None
        assert sorted(str(one.of) for one in found.finding.offenders) == sorted(map(str, of))
        assert found.finding.count == len(of)
        assert {one.page for one in found.finding.offenders} == {page}


def set_up(world: World) -> None:
    """Give a company a line, tables of jobs, a privacy officer and a supervisor."""
    jobs.migrate(world.db.url)
    with world.writing() as session:
        lines.add(session, OWN_LINE, name="Helpdesk", team="Support", language="nl", second_language="en")
    world.hire("Eva", Role.PRIVACY)
    world.hire("Dirk", Role.SUPERVISOR)


@contextmanager
def open_line(world: World) -> Iterator[Line]:
    """The line of a company that was set up."""
    made = Jobs(world.db.url)
    yield Line(world, made, count(1))
    made.close()


def of_unknown_source(world: World) -> None:
    """A prospect of whom nobody knows where the data came from: the product takes none, so the database is told."""
    world.put({"relation_number": "10099", "name": "Slagerij Vos", "standing": "prospect", "source": "own web site"})
    with world.writing() as session:
        session.exec(select(Customer).where(Customer.relation_number == "10099")).one().source = ""


def verified(world: World, contact_id: int, level: Level, *holds: EvidenceKind) -> int:
    """A verification that the product did not make, with this evidence that holds; its id."""
    with world.writing() as session:
        link = contacts.active_link(session, contact_id)
        assert link is not None
        made = Verification(
            contact_id=contact_id,
            staff_id=world.members["Anna"].id,
            customer_id=link.customer_id,
            link_id=link.id,
            level=level,
            began_at=world.now,
            reached_at=world.now,
        )
        session.add(made)
        session.flush()
        for kind in holds:
            whose = {"verification_id": made.id, "customer_id": link.customer_id}
            session.add(Evidence(**whose, kind=kind, fact="fact", outcome=EvidenceOutcome.HOLDS, at=world.now))
        return made.id


def corrected(world: World, contact_id: int, verification_id: int, kind: Kind = Kind.BANK_ACCOUNT) -> None:
    """A correction that the product did not make, under this verification."""
    with world.writing() as session:
        link = contacts.active_link(session, contact_id)
        assert link is not None
        session.add(
            Correction(
                contact_id=contact_id,
                turn=0,
                customer_id=link.customer_id,
                staff_id=world.members["Anna"].id,
                verification_id=verification_id,
                kind=kind,
                at=world.now,
            )
        )


def shown(world: World, contact_id: int, what: str, to: str = "Anna") -> Disclosure:
    """That somebody was shown this kind just now, whatever the door says."""
    return Disclosure(
        contact_id=contact_id,
        staff_id=world.members[to].id,
        what=what,
        purpose=Purpose.SERVICE,
        level=Level.VERIFIED,
        at=world.now,
    )
