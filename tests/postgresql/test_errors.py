"""What PostgreSQL says of a row that it refuses has all of the row in it; what we say has none."""

import traceback
from datetime import UTC, datetime

import pytest
from sqlalchemy.exc import DBAPIError
from sqlmodel import SQLModel

from contactcenter.core.db import Database
from contactcenter.customers.models import Customer, KnownNumber
from contactcenter.customers.rules import Origin

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)


def customer(**changes: object) -> Customer:
    made = Customer(relation_number="10042", name="Jansen", created_at=NOW, changed_at=NOW)
    for column, value in changes.items():
        setattr(made, column, value)
    return made


@pytest.mark.parametrize(
    "rows",
    [
        [customer(name="Joris"), customer()],
        [customer(name=None)],
        [KnownNumber(person_id=99, e164="+31612345678", origin=Origin.IMPORT, recorded_at=NOW)],
        [customer(id="Jansen")],
    ],
    ids=["twice", "with a gap", "of nobody", "of another kind"],
)
def test_an_error_of_the_database_repeats_nothing_of_what_was_sent(db: Database, rows: list[SQLModel]) -> None:
    with db.writing() as session:
        session.add_all(rows)
        with pytest.raises(DBAPIError) as refused:
            session.flush()
        session.rollback()
    said = "".join(traceback.format_exception(refused.value)) + repr(refused.value.orig)
    for kept in ("10042", "Joris", "Jansen", "12345678", "2026-11-02"):
        assert kept not in said
