"""Whom a contact can be linked to: the owners of its number, or what a search found. No more than names."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from contactcenter.contacts.models import ContactCandidate
from contactcenter.customers.models import Customer, KnownNumber, Person
from contactcenter.customers.service import Hit
from contactcenter.staff.access import Visit


@dataclass(frozen=True)
class Choice:
    """One button: a person of a customer, or a customer without persons. Ids are public."""

    customer: str
    customer_name: str
    relation_number: str
    person: str | None
    person_name: str | None
    known_since: int | None


def candidates(session: Session, visit: Visit, contact_id: int) -> list[Choice]:
    """The persons whose known number this contact came from (P06); nobody for who is not trained (P29)."""
    if not visit.member.trained:
        return []
    found = session.exec(
        select(Person, Customer, KnownNumber)
        .join(ContactCandidate, col(ContactCandidate.person_id) == Person.id)
        .join(Customer, col(Customer.id) == Person.customer_id)
        .join(KnownNumber, col(KnownNumber.id) == ContactCandidate.number_id)
        .where(ContactCandidate.contact_id == contact_id)
        .order_by(col(Customer.name), col(Person.name))
    )
    zone = visit.site.settings.zone
    return [
        Choice(
            customer.public_id,
            customer.name,
            customer.relation_number or "",
            person.public_id,
            person.name,
            number.recorded_at.astimezone(zone).year,
        )
        for person, customer, number in found
    ]


def choices_of(hits: list[Hit]) -> list[Choice]:
    """The persons of the found customers; a customer without any is one choice by itself."""
    found: list[Choice] = []
    for hit in hits:
        named = (hit.public_id, hit.name, hit.relation_number)
        found += [Choice(*named, person.public_id, person.name, None) for person in hit.persons]
        if not hit.persons:
            found.append(Choice(*named, None, None, None))
    return found
