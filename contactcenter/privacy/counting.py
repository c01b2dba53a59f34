"""Counting breaches: of how many rows, how many there are, and the newest of them with their public ids."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, Select, true
from sqlmodel import Session, case, func, select

from contactcenter.contacts.models import Contact
from contactcenter.privacy.rules import Finding, Offender, Page

LONGEST_LIST = 100
# What a query gives for each row: a public id, the moment, and the public id of the page that shows it, if any.
Rows = Select[*tuple[Any, ...]]
Breach = tuple[str, datetime, str | None]


def counted(session: Session, rows: Rows, broken: ColumnElement[bool], page: Page = Page.CONTACT) -> Finding:
    """Which of these rows break a promise: one look at all of them, and another only when there are any."""
    both = rows.with_only_columns(func.count(), func.count(case((broken, 1))), maintain_column_froms=True)
    checked, count = session.execute(both).one()
    return Finding(count, checked, _newest(session, rows.where(broken), page) if count else ())


def found(session: Session, breaches: Rows, page: Page = Page.CONTACT) -> Finding:
    """All rows of a query as breaches; nothing is said of how many could be checked."""
    one = counted(session, breaches, true(), page)
    return Finding(one.count, 0, one.offenders)


def listed(checked: int, breaches: Sequence[Breach]) -> Finding:
    """Breaches that were found one by one."""
    return together(Finding(len(breaches), checked, tuple(Offender(id, at, of) for id, at, of in breaches)))


def together(*findings: Finding) -> Finding:
    """Several findings as one."""
    offenders = sorted((each for one in findings for each in one.offenders), key=lambda each: each.at, reverse=True)
    count, checked = sum(one.count for one in findings), sum(one.checked for one in findings)
    return Finding(count, checked, tuple(offenders[:LONGEST_LIST]))


def page_of(contact_id: Any) -> ScalarSelect[Any]:
    """The public id of the contact with this id, as a column that is looked up only for what is shown."""
    return select(Contact.public_id).where(Contact.id == contact_id).correlate_except(Contact).scalar_subquery()


def size(session: Session, rows: Rows) -> int:
    """How many rows a query gives."""
    return int(session.execute(rows.with_only_columns(func.count(), maintain_column_froms=True)).scalar_one())


def _newest(session: Session, breaches: Rows, page: Page) -> tuple[Offender, ...]:
    newest = breaches.order_by(breaches.selected_columns[1].desc()).limit(LONGEST_LIST)
    return tuple(Offender(id, at, of, page) for id, at, of in session.execute(newest))
