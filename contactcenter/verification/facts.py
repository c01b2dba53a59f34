"""Gathers from the customer's rows what may be asked; it goes to the comparison and nowhere else."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import lists
from contactcenter.customers.models import Customer, CustomerRow
from contactcenter.customers.rules import Kind
from contactcenter.verification.models import Correction, Verification
from contactcenter.verification.questions import DatedRow, EarlierCall, Known
from contactcenter.verification.rules import Ended, Level

ASKED_ABOUT = (Kind.LICENCES, Kind.ORDER_HISTORY, Kind.INVOICES, Kind.MUTATIONS, Kind.DEVICE_ID)


def known_of(session: Session, customer_id: int, today: date, settled: datetime) -> Known:
    """The askable facts of a customer up to today.

    What was corrected on a call after `settled` proves nothing yet: neither the new address, nor knowing what was
    changed last.
    """
    customer = session.get_one(Customer, customer_id)
    fresh = corrected_since(session, customer_id, settled)
    rows = session.exec(
        select(CustomerRow).where(
            CustomerRow.customer_id == customer_id,
            col(CustomerRow.kind).in_([kind for kind in ASKED_ABOUT if not (fresh and kind is Kind.MUTATIONS)]),
            col(CustomerRow.on) <= today,
        )
    )
    return Known(
        postcode="" if Kind.NAME_AND_ADDRESS in fresh else customer.postcode,
        licence_provider=customer.licence_provider,
        contract_from=customer.contract_from,
        rows=tuple(DatedRow(row.kind, row.on, row.title, row.value, row.by_customer) for row in rows),
        last_call=_last_call(session, customer_id),
    )


def corrected_since(session: Session, customer_id: int, since: datetime) -> frozenset[Kind]:
    """The kinds of this customer that an agent corrected after a moment."""
    found = select(col(Correction.kind)).where(Correction.customer_id == customer_id, col(Correction.at) > since)
    return frozenset(session.exec(found))


def _last_call(session: Session, customer_id: int) -> EarlierCall | None:
    """The last call, where its caller was verified: of any other call a stranger may know all, having made it."""
    call = lists.last_talk(session, customer_id)
    if call is None or not _was_verified(session, customer_id, call.id):
        return None
    return EarlierCall(call.started_at.date(), call.kind.value if call.kind else None)


def _was_verified(session: Session, customer_id: int, contact_id: int) -> bool:
    found = select(col(Verification.ended)).where(
        Verification.contact_id == contact_id,
        Verification.customer_id == customer_id,
        col(Verification.level).in_([level for level in Level if level >= Level.VERIFIED]),
    )
    return any(ended is not Ended.REVOKED for ended in session.exec(found))
