"""THE DOOR: evidence grows to a level, a level opens kinds of customer data, and only what was opened is read.

Every reveal is a row of `Disclosure`, written in a POST; reading shows what those rows opened, to the handler,
until the wrap-up closes. There is no second way to a customer's fields or to the words of a contact (P05, P06).
"""

import secrets
from datetime import datetime

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotAllowed
from contactcenter.customers.models import Customer, KnownNumber
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import asking, facts, passes, questions
from contactcenter.verification.asking import DrawnQuestion, Progress, Shown
from contactcenter.verification.models import Disclosure, Question, Verification
from contactcenter.verification.rules import (
    FAILURES_ALLOWED,
    WORDS,
    EvidenceKind,
    EvidenceOutcome,
    Level,
    Purpose,
)
from contactcenter.verification.showing import CustomerCard, card_of

LONGEST_ANSWER = 200
KNOWN_NUMBER_FACT = "number"


def begin(
    session: Session, now: datetime, *, contact_id: int, staff_id: int, customer_id: int, person_id: int | None
) -> Verification:
    """A new verification of whom the contact is linked to; an earlier one of this contact ends.

    Raises `Conflict` when the contact is not linked to this customer and person.
    """
    link = contacts.active_link(session, contact_id)
    if link is None or (link.customer_id, link.person_id) != (customer_id, person_id):
        raise Conflict("Link the contact to this customer first.")
    end_all(session, now, contact_id)
    begun = Verification(
        contact_id=contact_id,
        staff_id=staff_id,
        customer_id=customer_id,
        person_id=person_id,
        link_id=link.id,
        level=Level.UNKNOWN,
        began_at=now,
        reached_at=now,
    )
    session.add(begun)
    session.flush()
    return begun


def give_known_number(session: Session, now: datetime, verification: Verification, number_id: int) -> None:
    """The contact came from this known number of this person. Of somebody else's or an ended one nothing follows."""
    number = session.get(KnownNumber, number_id)
    if number is None or number.ended_at is not None or number.person_id != verification.person_id:
        return
    if not passes.is_inbound(session, verification) or any(
        one.kind is EvidenceKind.KNOWN_NUMBER for one in asking.evidence(session, verification)
    ):
        return
    asking.add_evidence(session, now, verification, EvidenceKind.KNOWN_NUMBER, KNOWN_NUMBER_FACT, EvidenceOutcome.HOLDS)


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

    Raises `Conflict` when nothing may or need be asked, `TooMany` after three wrong answers in 24 hours.
    """
    asking.refuse_asking(session, now, verification)
    waiting = asking.waiting(session, verification)
    if waiting is not None:
        return asking.as_drawn(waiting)
    known = facts.known_of(session, verification.customer_id, now.date())
    asked = asking.asked_here(session, verification)
    key = questions.drawn(known, asked, asking.asked_last(session, verification), secrets.randbelow(2**30))
    if key is None:
        raise Conflict("There is nothing left to ask; offer to call back on a number that is known.")
    question = Question(verification_id=verification.id, fact=key, drawn_at=now)
    session.add(question)
    session.flush()
    asking.tell_contact(session, now, verification)
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
    asking.refuse_guessing(session, now, verification.customer_id)
    outcome = EvidenceOutcome.DECLINED
    if typed is not None:
        known = facts.known_of(session, verification.customer_id, now.date())
        held = questions.holds(question.fact, known, typed)
        outcome = EvidenceOutcome.HOLDS if held else EvidenceOutcome.FAILS
    question.answered_at = now
    session.add(question)
    asking.add_evidence(session, now, verification, EvidenceKind.ASKED, question.fact, outcome)
    return outcome


def end_all(session: Session, now: datetime, contact_id: int) -> None:
    """The call is over, handed on or given back: no pass of this contact opens anything more."""
    open_ones = select(Verification).where(Verification.contact_id == contact_id, col(Verification.ended_at).is_(None))
    for verification in session.exec(open_ones).all():
        verification.ended_at = now
        session.add(verification)
    session.flush()


def disclose(
    session: Session, now: datetime, viewer: Member, *, contact_id: int, purpose: Purpose = Purpose.SERVICE
) -> None:
    """Open all kinds that the viewer's pass allows now, one row for each that it has not opened yet (P05).

    For whoever has no right, no pass or no privacy training nothing opens (P29). Only within a POST.
    """
    contact = session.get_one(Contact, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is None or not viewer.trained:
        return
    opened = passes.opened(session, verification)
    for kind in Kind:
        if kind.value not in opened and passes.may_open(session, now, verification, kind):
            session.add(_disclosure(now, viewer, verification, kind.value, purpose))
            record(session, now, viewer.public_id, Action.DISCLOSED, contact.public_id, kind.value)
    session.flush()
    asking.tell_contact(session, now, verification)


def card(session: Session, now: datetime, viewer: Member, contact_id: int) -> CustomerCard | None:
    """What the viewer may see of the contact's customer: opened kinds with values, all others masked.

    None when the contact belongs to nobody yet. Nothing opens by looking.
    """
    link = contacts.active_link(session, contact_id)
    contact = session.get_one(Contact, contact_id)
    if link is None:
        return None
    verification = passes.readable_pass(session, now, viewer, contact)
    opened = passes.opened(session, verification) if verification is not None else frozenset()
    level = verification.level if verification is not None else Level.UNKNOWN
    live = passes.live_pass(session, now, viewer, contact) is not None
    return card_of(session, link.customer_id, link.person_id, level, opened, live=live)


def card_of_customer(session: Session, now: datetime, viewer: Member, customer_id: int) -> CustomerCard:
    """The customer as one of the viewer's contacts in hand opened it; all masked when none did."""
    for contact in contacts.in_hand(session, now, viewer.id):
        link = contacts.active_link(session, contact.id)
        found = card(session, now, viewer, contact.id) if link and link.customer_id == customer_id else None
        if found is not None:
            return found
    return card_of(session, customer_id, None, Level.UNKNOWN, frozenset(), live=False)


def progress(session: Session, now: datetime, viewer: Member, contact_id: int) -> Progress:
    """How sure we are and what to ask, for the viewer's desk; at the start again when no pass of theirs holds."""
    contact = session.get_one(Contact, contact_id)
    verification = passes.readable_pass(session, now, viewer, contact)
    if verification is None:
        link = contacts.active_link(session, contact_id)
        left = asking.tries_left(session, now, link.customer_id) if link else FAILURES_ALLOWED
        return Progress(Level.UNKNOWN, False, (), None, left)
    live = passes.live_pass(session, now, viewer, contact) is not None
    waiting = asking.waiting(session, verification) if live else None
    shown = tuple(Shown(one.kind, one.fact, one.outcome, one.at) for one in asking.evidence(session, verification))
    question = asking.as_drawn(waiting) if waiting else None
    return Progress(
        verification.level, live, shown, question, asking.tries_left(session, now, verification.customer_id)
    )


def level_reached(session: Session, contact_id: int) -> Level:
    """The highest level that any verification of this contact reached."""
    levels = session.exec(select(Verification.level).where(Verification.contact_id == contact_id))
    return Level(max(levels, default=Level.UNKNOWN))


def verified_since(session: Session, staff_id: int, since: datetime) -> int:
    """How many contacts of this member reached level 2, of the verifications that began since a moment."""
    reached = select(func.count(func.distinct(Verification.contact_id))).where(
        Verification.staff_id == staff_id, Verification.began_at >= since, Verification.level >= Level.VERIFIED
    )
    return session.exec(reached).one()


def words_open(session: Session, now: datetime, viewer: Member, about_contact_id: int) -> bool:
    """Whether the viewer may read notes, summary and transcript of this contact now (P04, P05).

    Their own until its wrap-up closes; an earlier one of the same customer while their pass opened the contact
    history; any for 30 minutes after `open_words`.
    """
    if not viewer.trained:
        return False
    if contacts.open_handling(session, now, about_contact_id, viewer.id) is not None:
        return True
    return passes.opened_for_purpose(session, now, viewer, about_contact_id) or passes.opened_by_pass(
        session, now, viewer, about_contact_id
    )


def open_words(session: Session, now: datetime, viewer: Member, about_contact_id: int, purpose: Purpose) -> None:
    """Open the words of a contact for 30 minutes. The caller has checked that role and purpose allow it (P02)."""
    if not viewer.trained:
        raise NotAllowed("Your privacy training is not on record; ask your administrator (P29).")
    contact = session.get_one(Contact, about_contact_id)
    link = contacts.active_link(session, about_contact_id)
    session.add(
        Disclosure(
            about_contact_id=about_contact_id,
            customer_id=link.customer_id if link else None,
            person_id=link.person_id if link else None,
            staff_id=viewer.id,
            what=WORDS,
            purpose=purpose,
            level=Level.UNKNOWN,
            at=now,
        )
    )
    record(session, now, viewer.public_id, Action.DISCLOSED, contact.public_id, f"{WORDS} {purpose.value}")


def _disclosure(now: datetime, viewer: Member, verification: Verification, what: str, purpose: Purpose) -> Disclosure:
    return Disclosure(
        contact_id=verification.contact_id,
        customer_id=verification.customer_id,
        person_id=verification.person_id,
        staff_id=viewer.id,
        what=what,
        purpose=purpose,
        level=verification.level,
        verification_id=verification.id,
        at=now,
    )
