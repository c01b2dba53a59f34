"""One of each thing that a route can name, made for one member of staff."""

from collections.abc import Callable
from datetime import date, timedelta

from sqlmodel import Session, select

from contactcenter.calls.models import Call, Line
from contactcenter.calls.rules import CallState
from contactcenter.coaching.models import Review
from contactcenter.coaching.rules import SampleKind, Verdict
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import ContactState
from contactcenter.core.alerts import Alert, AlertKind, raise_alert
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.models import Customer, Person
from contactcenter.customers.rules import Kind, MatchKind
from contactcenter.notes.alerting import Judgement, SpokenKind
from contactcenter.notes.models import SpokenAlert, Transcript
from contactcenter.recordings import holds
from contactcenter.recordings.models import Expected, HoldProposal, Playback, Recording
from contactcenter.recordings.rules import CarrierCopy, HoldKind, RecordingState
from contactcenter.staff import sessions
from contactcenter.staff.access import Member, hashed
from contactcenter.staff.models import Passkey, RoleProposal, Staff, StaffSession
from contactcenter.staff.rules import Role
from contactcenter.verification import approvals, asking, door
from contactcenter.verification import service as verification
from contactcenter.verification.models import (
    BreakGlass,
    CallBack,
    Correction,
    CorrectionNotice,
    Flag,
    PolicyVersion,
    Question,
    Verification,
)
from contactcenter.verification.policy_text import digest, shipped
from contactcenter.verification.rules import (
    ApprovalReason,
    EvidenceKind,
    EvidenceOutcome,
    FlagKind,
    GlassReason,
    PolicyState,
    Purpose,
    Way,
)
from tests.factories import World

WHY = "They could not be reached in another way."
PERSON, QUESTION = "person", "question"  # no parts of a path: what forms name
STEP = "step"  # of a hold; its route calls it a proposal, as that of roles does
REVIEWED = "reviewed"  # a review that was given
JUDGED = "judged"  # an alert on what was said
PROMISE = "P05"


def things_of(world: World, member: Member, team: str = "Support") -> dict[str, str]:
    """A verified caller in this member's hands, and one of each thing that a route can name, all of them theirs."""
    number = f"+316100{member.id:05}"
    world.put(_customer(f"4{member.id:04}", number))
    contact_id = world.call(number, answered_by=member)
    with world.writing() as session:
        contact = session.get_one(Contact, contact_id)
        contact.team_id = member.team_id
        customer = session.exec(select(Customer).where(Customer.relation_number == f"4{member.id:04}")).one()
        named = {
            "contact": contact.public_id,
            "customer": customer.public_id,
            PERSON: session.exec(select(Person.public_id).where(Person.customer_id == customer.id)).one(),
            "promise": PROMISE,
            "member": member.public_id,
        }
        named |= _verified(session, world, member, contact_id)
        made = {name: make(session, world, member, contact) for name, make in MAKERS.items()}
    return named | made


def _customer(relation_number: str, number: str) -> dict[str, object]:
    rows = [{"kind": "licences", "reference": "L1", "on": "2023-03-01", "title": "Team", "value": "9 active"}]
    person = {
        "reference": "owner",
        "name": f"Owner {relation_number}",
        "numbers": [{"number": number, "attested": True, "since": "2023-03-01"}],
        "addresses": [{"email": f"owner-{relation_number}@company.example", "since": "2023-03-01"}],
    }
    return {"relation_number": relation_number, "name": f"Company {relation_number}", "postcode": "7311 AB",
            "licence_provider": "Partner", "persons": [person], "rows": rows}  # fmt: skip


def _verified(session: Session, world: World, member: Member, contact_id: int) -> dict[str, str]:
    """A question that waits, a second person who was asked, and evidence enough for level 2."""
    begun = verification.ensure(session, world.now, member, contact_id)
    question = Question(verification_id=begun.id, fact="device-id", drawn_at=world.now)  # no level 2 tells it
    session.add(question)
    approvals.ask(session, world.now, begun, ApprovalReason.OTHER, WHY)
    waiting = approvals.open_one(session, world.now, begun)
    assert waiting is not None
    asking.add_evidence(session, world.now, begun, EvidenceKind.ASKED, "active-licences", EvidenceOutcome.HOLDS)
    door.disclose(session, world.now, member, contact_id=contact_id)
    return {QUESTION: question.public_id, "approval": waiting.public_id, "verification": begun.public_id}


def _call(session: Session, world: World, member: Member, contact: Contact) -> str:
    line = session.exec(select(Line).where(Line.team_id == member.team_id)).one()
    made = Call(
        contact_id=contact.id, sid=f"CA{member.id:032}", line_id=line.id, caller_kind=CallerKind.NUMBER,
        caller=contact.came_from, match=MatchKind.ONE, state=CallState.CONNECTED, language="nl",
        conference_sid=f"CF{member.id:032}", arrived_at=world.now, claimed_by=member.id, claimed_at=world.now,
        connected_at=world.now,
    )  # fmt: skip
    session.add(made)
    session.add(
        Expected(contact_id=contact.id, call_sid=made.sid, allowed=True, transcription_named=True, decided_at=world.now)
    )
    return made.public_id


def _hold(session: Session, world: World, member: Member, contact: Contact) -> str:
    placed = holds.place(
        session, world.now, contact=contact, owner=session.get_one(Staff, member.id),
        kind=HoldKind.DISPUTE, reference="D-1", review_on=date(2026, 12, 31),
    )  # fmt: skip
    return placed.public_id


def _step(session: Session, _world: World, member: Member, _contact: Contact) -> str:
    """That the hold is kept waits for a second person."""
    return session.exec(select(HoldProposal.public_id).where(HoldProposal.proposed_by == member.id)).one()


def _recording(session: Session, world: World, member: Member, contact: Contact) -> str:
    made = Recording(
        sid=f"RE{member.id:032}", contact_id=contact.id, state=RecordingState.ATTACHED,
        carrier_copy=CarrierCopy.DELETED, arrived_at=world.now, seconds=1.0, roles=["caller", "agent"],
        peaks=[[1], [1]], object_key=f"{member.id:032}", wrapped_key=b"wrapped", size=10, sha256="00",
        retain_until=world.now + timedelta(days=30),
    )  # fmt: skip
    session.add(made)
    session.flush()
    return made.public_id


def _transcript(session: Session, world: World, member: Member, contact: Contact) -> str:
    made = Transcript(
        contact_id=contact.id, recording_sid=f"RE{member.id:032}", language="nl", engine="engine", model="model",
        segments=[], roles=["caller", "agent"], made_at=world.now,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _playback(session: Session, world: World, member: Member, contact: Contact) -> str:
    heard = session.exec(select(Recording).where(Recording.contact_id == contact.id)).one()
    made = Playback(
        recording_id=heard.id, staff_id=member.id, role=member.role.value, purpose=Purpose.SERVICE, at=world.now
    )
    session.add(made)
    return made.public_id


def _alert(session: Session, world: World, member: Member, _contact: Contact) -> str:
    raise_alert(session, world.now, AlertKind.RECORDING_STUCK, member.public_id)
    session.flush()
    return session.exec(select(Alert.public_id).where(Alert.subject == member.public_id)).one()


def _call_back(session: Session, world: World, member: Member, contact: Contact) -> str:
    """A request that this member took."""
    verified = session.exec(select(Verification).where(Verification.contact_id == contact.id)).one()
    assert verified.person_id is not None
    made = CallBack(
        verification_id=verified.id, customer_id=verified.customer_id, person_id=verified.person_id,
        team_id=member.team_id, kind=Kind.LICENCES, language="nl", word="", made_at=world.now, taken_by=member.id,
        taken_at=world.now,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _glass(session: Session, world: World, member: Member, contact: Contact) -> str:
    customer = session.exec(select(Customer.id).where(Customer.relation_number == f"4{member.id:04}")).one()
    made = BreakGlass(customer_id=customer, staff_id=member.id, reason=GlassReason.OTHER, words=WHY, at=world.now)
    session.add(made)
    return made.public_id


def _correction(session: Session, world: World, member: Member, contact: Contact) -> str:
    """One of long ago, in an earlier contact of theirs, of which somebody has to write."""
    verified = session.exec(select(Verification).where(Verification.contact_id == contact.id)).one()
    made = Correction(
        contact_id=_earlier(session, world, member, contact).id, turn=0, customer_id=verified.customer_id,
        staff_id=member.id, verification_id=verified.id, kind=Kind.BANK_ACCOUNT, at=world.now - timedelta(days=60),
        told_at=world.now,
    )  # fmt: skip
    session.add(made)
    session.flush()
    session.add(CorrectionNotice(correction_id=made.id, way=Way.LETTER, sent=False, at=world.now))
    return made.public_id


def _flag(session: Session, world: World, member: Member, _contact: Contact) -> str:
    """About a customer who calls nobody: a doubt ends all asking."""
    spare = session.exec(select(Customer.id).where(Customer.relation_number == "10042")).one()
    made = Flag(
        customer_id=spare, kind=FlagKind.IDENTITY_DOUBTED, words=WHY, by=member.id, at=world.now,
        review_on=date(2026, 12, 1), expires_on=date(2026, 12, 31),
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _version(session: Session, world: World, member: Member, _contact: Contact) -> str:
    made = PolicyVersion(
        text=shipped(), digest=digest(shipped()), state=PolicyState.PROPOSED, proposed_by=member.public_id,
        proposed_at=world.now,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _session(session: Session, world: World, member: Member, _contact: Contact) -> str:
    token = sessions.begin(session, world.now, session.get_one(Staff, member.id), "another browser")
    session.flush()
    return session.get_one(StaffSession, hashed(token)).public_id


def _passkey(session: Session, world: World, member: Member, _contact: Contact) -> str:
    made = Passkey(
        staff_id=member.id, credential_id=f"{member.id}".encode(), public_key=b"key", uses=0, label="",
        made_at=world.now,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _proposal(session: Session, world: World, member: Member, _contact: Contact) -> str:
    """For an agent who has no part in anything else."""
    spare = world.members["Anna"]
    made = RoleProposal(staff_id=spare.id, role=Role.COACH, proposed_by=member.id, proposed_at=world.now)
    session.add(made)
    return made.public_id


def _review(session: Session, world: World, _member: Member, contact: Contact) -> str:
    made = Review(contact_id=contact.id, why=SampleKind.ONE_IN, drawn_at=world.now)
    session.add(made)
    return made.public_id


def _reviewed(session: Session, world: World, member: Member, contact: Contact) -> str:
    """Of an earlier contact of theirs."""
    earlier = _earlier(session, world, member, contact)
    session.add(Handling(contact_id=earlier.id, staff_id=member.id, started_at=world.now, closed_at=world.now))
    made = Review(
        contact_id=earlier.id, why=SampleKind.ONE_IN, drawn_at=world.now, reviewed_by=world.members["Anna"].id,
        reviewed_at=world.now, asked=True, answered=True, told_before=False, verdict=Verdict.GOOD,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _spoken_alert(session: Session, world: World, _member: Member, contact: Contact) -> str:
    made = SpokenAlert(
        contact_id=contact.id, recording_sid=f"RE{contact.id:032}", kind=SpokenKind.PASSWORD_ASKED, start=1.0,
        found_at=world.now,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _judged(session: Session, world: World, member: Member, contact: Contact) -> str:
    """An alert on an earlier call of theirs."""
    earlier = _earlier(session, world, member, contact)
    session.add(Handling(contact_id=earlier.id, staff_id=member.id, started_at=world.now, closed_at=world.now))
    made = SpokenAlert(
        contact_id=earlier.id, recording_sid=f"RE{earlier.id:032}", kind=SpokenKind.PASSWORD_ASKED, start=1.0,
        found_at=world.now, judged_by=world.members["Anna"].id, judged_at=world.now, judgement=Judgement.NO_BREACH,
    )  # fmt: skip
    session.add(made)
    return made.public_id


def _earlier(session: Session, world: World, member: Member, contact: Contact) -> Contact:
    """A contact of theirs that is closed."""
    earlier = Contact(
        channel=contact.channel, direction=contact.direction, state=ContactState.CLOSED, team_id=member.team_id,
        started_at=world.now, ended_at=world.now, closed_at=world.now,
    )  # fmt: skip
    session.add(earlier)
    session.flush()
    return earlier


MAKERS: dict[str, Callable[[Session, World, Member, Contact], str]] = {
    "call": _call,
    "hold": _hold,
    STEP: _step,
    "recording": _recording,
    "playback": _playback,
    "transcript": _transcript,
    "alert": _alert,
    "call_back": _call_back,
    "correction": _correction,
    "glass": _glass,
    "flag": _flag,
    "version": _version,
    "session": _session,
    "passkey": _passkey,
    "proposal": _proposal,
    "review": _review,
    REVIEWED: _reviewed,
    "spoken_alert": _spoken_alert,
    JUDGED: _judged,
}
