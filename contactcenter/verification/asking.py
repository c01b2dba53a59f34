"""Questions and evidence: what may be asked, what was, and what an outcome adds to the level (P06)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState, Direction
from contactcenter.core.audit import Action, record
from contactcenter.core.clock import AHEAD
from contactcenter.core.errors import Conflict, NotFound, TooMany
from contactcenter.customers import service as customers
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification import passes, questions
from contactcenter.verification.models import Evidence, Question, Verification
from contactcenter.verification.rules import (
    FAILURE_WINDOW,
    FAILURES_ALLOWED,
    EvidenceKind,
    EvidenceOutcome,
    Item,
    Level,
    level_of,
    pass_ended,
)


@dataclass(frozen=True)
class DrawnQuestion:
    """A question to read out: `text` is a message id of the catalogue, without any expected value."""

    public_id: str
    key: str
    text: str


@dataclass(frozen=True)
class Shown:
    """One piece of evidence as the desk shows it: what it was about and what it showed."""

    kind: EvidenceKind
    fact: str
    outcome: EvidenceOutcome
    at: datetime


@dataclass(frozen=True)
class Progress:
    """How far the verification of a contact is, for its handler's desk."""

    level: Level
    live: bool
    evidence: tuple[Shown, ...]
    question: DrawnQuestion | None
    tries_left: int


def refuse_asking(session: Session, now: datetime, verification: Verification) -> None:
    """Raise `Conflict` when nothing may or need be asked now, `TooMany` after three wrong answers in 24 hours."""
    contact = session.get_one(Contact, verification.contact_id)
    if contact.direction is not Direction.INBOUND:
        raise Conflict("We called them, so nothing is asked; let them call us back (P12).")
    over = pass_ended(verification.reached_at, verification.ended_at, now)
    if over or contact.state is not ContactState.LIVE or not passes.link_stands(session, verification):
        raise Conflict("This verification has ended; begin again.")
    if verification.level >= Level.VERIFIED:
        raise Conflict("The caller is verified; nothing more need be asked.")
    persons = customers.persons_of(session, verification.customer_id)
    if verification.person_id is None and persons:
        raise Conflict("Say first which person of this customer is calling: link the contact to them.")
    refuse_guessing(session, now, verification.customer_id)


def refuse_guessing(session: Session, now: datetime, customer_id: int) -> None:
    """Raise `TooMany` after three wrong answers about this customer in 24 hours, whoever asked (P06)."""
    if tries_left(session, now, customer_id) == 0:
        raise TooMany(
            "Three answers about this customer were wrong in the last 24 hours, so nothing more is asked. "
            "Offer to call back on a number that is known."
        )


def tries_left(session: Session, now: datetime, customer_id: int) -> int:
    """How many more answers about this customer may be wrong."""
    failed = select(func.count()).where(
        Evidence.customer_id == customer_id,
        Evidence.outcome == EvidenceOutcome.FAILS,
        col(Evidence.at) > now - FAILURE_WINDOW,
        col(Evidence.at) <= now + AHEAD,
    )
    return max(0, FAILURES_ALLOWED - session.exec(failed).one())


def question_of(session: Session, now: datetime, viewer: Member, public_id: str) -> tuple[Question, Verification]:
    """The viewer's question that waits for its answer, and the verification that it belongs to.

    Raises `NotFound` for somebody else's, `Conflict` when the question or the verification is over.
    """
    question = session.exec(select(Question).where(Question.public_id == public_id)).first()
    if question is None:
        raise NotFound()
    verification = session.get_one(Verification, question.verification_id)
    if verification.staff_id != viewer.id:
        raise NotFound()
    contact = passes.handled(session, now, viewer, verification.contact_id)
    standing = passes.live_pass(session, now, viewer, contact)
    if standing is None or standing.id != verification.id:
        raise Conflict("This verification has ended; begin again.")
    if question.answered_at is not None:
        raise Conflict("This question was answered already.")
    return question, verification


def add_evidence(
    session: Session,
    now: datetime,
    verification: Verification,
    kind: EvidenceKind,
    fact: str,
    outcome: EvidenceOutcome,
) -> None:
    """Keep one piece of evidence; a level that is reached by it counts from now on and never falls again."""
    session.add(
        Evidence(
            verification_id=verification.id,
            customer_id=verification.customer_id,
            kind=kind,
            fact=fact,
            outcome=outcome,
            at=now,
        )
    )
    session.flush()
    items = tuple(Item(one.kind, one.outcome, one.fact) for one in evidence(session, verification))
    level = level_of(items)
    if level > verification.level:
        verification.level, verification.reached_at = level, now
        session.add(verification)
    actor = session.get_one(Staff, verification.staff_id).public_id
    record(session, now, actor, Action.EVIDENCE_GIVEN, verification.public_id, f"{fact} {outcome.value}")
    tell_contact(session, now, verification)


def evidence(session: Session, verification: Verification) -> list[Evidence]:
    """All evidence of a verification, in the order in which it was given."""
    query = select(Evidence).where(Evidence.verification_id == verification.id).order_by(col(Evidence.id))
    return list(session.exec(query))


def waiting(session: Session, verification: Verification) -> Question | None:
    """The question that was drawn and not answered yet."""
    return session.exec(
        select(Question).where(Question.verification_id == verification.id, col(Question.answered_at).is_(None))
    ).first()


def asked_here(session: Session, verification: Verification) -> frozenset[str]:
    """Keys of the facts that were asked about this customer in this contact, by anybody."""
    query = (
        select(Question.fact)
        .join(Verification, col(Verification.id) == Question.verification_id)
        .where(
            Verification.contact_id == verification.contact_id,
            Verification.customer_id == verification.customer_id,
        )
    )
    return frozenset(session.exec(query))


def asked_last(session: Session, verification: Verification) -> str | None:
    """Key of the fact that was asked last about this customer in another contact."""
    query = (
        select(Question.fact)
        .join(Verification, col(Verification.id) == Question.verification_id)
        .where(
            Verification.customer_id == verification.customer_id,
            Verification.contact_id != verification.contact_id,
        )
        .order_by(col(Question.id).desc())
    )
    return session.exec(query).first()


def as_drawn(question: Question) -> DrawnQuestion:
    """The question as an agent reads it out."""
    return DrawnQuestion(question.public_id, question.fact, questions.FACTS[question.fact].text)


def tell_contact(session: Session, now: datetime, verification: Verification) -> None:
    """Let the desk and the page of its contact look again."""
    contacts.tell(session, now, session.get_one(Contact, verification.contact_id))
