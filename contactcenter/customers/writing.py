"""How a customer that was sent becomes rows: field by field, with a note of everything that changed."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time

from sqlalchemy import delete
from sqlmodel import Session, SQLModel, col, select

from contactcenter.core.db import new_public_id
from contactcenter.customers.incoming import AddressIn, CustomerIn, NumberIn, PersonIn, RowIn
from contactcenter.customers.models import Customer, CustomerName, CustomerRow, KnownAddress, KnownNumber, Person
from contactcenter.customers.rules import Kind, Origin, beginnings

LISTS = {"persons", "rows", "numbers", "addresses"}
# Of these a list that is sent is the present state, so what it lacks is gone; the other kinds are history.
PRESENT_STATE = (Kind.LICENCES, Kind.DEVICE_ID)


@dataclass
class Changes:
    """The names of what changed, as titles of mutations; never old or new values. And who is new under the customer."""

    fields: list[str] = field(default_factory=list)
    newcomers: list[PersonIn] = field(default_factory=list)
    renamed: bool = False
    any: bool = False

    def add(self, name: str) -> None:
        """Note a changed field once."""
        self.any = True
        if name not in self.fields:
            self.fields.append(name)

    def of_row(self, kind: Kind) -> None:
        """Note a changed row: what is present state is a changed field; a new invoice or letter is none."""
        if kind in PRESENT_STATE:
            self.add(kind.value)
        self.any = True


def create(session: Session, now: datetime, batch: Sequence[CustomerIn], origin: Origin) -> list[Customer]:
    """New customers with all that was sent, table by table: many at once cost little more than one."""
    made = [Customer(**data.model_dump(exclude=LISTS), created_at=now, changed_at=now) for data in batch]
    session.add_all(made)
    session.flush()
    _name(session, made)
    persons: list[tuple[Person, PersonIn]] = []
    for customer, data in zip(made, batch, strict=True):
        persons += [(_new_person(customer.id, each), each) for each in data.persons or ()]
        session.add_all(CustomerRow(customer_id=customer.id, **row.model_dump()) for row in data.rows or ())
    session.add_all(person for person, _ in persons)
    session.flush()
    for person, sent in persons:
        _add_numbers_and_addresses(session, now, person, sent, origin)
    return made


def change(
    session: Session, now: datetime, customer: Customer, data: CustomerIn, origin: Origin, changes: Changes
) -> None:
    """Bring a known customer's rows to what was sent: reads the database, and writes nothing before `keep_changes`."""
    before = customer.name
    _set_fields(customer, data, changes)
    changes.renamed = customer.name != before
    if data.persons is not None:
        _change_persons(session, now, customer.id, data.persons, origin, changes)
    if data.rows is not None:
        _change_rows(session, customer.id, data.rows, changes)


def _name(session: Session, named: Sequence[Customer]) -> None:
    """Let these customers be found by their names."""
    session.add_all(
        CustomerName(customer_id=customer.id, whole=number == 0, text=text)
        for customer in named
        for number, text in enumerate(beginnings(customer.name))
    )


def keep_changes(
    session: Session, now: datetime, customer: Customer, changes: Changes, origin: Origin, registered_by: str = ""
) -> None:
    """Write what changed, with one row of kind `mutations` for each changed field.

    `registered_by` names who wrote down what the customer asked for: that is the customer's change too.
    """
    customer.changed_at = now
    if changes.renamed:
        session.execute(delete(CustomerName).where(col(CustomerName.customer_id) == customer.id))
        _name(session, [customer])
    for person in changes.newcomers:
        _add_person(session, now, customer.id, person, origin)
    for name in changes.fields:
        session.add(
            CustomerRow(
                customer_id=customer.id,
                kind=Kind.MUTATIONS,
                reference=new_public_id(),
                on=now.date(),
                title=name,
                value=registered_by,
                by_customer=bool(registered_by) or origin is Origin.CUSTOMER,
            )
        )


def _set_fields(row: SQLModel, data: CustomerIn | PersonIn, changes: Changes, title: str = "") -> None:
    for name in data.model_fields_set - LISTS:
        value = getattr(data, name)
        if getattr(row, name) != value:
            setattr(row, name, value)
            changes.add(title or name.replace("_", " "))


def _change_persons(
    session: Session, now: datetime, customer_id: int, sent: list[PersonIn], origin: Origin, changes: Changes
) -> None:
    found = session.exec(select(Person).where(Person.customer_id == customer_id))
    known = {person.reference: person for person in found}
    for data in sent:
        person = known.get(data.reference)
        if person is None:
            changes.newcomers.append(data)
            changes.add("person added")
        else:
            _change_person(session, now, person, data, origin, changes)
    for reference in known.keys() - {data.reference for data in sent}:
        _end_person(session, now, known[reference], changes)


def _new_person(customer_id: int, data: PersonIn) -> Person:
    return Person(customer_id=customer_id, **data.model_dump(exclude=LISTS))


def _add_person(session: Session, now: datetime, customer_id: int, data: PersonIn, origin: Origin) -> None:
    person = _new_person(customer_id, data)
    session.add(person)
    session.flush()
    _add_numbers_and_addresses(session, now, person, data, origin)


def _add_numbers_and_addresses(session: Session, now: datetime, person: Person, data: PersonIn, origin: Origin) -> None:
    for number in {each.number: each for each in data.numbers or ()}.values():
        session.add(
            KnownNumber(
                person_id=person.id,
                e164=number.number,
                origin=origin,
                recorded_at=_known_since(now, number),
                attested_at=now if number.attested else None,
            )
        )
    for email, address in sorted({each.email: each for each in data.addresses or ()}.items()):
        since = _known_since(now, address)
        session.add(KnownAddress(person_id=person.id, email=email, origin=origin, recorded_at=since))


def _change_person(
    session: Session, now: datetime, person: Person, data: PersonIn, origin: Origin, changes: Changes
) -> None:
    if person.ended_at is not None:
        person.ended_at = None
        changes.add("person added")
    _set_fields(person, data, changes, "person")
    _change_numbers(session, now, person, data.numbers, origin, changes)
    _change_addresses(session, now, person, data.addresses, origin, changes)


def _end_person(session: Session, now: datetime, person: Person, changes: Changes) -> None:
    if person.ended_at is not None:
        return
    person.ended_at = now
    changes.add("person ended")
    end(now, numbers_of(session, person.id).values(), "telephone number ended", changes)
    end(now, addresses_of(session, person.id).values(), "e-mail address ended", changes)


def _change_numbers(
    session: Session,
    now: datetime,
    person: Person,
    sent: list[NumberIn] | None,
    origin: Origin,
    changes: Changes,
) -> None:
    if sent is None:
        return
    known = numbers_of(session, person.id)
    for data in sent:
        number = known.get(data.number)
        if number is None:
            number = KnownNumber(
                person_id=person.id, e164=data.number, origin=origin, recorded_at=_known_since(now, data)
            )
            known[data.number] = number
            session.add(number)
            changes.add("telephone number added")
        elif number.ended_at is not None:
            # it was not theirs in between: its age begins anew
            number.ended_at, number.origin, number.recorded_at, number.attested_at = None, origin, now, None
            changes.add("telephone number added")
        _attest(now, number, data, changes)
    wanted = {data.number for data in sent}
    end(now, [row for e164, row in known.items() if e164 not in wanted], "telephone number ended", changes)


def _known_since(now: datetime, sent: NumberIn | AddressIn) -> datetime:
    """When what is new to us became known; a source says it for what it knew before us, never ahead."""
    return now if sent.since is None else min(now, datetime.combine(sent.since, time(), UTC))


def _attest(now: datetime, number: KnownNumber, data: NumberIn, changes: Changes) -> None:
    if "attested" in data.model_fields_set and data.attested != (number.attested_at is not None):
        number.attested_at = now if data.attested else None
        changes.add("telephone number attested" if data.attested else "telephone number no longer attested")


def _change_addresses(
    session: Session,
    now: datetime,
    person: Person,
    sent: list[AddressIn] | None,
    origin: Origin,
    changes: Changes,
) -> None:
    if sent is None:
        return
    known = addresses_of(session, person.id)
    wanted = {each.email: each for each in sent}
    for email in sorted(wanted):
        address = known.get(email)
        if address is None:
            since = _known_since(now, wanted[email])
            known[email] = KnownAddress(person_id=person.id, email=email, origin=origin, recorded_at=since)
            session.add(known[email])
            changes.add("e-mail address added")
        elif address.ended_at is not None:
            address.ended_at, address.origin, address.recorded_at = None, origin, now
            changes.add("e-mail address added")
    end(now, [row for email, row in known.items() if email not in wanted], "e-mail address ended", changes)


def end(now: datetime, rows: Iterable[KnownNumber | KnownAddress], title: str, changes: Changes) -> None:
    """Numbers or addresses are no longer theirs; the rows stay."""
    for row in rows:
        if row.ended_at is None:
            row.ended_at = now
            changes.add(title)


def numbers_of(session: Session, person_id: int) -> dict[str, KnownNumber]:
    """A person's telephone numbers, ended ones too, by E.164."""
    found = session.exec(select(KnownNumber).where(KnownNumber.person_id == person_id))
    return {number.e164: number for number in found}


def addresses_of(session: Session, person_id: int) -> dict[str, KnownAddress]:
    """A person's e-mail addresses, ended ones too."""
    found = session.exec(select(KnownAddress).where(KnownAddress.person_id == person_id))
    return {address.email: address for address in found}


def _change_rows(session: Session, customer_id: int, sent: list[RowIn], changes: Changes) -> None:
    found = session.exec(select(CustomerRow).where(CustomerRow.customer_id == customer_id))
    known = {(row.kind, row.reference): row for row in found}
    for data in sent:
        row = known.get((data.kind, data.reference))
        if row is None:
            session.add(CustomerRow(customer_id=customer_id, **data.model_dump()))
            changes.of_row(data.kind)
        elif any(getattr(row, name) != getattr(data, name) for name in data.model_fields_set):
            row.sqlmodel_update(data.model_dump(exclude_unset=True))
            changes.of_row(data.kind)
    wanted = {(data.kind, data.reference) for data in sent}
    for key in known.keys() - wanted:
        if key[0] in PRESENT_STATE:
            session.delete(known[key])
            changes.of_row(key[0])
