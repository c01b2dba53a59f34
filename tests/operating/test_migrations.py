"""Every version of the database is left and reached again with data in every table, and all its constraints stand."""

import secrets
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from contactcenter import migrations
from contactcenter.core.db import Database
from tools.postgresql import server

Row = dict[str, Any]
NOON = datetime(2026, 11, 2, 11, tzinfo=UTC)
VALUES: dict[type, Callable[[int], Any]] = {
    bool: lambda _: True,
    int: lambda number: number,
    float: lambda number: number / 2,
    str: lambda number: f"text {number}",
    bytes: lambda number: bytes([number]),
    date: lambda _: NOON.date(),
    datetime: lambda _: NOON,
    object: lambda number: {"number": number},  # JSON
}


@pytest.fixture(scope="module")
def postgresql() -> Iterator[str]:
    """A fresh server."""
    with server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def db(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database of either kind."""
    url = f"sqlite:///{tmp_path / 'walk.db'}"
    if request.param == "postgresql":
        url = _new_database(request.getfixturevalue("postgresql"))
    opened = Database(url)
    yield opened
    opened.close()


BEGINS_ANEW = {"staff_session"}  # everybody signs in again after a change of version
MOVED = {"told"}  # columns that went to another table: see below
RENAMED = {"promise_count": {"as_drafted": "share_part", "confirmed": "share_whole"}}


def _new_database(url: str) -> str:
    name = f"walk_{secrets.token_hex(6)}"
    with psycopg.connect(
        f"host={make_url(url).query['host']} user=contactcenter dbname=postgres", autocommit=True
    ) as on:
        on.execute(f"CREATE DATABASE {name}".encode())
    return make_url(url).set(database=name).render_as_string()


def revisions() -> list[str]:
    """All versions, oldest first."""
    return [one.revision for one in ScriptDirectory.from_config(_config()).walk_revisions()][::-1]


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(migrations.HERE))
    return config


def tables(db: Database) -> list[sa.Table]:
    """The tables as this version of the database has them; those that others refer to come first."""
    found = sa.MetaData()
    found.reflect(db.engine)
    return [table for table in found.sorted_tables if table.name != "alembic_version"]


def fill(db: Database, number: int, found: list[sa.Table] | None = None) -> None:
    """One row more in every table (those of this version, where they are known), with a value in every column."""
    found = found or tables(db)
    with db.engine.begin() as connection:
        for table in found:
            connection.execute(table.insert(), [_row(table, number)])


def _row(table: sa.Table, number: int) -> Row:
    return {column.name: _value(column, number) for column in table.columns}


def _value(column: sa.Column[Any], number: int) -> Any:
    if column.foreign_keys:
        return number if column.type.python_type is int else f"text {number}"
    return VALUES[column.type.python_type](number)


def contents(db: Database, found: list[sa.Table]) -> dict[str, list[Row]]:
    """Every row of these tables."""
    with db.engine.connect() as connection:
        return {table.name: [dict(row) for row in connection.execute(table.select()).mappings()] for table in found}


def shape(db: Database) -> dict[str, Any]:
    """All that keeps rows right, and all that finds them quickly: keys, uniques, checks, indexes, triggers."""
    looked = sa.inspect(db.engine)
    return {name: _shape_of(looked, name) for name in looked.get_table_names()} | {"triggers": triggers(db)}


def _shape_of(looked: sa.Inspector, name: str) -> dict[str, Any]:
    foreign = looked.get_foreign_keys(name)
    return {
        "columns": sorted((one["name"], str(one["type"]), one["nullable"]) for one in looked.get_columns(name)),
        "key": looked.get_pk_constraint(name)["constrained_columns"],
        "foreign": sorted(str((one["constrained_columns"], one["referred_table"])) for one in foreign),
        "unique": sorted(str(one["column_names"]) for one in looked.get_unique_constraints(name)),
        "checks": sorted(one["sqltext"] for one in looked.get_check_constraints(name)),
        "indexes": sorted(str((one["name"], one["column_names"], one["unique"])) for one in looked.get_indexes(name)),
    }


def triggers(db: Database) -> list[str]:
    """Names of all triggers: a table that is made anew loses them silently."""
    where = {
        "sqlite": "SELECT name FROM sqlite_master WHERE type = 'trigger'",
        "postgresql": "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal",
    }
    with db.engine.connect() as connection:
        return sorted(connection.execute(sa.text(where[db.engine.dialect.name])).scalars())


def refuses_what_it_must(db: Database, found: list[sa.Table]) -> None:
    """Doubled rows and rows that refer to nothing come in nowhere."""
    for table in found:
        if table.name in BEGINS_ANEW:
            continue
        with db.engine.connect() as connection, pytest.raises(IntegrityError):
            connection.execute(table.insert(), [_row(table, 1)])
        if table.foreign_keys:
            with db.engine.connect() as connection, pytest.raises(IntegrityError):
                connection.execute(table.insert(), [_row(table, 99)])


@pytest.mark.parametrize("steps_back", [10, pytest.param(None, marks=pytest.mark.prove)], ids=["newest", "all"])
def test_every_version_keeps_data_and_constraints_back_and_forth(
    db: Database, steps_back: int | None, record_property: Callable[[str, object], None]
) -> None:
    versions = revisions()[-(steps_back or 0) :]  # what older versions do was walked when they were new
    migrations.run(db)
    newest = shape(db)
    migrations.undo(db, "base")
    shapes = [_shape_at(db, version) for version in versions]
    steps = list(zip(versions, versions[1:], shapes[1:], strict=False))
    new = tables(db)
    for older, newer, shaped in steps[::-1]:  # one step back with data, forth again, and back without
        fill(db, 1, new)
        migrations.undo(db, older)
        old = tables(db)
        before = {name: rows for name, rows in contents(db, old).items() if name not in BEGINS_ANEW}
        assert all(rows for rows in before.values())
        refuses_what_it_must(db, old)
        _up_to(db, newer)
        after = contents(db, new)
        assert {name for name, rows in before.items() if not _has(name, after.get(name, []), rows)} == set()
        assert shape(db) == shaped
        _emptied(db, new)
        migrations.undo(db, older)
        new = old
    migrations.run(db)
    fill(db, 1)
    refuses_what_it_must(db, tables(db))
    migrations.undo(db, "base")
    assert set(sa.inspect(db.engine).get_table_names()) == {"alembic_version"}
    assert triggers(db) == []
    migrations.run(db)
    assert shape(db) == newest
    assert migrations.differences(db) == []
    fill(db, 1)
    record_property("versions", len(versions))
    record_property("tables", len(newest) - 2)


def _up_to(db: Database, version: str) -> None:
    with db.engine.connect() as connection:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, version)


def _shape_at(db: Database, version: str) -> dict[str, Any]:
    _up_to(db, version)
    return shape(db)


def _has(table: str, after: list[Row], before: list[Row]) -> bool:
    """Whether a table has every value that it had, under the names that it has now."""
    columns = after[0].keys() if after else set()
    renamed = {old: new for old, new in RENAMED.get(table, {}).items() if new in columns}
    kept = [{renamed.get(key, key): row[key] for key in row if key in columns or key not in MOVED} for row in before]
    return kept == [{key: row[key] for key in kept[0]} for row in after]


@pytest.mark.parametrize(("told", "kept"), [("nobody", ("letter", False)), ("text", ("text", True))])
def test_how_somebody_was_told_of_a_correction_is_kept(db: Database, told: str, kept: tuple[str, bool]) -> None:
    migrations.run(db)
    fill(db, 1)
    migrations.undo(db, "0024")
    with db.engine.begin() as connection:
        connection.execute(sa.text("UPDATE correction SET told = :told"), {"told": told})
    migrations.run(db)
    with db.engine.connect() as connection:
        (row,) = connection.execute(sa.text("SELECT way, sent FROM correction_notice"))
    assert (row.way, bool(row.sent)) == kept


def _emptied(db: Database, found: list[sa.Table]) -> None:
    guards = triggers(db)  # before the locks
    with db.engine.begin() as connection:
        for name in guards:  # the audit trail is only added to
            on = f" ON {name.partition('_no_')[0]}" if not db.is_sqlite else ""
            connection.execute(sa.text(f"DROP TRIGGER {name}{on}"))
        for table in reversed(found):
            connection.execute(table.delete())
