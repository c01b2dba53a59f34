"""A database as it is after years: many contacts with their calls, links, handlings, summaries and recordings."""

import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

from sqlmodel import Session, col, select

import contactcenter.migrations.tables  # noqa: F401  # all tables of the product
from contactcenter.calls.prompts import catalogue
from contactcenter.calls.rules import CallState, Ending, NoticeBasis
from contactcenter.contacts.rules import Channel, ContactKind, ContactState, Direction, LinkedBy, Outcome
from contactcenter.core.db import Database, metadata, new_public_id
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.rules import MatchKind, Standing, beginnings
from contactcenter.notes.models import SummaryState
from contactcenter.recordings.rules import CarrierCopy, RecordingState
from contactcenter.staff.models import Staff

Values = dict[str, Any]
AT_ONCE = 10_000
CONTACTS_OF_A_CUSTOMER = 20
YEARS = timedelta(days=5 * 365)
KEPT_FOR = timedelta(days=30)
FIRST = ("Bakkerij", "Praktijk", "Kantoor", "Garage", "Drukkerij", "Slagerij", "Studio", "Atelier", "Hotel", "Lab")
LAST = ("Jansen", "de Boer", "Smit", "Visser", "Mulder", "Peters", "Bakker", "Dijkstra", "Vos", "van Dam")


@dataclass(frozen=True)
class Growth:
    """How many contacts, spread evenly over this time and over customers with so many contacts each, and over staff."""

    contacts: int
    staff: Sequence[Staff]
    within: timedelta = YEARS
    of_a_customer: float = CONTACTS_OF_A_CUSTOMER
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    @property
    def customers(self) -> int:
        return max(1, int(self.contacts / self.of_a_customer))

    def began(self, number: int) -> datetime:
        """When a contact began: the last one an hour ago."""
        return self.now - timedelta(hours=1) - self.within * (1 - number / self.contacts)

    def handler(self, number: int) -> Staff:
        """Who handled a contact."""
        return self.staff[number % len(self.staff)]


Row = Callable[[int, Growth], Values]


def grow(db: Database, contacts: int, told: Callable[[int], None] = lambda _: None) -> None:
    """Add this many contacts of the first member of staff, over five years and customers with 20 contacts each."""
    with db.reading() as session:
        staff = session.exec(select(Staff).order_by(col(Staff.id))).first()
    assert staff is not None
    fill(db, Growth(contacts, [staff]), tuple(ROWS.items()), told)


def fill(
    db: Database, growth: Growth, tables: Sequence[tuple[str, Row]], told: Callable[[int], None] = lambda _: None
) -> None:
    """Add customers, and for each contact a row to each of these tables."""
    _add(db, "customer", (_customer(number) for number in range(1, growth.customers + 1)))
    _add(db, "customer_name", (row for number in range(1, growth.customers + 1) for row in _names(number)))
    for first in range(1, growth.contacts + 1, AT_ONCE):
        ids = range(first, min(first + AT_ONCE, growth.contacts + 1))
        for table, row in tables:
            _add(db, table, (row(number, growth) for number in ids))
        told(ids[-1])


def _add(db: Database, table: str, rows: Iterator[Values]) -> None:
    while batch := list(islice(rows, AT_ONCE)):
        with db.writing() as session:
            _insert(session, table, batch)


def _insert(session: Session, table: str, batch: list[Values]) -> None:
    session.connection().execute(metadata.tables[table].insert(), batch)


def _customer(number: int) -> Values:
    name = f"{FIRST[number % 10]} {LAST[number // 10 % 10]} {number}"
    return {
        "id": number,
        "public_id": new_public_id(),
        "relation_number": f"{100_000 + number}",
        "name": name,
        "standing": Standing.CUSTOMER,
        "street": "Molenstraat 12",
        "postcode": "7311 AB",
        "town": "Apeldoorn",
        "country": "NL",
        "language": "nl",
        "licence_provider": "",
        "collection_method": "",
        "bank_account": "",
        "payment_method": "",
        "source": "",
        "created_at": datetime.now(UTC),
        "changed_at": datetime.now(UTC),
    }


def _names(number: int) -> list[Values]:
    texts = beginnings(_customer(number)["name"])
    return [{"customer_id": number, "whole": at == 0, "text": text} for at, text in enumerate(texts)]


def _contact(number: int, growth: Growth) -> Values:
    started = growth.began(number)
    return {
        "id": number,
        "public_id": new_public_id(),
        "channel": Channel.PHONE,
        "direction": Direction.INBOUND,
        "state": ContactState.CLOSED,
        "kind": ContactKind.QUESTION,
        "team_id": growth.handler(number).team_id,
        "language": "nl",
        "statement_version": "2021-06",
        "started_at": started,
        "ended_at": started + timedelta(minutes=4),
        "closed_at": started + timedelta(minutes=6),
        "linked": True,
    }


def _link(number: int, growth: Growth) -> Values:
    return {
        "contact_id": number,
        "customer_id": 1 + number % growth.customers,
        "how": LinkedBy.NUMBER,
        "by": "carrier",
        "at": growth.began(number),
    }


def _handling(number: int, growth: Growth) -> Values:
    started = growth.began(number)
    return {
        "contact_id": number,
        "staff_id": growth.handler(number).id,
        "started_at": started,
        "ended_at": started + timedelta(minutes=4),
        "closed_at": started + timedelta(minutes=6),
        "outcome": Outcome.SOLVED,
    }


def _call(number: int, growth: Growth) -> Values:
    started = growth.began(number)
    return {
        "id": number,
        "public_id": new_public_id(),
        "contact_id": number,
        "sid": f"CA{number:032x}",
        "line_id": 1,
        "caller_kind": CallerKind.NUMBER,
        "caller": f"+316{number % 10**8:08}",
        "match": MatchKind.ONE,
        "state": CallState.ENDED,
        "ending": Ending.ANSWERED,
        "language": "nl",
        "arrived_at": started,
        "claimed_at": started + timedelta(minutes=1),
        "connected_at": started + timedelta(minutes=1),
        "ended_at": started + timedelta(minutes=4),
    }


def _notice_play(number: int, growth: Growth) -> Values:
    started = growth.began(number)
    return {
        "call_id": number,
        "attempt": 1,
        "notice": "notice",
        "version": catalogue().version,
        "statement_version": catalogue().statement_version,
        "language": "nl",
        "began_at": started,
        "ended_at": started + timedelta(seconds=12),
        "whole": True,
        "milliseconds": 12_000,
        "basis": NoticeBasis.NEXT_REQUEST,
    }


def _summary(number: int, growth: Growth) -> Values:
    return {
        "contact_id": number,
        "state": SummaryState.CONFIRMED,
        "text": "The licence was extended and the invoice explained.",
        "edited": False,
        "confirmed_by": growth.handler(number).id,
        "confirmed_at": growth.began(number) + timedelta(minutes=6),
    }


def _recording(number: int, growth: Growth) -> Values:
    started = growth.began(number)
    kept = growth.now - started < KEPT_FOR
    return {
        "public_id": new_public_id(),
        "sid": f"RE{number:032x}",
        "contact_id": number,
        "state": RecordingState.ATTACHED if kept else RecordingState.DESTROYED,
        "carrier_copy": CarrierCopy.DELETED,
        "started_at": started + timedelta(minutes=1),
        "arrived_at": started + timedelta(minutes=4),
        "channels": 2,
        "seconds": 180.0,
        "roles": ["caller", "agent"],
        "object_key": secrets.token_hex(16) if kept else None,
        "wrapped_key": secrets.token_bytes(60) if kept else None,
        "size": 5_760_000 if kept else None,
        "stored_at": started + timedelta(minutes=5),
        "retain_until": started + KEPT_FOR,
        "tries": 0,
    }


ROWS: dict[str, Row] = {
    "contact": _contact,
    "contact_link": _link,
    "handling": _handling,
    "call": _call,
    "notice_play": _notice_play,
    "summary": _summary,
    "recording": _recording,
}
