"""Requests to be called back: made by a verified caller, kept with a code word, taken by one of the team (P12)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, update
from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, NotAllowed, NotFound
from contactcenter.core.keys import MasterKey
from contactcenter.core.live import announce, queue_topic
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification import called_for, code_words, fields, passes
from contactcenter.verification.models import CallBack, Verification
from contactcenter.verification.rules import CALL_BACK_LASTS, TAKEN_FOR, CallBackEnd, Level, Purpose


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
    found = session.exec(
        select(CallBack, Customer.name, Staff.name)
        .join(Customer, col(Customer.id) == CallBack.customer_id)
        .join(Staff, col(Staff.id) == CallBack.taken_by, isouter=True)
        .where(CallBack.team_id == viewer.team_id, called_for.stands(now))
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
            free=_is_free(one, now),
        )
        for one, customer, taker in found
    ]


def take(session: Session, now: datetime, viewer: Member, public_id: str) -> None:
    """The viewer does it. Raises `Conflict` when a colleague took it in the last half hour, or it is over."""
    found = of_team(session, now, viewer, public_id)
    if found.taken_by == viewer.id:
        return
    free = or_(col(CallBack.taken_at).is_(None), col(CallBack.taken_at) < now - TAKEN_FOR)
    won = session.execute(
        update(CallBack).where(col(CallBack.id) == found.id, free).values(taken_by=viewer.id, taken_at=now)
    )
    if won.rowcount != 1:  # type: ignore[attr-defined]  # an UPDATE gives a CursorResult
        raise Conflict("A colleague does this already.")
    record(session, now, viewer.public_id, Action.CALL_BACK_TAKEN, found.public_id)
    announce(session, now, queue_topic(found.team_id), found.public_id)


def end(session: Session, now: datetime, viewer: Member, public_id: str, how: CallBackEnd) -> None:
    """It is done, or the customer doesn't want it any more. Raises as `take` does."""
    found = of_team(session, now, viewer, public_id)
    if found.taken_by != viewer.id and not _is_free(found, now):
        raise Conflict("A colleague does this already.")
    _end(session, now, viewer.public_id, found, how)


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


def _is_free(one: CallBack, now: datetime) -> bool:
    return one.taken_at is None or one.taken_at < now - TAKEN_FOR


def _end(session: Session, now: datetime, by: str, one: CallBack, how: CallBackEnd) -> None:
    one.ended, one.ended_at = how, now
    session.add(one)
    session.flush()
    record(session, now, by, Action.CALL_BACK_ENDED, one.public_id, how.value)
    announce(session, now, queue_topic(one.team_id), one.public_id)
