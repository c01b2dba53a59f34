"""Customers: whose number is this, what a source system sends us, and finding one by name (P06, P07, P24)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import chain
from typing import Any

from sqlalchemy import Executable, Row, bindparam, false, true
from sqlalchemy import select as columns
from sqlmodel import Session, col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.customers import writing
from contactcenter.customers.incoming import CustomerIn
from contactcenter.customers.models import Customer, CustomerName, KnownNumber, Person
from contactcenter.customers.rules import Candidate, Match, MatchKind, Origin, folded, match_of

SHORTEST_SEARCH = 3
LONGEST_SEARCH = 100
MOST_HITS = 20
LAST_CHARACTER = "\U0010ffff"


class PutResult(StrEnum):
    """What a PUT did."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True)
class PersonHit:
    """A person under a found customer: whom an agent can say is calling."""

    public_id: str
    name: str


@dataclass(frozen=True)
class Hit:
    """One found customer: just enough to choose it, nothing that its verification would have to open."""

    public_id: str
    relation_number: str
    name: str
    persons: tuple[PersonHit, ...]


HOLDERS: Executable = (  # built once, and plain columns: it is asked for each call that comes in
    columns(
        col(Customer.id).label("customer_id"),
        col(Person.id).label("person_id"),
        col(KnownNumber.id).label("number_id"),
        col(Customer.relation_number),
        col(Customer.name).label("customer_name"),
        col(Person.name).label("person_name"),
        col(KnownNumber.origin),
        col(KnownNumber.recorded_at),
        col(KnownNumber.attested_at),
    )
    .join_from(KnownNumber, Person, col(Person.id) == KnownNumber.person_id)
    .join(Customer, col(Customer.id) == Person.customer_id)
    .where(
        col(KnownNumber.e164) == bindparam("e164"), col(KnownNumber.ended_at).is_(None), col(Person.ended_at).is_(None)
    )
    .order_by(col(Customer.name), col(Person.name))
)


def match(session: Session, now: datetime, e164: str | None, *, withheld: bool, own: frozenset[str]) -> Match:
    """Whose known number this is: equal in every digit or not at all. Our `own` numbers are nobody's (P06)."""
    if withheld:
        return match_of(True, ())
    if e164 is None or e164 in own:
        return Match(MatchKind.NONE)
    found = session.connection().execute(HOLDERS, {"e164": e164})
    return match_of(False, tuple(_candidate(now, row) for row in found))


def numbers_of_one_person() -> SelectOfScalar[str]:
    """A query for the numbers that `match` finds with exactly one person, in E.164."""
    return (
        select(KnownNumber.e164)
        .join(Person, col(Person.id) == KnownNumber.person_id)
        .where(col(KnownNumber.ended_at).is_(None), col(Person.ended_at).is_(None))
        .group_by(col(KnownNumber.e164))
        .having(func.count(func.distinct(KnownNumber.person_id)) == 1)
    )


def put(session: Session, now: datetime, data: CustomerIn, *, origin: Origin, actor: str) -> PutResult:
    """Create or change a customer as `data` says; what it does not name stays as it is. Twice is once.

    Numbers, addresses and persons that vanished from a list that was sent are ended, not deleted; every changed
    field becomes a dated row of kind `mutations`, made by the customer when `origin` says so (P24).
    """
    return put_all(session, now, [data], origin=origin, actor=actor)[0]


def put_all(
    session: Session, now: datetime, batch: Sequence[CustomerIn], *, origin: Origin, actor: str
) -> list[PutResult]:
    """`put` for many customers at once, each with its own relation number."""
    wanted = [data.relation_number for data in batch]
    known = _known(session, wanted)
    new = [data for data in batch if data.relation_number not in known]
    action = Action.CUSTOMER_IMPORTED if actor == Actor.IMPORT else Action.CUSTOMER_PUT
    for made in writing.create(session, now, new, origin):
        record(session, now, actor, action, made.public_id, PutResult.CREATED.value)
    results = dict.fromkeys(wanted, PutResult.CREATED)
    for data in batch:
        customer = known.get(data.relation_number)
        if customer is not None:
            results[data.relation_number] = _change(session, now, customer, data, origin)
            if results[data.relation_number] is PutResult.CHANGED:
                record(session, now, actor, action, customer.public_id, PutResult.CHANGED.value)
    return list(results.values())


def would_put(session: Session, now: datetime, batch: Sequence[CustomerIn], *, origin: Origin) -> list[PutResult]:
    """What `put_all` would do. Writes nothing, on a reading session: no caller has to wait for it."""
    known = _known(session, [data.relation_number for data in batch])
    results = []
    with session.no_autoflush:
        for data in batch:
            changes = writing.Changes()
            customer = known.get(data.relation_number)
            if customer is not None:
                writing.change(session, now, customer, data, origin, changes)
            changed = PutResult.CHANGED if changes.any else PutResult.UNCHANGED
            results.append(PutResult.CREATED if customer is None else changed)
    return results


def _known(session: Session, relation_numbers: Sequence[str]) -> dict[str | None, Customer]:
    found = session.exec(select(Customer).where(col(Customer.relation_number).in_(relation_numbers)))
    return {customer.relation_number: customer for customer in found}


def _change(session: Session, now: datetime, customer: Customer, data: CustomerIn, origin: Origin) -> PutResult:
    changes = writing.Changes()
    writing.change(session, now, customer, data, origin, changes)
    if not changes.any:
        return PutResult.UNCHANGED
    writing.keep_changes(session, now, customer, changes, origin)
    return PutResult.CHANGED


def search(session: Session, now: datetime, text: str, *, actor: str) -> list[Hit]:
    """At most 20 customers: the exact relation number, names that begin with `text`, then names that go on with it.

    Every search is on record, without its words. Raises `Invalid` for less than three characters.
    """
    wanted = text.strip()[:LONGEST_SEARCH]
    if len(wanted) < SHORTEST_SEARCH:
        raise Invalid("Type at least three characters of the name or relation number.")
    exact = session.exec(select(Customer).where(Customer.relation_number == wanted))
    by_name = (_named(session, folded(wanted), whole=whole) for whole in (True, False))
    found = list({each.id: each for each in chain(exact, *by_name)}.values())[:MOST_HITS]
    record(session, now, actor, Action.CUSTOMER_SEARCHED, "customers", str(len(found)))
    return [hit_of(session, customer) for customer in found]


def hit_of(session: Session, customer: Customer) -> Hit:
    """A customer as a search shows it, with the persons who stand under it now."""
    persons = tuple(PersonHit(person.public_id, person.name) for person in persons_of(session, customer.id))
    return Hit(customer.public_id, customer.relation_number or "", customer.name, persons)


def _named(session: Session, text: str, *, whole: bool) -> list[Customer]:
    """Customers whose name, whole or from a later word on, begins so; by the index, however many there are."""
    if not text:
        return []
    begins = col(CustomerName.text) >= text, col(CustomerName.text) < text + LAST_CHARACTER
    found = session.exec(
        select(Customer)
        .join(CustomerName, col(CustomerName.customer_id) == Customer.id)
        .where(col(CustomerName.whole) == (true() if whole else false()), *begins)
        .order_by(col(CustomerName.text), col(Customer.id))
        .limit(MOST_HITS)
    )
    return list(found)


def by_public_id(session: Session, public_id: str) -> Customer:
    """The customer of a public id. Raises `NotFound`."""
    customer = session.exec(select(Customer).where(Customer.public_id == public_id)).first()
    if customer is None:
        raise NotFound()
    return customer


def person_by_public_id(session: Session, public_id: str) -> Person:
    """The person of a public id, ended or not. Raises `NotFound`."""
    person = session.exec(select(Person).where(Person.public_id == public_id)).first()
    if person is None:
        raise NotFound()
    return person


def persons_of(session: Session, customer_id: int) -> list[Person]:
    """The persons who stand under a customer now, by name."""
    query = select(Person).where(Person.customer_id == customer_id, col(Person.ended_at).is_(None))
    return list(session.exec(query.order_by(col(Person.name), col(Person.id))))


def _candidate(now: datetime, row: Row[Any]) -> Candidate:
    return Candidate(
        customer_id=row.customer_id,
        person_id=row.person_id,
        number_id=row.number_id,
        relation_number=row.relation_number or "",
        customer_name=row.customer_name,
        person_name=row.person_name,
        origin=row.origin,
        known_days=max(0, (now - row.recorded_at).days),
        attested=row.attested_at is not None,
    )
