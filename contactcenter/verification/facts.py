"""Gathers from the customer's rows what may be asked; it goes to the comparison and nowhere else."""

from datetime import date

from sqlmodel import Session, col, select

from contactcenter.contacts import lists
from contactcenter.customers.models import Customer, CustomerRow
from contactcenter.customers.rules import Kind
from contactcenter.verification.questions import DatedRow, EarlierCall, Known

ASKED_ABOUT = (Kind.LICENCES, Kind.ORDER_HISTORY, Kind.INVOICES, Kind.MUTATIONS, Kind.DEVICE_ID)


def known_of(session: Session, customer_id: int, today: date) -> Known:
    """The askable facts of a customer up to today."""
    customer = session.get_one(Customer, customer_id)
    rows = session.exec(
        select(CustomerRow).where(
            CustomerRow.customer_id == customer_id,
            col(CustomerRow.kind).in_(ASKED_ABOUT),
            col(CustomerRow.on) <= today,
        )
    )
    return Known(
        postcode=customer.postcode,
        licence_provider=customer.licence_provider,
        contract_from=customer.contract_from,
        rows=tuple(DatedRow(row.kind, row.on, row.title, row.value, row.by_customer) for row in rows),
        last_call=_last_call(session, customer_id),
    )


def _last_call(session: Session, customer_id: int) -> EarlierCall | None:
    call = lists.last_talk(session, customer_id)
    return EarlierCall(call.started_at.date(), call.kind.value if call.kind else None) if call else None
