"""Gathers from the customer's rows what may be asked; it goes to the comparison and nowhere else."""

from datetime import date, datetime

from sqlmodel import Session, col, select

from contactcenter.contacts import lists
from contactcenter.customers.models import Customer, CustomerRow
from contactcenter.customers.rules import Kind
from contactcenter.verification.models import Correction
from contactcenter.verification.questions import DatedRow, EarlierCall, Known

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
    call = lists.last_talk(session, customer_id)
    return EarlierCall(call.started_at.date(), call.kind.value if call.kind else None) if call else None
