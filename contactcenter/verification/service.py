"""How sure we are of the caller: a verification begins, evidence grows to a level, and it ends (P06).

What a level opens is another file: `door.py`.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.customers.models import Customer, KnownNumber
from contactcenter.customers.rules import Origin
from contactcenter.staff.access import Member
from contactcenter.verification import approvals, asking, called_for, codes, facts, passes, policies, questions
from contactcenter.verification.asking import DrawnQuestion
from contactcenter.verification.models import Question, Verification
from contactcenter.verification.policy import Strength
from contactcenter.verification.rules import (
    Ended,
    EvidenceKind,
    EvidenceOutcome,
    Level,
    NumberDoubt,
    doubt_about_number,
)

LONGEST_ANSWER = 200
KNOWN_NUMBER_FACT = "number"


@dataclass(frozen=True)
class Shown:
    """One piece of evidence as the desk shows it: what it was about, what it showed, how much it counts.

    `by_colleague` says that it was found before the contact was handed on.
    """

    kind: EvidenceKind
    fact: str
    outcome: EvidenceOutcome
    strength: Strength
    at: datetime
    by_colleague: bool = False


@dataclass(frozen=True)
class Progress:
    """How far the verification of a contact is, for its handler's desk.

    `may_ask`: another question would help; `ways`: a code can be sent so; `code_waits`, `approval_waits`: one was sent
    and not read out yet, a second person was asked and has not decided.
    """

    level: Level
    live: bool
    evidence: tuple[Shown, ...]
    question: DrawnQuestion | None
    tries_left: int
    may_ask: bool
    ends_at: datetime | None
    ways: tuple[EvidenceKind, ...] = ()
    code_waits: bool = False
    approval_waits: bool = False


def begin(
    session: Session, now: datetime, *, contact_id: int, staff_id: int, customer_id: int, person_id: int | None
) -> Verification:
    """A new verification of whom the contact is linked to; an earlier one of this contact ends.

    Where the contact was handed on, what was found before counts as well, once something was asked or possessed anew.
    Raises `Conflict` when the contact is not linked to this customer and person.
    """
    link = contacts.active_link(session, contact_id)
    if link is None or (link.customer_id, link.person_id) != (customer_id, person_id):
        raise Conflict("Link the contact to this customer first.")
    end_all(session, now, contact_id, Ended.SWITCHED)
    begun = Verification(
        contact_id=contact_id,
        staff_id=staff_id,
        customer_id=customer_id,
        person_id=person_id,
        link_id=link.id,
        level=Level.UNKNOWN,
        began_at=now,
        reached_at=now,
        follows_id=_handed_on(session, contact_id, link.id) or _asked_in(session, now, contact_id, person_id),
        policy=policies.kept_in_force(session, now).digest,
    )
    session.add(begun)
    session.flush()
    asking.weigh(session, now, begun)
    if contacts.keyed(session, contact_id) == customer_id:
        keyed = EvidenceKind.RELATION_NUMBER
        asking.add_evidence(session, now, begun, keyed, keyed.value, EvidenceOutcome.HOLDS)
    return begun


def give_known_number(session: Session, now: datetime, verification: Verification, number_id: int) -> None:
    """The contact came from this known number of this person: evidence, when nothing makes it doubtful.

    Of somebody else's number or an ended one nothing follows.
    """
    number = session.get(KnownNumber, number_id)
    if number is None or number.ended_at is not None or number.person_id != verification.person_id:
        return
    if not passes.is_inbound(session, verification) or any(
        one.kind is EvidenceKind.KNOWN_NUMBER for one in asking.evidence(session, verification)
    ):
        return
    doubt = _doubt(session, now, verification, number)
    outcome = EvidenceOutcome.DOUBTFUL if doubt else EvidenceOutcome.HOLDS
    asking.add_evidence(
        session, now, verification, EvidenceKind.KNOWN_NUMBER, doubt.value if doubt else KNOWN_NUMBER_FACT, outcome
    )


def ensure(session: Session, now: datetime, viewer: Member, contact_id: int) -> Verification:
    """The viewer's live verification of this contact; begun, with the number it came from, when there is none.

    Raises `NotFound` for who does not handle the contact, `Conflict` when it is over or linked to nobody.
    """
    contact = passes.handled(session, now, viewer, contact_id)
    standing = passes.live_pass(session, now, viewer, contact)
    if standing is not None:
        return standing
    if contact.state is not ContactState.LIVE:
        raise Conflict("The conversation is over; nothing more can be asked.")
    link = contacts.active_link(session, contact_id)
    if link is None:
        raise Conflict("Link the contact to a customer first.")
    begun = begin(
        session,
        now,
        contact_id=contact_id,
        staff_id=viewer.id,
        customer_id=link.customer_id,
        person_id=link.person_id,
    )
    if link.person_id is not None:
        number_id = contacts.offered_number(session, contact_id, link.person_id)
        if number_id is not None:
            give_known_number(session, now, begun, number_id)
    return begun


def draw(session: Session, now: datetime, verification: Verification) -> DrawnQuestion:
    """The question to ask now, drawn by the system; the one that still waits for its answer stays.

    Raises `Conflict` when nothing may be asked or would help, `TooMany` after three wrong answers in 24 hours.
    """
    asking.refuse_asking(session, now, verification)
    waiting = asking.waiting(session, verification)
    if waiting is not None:
        return asking.as_drawn(waiting)
    key = asking.next_fact(session, now, verification, secrets.randbelow(2**30))
    if key is None:
        raise Conflict(
            "There is nothing left to ask that would help. "
            "Offer a code by e-mail, or to call back on a number that is known."
        )
    question = Question(verification_id=verification.id, fact=key, drawn_at=now)
    session.add(question)
    session.flush()
    contacts.tell(session, now, session.get_one(Contact, verification.contact_id))
    return asking.as_drawn(question)


def answer(
    session: Session, now: datetime, viewer: Member, question_public_id: str, typed: str | None
) -> EvidenceOutcome:
    """Compare what the caller said; None means that they would rather not say, which is no failure (P38).

    The typed answer is not kept. Raises `NotFound` for a question of somebody else, `Conflict` when the
    verification or the question is over, `Invalid` for an empty answer, `TooMany` after three wrong ones.
    """
    question, verification = asking.question_of(session, now, viewer, question_public_id)
    if typed is not None and not 0 < len(typed.strip()) <= LONGEST_ANSWER:
        raise Invalid("Type what the caller said, in one line, or choose that they would rather not say.")
    # two answers at once must not both count as the third failure
    session.exec(select(Customer.id).where(Customer.id == verification.customer_id).with_for_update()).one()
    contact = session.get_one(Contact, verification.contact_id)
    asking.refuse_guessing(session, now, contact, verification.customer_id)
    outcome = EvidenceOutcome.DECLINED
    if typed is not None:
        settled = policies.of(session, verification.policy).settled(now)
        known = facts.known_of(session, verification.customer_id, now.date(), settled)
        held = questions.holds(question.fact, known, typed)
        outcome = EvidenceOutcome.HOLDS if held else EvidenceOutcome.FAILS
    question.answered_at = now
    session.add(question)
    asking.add_evidence(session, now, verification, EvidenceKind.ASKED, question.fact, outcome)
    return outcome


def end_all(session: Session, now: datetime, contact_id: int, why: Ended = Ended.CALL_OVER) -> None:
    """The call is over, handed on or given back: no pass of this contact opens anything more."""
    open_ones = select(Verification).where(Verification.contact_id == contact_id, col(Verification.ended_at).is_(None))
    for verification in session.exec(open_ones).all():
        verification.ended_at, verification.ended = now, why
        session.add(verification)
    session.flush()


def revoke(session: Session, now: datetime, viewer: Member, contact: Contact) -> None:
    """A supervisor ends all passes of a contact; the very next request opens and shows nothing any more."""
    for verification in session.exec(select(Verification).where(Verification.contact_id == contact.id)).all():
        verification.ended_at, verification.ended = verification.ended_at or now, Ended.REVOKED
        session.add(verification)
        record(session, now, viewer.public_id, Action.VERIFICATION_REVOKED, verification.public_id)
    session.flush()
    contacts.tell(session, now, contact)


def progress(session: Session, now: datetime, viewer: Member, contact_id: int) -> Progress:
    """How sure we are and what to ask, for the viewer's desk; at the start again when no pass of theirs holds."""
    contact = session.get_one(Contact, contact_id)
    verification = passes.readable_pass(session, now, viewer, contact)
    link = contacts.active_link(session, contact_id)
    policy = policies.in_force(session)
    left = asking.tries_left(session, now, contact, link.customer_id) if link else policy.wrong_answers
    if verification is None:
        return Progress(Level.UNKNOWN, False, (), None, left, may_ask=left > 0, ends_at=None)
    policy = policies.of(session, verification.policy)
    live = passes.live_pass(session, now, viewer, contact) is not None
    waiting = asking.waiting(session, verification) if live else None
    further = live and verification.level < Level.STRONG
    return Progress(
        level=verification.level,
        live=live,
        evidence=_shown(session, verification),
        question=asking.as_drawn(waiting) if waiting else None,
        tries_left=left,
        may_ask=live and left > 0 and asking.would_help(session, now, verification),
        ends_at=verification.reached_at + policy.pass_lasts if live else None,
        ways=codes.ways(session, now, verification) if further else (),
        code_waits=further and bool(codes.waiting(session, now, verification)),
        approval_waits=further and approvals.open_one(session, now, verification) is not None,
    )


def level_reached(session: Session, contact_id: int) -> Level:
    """The highest level that any verification of this contact reached."""
    levels = session.exec(select(Verification.level).where(Verification.contact_id == contact_id))
    return Level(max(levels, default=Level.UNKNOWN))


def verified_since(session: Session, staff_id: int, since: datetime) -> int:
    """How many contacts of this member reached level 2, of the verifications that began since a moment."""
    enough = [level for level in Level if level >= Level.VERIFIED]  # kept by name, so the database can't compare
    reached = select(func.count(func.distinct(Verification.contact_id))).where(
        Verification.staff_id == staff_id, Verification.began_at >= since, col(Verification.level).in_(enough)
    )
    return session.exec(reached).one()


def _shown(session: Session, verification: Verification) -> tuple[Shown, ...]:
    policy = policies.of(session, verification.policy)
    own, before = asking.rows(session, verification)
    return tuple(
        Shown(one.kind, one.fact, one.outcome, policy.strength(asking.as_item(one).key), one.at, by_colleague=earlier)
        for earlier, found in ((True, before), (False, own))
        for one in found
    )


def _handed_on(session: Session, contact_id: int, link_id: int) -> int | None:
    """The verification that the end of a colleague's part of the call ended, under the same link."""
    last = session.exec(
        select(Verification).where(Verification.contact_id == contact_id).order_by(col(Verification.id).desc())
    ).first()
    return last.id if last and last.link_id == link_id and last.ended in (Ended.CALL_OVER, Ended.HANDED_ON) else None


def _asked_in(session: Session, now: datetime, contact_id: int, person_id: int | None) -> int | None:
    """The verification in which this person asked for the call that we make now."""
    request = called_for.request_of(session, now, contact_id, person_id)
    return request.verification_id if request is not None else None


def _doubt(session: Session, now: datetime, verification: Verification, number: KnownNumber) -> NumberDoubt | None:
    return doubt_about_number(
        policies.of(session, verification.policy),
        shared=contacts.offered_to(session, verification.contact_id) > 1,
        known_days=(now - number.recorded_at).days,
        proven=number.origin is not Origin.IMPORT or number.attested_at is not None,
    )
