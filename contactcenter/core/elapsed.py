"""Seconds between two moments of a row, as the database counts them: SQLite and PostgreSQL each in their own words."""

from typing import Any

from sqlalchemy import ColumnElement, Float
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Mapped
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

Moment = ColumnElement[Any] | Mapped[Any]


class Elapsed(FunctionElement[float]):
    """Seconds from its first argument to its second, right to a millisecond; NULL when one of them is."""

    type = Float()
    inherit_cache = True


def elapsed(since: Moment, until: Moment) -> ColumnElement[float]:
    """Seconds from one moment to another, negative when they are the other way round."""
    return Elapsed(since, until)


@compiles(Elapsed)
def _in_sqlite(element: Elapsed, compiler: SQLCompiler, **more: Any) -> str:
    since, until = (compiler.process(each, **more) for each in element.clauses)
    return f"round((julianday({until}) - julianday({since})) * 86400.0, 3)"  # it counts in days, as floating numbers


@compiles(Elapsed, "postgresql")
def _in_postgresql(element: Elapsed, compiler: SQLCompiler, **more: Any) -> str:
    since, until = (compiler.process(each, **more) for each in element.clauses)
    return f"EXTRACT(EPOCH FROM ({until} - {since}))"
