"""Holds that people place: one proposes, another one confirms (P17).

A hold stops destruction from the moment in which it is proposed, since waiting would lose what it is for. Two people
are what it takes to rely on it, to keep it beyond its first day of review, and to release it.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, NotFound
from contactcenter.recordings import timers
from contactcenter.recordings.models import Hold, HoldProposal
from contactcenter.recordings.rules import HoldKind, HoldStep
from contactcenter.staff.access import by_two_people
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Right

ASKED = {HoldStep.KEEP: Action.HOLD_REVIEW_ASKED, HoldStep.RELEASE: Action.HOLD_RELEASE_ASKED}


@dataclass(frozen=True)
class Waiting:
    """What waits for a second person; `first` when nobody has confirmed the hold yet."""

    public_id: str
    step: HoldStep
    review_on: date | None
    proposer: str
    proposer_id: int
    at: datetime
    first: bool
    contact: str
    kind: HoldKind
    reference: str


def place(
    session: Session,
    now: datetime,
    *,
    contact: Contact,
    owner: Staff,
    kind: HoldKind,
    reference: str,
    review_on: date,
) -> Hold:
    """Stop the timer of a contact's recordings at once, and ask a second person. Raises as `timers.place_hold`."""
    hold = timers.place_hold(
        session, now, contact=contact, owner_id=owner.id, actor=owner.public_id, kind=kind, reference=reference,
        review_on=review_on,
    )  # fmt: skip
    session.flush()
    _ask(session, now, hold, HoldStep.KEEP, owner, review_on)
    return hold


def ask_release(session: Session, now: datetime, public_id: str, actor: Staff) -> Contact:
    """Propose that the timer goes on. Raises `NotFound`, and `Conflict` when that is proposed already."""
    return _propose(session, now, public_id, HoldStep.RELEASE, actor, None)


def ask_review(session: Session, now: datetime, public_id: str, actor: Staff, review_on: date) -> Contact:
    """Propose a later day of review. Raises `NotFound`, `Invalid` for the day, `Conflict` when one is proposed."""
    timers.require_review_day(now, review_on)
    return _propose(session, now, public_id, HoldStep.KEEP, actor, review_on)


def decide(session: Session, now: datetime, public_id: str, actor: Staff, *, accept: bool) -> Contact:
    """Confirm what somebody else proposed, or turn it down, which leaves the hold as it is.

    Raises `NotFound` for what is decided already, `Conflict` for whom it is not to confirm, and for turning the first
    proposal down: a hold ends by its release only.
    """
    found = session.exec(select(HoldProposal).where(HoldProposal.public_id == public_id)).first()
    if found is None or found.decided_at is not None:
        raise NotFound()
    hold = session.get_one(Hold, found.hold_id)
    contact = session.get_one(Contact, hold.contact_id)
    if accept:
        by_two_people(session.get_one(Staff, found.proposed_by), actor, Right.HOLD)
    elif found.step is HoldStep.KEEP and hold.confirmed_at is None:
        raise Conflict("A hold ends by its release: propose that.")
    _close(found, now, actor, accept=accept)
    if accept:
        _carry_out(session, now, hold, found, actor)
    else:
        record(session, now, actor.public_id, Action.HOLD_STEP_REFUSED, contact.public_id, found.step.value)
    contacts.tell(session, now, contact)
    return contact


def waiting(session: Session, hold_id: int | None = None) -> list[Waiting]:
    """What waits for a second person, the oldest first; of one hold, or of all."""
    asked = (
        select(HoldProposal, Hold, Contact.public_id, Staff.name)
        .join(Hold, col(Hold.id) == HoldProposal.hold_id)
        .join(Contact, col(Contact.id) == Hold.contact_id)
        .join(Staff, col(Staff.id) == HoldProposal.proposed_by)
        .where(col(HoldProposal.decided_at).is_(None))
        .order_by(col(HoldProposal.id))
    )
    if hold_id is not None:
        asked = asked.where(HoldProposal.hold_id == hold_id)
    return [
        Waiting(
            one.public_id, one.step, one.review_on, name, one.proposed_by, one.proposed_at,
            hold.confirmed_at is None and one.step is HoldStep.KEEP, contact, hold.kind, hold.reference,
        )
        for one, hold, contact, name in session.exec(asked)
    ]  # fmt: skip


def _propose(
    session: Session, now: datetime, public_id: str, step: HoldStep, actor: Staff, review_on: date | None
) -> Contact:
    hold = session.exec(select(Hold).where(Hold.public_id == public_id)).first()
    if hold is None or hold.released_at is not None:
        raise NotFound()
    for before in _open(session, hold):
        if before.step is step:
            if session.get_one(Staff, before.proposed_by).disabled_at is None:
                raise Conflict("This is proposed already; somebody else confirms it.")
            _close(before, now, actor, accept=False)  # nobody could ever confirm it
    _ask(session, now, hold, step, actor, review_on)
    contact = session.get_one(Contact, hold.contact_id)
    record(session, now, actor.public_id, ASKED[step], contact.public_id, hold.kind.value)
    contacts.tell(session, now, contact)
    return contact


def _ask(session: Session, now: datetime, hold: Hold, step: HoldStep, actor: Staff, review_on: date | None) -> None:
    session.add(HoldProposal(hold_id=hold.id, step=step, review_on=review_on, proposed_by=actor.id, proposed_at=now))


def _carry_out(session: Session, now: datetime, hold: Hold, proposal: HoldProposal, actor: Staff) -> None:
    if proposal.step is HoldStep.RELEASE:
        timers.release_hold(session, now, hold.public_id, actor.public_id)
        for other in _open(session, hold):
            _close(other, now, actor, accept=False)
        return
    assert proposal.review_on is not None
    hold.review_on, hold.confirmed_at = proposal.review_on, hold.confirmed_at or now
    contact = session.get_one(Contact, hold.contact_id)
    record(session, now, actor.public_id, Action.HOLD_CONFIRMED, contact.public_id, hold.kind.value)


def _open(session: Session, hold: Hold) -> list[HoldProposal]:
    asked = select(HoldProposal).where(HoldProposal.hold_id == hold.id, col(HoldProposal.decided_at).is_(None))
    return list(session.exec(asked))


def _close(proposal: HoldProposal, now: datetime, actor: Staff, *, accept: bool) -> None:
    proposal.decided_by, proposal.decided_at, proposal.accepted = actor.id, now, accept
