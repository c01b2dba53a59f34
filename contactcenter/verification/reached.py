"""Where those are reached whom a correction may harm: what was on record before, for each who may speak for it (P05).

Of a number or address of their own that is the caller. The postal address and the bank account are the customer's:
whoever else may speak for them hears of it too, since the caller may be the one whom nobody should have believed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from sqlmodel import Session, col, or_, select

from contactcenter.customers import service as customers
from contactcenter.customers.models import KnownAddress, KnownNumber, Person
from contactcenter.customers.rules import Kind, Origin
from contactcenter.verification import policies
from contactcenter.verification.models import Correction
from contactcenter.verification.rules import Way, authorised

THEIR_OWN = (Kind.PHONE_NUMBERS, Kind.EMAIL_ADDRESSES)


@dataclass(frozen=True)
class Known:
    """An e-mail address or telephone number on record: its row in the table of the way, and where it leads."""

    way: Way
    id: int
    to: str = field(repr=False)
    language: str


def known_before(session: Session, correction: Correction, today: date) -> tuple[Known, ...]:
    """Each address and number that hears of a correction, the longest known first; none without a person.

    What a correction put out of use is among them, also when it is back. What ended within the policy's days
    counts still, what a call brought within them does not: it may be a thief's.
    """
    persons = [person.id for person in _persons(session, correction, today)]
    since = policies.in_force(session).settled(correction.at)
    found: list[Known] = []
    for way, kind, table, value in (
        (Way.EMAIL, Kind.EMAIL_ADDRESSES, KnownAddress, KnownAddress.email),
        (Way.TEXT, Kind.PHONE_NUMBERS, KnownNumber, KnownNumber.e164),
    ):
        gone = select(Correction.before_id).where(col(Correction.person_id).in_(persons), Correction.kind == kind)
        rows = session.exec(
            select(table.id, value, Person.language)
            .join(Person, col(Person.id) == table.person_id)
            .where(
                col(table.person_id).in_(persons),
                or_(col(table.id).in_(gone), col(table.recorded_at) < correction.at),
                or_(table.origin != Origin.AGENT, col(table.recorded_at) <= since),
                or_(col(table.ended_at).is_(None), col(table.ended_at) > since),
            )
            .order_by(col(table.recorded_at), col(table.id))
        )
        found += [Known(way, id, to, language) for id, to, language in rows]
    return tuple(found)


def _persons(session: Session, correction: Correction, today: date) -> Sequence[Person]:
    """The caller, and for what is the customer's whoever may speak for it."""
    caller = session.get(Person, correction.person_id) if correction.person_id is not None else None
    persons = [caller] if caller is not None else []
    if correction.kind not in THEIR_OWN:
        persons += [
            person
            for person in customers.persons_of(session, correction.customer_id)
            if person.id != correction.person_id
            and authorised(person.authorised_for, person.authorised_until, correction.kind, today)
        ]
    return persons
