"""Measures the door: what asking it adds to a page with a customer's card, against the same card without asking."""

import json
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from statistics import median

from sqlmodel import Session, col, select

from contactcenter import migrations
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, Direction, LinkedBy
from contactcenter.core.db import Database
from contactcenter.core.web import page_environment
from contactcenter.customers import incoming
from contactcenter.customers import service as customers
from contactcenter.customers.models import Person
from contactcenter.customers.rules import Kind, Origin
from contactcenter.settings import load
from contactcenter.staff import service as staff
from contactcenter.staff.access import Member, as_member
from contactcenter.staff.rules import Role
from contactcenter.verification import asking, door, service
from contactcenter.verification.fields import FIELDS
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, Level
from contactcenter.verification.showing import CustomerCard, card_of
from tools.bench_pages import PASSWORD
from tools.figures import Case, compared

CUSTOMERS = 2_000
REPETITIONS = 200
HOLDS = EvidenceOutcome.HOLDS
OPENED = frozenset(kind.value for kind in Kind if FIELDS[kind].by_itself)


def bench_disclose() -> Iterator[Case]:
    """Milliseconds of a card: read through the door, and rendered too."""
    with tempfile.TemporaryDirectory(prefix="bench-disclose-") as made:
        db = Database(f"sqlite:///{Path(made) / 'door.db'}")
        migrations.run(db)
        now = datetime.now(UTC)
        viewer, contact, person = _in_a_call(db, now)
        template = page_environment("nl", load()).get_template("card_fields.html")

        def through(session: Session) -> CustomerCard | None:
            return door.card(session, now, viewer, contact)

        def without(session: Session) -> CustomerCard:
            return card_of(session, person.customer_id, person.id, Level.VERIFIED, OPENED, live=True)

        def page(card: Callable[[Session], CustomerCard | None]) -> Callable[[Session], object]:
            return lambda session: template.render(card=card(session), kinds=list(Kind), reveal_at=None)

        ours, reference = _in_turn(db, through, without)
        yield compared("disclose: read a card through the door", "ms", ours, reference, digits=2)
        ours, reference = _in_turn(db, page(through), page(without))
        yield compared("disclose: a page with a card", "ms", ours, reference, digits=2)
        db.close()


def _in_turn(
    db: Database, ours: Callable[[Session], object], reference: Callable[[Session], object]
) -> tuple[float, float]:
    """Medians in milliseconds, asked for in turn, so that noise hits both."""
    pairs = [(_milliseconds(db, ours), _milliseconds(db, reference)) for _ in range(REPETITIONS)]
    ours_took, reference_took = (median(took) for took in zip(*pairs, strict=True))
    return ours_took, reference_took


def _milliseconds(db: Database, act: Callable[[Session], object]) -> float:
    with db.reading() as session:
        began = time.perf_counter()
        act(session)
        return 1000 * (time.perf_counter() - began)


def _in_a_call(db: Database, now: datetime) -> tuple[Member, int, Person]:
    """An agent with a verified caller on the line, in a database with many customers."""
    lines = (files("contactcenter") / "demo" / "customers.jsonl").read_text(encoding="utf-8").splitlines()
    caller = json.loads(lines[0])
    with db.writing() as session:
        for number in range(CUSTOMERS):
            one = incoming.read(json.dumps(caller | {"relation_number": f"{20_000 + number}"}))
            customers.put(session, now, one, origin=Origin.IMPORT, actor="api")
        hired = staff.add(
            session,
            now,
            login="anna",
            name="Anna",
            role=Role.AGENT,
            password=PASSWORD,
            team="Support",
            trained_on=now.date(),
        )
        anna = as_member(hired, now)
        person = session.exec(select(Person).where(Person.reference == "joris").order_by(col(Person.id))).first()
        assert person is not None
        contact_id = contacts.start(
            session,
            now,
            channel=Channel.PHONE,
            direction=Direction.INBOUND,
            team_id=anna.team_id,
            language="nl",
            statement_version="",
        )
        contact = session.get_one(Contact, contact_id)
        contacts.link(session, now, contact, person.customer_id, person.id, LinkedBy.AGENT, anna.public_id)
        contacts.begin_handling(session, now, contact, anna.id)
        begun = service.ensure(session, now, anna, contact_id)
        for fact in ("postcode", "device-id"):
            asking.add_evidence(session, now, begun, EvidenceKind.ASKED, fact, HOLDS)
        door.disclose(session, now, anna, contact_id=contact_id)
        session.expunge(person)
    return anna, contact_id, person
