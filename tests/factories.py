"""A small company to tell stories about: a database made by the migrations, its staff, its customers, its calls."""

import json
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy.engine import make_url
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter import migrations
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, Direction, LinkedBy
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.db import Database, metadata
from contactcenter.customers import service as customers
from contactcenter.customers.incoming import CustomerIn, read
from contactcenter.customers.models import Customer, Person
from contactcenter.customers.rules import Match, MatchKind, Origin
from contactcenter.staff import service as staff
from contactcenter.staff.access import Member, as_member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from contactcenter.verification import service as verification
from contactcenter.verification.rules import Ended

Row = TypeVar("Row")
MONDAY = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PASSWORD = "a long enough password"
JORIS, PRIYA, SHARED, STRANGER = "+31612345678", "+31622222222", "+31633333333", "+31644444444"
OWN_LINE = "+31850000001"

BAKKERIJ_JANSEN: dict[str, Any] = {
    "relation_number": "10042",
    "name": "Bakkerij Jansen",
    "street": "Molenstraat 12",
    "postcode": "7311 AB",
    "town": "Apeldoorn",
    "licence_provider": "Veldwijk Partners Oost",
    "collection_method": "automatische incasso",
    "bank_account": "NL91 ABNA 0417 1643 00",
    "payment_method": "per jaar",
    "contract_from": "2023-03-01",
    "contract_until": "2027-02-28",
    "persons": [
        {
            "reference": "joris",
            "name": "Joris Jansen",
            "numbers": [{"number": "06 12345678", "attested": True, "since": "2023-03-01"}],
            "addresses": [{"email": "joris@bakkerijjansen.example", "since": "2023-03-01"}],
        },
        {"reference": "marieke", "name": "Marieke Jansen", "authorised_for": "invoices", "numbers": []},
    ],
    "rows": [
        {
            "kind": "licences",
            "reference": "L1",
            "on": "2023-03-01",
            "title": "Drive Team",
            "value": "12 licences, 9 active",
        },
        {"kind": "order-history", "reference": "O1", "on": "2026-05-18", "title": "Vier extra licenties"},
        {"kind": "invoices", "reference": "I1", "on": "2026-10-01", "title": "Jaar", "value": "EUR 864.00, paid"},
        {
            "kind": "mutations",
            "reference": "M1",
            "on": "2026-06-02",
            "title": "Nieuw bezoekadres",
            "by_customer": True,
        },
        {"kind": "device-id", "reference": "D1", "on": "2023-03-02", "title": "Drive", "value": "9f86d081"},
        {"kind": "correspondence", "reference": "C1", "on": "2026-10-02", "title": "Welkomstbrief"},
    ],
}
HARBOUR_DENTAL: dict[str, Any] = {
    "relation_number": "10077",
    "name": "Harbour Dental",
    "postcode": "1011 AC",
    "language": "en",
    "licence_provider": "Harbour IT",
    "persons": [
        {
            "reference": "priya",
            "name": "Priya Shah",
            "language": "en",
            "numbers": [{"number": PRIYA, "attested": True, "since": "2024-09-01"}],
        }
    ],
}
# What Joris would rightly say to each question.
RIGHT_ANSWERS = {
    "postcode": "7311ab",
    "licence-provider": "veldwijk partners oost",
    "licence-count": "twaalf",
    "last-order": "vier extra licenties",
    "last-invoice-month": "oktober",
    "last-invoice-amount": "864 euro",
    "last-mutation": "nieuw bezoekadres",
    "contract-start": "maart 2023",
    "active-licences": "negen",
    "device-id": "D081",
}


@dataclass
class World:
    """The company at one moment; `travel` moves it."""

    db: Database
    now: datetime = MONDAY
    members: dict[str, Member] = field(default_factory=dict)

    def travel(self, **by: float) -> None:
        """Let time pass: `travel(minutes=31)`."""
        self.now += timedelta(**by)

    def writing(self) -> AbstractContextManager[Session]:
        """A transaction."""
        return self.db.writing()

    def reading(self) -> AbstractContextManager[Session]:
        """A look."""
        return self.db.reading()

    def hire(self, name: str, role: Role = Role.AGENT, *, trained: bool = True, team: str = "Support") -> Member:
        """A new member of staff, who signs in with their first name."""
        with self.writing() as session:
            hired = staff.add(
                session,
                self.now,
                login=name.lower(),
                name=name,
                role=role,
                password=PASSWORD,
                team=team,
                trained_on=date(2026, 5, 1) if trained else None,
            )
            self.members[name] = as_member(hired, self.now)
        return self.members[name]

    def put(self, data: dict[str, Any], origin: Origin = Origin.IMPORT) -> customers.PutResult:
        """A source system sends a customer."""
        with self.writing() as session:
            return customers.put(session, self.now, incoming(data), origin=origin, actor="api")

    def match(self, number: str | None, *, withheld: bool = False) -> Match:
        """Who may be calling from this number."""
        with self.reading() as session:
            return customers.match(session, self.now, number, withheld=withheld, own=frozenset({OWN_LINE}))

    def call(
        self,
        number: str | None = None,
        *,
        answered_by: Member | None = None,
        direction: Direction = Direction.INBOUND,
    ) -> int:
        """Somebody rings: the number is compared and the call is answered. The contact's id."""
        match = self.match(number, withheld=number is None)
        with self.writing() as session:
            contact_id = contacts.start(
                session,
                self.now,
                channel=Channel.PHONE,
                direction=direction,
                team_id=staff.team_id(session, "Support"),
                language="nl",
                statement_version="2021-06",
                came_from=number,
            )
            contacts.offer(session, contact_id, match.candidates)
            contact = session.get_one(Contact, contact_id)
            if match.kind is MatchKind.ONE:
                only = match.candidates[0]
                contacts.link(session, self.now, contact, only.customer_id, only.person_id, LinkedBy.NUMBER, "carrier")
            if answered_by is not None:
                contacts.begin_handling(session, self.now, contact, answered_by.id)
            return contact_id

    def link(self, contact_id: int, relation_number: str, person: str | None, by: Member) -> None:
        """An agent says whose contact this is."""
        with self.writing() as session:
            customer = session.exec(select(Customer).where(Customer.relation_number == relation_number)).one()
            who = select(Person).where(Person.customer_id == customer.id, Person.reference == person)
            person_id = session.exec(who).one().id if person else None
            contact = session.get_one(Contact, contact_id)
            contacts.link(session, self.now, contact, customer.id, person_id, LinkedBy.AGENT, by.public_id)

    def hang_up(self, contact_id: int, *, missed: bool = False) -> None:
        """The call is over."""
        with self.writing() as session:
            contacts.end(session, self.now, session.get_one(Contact, contact_id), missed=missed)
            verification.end_all(session, self.now, contact_id)

    def hand_on(self, contact_id: int, by: Member, to: Member) -> None:
        """An agent leaves the line, and a colleague takes the call over."""
        with self.writing() as session:
            contacts.leave_handling(session, self.now, contact_id, by.id)
            verification.end_all(session, self.now, contact_id, Ended.HANDED_ON)
            contacts.begin_handling(session, self.now, session.get_one(Contact, contact_id), to.id)

    def contact(self, contact_id: int) -> Contact:
        """The contact as it stands."""
        with self.reading() as session:
            found = session.get_one(Contact, contact_id)
            session.expunge(found)
            return found

    def rows(self, query: SelectOfScalar[Row]) -> list[Row]:
        """What the database holds."""
        with self.reading() as session:
            found = list(session.exec(query))
            session.expunge_all()
            return found

    def tables(self) -> list[tuple[str, str]]:
        """Every table of the database, by name, with all that it holds as text."""
        with self.reading() as session:
            rows = session.connection()
            return [(name, repr(rows.execute(table.select()).all())) for name, table in metadata.tables.items()]

    def acts(self, action: Action) -> list[AuditEntry]:
        """What the audit trail says about this kind of act, in order."""
        return self.rows(select(AuditEntry).where(AuditEntry.action == action).order_by(col(AuditEntry.id)))

    def member(self, name: str) -> Member:
        """The member of staff as the database has them now."""
        with self.reading() as session:
            return as_member(session.exec(select(Staff).where(Staff.name == name)).one(), self.now)


def incoming(data: dict[str, Any]) -> CustomerIn:
    """What a source system sends, read as it reads."""
    return read(json.dumps(data))


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> World:
    """A migrated database with Anna, Bram and two customers, made once per process and copied for each story."""
    path = tmp_path_factory.mktemp("company") / "company.sqlite3"
    made = World(Database(f"sqlite:///{path}"))
    migrations.run(made.db)
    made.hire("Anna")
    made.hire("Bram")
    made.put(BAKKERIJ_JANSEN)
    made.put(HARBOUR_DENTAL)
    made.db.close()
    return made


@pytest.fixture
def world(tmp_path: Path, company: World) -> Iterator[World]:
    """A fresh company with Anna and Bram at their desks, and two customers."""
    path = tmp_path / "company.sqlite3"
    shutil.copy(make_url(company.db.url).database or "", path)
    made = World(Database(f"sqlite:///{path}"), members=dict(company.members))
    yield made
    made.db.close()
