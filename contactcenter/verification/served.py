"""The log of what pages showed: kept apart from what was opened, so that the one can be held against the other (P05).

It is written by the edge that renders a card, from what the card holds; it asks nothing of levels or passes.
"""

from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from contactcenter.core.db import Database
from contactcenter.customers.models import Customer
from contactcenter.staff.access import Member
from contactcenter.verification.models import Served
from contactcenter.verification.showing import CustomerCard, Opened

READABLE_FOR = timedelta(minutes=61)  # a pass of 30 minutes, 30 minutes of wrap-up, and a slow page
ONCE_IN = timedelta(minutes=10)  # the same kind to the same person is the same look


def note(db: Database, now: datetime, viewer: Member, card: CustomerCard | None) -> None:
    """Note what this card is about to show to this viewer; what was noted lately is not noted again."""
    if card is None:
        return
    shown = {kind.value for kind, field in card.kinds.items() if isinstance(field, Opened)}
    if not shown:
        return
    with db.reading() as session:
        customer_id = session.exec(select(Customer.id).where(Customer.public_id == card.customer_public_id)).one()
        new = shown - _lately(session, now, viewer, customer_id)
    if new:
        with db.writing() as session:
            for what in sorted(new):
                session.add(
                    Served(staff_id=viewer.id, customer_id=customer_id, what=what, since=now - READABLE_FOR, at=now)
                )


def _lately(session: Session, now: datetime, viewer: Member, customer_id: int) -> set[str]:
    query = select(Served.what).where(
        Served.staff_id == viewer.id, Served.customer_id == customer_id, col(Served.at) > now - ONCE_IN
    )
    return set(session.exec(query))
