"""Corrections on a caller's wish: what may be corrected now, and writing it down (P05, P06).

The level decides, on the server and in the transaction that writes. What was corrected proves nothing until it is as
old as the policy asks, and the old address is told (`telling.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotAllowed
from contactcenter.customers import correcting
from contactcenter.customers.correcting import Wanted
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import fields, flags, passes
from contactcenter.verification.fields import NotCorrected, Wish
from contactcenter.verification.models import Correction, Verification

REFUSALS: Mapping[NotCorrected, str] = {
    NotCorrected.UNVERIFIED: "Verify the caller first: nothing is corrected without a call in hand.",
    NotCorrected.OUTBOUND: "We called them, so nothing is corrected; let them call us (P12).",
    NotCorrected.SHUT: (
        "Nothing of this customer may be disclosed now, so nothing is corrected; ask the privacy officer."
    ),
    NotCorrected.DOUBTED: (
        "It was doubted lately who speaks for this customer, so nothing is corrected; ask your supervisor."
    ),
    NotCorrected.NOBODY: "Say first which person of this customer is calling: link the contact to them.",
    NotCorrected.LEVEL_2: "Verify the caller further: this is corrected from level 2 on.",
    NotCorrected.LEVEL_3: "Verify the caller further: this is corrected at level 3 only, so with a code as well.",
    NotCorrected.MANDATE: "This caller's mandate doesn't cover it.",
}


@dataclass(frozen=True)
class Offer:
    """One kind as the desk offers it: why not now, or the person's own numbers or addresses, of which one may go."""

    kind: Kind
    bar: NotCorrected | None
    own: tuple[str, ...] = field(default=(), repr=False)


@dataclass(frozen=True)
class Offers:
    """What was corrected in a contact, and what can be; `turn` goes with the form, so that twice counts once."""

    contact: str
    made: tuple[Correction, ...]
    kinds: tuple[Offer, ...]

    @property
    def turn(self) -> int:
        """How many were made."""
        return len(self.made)


def offered(session: Session, now: datetime, viewer: Member, contact_id: int) -> Offers | None:
    """What the viewer could correct in this contact; None without a pass that holds."""
    contact = session.get_one(Contact, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is None:
        return None
    opened = passes.opened(session, verification)
    kinds = []
    for kind in fields.CORRECTED:
        bar = _bar(session, now, viewer, verification, kind)
        known = correcting.own(session, kind, verification.person_id) if not bar and kind.value in opened else ()
        kinds.append(Offer(kind, bar, known))
    return Offers(contact.public_id, _made(session, contact.id), tuple(kinds))


def offered_of(session: Session, now: datetime, viewer: Member, customer_id: int) -> Offers | None:
    """`offered` of the contact with this customer that the viewer has in hand."""
    for contact in contacts.in_hand(session, now, viewer.id):
        link = contacts.active_link(session, contact.id)
        found = offered(session, now, viewer, contact.id) if link and link.customer_id == customer_id else None
        if found is not None:
            return found
    return None


def correct(session: Session, now: datetime, viewer: Member, contact_id: int, wanted: Wanted, turn: int) -> Customer:
    """Write down what the caller wants corrected; whose old address is told later. `turn` is that of `offered`.

    Twice is once. Raises `NotAllowed` that says what is missing, `Invalid` for what is so already, `Conflict` when
    something else was corrected since the form was shown.
    """
    contact = passes.handled(session, now, viewer, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    bar = _bar(session, now, viewer, verification, wanted.kind)
    if verification is None or bar is not None:
        raise NotAllowed(REFUSALS[bar or NotCorrected.UNVERIFIED])
    customer = session.get_one(Customer, verification.customer_id)
    made = len(_made(session, contact.id))
    if correcting.stands(session, wanted, customer.id, verification.person_id):
        if turn == made:
            raise Invalid("This is on record already.")
        return customer
    if turn != made:
        raise Conflict("Something was corrected meanwhile; look at it, then type it anew.")
    before = correcting.correct(session, now, wanted, customer.id, verification.person_id, viewer.name)
    session.add(
        Correction(
            contact_id=contact.id,
            turn=turn,
            customer_id=customer.id,
            person_id=verification.person_id,
            staff_id=viewer.id,
            verification_id=verification.id,
            kind=wanted.kind,
            before_id=before,
            at=now,
        )
    )
    session.flush()
    record(session, now, viewer.public_id, Action.CUSTOMER_CORRECTED, customer.public_id, wanted.kind.value)
    contacts.tell(session, now, contact)
    return customer


def _bar(
    session: Session, now: datetime, viewer: Member, verification: Verification | None, kind: Kind
) -> NotCorrected | None:
    if verification is None:
        return NotCorrected.UNVERIFIED
    wish = Wish(
        level=verification.level,
        inbound=passes.is_inbound(session, verification),
        shut=flags.shuts(session, now, verification.customer_id),
        doubted=flags.is_doubted(session, now, verification.customer_id),
        person=verification.person_id is not None,
        mandate=kind in fields.CEILING[viewer.role] and passes.mandate_of(session, now, verification)(kind),
    )
    return fields.not_corrected(kind, wish)


def _made(session: Session, contact_id: int) -> tuple[Correction, ...]:
    """What was corrected in this contact."""
    made = select(Correction).where(Correction.contact_id == contact_id).order_by(col(Correction.id))
    return tuple(session.exec(made))
