"""The customer as a page may show it: for every kind of the list either its lines, or what would open it (P07)."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from contactcenter.customers.models import Customer, CustomerRow, KnownAddress, KnownNumber, Person
from contactcenter.customers.rules import LISTED, Kind
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.rules import Level


@dataclass(frozen=True)
class Line:
    """One line of an opened kind. `text` of a telephone number is E.164; `note` and `on` where there are any.

    A contract's term has no text: it goes from `on` to `until`, as far as they are known.
    """

    text: str
    note: str = ""
    on: date | None = None
    until: date | None = None
    by_customer: bool = False


@dataclass(frozen=True)
class Opened:
    """A kind that a disclosure of this pass opened."""

    lines: tuple[Line, ...]
    open: bool = True


@dataclass(frozen=True)
class Masked:
    """A kind that is not opened, the level that it needs, and whether a key opens it now."""

    needs: Level
    openable: bool = False
    open: bool = False


@dataclass(frozen=True)
class CustomerCard:
    """All sixteen kinds. The names to greet with come with the relation number, from level 1 on."""

    customer_public_id: str
    level: Level
    live: bool
    customer_name: str | None
    person_name: str | None
    kinds: dict[Kind, Opened | Masked]


def card_of(
    session: Session,
    customer_id: int,
    person_id: int | None,
    level: Level,
    opened: frozenset[str],
    *,
    live: bool,
    openable: frozenset[Kind] = frozenset(),
) -> CustomerCard:
    """The card of a customer with the kinds named in `opened`; of the others no value is even read."""
    customer = session.get_one(Customer, customer_id)
    greeted = Kind.RELATION_NUMBER.value in opened
    person = session.get(Person, person_id) if greeted and person_id is not None else None
    kinds: dict[Kind, Opened | Masked] = {
        kind: Opened(_lines(session, customer, kind))
        if kind.value in opened
        else Masked(FIELDS[kind].needs, kind in openable)
        for kind in Kind
    }
    return CustomerCard(
        customer_public_id=customer.public_id,
        level=level,
        live=live,
        customer_name=customer.name if greeted else None,
        person_name=person.name if person else None,
        kinds=kinds,
    )


def _lines(session: Session, customer: Customer, kind: Kind) -> tuple[Line, ...]:
    if kind in LISTED:
        return _rows(session, customer, kind)
    if kind is Kind.EMAIL_ADDRESSES:
        return _addresses(session, customer)
    if kind is Kind.PHONE_NUMBERS:
        return _numbers(session, customer)
    if kind is Kind.CONTRACT_TERM:
        return _term(customer)
    return tuple(Line(text) for text in COLUMNS[kind](customer) if text)


COLUMNS: dict[Kind, Callable[[Customer], tuple[str, ...]]] = {
    Kind.RELATION_NUMBER: lambda customer: (customer.relation_number or "",),
    Kind.NAME_AND_ADDRESS: lambda customer: (
        customer.name,
        customer.street,
        f"{customer.postcode} {customer.town}".strip(),
        customer.country,
    ),
    Kind.LICENCE_PROVIDER: lambda customer: (customer.licence_provider,),
    Kind.COLLECTION_METHOD: lambda customer: (customer.collection_method,),
    Kind.BANK_ACCOUNT: lambda customer: (customer.bank_account,),
    Kind.PAYMENT_METHOD: lambda customer: (customer.payment_method,),
    Kind.CONTACT_HISTORY: lambda _customer: (),  # the history page shows it, once this kind is open
}


def _term(customer: Customer) -> tuple[Line, ...]:
    if customer.contract_from is None and customer.contract_until is None:
        return ()
    return (Line("", on=customer.contract_from, until=customer.contract_until),)


def _rows(session: Session, customer: Customer, kind: Kind) -> tuple[Line, ...]:
    found = session.exec(
        select(CustomerRow)
        .where(CustomerRow.customer_id == customer.id, CustomerRow.kind == kind)
        .order_by(col(CustomerRow.on).desc(), col(CustomerRow.id).desc())
    )
    return tuple(Line(row.title, row.value, row.on, by_customer=row.by_customer) for row in found)


def _addresses(session: Session, customer: Customer) -> tuple[Line, ...]:
    found = session.exec(
        select(KnownAddress.email, Person.name)
        .join(Person, col(Person.id) == KnownAddress.person_id)
        .where(Person.customer_id == customer.id, col(KnownAddress.ended_at).is_(None))
        .order_by(col(Person.name), col(KnownAddress.email))
    )
    return tuple(Line(email, name) for email, name in found)


def _numbers(session: Session, customer: Customer) -> tuple[Line, ...]:
    found = session.exec(
        select(KnownNumber, Person.name)
        .join(Person, col(Person.id) == KnownNumber.person_id)
        .where(Person.customer_id == customer.id, col(KnownNumber.ended_at).is_(None))
        .order_by(col(Person.name), col(KnownNumber.e164))
    )
    return tuple(Line(number.e164, name, number.recorded_at.date()) for number, name in found)
