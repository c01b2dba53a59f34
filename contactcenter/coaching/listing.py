"""Contacts with their verifications, newest first, by filters: what supervisors look through (P05, P06)."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, tuple_
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter.coaching import facts
from contactcenter.coaching.naming import Naming
from contactcenter.coaching.narrowing import has_evidence, has_result, is_marked, of_contact
from contactcenter.coaching.rules import Found, Mark, Result, marks_of, result_of
from contactcenter.contacts.models import Contact, Handling
from contactcenter.verification.models import Verification
from contactcenter.verification.rules import EvidenceKind, Level

LONGEST_LIST = 50
MOST_SEARCHED, MOST_LOOKED_AT = 20_000, 2000  # contacts for one page, by the database and by rules; the next goes on
PLACE = tuple_(col(Contact.started_at), col(Contact.id))


@dataclass(frozen=True)
class Wanted:
    """Filters that all must hold for one verification of the contact, or for the contact; `team` is a public id."""

    team: str | None = None
    level: Level | None = None
    result: Result | None = None
    evidence: EvidenceKind | None = None
    marks: frozenset[Mark] = frozenset()
    since: datetime | None = None
    until: datetime | None = None

    @property
    def any(self) -> bool:
        """Whether anything is filtered at all."""
        return self != Wanted()


@dataclass(frozen=True)
class Line:
    """One verification in a list; `who` is None where a small team has no name. `seconds`: until it was verified."""

    public_id: str
    who: str | None
    level: Level
    result: Result
    evidence: tuple[Found, ...]
    seconds: float | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True)
class Audited:
    """One contact that somebody handled, and the verifications in it; `who` handled it first. `marks` are those of the
    contact itself."""

    public_id: str
    started_at: datetime
    who: str | None
    lines: tuple[Line, ...]
    marks: tuple[Mark, ...]


def audited(session: Session, wanted: Wanted, naming: Naming, after: str | None) -> tuple[list[Audited], str | None]:
    """(contacts, newest first, at most fifty; the public id after which the next ones come, None at the end)."""
    last = session.exec(select(Contact).where(Contact.public_id == after)).first() if after else None
    floor = _floor(session, wanted, last) if wanted.any else None
    found: list[Audited] = []
    for _ in range(MOST_LOOKED_AT // LONGEST_LIST):
        contacts = list(session.exec(_query(wanted, naming, last, floor)))
        for contact, one in zip(contacts, described(session, contacts, naming), strict=True):
            last = contact
            found += [one] if _fits(wanted, one) else []
            if len(found) == LONGEST_LIST:
                return found, contact.public_id
        if len(contacts) < LONGEST_LIST:
            return found, floor.public_id if floor else None
    return found, last.public_id if last else None


def described(session: Session, contacts: Sequence[Contact], naming: Naming) -> list[Audited]:
    """These contacts with their verifications, in this order."""
    ids = [one.id for one in contacts]
    handlers: dict[int, int] = {}
    for handling in session.exec(select(Handling).where(col(Handling.contact_id).in_(ids)).order_by(col(Handling.id))):
        handlers.setdefault(handling.contact_id, handling.staff_id)
    lines, paused = _lines(session, ids, naming), facts.paused(session, ids)
    return [
        Audited(
            public_id=one.public_id,
            started_at=one.started_at,
            who=naming.labels.get(handlers.get(one.id, 0)),
            lines=tuple(lines[one.id]),
            marks=(Mark.PAUSED,) if one.id in paused else (),
        )
        for one in contacts
    ]


def _lines(session: Session, contact_ids: Iterable[int], naming: Naming) -> dict[int, list[Line]]:
    verifications = session.exec(
        select(Verification).where(col(Verification.contact_id).in_(list(contact_ids))).order_by(col(Verification.id))
    ).all()
    seen = facts.seen_of(session, verifications)
    lines: dict[int, list[Line]] = defaultdict(list)
    for one in verifications:
        marks = marks_of(seen[one.id])
        line = Line(
            public_id=one.public_id,
            who=naming.labels.get(one.staff_id),
            level=one.level,
            result=result_of(seen[one.id]),
            evidence=tuple(seen[one.id].evidence),
            seconds=seen[one.id].seconds,
            marks=tuple(mark for mark in Mark if mark in marks),
        )
        lines[one.contact_id].append(line)
    return lines


def _fits(wanted: Wanted, one: Audited) -> bool:
    """What only the rules decide; for all else the database was asked."""
    if wanted.result is None and not wanted.marks:
        return True
    marks = wanted.marks - set(one.marks)
    if wanted.result is None and not marks:
        return True
    return any(wanted.result in (None, line.result) and marks <= set(line.marks) for line in one.lines)


def _floor(session: Session, wanted: Wanted, last: Contact | None) -> Contact | None:
    """The contact down to which the database looks for one page, however few fit; None when it may look at all."""
    return session.exec(_from(select(Contact).where(*_within(wanted)), last).offset(MOST_SEARCHED - 1).limit(1)).first()


def _from(query: SelectOfScalar[Contact], last: Contact | None) -> SelectOfScalar[Contact]:
    """Newest first, after this one."""
    if last is not None:
        query = query.where(tuple_(last.started_at, last.id) > PLACE)
    return query.order_by(col(Contact.started_at).desc(), col(Contact.id).desc())


def _query(wanted: Wanted, naming: Naming, last: Contact | None, floor: Contact | None) -> SelectOfScalar[Contact]:
    query = select(Contact).where(*of_contacts(wanted, naming))
    if floor is not None:
        query = query.where(tuple_(floor.started_at, floor.id) <= PLACE)
    return _from(query, last).limit(LONGEST_LIST)


def of_contacts(wanted: Wanted, naming: Naming) -> list[ColumnElement[bool]]:
    """What the filters ask of a contact; what they ask of one verification must hold for one and the same."""
    handled = select(Handling.id).where(Handling.contact_id == Contact.id)
    if wanted.team is not None:
        handled = handled.where(col(Handling.staff_id).in_(naming.members(wanted.team)))
    found = [handled.correlate(Contact).exists(), *_within(wanted), *_reaching(wanted.level)]
    if own := of_verifications(wanted):
        found.append(of_contact().where(*own).exists())
    if Mark.PAUSED in wanted.marks:
        found.append(is_marked(Mark.PAUSED))
    if wanted.evidence is not None:
        found.append(has_evidence(wanted.evidence))
    return found


def of_verifications(wanted: Wanted) -> list[ColumnElement[bool]]:
    """What the filters ask of a verification."""
    marked = [is_marked(mark) for mark in Mark if mark in wanted.marks - {Mark.PAUSED}]
    return marked if wanted.result is None else [*marked, has_result(wanted.result)]


def _within(wanted: Wanted) -> Iterator[ColumnElement[bool]]:
    if wanted.since is not None:
        yield col(Contact.started_at) >= wanted.since
    if wanted.until is not None:
        yield col(Contact.started_at) < wanted.until


def _reaching(level: Level | None) -> Iterator[ColumnElement[bool]]:
    """That the highest level is this one. Levels are kept by name, so the database can't compare them."""
    if level is None:
        return
    yield ~of_contact().where(col(Verification.level).in_([one for one in Level if one > level])).exists()
    if level > Level.UNKNOWN:
        yield of_contact().where(Verification.level == level).exists()
