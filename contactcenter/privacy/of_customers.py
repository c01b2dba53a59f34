"""Promises about customers' data: what was shown, by whom and on what evidence; what is kept of them and whence."""

from datetime import UTC, date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, ScalarSelect, false, tuple_
from sqlmodel import Session, and_, col, func, or_, select

from contactcenter.core.audit import Action, AuditEntry
from contactcenter.customers.models import Customer, CustomerRow
from contactcenter.customers.rules import Kind, Standing
from contactcenter.privacy.counting import counted, found, page_of, size, together
from contactcenter.privacy.rules import DEVICE_ID_LENGTHS, STATEMENT_LISTS, WORDS, Finding, Page
from contactcenter.recordings.models import Playback, Recording
from contactcenter.staff.models import Staff
from contactcenter.verification.fields import FIELDS, OF_WORDS
from contactcenter.verification.models import BreakGlass, Correction, Disclosure, Evidence, Served, Verification
from contactcenter.verification.rules import REVIEW_WITHIN, EvidenceKind, EvidenceOutcome, Level, Purpose

WEAK = (Level.UNKNOWN, Level.RECOGNISED)
POSSESSED = (  # a new kind of evidence proves nothing here until somebody has thought about it
    EvidenceKind.CODE_BY_EMAIL,
    EvidenceKind.CODE_BY_TEXT,
    EvidenceKind.PORTAL_CODE,
    EvidenceKind.CALL_BACK,
)
ASKED_OR_POSSESSED = (EvidenceKind.ASKED, *POSSESSED)
ABOUT = func.coalesce(Disclosure.contact_id, Disclosure.about_contact_id)
NEVER = datetime(9999, 1, 1, tzinfo=UTC)


def shown_as_opened(session: Session, now: datetime) -> Finding:
    """P05: fields that pages showed without an opening of that kind to that person, at a level that the kind takes
    or by broken glass, in the hour before; and broken glass that nobody reviewed for a week."""
    enough = or_(
        col(Disclosure.break_glass_id).is_not(None),
        *(
            and_(Disclosure.what == kind.value, col(Disclosure.level).in_([one for one in Level if one >= field.needs]))
            for kind, field in FIELDS.items()
        ),
    )
    opened = select(Disclosure.id).where(
        Disclosure.staff_id == Served.staff_id,
        Disclosure.customer_id == Served.customer_id,
        Disclosure.what == Served.what,
        Disclosure.at <= Served.at,
        Disclosure.at >= Served.since,
        enough,
    )
    shown = select(Customer.public_id, Served.at, Customer.public_id).join(
        Customer, col(Customer.id) == Served.customer_id
    )
    broken = select(BreakGlass.public_id, BreakGlass.at, Customer.public_id).join(
        Customer, col(Customer.id) == BreakGlass.customer_id
    )
    waiting = and_(col(BreakGlass.reviewed_at).is_(None), BreakGlass.at < now - REVIEW_WITHIN)
    return together(
        counted(session, shown, ~opened.exists(), Page.CUSTOMER), counted(session, broken, waiting, Page.CUSTOMER)
    )


def used_as_named(session: Session, now: datetime) -> Finding:
    """P26: openings for a purpose that the kind does not serve; words of contacts serve support alone."""
    serves = {kind.value: field.purposes for kind, field in FIELDS.items()} | {WORDS: OF_WORDS}
    outside = [
        (what, purpose) for what, purpose in _openings(session) if what in serves and purpose not in serves[what]
    ]
    return _shown(session, tuple_(col(Disclosure.what), col(Disclosure.purpose)).in_(outside))


def asked_before_verified(session: Session, now: datetime) -> Finding:
    """P06: verifications beyond recognition without a piece of evidence that holds and was asked or possessed; and
    corrections that were made before there was any in their contact, or but for the postal address any possession."""
    proved = select(Evidence.id).where(
        Evidence.verification_id == Verification.id,
        Evidence.outcome == EvidenceOutcome.HOLDS,
        col(Evidence.kind).in_(ASKED_OR_POSSESSED),
    )
    reached = select(Verification.public_id, Verification.reached_at, page_of(Verification.contact_id)).where(
        col(Verification.level).not_in(WEAK)
    )
    return together(counted(session, reached, ~proved.exists()), _corrected_unproved(session))


def _corrected_unproved(session: Session) -> Finding:
    before = (
        select(Evidence.id)
        .join(Verification, col(Verification.id) == Evidence.verification_id)
        .where(
            Verification.contact_id == Correction.contact_id,
            Evidence.outcome == EvidenceOutcome.HOLDS,
            col(Evidence.at) <= Correction.at,
        )
    )
    said = before.where(Correction.kind == Kind.NAME_AND_ADDRESS, col(Evidence.kind).in_(ASKED_OR_POSSESSED))
    had = before.where(col(Evidence.kind).in_(POSSESSED))
    made = select(Correction.public_id, Correction.at, page_of(Correction.contact_id))
    return counted(session, made, ~or_(said.exists(), had.exists()))


def shown_as_listed(session: Session, now: datetime) -> Finding:
    """P07: disclosures of a kind that the statement does not list."""
    foreign = {kind for kind, _ in _openings(session)} - {*STATEMENT_LISTS, WORDS}
    return _shown(session, col(Disclosure.what).in_(foreign))


def _shown(session: Session, *broken: ColumnElement[bool]) -> Finding:
    """Disclosures that break a promise, of all there are: on the page of their contact, else of their customer."""
    contact = page_of(ABOUT)
    customer = select(Customer.public_id).where(Customer.id == Disclosure.customer_id).scalar_subquery()
    in_contacts = select(contact, Disclosure.at, contact).where(ABOUT.is_not(None), *broken)
    elsewhere = select(customer, Disclosure.at, customer).where(ABOUT.is_(None), *broken)
    everything = Finding(0, size(session, select(Disclosure.id)))
    return together(everything, found(session, in_contacts), found(session, elsewhere, Page.CUSTOMER))


def _openings(session: Session) -> list[tuple[str, Purpose]]:
    """Every kind that was ever shown with every purpose that it was shown for: each is found by a step in an index
    instead of a look at every row."""
    what, purpose = col(Disclosure.what), col(Disclosure.purpose)
    kinds = select(func.min(what).label("what")).cte("kinds", recursive=True)
    kinds = kinds.union_all(select(_least(what, what > kinds.c.what)).where(kinds.c.what.is_not(None)))
    pairs = (
        select(kinds.c.what, _least(purpose, what == kinds.c.what).label("purpose"))
        .where(kinds.c.what.is_not(None))
        .cte("pairs", recursive=True)
    )
    following = _least(purpose, what == pairs.c.what, purpose > pairs.c.purpose)
    pairs = pairs.union_all(select(pairs.c.what, following).where(pairs.c.purpose.is_not(None)))
    found_pairs = session.execute(select(pairs.c.what, pairs.c.purpose).where(pairs.c.purpose.is_not(None)))
    return [(each.what, each.purpose) for each in found_pairs]


def _least(column: Any, *where: Any) -> ScalarSelect[Any]:
    return select(func.min(column)).where(*where).scalar_subquery()


def seen_by_the_trained(session: Session, now: datetime) -> Finding:
    """P29: disclosures and playbacks of staff before the first day of training that is on record of them: in the
    audit trail, which keeps the day of every one, or in the account, which keeps the last."""
    first = _first_trainings(session)
    heard = (
        select(Playback.public_id, Playback.at, page_of(Recording.contact_id))
        .join(Recording, col(Recording.id) == Playback.recording_id)
        .where(col(Playback.refused).is_(None))
    )
    return together(
        _shown(session, _before(session, Disclosure, first)),
        counted(session, heard, _before(session, Playback, first)),
    )


def _first_trainings(session: Session) -> dict[int, datetime]:
    """By the id of each member of staff, when the first day of training began that is on record of them."""
    first = {id: _begin_of(day) if day else NEVER for id, day in session.exec(select(Staff.id, col(Staff.trained_on)))}
    registered = select(Staff.id, AuditEntry.detail, AuditEntry.at).join(
        AuditEntry, col(AuditEntry.subject) == Staff.public_id
    )
    for id, day, at in session.exec(registered.where(AuditEntry.action == Action.STAFF_TRAINED)):
        first[id] = min(first[id], _begin_of(date.fromisoformat(day)) if day else at)  # old entries name no day
    return first


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def _before(session: Session, table: type[Disclosure | Playback], first: dict[int, datetime]) -> ColumnElement[bool]:
    """Which rows are of somebody before these moments: one look at each one's first row, by an index."""
    earliest = select(func.min(table.at)).where(table.staff_id == Staff.id).scalar_subquery()
    early = [(id, first[id]) for id, at in session.execute(select(Staff.id, earliest)) if at and at < first[id]]
    return or_(false(), *(and_(col(table.staff_id) == id, col(table.at) < moment) for id, moment in early))


def prospects_have_a_source(session: Session, now: datetime) -> Finding:
    """P27: prospects of whom nobody knows where their data came from."""
    prospects = select(Customer.public_id, Customer.created_at, Customer.public_id).where(
        Customer.standing == Standing.PROSPECT
    )
    return counted(session, prospects, col(Customer.source) == "", Page.CUSTOMER)


def device_ids_opaque(session: Session, now: datetime) -> Finding:
    """P32: device IDs that are no key of 32 or 256 bits in hexadecimal digits, by their length; none is read."""
    kept = (
        select(Customer.public_id, Customer.changed_at, Customer.public_id)
        .join(CustomerRow, col(CustomerRow.customer_id) == Customer.id)
        .where(CustomerRow.kind == Kind.DEVICE_ID, CustomerRow.value != "")
    )
    odd = func.length(CustomerRow.value).not_in(DEVICE_ID_LENGTHS)
    return counted(session, kept, odd, Page.CUSTOMER)
