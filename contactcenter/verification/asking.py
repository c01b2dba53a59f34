"""Questions and evidence: what may be asked, what was, and what an outcome adds to the level (P06, P38)."""

from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState
from contactcenter.core.audit import Action, record
from contactcenter.core.clock import AHEAD
from contactcenter.core.errors import Conflict, NotFound, TooMany
from contactcenter.customers import service as customers
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification import facts, flags, passes, policies, questions
from contactcenter.verification.models import Evidence, Question, Verification
from contactcenter.verification.rules import (
    FAILURE_WINDOW,
    EvidenceKind,
    EvidenceOutcome,
    Item,
    level_of,
    value_of,
)

GUESSABLE = (EvidenceKind.ASKED, EvidenceKind.CALL_BACK)  # what counts when it is wrong


@dataclass(frozen=True)
class DrawnQuestion:
    """A question to read out: `text` is a message id of the catalogue, without any expected value."""

    public_id: str
    key: str
    text: str


def refuse_asking(session: Session, now: datetime, verification: Verification) -> None:
    """Raise `Conflict` when nothing may be asked now, `TooMany` after three wrong answers or while a doubt stands."""
    refuse_proofs(session, now, verification)
    contact = session.get_one(Contact, verification.contact_id)
    persons = customers.persons_of(session, verification.customer_id)
    if verification.person_id is None and persons:
        raise Conflict("Say first which person of this customer is calling: link the contact to them.")
    refuse_guessing(session, now, contact, verification.customer_id)


def refuse_proofs(session: Session, now: datetime, verification: Verification) -> None:
    """Raise `Conflict` when the caller can prove nothing now: we called them, or conversation, link or pass ended."""
    refuse_outbound(session, verification)
    contact = session.get_one(Contact, verification.contact_id)
    over = passes.is_over(session, verification, now)
    if over or contact.state is not ContactState.LIVE or not passes.link_stands(session, verification):
        raise Conflict("This verification has ended; begin again.")


def refuse_outbound(session: Session, verification: Verification) -> None:
    """Raise `Conflict` on a contact that we began (P12)."""
    if not passes.is_inbound(session, verification):
        raise Conflict("We called them, so nothing is asked; let them call us back (P12).")


def refuse_guessing(session: Session, now: datetime, contact: Contact, customer_id: int) -> None:
    """Raise `TooMany` after three wrong answers about this customer, or from this number, in 24 hours (P06)."""
    if flags.is_doubted(session, now, customer_id):
        raise TooMany("It was doubted lately who speaks for this customer: only a code or a second person helps.")
    if tries_left(session, now, contact, customer_id) == 0:
        raise TooMany(
            "Three answers were wrong in the last 24 hours, so nothing more is asked. "
            "Offer a code by e-mail, or to call back on a number that is known."
        )


def tries_left(session: Session, now: datetime, contact: Contact, customer_id: int) -> int:
    """How many more answers may be wrong, about this customer and from where this contact came."""
    same = [Evidence.customer_id == customer_id]
    if contact.came_from is not None:
        same.append(Contact.came_from == contact.came_from)
    wrong = [
        session.exec(
            select(func.count())
            .select_from(Evidence)
            .join(Verification, col(Verification.id) == Evidence.verification_id)
            .join(Contact, col(Contact.id) == Verification.contact_id)
            .where(
                each,
                col(Evidence.kind).in_(GUESSABLE),
                Evidence.outcome == EvidenceOutcome.FAILS,
                col(Evidence.at) > now - FAILURE_WINDOW,
                col(Evidence.at) <= now + AHEAD,
            )
        ).one()
        for each in same
    ]
    return max(0, policies.in_force(session).wrong_answers - max(wrong))


def next_fact(session: Session, now: datetime, verification: Verification, pick: int) -> str | None:
    """The key of the fact to ask now; None when nothing that is left would bring the caller further.

    Raises `TooMany` when so much was asked in this contact, or about this customer today, that another question would
    only let somebody wait for one that they can answer.
    """
    if _asked_enough(session, now, verification):
        raise TooMany(
            "So many questions were asked that another would prove nothing. "
            "Offer a code by e-mail, or to call back on a number that is known."
        )
    worth = _worth_asking(session, now, verification)
    return questions.drawn(worth, _asked_last(session, verification), pick)


def would_help(session: Session, now: datetime, verification: Verification) -> bool:
    """Whether there is a question that may be asked and would bring the caller further."""
    doubted = flags.is_doubted(session, now, verification.customer_id)
    return (
        not doubted
        and not _asked_enough(session, now, verification)
        and bool(_worth_asking(session, now, verification))
    )


def _asked_enough(session: Session, now: datetime, verification: Verification) -> bool:
    policy = policies.of(session, verification.policy)
    here, today = len(_asked_here(session, verification)), _asked_today(session, now, verification)
    return here >= policy.questions_in_a_contact or today >= policy.questions_in_a_day


def _worth_asking(session: Session, now: datetime, verification: Verification) -> dict[str, int]:
    """What can be asked and would help, with how much."""
    policy = policies.of(session, verification.policy)
    known = facts.known_of(session, verification.customer_id, now.date(), policy.settled(now))
    own, before = items(session, verification)
    told = passes.told_in_contact(session, verification)
    left = questions.askable(known, _asked_here(session, verification), told)
    answered = {key: Item(EvidenceKind.ASKED, EvidenceOutcome.HOLDS, key) for key in left}
    worth = {key: value_of(policy, own, before, item) for key, item in answered.items()}
    return {key: value for key, value in worth.items() if value}


def question_of(session: Session, now: datetime, viewer: Member, public_id: str) -> tuple[Question, Verification]:
    """The viewer's question that waits for its answer, and the verification that it belongs to.

    Raises `NotFound` for somebody else's, `Conflict` when the question or the verification is over, or was told.
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
    if _was_told(session, verification, question):
        raise Conflict("What this asks was opened meanwhile, so the answer proves nothing; ask something else.")
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
    actor = session.get_one(Staff, verification.staff_id).public_id
    record(session, now, actor, Action.EVIDENCE_GIVEN, verification.public_id, f"{fact} {outcome.value}")
    weigh(session, now, verification)
    contacts.tell(session, now, session.get_one(Contact, verification.contact_id))


def weigh(session: Session, now: datetime, verification: Verification) -> None:
    """Let the level follow from all evidence, by the policy under which the verification began."""
    own, before = items(session, verification)
    level = level_of(policies.of(session, verification.policy), own, before)
    if level > verification.level:
        verification.level, verification.reached_at = level, now
        session.add(verification)
        session.flush()


def items(session: Session, verification: Verification) -> tuple[tuple[Item, ...], tuple[Item, ...]]:
    """(evidence of this verification, that of colleagues whom it follows), as the rules see it."""
    own, before = rows(session, verification)
    return tuple(as_item(one) for one in own), tuple(as_item(one) for one in before)


def rows(session: Session, verification: Verification) -> tuple[list[Evidence], list[Evidence]]:
    """(evidence of this verification, that of colleagues whom it follows and which is still fresh).

    Where we call back, what was found when the customer asked for it counts for as long as their request stands.
    """
    fresh = verification.began_at - policies.of(session, verification.policy).pass_lasts
    before: list[Evidence] = []
    asked: list[Evidence] = []
    follows = verification.follows_id
    while follows is not None:
        earlier = session.get_one(Verification, follows)
        if earlier.contact_id != verification.contact_id:
            own, colleagues = rows(session, earlier)
            asked = [*colleagues, *own]
            break
        before = [*evidence(session, earlier), *before]
        follows = earlier.follows_id
    return evidence(session, verification), [*asked, *(one for one in before if one.at > fresh)]


def as_item(one: Evidence) -> Item:
    """A row of evidence as the rules see it."""
    return Item(one.kind, one.outcome, one.fact)


def evidence(session: Session, verification: Verification) -> list[Evidence]:
    """All evidence of a verification, in the order in which it was given."""
    query = select(Evidence).where(Evidence.verification_id == verification.id).order_by(col(Evidence.id))
    return list(session.exec(query))


def waiting(session: Session, verification: Verification) -> Question | None:
    """The question that was drawn and not answered yet, while nothing that was opened tells its answer."""
    found = session.exec(
        select(Question)
        .where(Question.verification_id == verification.id, col(Question.answered_at).is_(None))
        .order_by(col(Question.id))
    ).all()
    return next((one for one in found if not _was_told(session, verification, one)), None)


def _was_told(session: Session, verification: Verification, question: Question) -> bool:
    return questions.FACTS[question.fact].told_by in passes.told_in_contact(session, verification)


def as_drawn(question: Question) -> DrawnQuestion:
    """The question as an agent reads it out."""
    return DrawnQuestion(question.public_id, question.fact, questions.FACTS[question.fact].text)


def _asked_here(session: Session, verification: Verification) -> frozenset[str]:
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


def _asked_today(session: Session, now: datetime, verification: Verification) -> int:
    """How many questions about this customer were drawn in 24 hours, in whatever contact."""
    query = (
        select(func.count())
        .select_from(Question)
        .join(Verification, col(Verification.id) == Question.verification_id)
        .where(Verification.customer_id == verification.customer_id, col(Question.drawn_at) > now - FAILURE_WINDOW)
    )
    return session.exec(query).one()


def _asked_last(session: Session, verification: Verification) -> str | None:
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
