"""Requests to be called back: made by a verified caller, kept with a code word, taken by one of the team (P12)."""

import hmac
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, update
from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotAllowed, NotFound
from contactcenter.core.keys import MasterKey
from contactcenter.core.live import announce, queue_topic
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification import asking, called_for, code_words, fields, flags, passes, service
from contactcenter.verification.models import CallBack, CallBackTry, Verification
from contactcenter.verification.rules import (
    CALL_BACK_LASTS,
    CALL_BACK_TRIES,
    TAKEN_FOR,
    CallBackEnd,
    EvidenceKind,
    EvidenceOutcome,
    Level,
    Purpose,
)

LONGEST_TYPED = 200


@dataclass(frozen=True)
class Asked:
    """A request as the desks of its team show it. `customer` is None for who may not see names."""

    public_id: str
    customer: str | None
    kind: Kind
    made_at: datetime
    until: datetime
    taken_by: str | None
    own: bool
    free: bool
    tries: int


@dataclass(frozen=True)
class Answering:
    """The request that a call of ours answers, for its handler: what it names, and how far its word is."""

    kind: Kind
    answered: bool
    proved: bool
    tries_left: int


def offered(session: Session, now: datetime, viewer: Member, contact: Contact) -> tuple[Kind, ...]:
    """What a call-back could be asked for now: kinds that this caller may hear, none that only they may call about."""
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is None:
        return ()
    try:
        _refuse(session, now, verification)
    except Conflict:
        return ()
    return _open_to(session, now, viewer, verification)


def ask(session: Session, now: datetime, viewer: Member, key: MasterKey, contact_id: int, kind: Kind) -> str:
    """The caller asks to be called back about this kind. Gives the code word, which is said once and kept nowhere.

    An earlier request of the same person ends. Raises `Conflict` when nothing may be promised to this caller,
    `NotAllowed` for a kind that they may not hear so.
    """
    contact = passes.handled(session, now, viewer, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is None:
        raise Conflict("This verification has ended; begin again.")
    person_id = _refuse(session, now, verification)
    if kind not in _open_to(session, now, viewer, verification):
        raise NotAllowed("We can't tell this when we call; for this the customer calls us (P12).")
    standing = select(CallBack).where(CallBack.person_id == person_id, called_for.stands(now))
    for before in session.exec(standing).all():
        _end(session, now, viewer.public_id, before, CallBackEnd.WITHDRAWN)
    word = code_words.drawn(contact.language)
    made = CallBack(
        verification_id=verification.id,
        customer_id=verification.customer_id,
        person_id=person_id,
        team_id=contact.team_id,
        kind=kind,
        language=contact.language,
        word="",
        made_at=now,
    )
    made.word = code_words.keyed(key, made.public_id, word)
    session.add(made)
    session.flush()
    record(session, now, viewer.public_id, Action.CALL_BACK_ASKED, made.public_id, kind.value)
    announce(session, now, queue_topic(made.team_id), made.public_id)
    contacts.tell(session, now, contact)
    return word


def asked_of(session: Session, now: datetime, viewer: Member) -> list[Asked]:
    """What waits for the viewer's team, what runs out first on top."""
    waiting = and_(col(CallBack.team_id) == viewer.team_id, called_for.stands(now))
    free = set(session.exec(select(CallBack.id).where(waiting, _free(now))))
    tries = select(func.count(col(CallBackTry.id))).where(CallBackTry.call_back_id == CallBack.id).scalar_subquery()
    found = session.exec(
        select(CallBack, Customer.name, Staff.name, tries)
        .join(Customer, col(Customer.id) == CallBack.customer_id)
        .join(Staff, col(Staff.id) == CallBack.taken_by, isouter=True)
        .where(waiting)
        .order_by(col(CallBack.made_at), col(CallBack.id))
    )
    return [
        Asked(
            public_id=one.public_id,
            customer=customer if viewer.trained else None,
            kind=one.kind,
            made_at=one.made_at,
            until=one.made_at + CALL_BACK_LASTS,
            taken_by=taker,
            own=one.taken_by == viewer.id,
            free=one.id in free,
            tries=tried,
        )
        for one, customer, taker, tried in found
    ]


def take(session: Session, now: datetime, viewer: Member, public_id: str) -> None:
    """The viewer does it. Raises `Conflict` when a colleague took it in the last half hour or calls, or it is over."""
    found = of_team(session, now, viewer, public_id)
    if found.taken_by == viewer.id:
        return
    won = session.execute(
        update(CallBack).where(col(CallBack.id) == found.id, _free(now)).values(taken_by=viewer.id, taken_at=now)
    )
    if won.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise Conflict("A colleague does this already.")
    record(session, now, viewer.public_id, Action.CALL_BACK_TAKEN, found.public_id)
    announce(session, now, queue_topic(found.team_id), found.public_id)


def end(session: Session, now: datetime, viewer: Member, public_id: str, how: CallBackEnd) -> None:
    """It is done, or the customer doesn't want it any more. Raises as `take` does."""
    found = of_team(session, now, viewer, public_id)
    free = select(CallBack.id).where(CallBack.id == found.id, _free(now))
    if found.taken_by != viewer.id and session.exec(free).first() is None:
        raise Conflict("A colleague does this already.")
    _end(session, now, viewer.public_id, found, how)


def tried(session: Session, now: datetime, viewer: Member, request: CallBack, contact_id: int) -> None:
    """We call for this request now, in this contact. Raises `NotAllowed` where nothing may be disclosed, `Conflict`
    while a call for it goes on: also who took it may have handed that on."""
    if flags.shuts(session, now, request.customer_id):
        raise NotAllowed("Nothing of this customer may be disclosed now; ask the privacy officer.")
    called = select(CallBack.id).where(CallBack.id == request.id, called_for.is_called())
    if session.exec(called).first() is not None:
        raise Conflict("A colleague does this already.")
    session.add(CallBackTry(call_back_id=request.id, contact_id=contact_id, staff_id=viewer.id, at=now))
    session.flush()
    record(session, now, viewer.public_id, Action.CALL_BACK_TRIED, request.public_id)
    announce(session, now, queue_topic(request.team_id), request.public_id)


def answered(session: Session, now: datetime, contact_id: int) -> None:
    """The telephone of this contact was picked up: from now on who speaks there may say the word."""
    found = called_for.try_of(session, contact_id)
    if found is not None and found.answered_at is None:
        found.answered_at = now
        session.flush()


def answering(session: Session, now: datetime, viewer: Member, contact: Contact) -> Answering | None:
    """The request that a contact in the viewer's hands answers; None when it is over, or there was none."""
    link = contacts.active_link(session, contact.id)
    request = called_for.request_of(session, now, contact.id, link.person_id if link else None)
    made = called_for.try_of(session, contact.id)
    if request is None or made is None:
        return None
    verification = passes.readable_pass(session, now, viewer, contact)
    return Answering(
        kind=request.kind,
        answered=made.answered_at is not None,
        proved=verification is not None and called_for.is_proved(session, verification),
        tries_left=CALL_BACK_TRIES - request.wrong,
    )


def say(
    session: Session, now: datetime, viewer: Member, key: MasterKey, contact_id: int, typed: str
) -> EvidenceOutcome:
    """Compare what the person who answered says with the word of their request; three wrong ones end it.

    Raises `Conflict` when this contact answers no request, or nobody picked up yet, `Invalid` for nothing typed.
    """
    contact = passes.handled(session, now, viewer, contact_id)
    link = contacts.active_link(session, contact.id)
    request = called_for.request_of(session, now, contact.id, link.person_id if link else None)
    made = called_for.try_of(session, contact.id)
    if request is None or made is None:
        raise Conflict("This call answers no request that stands; ask them to call us (P12).")
    if made.answered_at is None:
        raise Conflict("Nobody has answered yet.")
    if not 0 < len(typed.strip()) <= LONGEST_TYPED:
        raise Invalid("Type the code word that they say.")
    verification = service.ensure(session, now, viewer, contact.id)
    right = hmac.compare_digest(request.word, code_words.keyed(key, request.public_id, typed))
    if not right:
        request.wrong += 1
    outcome = EvidenceOutcome.HOLDS if right else EvidenceOutcome.FAILS
    kind = EvidenceKind.CALL_BACK
    asking.add_evidence(session, now, verification, kind, kind.value, outcome)
    if request.wrong >= CALL_BACK_TRIES:
        _end(session, now, viewer.public_id, request, CallBackEnd.WRONG_WORDS)
    return outcome


def of_team(session: Session, now: datetime, viewer: Member, public_id: str) -> CallBack:
    """The request of this id. Raises `NotFound` for none and for another team's, `Conflict` for one that is over."""
    found = session.exec(
        select(CallBack).where(CallBack.public_id == public_id, CallBack.team_id == viewer.team_id)
    ).first()
    if found is None:
        raise NotFound()
    if session.exec(select(CallBack.id).where(CallBack.id == found.id, called_for.stands(now))).first() is None:
        raise Conflict("This request is over; ask the customer to call us.")
    return found


def _refuse(session: Session, now: datetime, verification: Verification) -> int:
    """The id of the person on the line; raises `Conflict` when they can't be promised a call."""
    if not passes.is_inbound(session, verification):
        raise Conflict("We called them, so nothing is asked; let them call us back (P12).")
    if verification.level < Level.VERIFIED or verification.person_id is None:
        raise Conflict("Verify the caller first: who asks to be called back must be known.")
    if called_for.number_of(session, now, verification.person_id) is None:
        raise Conflict("No number of this person is on record for long enough; ask them to call us.")
    return verification.person_id


def _open_to(session: Session, now: datetime, viewer: Member, verification: Verification) -> tuple[Kind, ...]:
    openable = passes.openable(session, now, viewer, verification, Purpose.SERVICE)
    return tuple(kind for kind in fields.tellable() if kind in openable)


def _free(now: datetime) -> ColumnElement[bool]:
    """Of a request: nobody calls for it, and nobody took it in the last half hour."""
    old = or_(col(CallBack.taken_at).is_(None), col(CallBack.taken_at) < now - TAKEN_FOR)
    return and_(old, ~called_for.is_called())


def _end(session: Session, now: datetime, by: str, one: CallBack, how: CallBackEnd) -> None:
    one.ended, one.ended_at = how, now
    session.add(one)
    session.flush()
    record(session, now, by, Action.CALL_BACK_ENDED, one.public_id, how.value)
    announce(session, now, queue_topic(one.team_id), one.public_id)
