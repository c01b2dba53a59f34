"""Whom a contact can be linked to: the owners of its number, or what a search found. No more than names."""

from dataclasses import dataclass

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import ContactCandidate, ContactLink
from contactcenter.contacts.rules import LinkedBy
from contactcenter.customers.models import Customer, KnownNumber, Person
from contactcenter.customers.service import Hit, hit_of
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
    """The persons whose known number this contact came from, then those of the customer whose relation number was
    keyed in (P06); nobody for who is not trained (P29).
    """
    if not visit.member.trained:
        return []
    callers = _callers(session, visit, contact_id)
    named = {one.person for one in callers}
    return callers + [one for one in _keyed(session, contact_id) if one.person not in named]


def contradicting(session: Session, visit: Visit, link: ContactLink) -> list[Choice]:
    """The persons of another customer whose relation number was keyed in, while the number alone made the link."""
    keyed = contacts.keyed(session, link.contact_id)
    if not visit.member.trained or link.how is not LinkedBy.NUMBER or keyed == link.customer_id:
        return []
    return _keyed(session, link.contact_id)


def _callers(session: Session, visit: Visit, contact_id: int) -> list[Choice]:
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


def _keyed(session: Session, contact_id: int) -> list[Choice]:
    customer_id = contacts.keyed(session, contact_id)
    return choices_of([hit_of(session, session.get_one(Customer, customer_id))]) if customer_id else []


def choices_of(hits: list[Hit]) -> list[Choice]:
    """The persons of the found customers; a customer without any is one choice by itself."""
    found: list[Choice] = []
    for hit in hits:
        named = (hit.public_id, hit.name, hit.relation_number)
        found += [Choice(*named, person.public_id, person.name, None) for person in hit.persons]
        if not hit.persons:
            found.append(Choice(*named, None, None, None))
    return found
