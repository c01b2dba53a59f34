"""A customer of whom every field says something that stands nowhere else, and what each field is.

`FIELDS_OF` names every column that a customer's data is kept in: the kind under which it opens, or why it shows to
nobody. A column that is not named fails the suite.
"""

import re
from collections.abc import Set
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import delete
from sqlalchemy import update as sql_update
from sqlmodel import Session, SQLModel, col, select

from contactcenter.core.db import metadata
from contactcenter.customers.models import Customer, CustomerName, CustomerRow, KnownAddress, KnownNumber, Person
from contactcenter.customers.rules import LISTED, Kind, Origin
from contactcenter.notes.models import Note, Summary, SummaryState, SummaryVersion, Transcript

TABLES = (Customer, CustomerName, Person, KnownNumber, KnownAddress, CustomerRow)
NEVER = None  # kept for the machine, or for nobody: no page shows it
CALLER, SECOND = "+31612340017", "+31612340018"
FIRST_YEAR = 1931  # each date has a year of its own, long before anything that the pages say otherwise


@dataclass(frozen=True)
class Plain:
    """A column without a canary, and why it needs none."""

    why: str


KEY = Plain("a key or a public id: random, and no data of the customer")
WORD = Plain("a word of a vocabulary that rules decide by")
FIELDS_OF: dict[str, Kind | Plain | None] = {
    "customer.id": KEY,
    "customer.public_id": KEY,
    "customer.relation_number": Kind.RELATION_NUMBER,
    "customer.standing": WORD,
    "customer.name": Kind.NAME_AND_ADDRESS,
    "customer.street": Kind.NAME_AND_ADDRESS,
    "customer.postcode": Kind.NAME_AND_ADDRESS,
    "customer.town": Kind.NAME_AND_ADDRESS,
    "customer.country": Kind.NAME_AND_ADDRESS,
    "customer.language": NEVER,
    "customer.licence_provider": Kind.LICENCE_PROVIDER,
    "customer.collection_method": Kind.COLLECTION_METHOD,
    "customer.bank_account": Kind.BANK_ACCOUNT,
    "customer.payment_method": Kind.PAYMENT_METHOD,
    "customer.contract_from": Kind.CONTRACT_TERM,
    "customer.contract_until": Kind.CONTRACT_TERM,
    "customer.cancelled_on": NEVER,
    "customer.source": NEVER,
    "customer.created_at": NEVER,
    "customer.changed_at": NEVER,
    "customer_name.id": KEY,
    "customer_name.customer_id": KEY,
    "customer_name.whole": WORD,
    "customer_name.text": Plain("the name once more, folded for the search"),
    "person.id": KEY,
    "person.public_id": KEY,
    "person.customer_id": KEY,
    "person.reference": NEVER,
    "person.name": Kind.NAME_AND_ADDRESS,
    "person.language": NEVER,
    "person.authorised_for": WORD,
    "person.authorised_until": NEVER,
    "person.ended_at": Plain("a person who ended has no part in a call"),
    "known_number.id": KEY,
    "known_number.person_id": KEY,
    "known_number.e164": Kind.PHONE_NUMBERS,
    "known_number.origin": WORD,
    "known_number.recorded_at": NEVER,
    "known_number.attested_at": NEVER,
    "known_number.ended_at": Plain("a number that ended counts for nothing and is listed nowhere"),
    "known_address.id": KEY,
    "known_address.person_id": KEY,
    "known_address.email": Kind.EMAIL_ADDRESSES,
    "known_address.origin": WORD,
    "known_address.recorded_at": NEVER,
    "known_address.ended_at": Plain("an address that ended is listed nowhere"),
    "customer_row.id": KEY,
    "customer_row.customer_id": KEY,
    "customer_row.kind": WORD,
    "customer_row.reference": NEVER,
    "customer_row.on": Plain("of each kind of row apart: see `OF_ROWS`"),
    "customer_row.title": Plain("of each kind of row apart: see `OF_ROWS`"),
    "customer_row.value": Plain("of each kind of row apart: see `OF_ROWS`"),
    "customer_row.by_customer": WORD,
}
OF_ROWS: dict[str, Kind] = {f"{kind.value}.{column}": kind for kind in LISTED for column in ("on", "title", "value")}
OF_WORDS: dict[str, Kind] = dict.fromkeys(
    (
        "note.question", "note.text", "summary.text", "summary.draft_lines", "summary_version.text",
        "transcript.segments",
    ),
    Kind.CONTACT_HISTORY,
)  # fmt: skip
SECONDS = (
    "person.name",
    "known_number.e164",
    "known_number.recorded_at",
    "known_number.attested_at",
    "known_address.email",
    "known_address.recorded_at",
)  # of the person who is not on the line
EVERYTHING: Set[Kind | None] = frozenset({*Kind, None})
RULES: dict[str, Kind | None] = {
    **{name: kind for name, kind in FIELDS_OF.items() if not isinstance(kind, Plain)},
    **OF_ROWS,
    **OF_WORDS,
    **{f"second {name}": rule for name in SECONDS for rule in [FIELDS_OF[name]] if not isinstance(rule, Plain)},
}


def columns() -> set[str]:
    """Every column of the tables in which a customer is kept."""
    names = [str(table.__tablename__) for table in TABLES]
    return {f"{name}.{column.name}" for name in names for column in metadata.tables[name].columns}


@dataclass(frozen=True)
class Canaries:
    """A value for each field, and what finds it in an answer. `turn` 1 has other values, of other lengths, and more
    rows; what may show to whoever looks for a customer stays the same."""

    turn: int = 0

    def of(self, name: str) -> str | date | datetime:
        """What the column holds."""
        if name in NUMBERS:
            return NUMBERS[name][self.turn]
        if name in YEARS:
            year = YEARS[name] + (0 if name in SAME else 30 * self.turn)
            return datetime(year, 4, 13, 12, tzinfo=UTC) if name.endswith("_at") else date(year, 4, 13)
        return self.text(name)

    def text(self, name: str) -> str:
        """A word that stands nowhere else."""
        number = NAMES.index(name)
        return f"qz{number:03}x" + ("" if name in SAME else "y" * (self.turn * (number + 3)))

    def found_in(self, text: str) -> set[str]:
        """The fields whose value stands in this text, in whatever notation."""
        return {name for name, pattern in PATTERNS.items() if pattern.search(text)}


NAMES = list(RULES)
YEARS = {
    name: FIRST_YEAR + number + (1000 if name == "person.authorised_until" else 0)  # or the mandate would have ended
    for number, name in enumerate(each for each in NAMES if each.endswith(("_at", "_on", ".on", "_from", "_until")))
}
NUMBERS = {"known_number.e164": (CALLER, CALLER), "second known_number.e164": (SECOND, "+31612340019")}
SAME = {"customer.name", "customer.relation_number", "person.name", "second person.name", "known_number.recorded_at"}
RELATION_NUMBER, NAME = Canaries().text("customer.relation_number"), Canaries().text("customer.name")


def _pattern(name: str) -> "re.Pattern[str]":
    """What finds the value of a field: a number in any notation, a year in any date, a word in any case."""
    if name in NUMBERS:
        return re.compile(r"[ -]?".join(NUMBERS[name][0].removeprefix("+31")))
    if name in YEARS:
        return re.compile(rf"(?<![\w-]){YEARS[name]}(?!\w)")
    return re.compile(Canaries().text(name), re.IGNORECASE)


PATTERNS = {name: _pattern(name) for name in NAMES}


def sent() -> dict[str, Any]:
    """The customer as a source system sends it; the canaries that it could not say are written by `mark`."""
    persons = [
        {
            "reference": reference,
            "name": reference,
            "numbers": [{"number": number, "attested": True, "since": "2001-01-01"}],
            "addresses": [{"email": f"{reference}@company.example", "since": "2001-01-01"}],
        }
        for reference, number in (("first", CALLER), ("second", SECOND))
    ]
    rows = [{"kind": kind.value, "reference": "one", "on": "2020-01-01", "title": "t"} for kind in LISTED]
    return {"relation_number": RELATION_NUMBER, "name": NAME, "persons": persons, "rows": rows}


def mark(session: Session, customer_id: int, canaries: Canaries, only: Set[Kind | None] = EVERYTHING) -> None:
    """Write the canaries of these kinds into the customer of `sent`."""
    first, second = session.exec(select(Person).where(Person.customer_id == customer_id).order_by(col(Person.id))).all()
    _set(session, Customer, customer_id, "customer", canaries, only)
    for person, prefix in ((first, ""), (second, "second ")):
        _set(session, Person, person.id, f"{prefix}person", canaries, only)
        for table in (KnownNumber, KnownAddress):
            held = session.exec(select(table.id).where(table.person_id == person.id).order_by(col(table.id))).first()
            assert held is not None
            _set(session, table, held, f"{prefix}{table.__tablename__}", canaries, only)
    for row in session.exec(select(CustomerRow).where(CustomerRow.customer_id == customer_id)).all():
        if row.kind in only:
            row.reference = canaries.text("customer_row.reference")
            for column in ("on", "title", "value"):
                setattr(row, column, canaries.of(f"{row.kind.value}.{column}"))


def add_more(session: Session, customer_id: int, only: Set[Kind | None]) -> None:
    """One more of everything that there can be several of."""
    person = session.exec(select(Person).where(Person.customer_id == customer_id).order_by(col(Person.id))).first()
    assert person is not None
    at = datetime(2001, 1, 1, tzinfo=UTC)
    if Kind.PHONE_NUMBERS in only:
        session.add(KnownNumber(person_id=person.id, e164="+31612340020", origin=Origin.IMPORT, recorded_at=at))
    if Kind.EMAIL_ADDRESSES in only:
        session.add(KnownAddress(person_id=person.id, email="a@b.example", origin=Origin.IMPORT, recorded_at=at))
    session.add_all(
        CustomerRow(customer_id=customer_id, kind=kind, reference="two", on=at.date(), title="two")
        for kind in LISTED
        if kind in only
    )


def say(session: Session, now: datetime, contact_id: int, staff_id: int, canaries: Canaries) -> None:
    """The words of a contact: note, summary with what it said before, transcript; in place of those before."""
    for table in (Note, Transcript):
        session.execute(delete(table).where(col(table.contact_id) == contact_id))
    summary = session.exec(select(Summary).where(Summary.contact_id == contact_id)).first()
    summary = summary or Summary(contact_id=contact_id, state=SummaryState.CONFIRMED)
    line = {"text": canaries.text("summary.draft_lines"), "start": 0.5, "channel": 0}
    summary.text, summary.draft_lines, summary.confirmed_by = canaries.text("summary.text"), [line], staff_id
    summary.confirmed_at = now
    session.add(summary)
    session.flush()
    session.execute(delete(SummaryVersion).where(col(SummaryVersion.summary_id) == summary.id))
    before, question, text = (canaries.text(name) for name in ("summary_version.text", "note.question", "note.text"))
    session.add(SummaryVersion(summary_id=summary.id, text=before, confirmed_by=staff_id, confirmed_at=now))
    session.add(Note(contact_id=contact_id, staff_id=staff_id, question=question, text=text, written_at=now))
    said = {"channel": 0, "start": 0.5, "end": 2.0, "text": canaries.text("transcript.segments"), "confidence": 0.9}
    session.add(
        Transcript(
            contact_id=contact_id, recording_sid=f"RE{contact_id:032}", language="nl", engine="none", model="none",
            segments=[said] * (1 + canaries.turn), roles=["caller", "agent"], made_at=now,
        )
    )  # fmt: skip


def _set(
    session: Session, of: type[SQLModel], key: int, prefix: str, canaries: Canaries, only: Set[Kind | None]
) -> None:
    """Every marked column of a row, where its kind is meant."""
    table = metadata.tables[str(of.__tablename__)]
    names = {column.name: f"{prefix}.{column.name}" for column in table.columns}
    values = {column: canaries.of(name) for column, name in names.items() if name in RULES and RULES[name] in only}
    if values:
        session.execute(sql_update(table).where(table.c.id == key).values(**values))
