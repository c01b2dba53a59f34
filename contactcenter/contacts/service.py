"""Contacts of any channel: begin, link, handle, end, close (P03)."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from sqlalchemy import insert as insert_into
from sqlmodel import Session, case, col, func, literal, select

from contactcenter.contacts.models import Contact, ContactCandidate, ContactLink, Handling, KeyedNumber
from contactcenter.contacts.rules import (
    ENDS,
    WRAP_UP_LIMIT,
    Channel,
    ContactKind,
    ContactState,
    Direction,
    LinkedBy,
    Outcome,
    Topic,
    handling_is_open,
    state_after_close,
)
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import UtcDateTime, insert, new_public_id
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.live import announce, contact_topic, staff_topic
from contactcenter.customers.models import Customer, Person
from contactcenter.customers.rules import Candidate
from contactcenter.staff.models import Staff


def start(
    session: Session,
    now: datetime,
    *,
    channel: Channel,
    direction: Direction,
    team_id: int,
    language: str,
    statement_version: str,
    came_from: str | None = None,
) -> int:
    """A contact from its first second (P03); its id. `statement_version` is the statement in force then (P30).

    `came_from` is the number (E.164) or address at the other end; None when it is withheld.
    """
    public_id = new_public_id()
    contact_id = insert(
        session,
        Contact,
        public_id=public_id,
        channel=channel,
        direction=direction,
        state=ContactState.LIVE,
        team_id=team_id,
        language=language,
        statement_version=statement_version,
        started_at=now,
        linked=False,
        came_from=came_from,
    )
    record(session, now, Actor.SYSTEM, Action.CONTACT_STARTED, public_id, channel.value)
    return contact_id


def by_public_id(session: Session, public_id: str) -> Contact:
    """The contact of a public id. Raises `NotFound`."""
    contact = session.exec(select(Contact).where(Contact.public_id == public_id)).first()
    if contact is None:
        raise NotFound()
    return contact


def offer(session: Session, contact_id: int, candidates: Sequence[Candidate]) -> None:
    """Keep whose known number the contact came from, so that who is linked later counts as recognised by it."""
    if not candidates:
        return
    known = set(session.exec(select(ContactCandidate.number_id).where(ContactCandidate.contact_id == contact_id)))
    for candidate in candidates:
        if candidate.number_id not in known:
            session.add(
                ContactCandidate(contact_id=contact_id, person_id=candidate.person_id, number_id=candidate.number_id)
            )
            known.add(candidate.number_id)


def offered_number(session: Session, contact_id: int, person_id: int) -> int | None:
    """The id of this person's known number from which the contact came; None when it came from none of theirs."""
    return session.exec(
        select(ContactCandidate.number_id).where(
            ContactCandidate.contact_id == contact_id, ContactCandidate.person_id == person_id
        )
    ).first()


def offered_to(session: Session, contact_id: int) -> int:
    """How many persons have the number that this contact came from."""
    persons = select(func.count(func.distinct(ContactCandidate.person_id)))
    return session.exec(persons.where(ContactCandidate.contact_id == contact_id)).one()


def keep_keyed(session: Session, now: datetime, contact_id: int, digits: str) -> None:
    """Keep whose relation number the caller keyed in, once a contact. It is one statement whether it is anybody's or
    not, so that nobody can tell by how long it takes.
    """
    whose = select(literal(contact_id), Customer.id, literal(now, UtcDateTime()))
    columns = ["contact_id", "customer_id", "at"]
    kept = insert_into(KeyedNumber).from_select(columns, whose.where(Customer.relation_number == digits))
    session.connection().execute(kept)


def keyed(session: Session, contact_id: int) -> int | None:
    """The id of the customer whose relation number the caller keyed in."""
    found = select(KeyedNumber.customer_id).where(KeyedNumber.contact_id == contact_id)
    return session.exec(found).first()


def link(
    session: Session,
    now: datetime,
    contact: Contact,
    customer_id: int,
    person_id: int | None,
    how: LinkedBy,
    by: str,
) -> ContactLink:
    """Say whose contact this is. An active link to somebody else is undone first; the same again changes nothing.

    `by` is a public id of staff, or an `Actor`. Raises `Invalid` for a person of another customer.
    """
    active = active_link(session, contact.id)
    if active is not None and (active.customer_id, active.person_id) == (customer_id, person_id):
        return active
    if person_id is not None and session.get_one(Person, person_id).customer_id != customer_id:
        raise Invalid("This person belongs to another customer; choose one of this customer's persons.")
    unlink(session, now, contact, by)
    made = ContactLink(contact_id=contact.id, customer_id=customer_id, person_id=person_id, how=how, by=by, at=now)
    contact.linked = True
    session.add(made)
    session.flush()
    record(session, now, by, Action.CONTACT_LINKED, contact.public_id, how.value)
    tell(session, now, contact)
    return made


def unlink(session: Session, now: datetime, contact: Contact, by: str) -> None:
    """Undo the active link; it stays on record as undone. Without one nothing changes."""
    active = active_link(session, contact.id)
    if active is None:
        return
    active.undone_at, active.undone_by, contact.linked = now, by, False
    session.add(active)
    session.flush()
    record(session, now, by, Action.CONTACT_UNLINKED, contact.public_id)
    tell(session, now, contact)


def active_link(session: Session, contact_id: int) -> ContactLink | None:
    """The link in force, if there is one."""
    return session.exec(
        select(ContactLink).where(ContactLink.contact_id == contact_id, col(ContactLink.undone_at).is_(None))
    ).first()


def active_links(session: Session, contact_ids: Collection[int]) -> dict[int, ContactLink]:
    """The links in force of these contacts, by contact."""
    standing = select(ContactLink).where(
        col(ContactLink.contact_id).in_(contact_ids), col(ContactLink.undone_at).is_(None)
    )
    return {one.contact_id: one for one in session.exec(standing)}


def begin_handling(session: Session, now: datetime, contact: Contact, staff_id: int) -> Handling:
    """This member of staff handles the contact from now on; who does already goes on."""
    handling = _unclosed_by(session, contact.id, staff_id)
    if handling is not None:
        handling.ended_at = None  # back on the line
    else:
        handling = Handling(contact_id=contact.id, staff_id=staff_id, started_at=now)
        session.add(handling)
        session.flush()
        record(session, now, _staff_public_id(session, staff_id), Action.CONTACT_CHANGED, contact.public_id, "handled")
        tell(session, now, contact)
    return handling


def leave_handling(session: Session, now: datetime, contact_id: int, staff_id: int) -> None:
    """This member is off the line while the contact goes on; they wrap up when it is over."""
    handling = _unclosed_by(session, contact_id, staff_id)
    if handling is not None:
        handling.ended_at = handling.ended_at or now


def forget_handling(session: Session, contact_id: int, staff_id: int) -> None:
    """This member answered and never came on the line: they handled nothing."""
    handling = _unclosed_by(session, contact_id, staff_id)
    if handling is not None and handling.ended_at is None:
        session.delete(handling)


def open_handling(session: Session, now: datetime, contact_id: int, staff_id: int) -> Handling | None:
    """This member's handling, while the contact lives and for at most 30 minutes of wrap-up; None after it closed."""
    contact = session.get(Contact, contact_id)
    if contact is None or not handling_is_open(contact.state, contact.ended_at, now):
        return None
    handling = _unclosed_by(session, contact_id, staff_id)
    return handling if handling is not None and _at_work(contact, handling) else None


def last_left(session: Session, contact_ids: Collection[int]) -> dict[int, tuple[str, datetime]]:
    """Who left each of these contacts last, and when; those whom nobody left are not among them."""
    left = session.exec(
        select(Handling.contact_id, Staff.name, Handling.ended_at)
        .join(Staff, col(Staff.id) == Handling.staff_id)
        .where(col(Handling.contact_id).in_(contact_ids), col(Handling.ended_at).is_not(None))
        .order_by(col(Handling.ended_at), col(Handling.id))
    )
    return {contact_id: (name, at) for contact_id, name, at in left if at is not None}


def handled_by(session: Session, contact_id: int, staff_id: int) -> bool:
    """Whether this member ever handled the contact."""
    return bool(handled_among(session, [contact_id], staff_id))


def handled_among(session: Session, contact_ids: Collection[int], staff_id: int) -> frozenset[int]:
    """Those of these contacts that this member ever handled."""
    theirs = Handling.staff_id == staff_id, col(Handling.contact_id).in_(contact_ids)
    return frozenset(session.exec(select(Handling.contact_id).where(*theirs)))


def last_handler(session: Session, contact_id: int) -> int | None:
    """The member who handles the contact, or handled it last; None when nobody did."""
    on_the_line = case((col(Handling.ended_at).is_(None), 0), else_=1)
    newest = select(Handling.staff_id).where(Handling.contact_id == contact_id)
    return session.exec(newest.order_by(on_the_line, col(Handling.ended_at).desc(), col(Handling.id).desc())).first()


def in_hand(session: Session, now: datetime, staff_id: int) -> list[Contact]:
    """The contacts that this member may work in now, live ones first."""
    found = session.exec(
        select(Contact, Handling)
        .join(Handling, col(Handling.contact_id) == Contact.id)
        .where(Handling.staff_id == staff_id, col(Handling.closed_at).is_(None))
        .order_by(case((col(Contact.state) == ContactState.LIVE, 0), else_=1), col(Contact.started_at).desc())
    )
    return [
        contact
        for contact, handling in found
        if handling_is_open(contact.state, contact.ended_at, now) and _at_work(contact, handling)
    ]


def end(session: Session, now: datetime, contact: Contact, *, missed: bool) -> None:
    """The contact is over: missed, or to be wrapped up. A repeated or late end changes nothing more."""
    to = ContactState.MISSED if missed else ContactState.WRAP_UP
    if to not in ENDS.get(contact.state, frozenset()):
        return
    contact.state, contact.ended_at = to, contact.ended_at or now
    for handling in _unclosed(session, contact.id):
        handling.ended_at = handling.ended_at or now
    session.flush()
    record(session, now, Actor.SYSTEM, Action.CONTACT_CHANGED, contact.public_id, to.value)
    tell(session, now, contact)


def close(
    session: Session,
    now: datetime,
    contact: Contact,
    staff_id: int,
    *,
    outcome: Outcome,
    kind: ContactKind,
    topic: Topic | None = None,
    follow_up_on: date | None,
) -> None:
    """Close this member's wrap-up. The contact closes with its last handling, or stays open while something is owed.

    Raises `Conflict` while the contact lives, and when there is no wrap-up of theirs to close.
    """
    if contact.state is ContactState.LIVE:
        raise Conflict("The conversation still goes on; end it first.")
    handling = open_handling(session, now, contact.id, staff_id)
    if handling is None:
        raise Conflict("This wrap-up is closed already.")
    handling.outcome, handling.closed_at = outcome, now
    contact.kind, contact.topic, contact.follow_up_on = kind, topic, follow_up_on
    session.flush()
    if not _unclosed(session, contact.id):
        _move(session, now, contact, state_after_close(outcome, follow_up_on), _staff_public_id(session, staff_id))
    tell(session, now, contact)
    announce(session, now, staff_topic(_staff_public_id(session, staff_id)), contact.public_id)


def settle(
    session: Session,
    now: datetime,
    contact: Contact,
    by: str,
    *,
    kind: ContactKind | None = None,
    topic: Topic | None = None,
    outcome: Outcome = Outcome.SOLVED,
    follow_up_on: date | None = None,
) -> None:
    """Close a contact that stayed open, or was missed, once nothing is owed any more; else it stays open, perhaps
    with another date. Raises `Conflict` for any other contact.
    """
    if contact.state not in (ContactState.OPEN, ContactState.MISSED):
        raise Conflict("Only an open or missed contact can be settled.")
    contact.kind, contact.topic = kind or contact.kind, topic or contact.topic
    contact.follow_up_on = follow_up_on
    _move(session, now, contact, state_after_close(outcome, follow_up_on), by)
    tell(session, now, contact)


def close_overdue(session: Session, now: datetime) -> int:
    """Sweep: wrap-ups older than 30 minutes end, and the contact stays open so that the gap is seen. How many."""
    overdue = session.exec(
        select(Contact).where(Contact.state == ContactState.WRAP_UP, col(Contact.ended_at) < now - WRAP_UP_LIMIT)
    ).all()
    for contact in overdue:
        tell(session, now, contact)
        for handling in _unclosed(session, contact.id):
            handling.closed_at = now
        _move(session, now, contact, ContactState.OPEN, Actor.SYSTEM)
    return len(overdue)


def tell(session: Session, now: datetime, contact: Contact) -> None:
    """Let who reads this contact, and the desks of who handles it, look again."""
    announce(session, now, contact_topic(contact.public_id), contact.public_id)
    for handling in _unclosed(session, contact.id):
        announce(session, now, staff_topic(_staff_public_id(session, handling.staff_id)), contact.public_id)


def tell_live(session: Session, now: datetime, person_id: int) -> None:
    """`tell` of the contacts in which this person is on the line."""
    found = session.exec(
        select(Contact)
        .join(ContactLink, col(ContactLink.contact_id) == Contact.id)
        .where(
            ContactLink.person_id == person_id,
            col(ContactLink.undone_at).is_(None),
            Contact.state == ContactState.LIVE,
        )
    )
    for contact in found.all():
        tell(session, now, contact)


def _at_work(contact: Contact, handling: Handling) -> bool:
    """Whoever left the line of a contact that goes on waits for its end."""
    return contact.state is not ContactState.LIVE or handling.ended_at is None


def _move(session: Session, now: datetime, contact: Contact, to: ContactState, by: str) -> None:
    contact.state = to
    contact.closed_at = now if to is ContactState.CLOSED else None
    session.flush()
    action = Action.CONTACT_CLOSED if to is ContactState.CLOSED else Action.CONTACT_CHANGED
    record(session, now, by, action, contact.public_id, to.value)


def _unclosed(session: Session, contact_id: int) -> list[Handling]:
    query = select(Handling).where(Handling.contact_id == contact_id, col(Handling.closed_at).is_(None))
    return list(session.exec(query))


def _unclosed_by(session: Session, contact_id: int, staff_id: int) -> Handling | None:
    """This member's handling that is not closed; there is never more than one."""
    return next((one for one in _unclosed(session, contact_id) if one.staff_id == staff_id), None)


def _staff_public_id(session: Session, staff_id: int) -> str:
    return session.get_one(Staff, staff_id).public_id
