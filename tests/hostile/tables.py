"""All tables of a database, ours and the job library's: what nobody may add to by asking."""

from typing import Any

from sqlalchemy import inspect, text

from contactcenter.core.db import Database


def names(db: Database) -> list[str]:
    """Every table there is, but for the notes of the migrations."""
    found = inspect(db.engine).get_table_names()
    return sorted(name for name in found if not name.startswith(("alembic", "dbos_migrations", "sqlite")))


def counts(db: Database, tables: list[str]) -> dict[str, int]:
    """How many rows each of these tables has, in one query."""
    query = " UNION ALL ".join(f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables)
    with db.reading() as session:
        return {row[0]: row[1] for row in session.connection().execute(text(query))}


def contents(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    with db.reading() as session:
        connection = session.connection()
        return {name: [tuple(row) for row in connection.execute(text(f'SELECT * FROM "{name}"'))] for name in names(db)}
