"""What a pass is, and what it opens: bound to contact, link, agent and time; asked anew on every look (P05)."""

from collections.abc import Callable, Collection, Set
from datetime import date, datetime

from sqlmodel import Session, and_, col, or_, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, ContactLink
from contactcenter.contacts.rules import ContactState, Direction
from contactcenter.core.clock import AHEAD
from contactcenter.core.errors import NotFound
from contactcenter.customers import service as customers
from contactcenter.customers.models import Person
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import called_for, fields, flags, glass, policies
from contactcenter.verification.models import Disclosure, Verification
from contactcenter.verification.rules import (
    GLASS_LASTS,
    HEARD_APART,
    WORDS,
    WORDS_LAST,
    Ended,
    Purpose,
    authorised,
    pass_ended,
)


def handled(session: Session, now: datetime, viewer: Member, contact_id: int) -> Contact:
    """The contact, for who handles it now. Raises `NotFound` for everybody else."""
    if contacts.open_handling(session, now, contact_id, viewer.id) is None:
        raise NotFound()
    return session.get_one(Contact, contact_id)


def live_pass(session: Session, now: datetime, viewer: Member, contact: Contact) -> Verification | None:
    """The viewer's pass that may still open things: contact live, link unchanged, its time not over."""
    verification = readable_pass(session, now, viewer, contact)
    return verification if verification is not None and is_live(session, now, contact, verification) else None


def is_live(session: Session, now: datetime, contact: Contact, verification: Verification) -> bool:
    """Whether a pass that may be read may open things too."""
    return contact.state is ContactState.LIVE and not is_over(session, verification, now)


def readable_pass(session: Session, now: datetime, viewer: Member, contact: Contact) -> Verification | None:
    """The viewer's last pass under the link in force, while what it opened may be read.

    In a live contact that is as long as the pass holds; after the hang-up that ended it, until the wrap-up closes.
    When the caller hangs up, the end of the agent's leg may be heard of first: that is the same hang-up. What was
    revoked or handed on is shut at once.
    """
    link = contacts.active_link(session, contact.id)
    handling = contacts.open_handling(session, now, contact.id, viewer.id)
    if link is None or handling is None or not viewer.trained:
        return None
    last = session.exec(
        select(Verification)
        .where(
            Verification.contact_id == contact.id,
            Verification.staff_id == viewer.id,
            Verification.link_id == link.id,
        )
        .order_by(col(Verification.id).desc())
    ).first()
    if last is None or last.ended in (Ended.REVOKED, Ended.HANDED_ON):
        return None
    moment = contact.ended_at or now
    ended_before = last.ended_at is not None and (
        contact.ended_at is None or contact.ended_at - last.ended_at > HEARD_APART
    )
    policy = policies.of(session, last.policy)
    return None if ended_before or pass_ended(policy, last.reached_at, None, moment) else last


def is_over(session: Session, verification: Verification, now: datetime) -> bool:
    """Whether the pass ended, or its time did."""
    return pass_ended(policies.of(session, verification.policy), verification.reached_at, verification.ended_at, now)


def link_stands(session: Session, verification: Verification) -> bool:
    """Whether the contact is still linked as it was when this verification began."""
    link = contacts.active_link(session, verification.contact_id)
    return link is not None and link.id == verification.link_id


def is_inbound(session: Session, verification: Verification) -> bool:
    """Whether they contacted us; on our own calls less opens (P12)."""
    return session.get_one(Contact, verification.contact_id).direction is Direction.INBOUND


def openable(
    session: Session, now: datetime, viewer: Member, verification: Verification, purpose: Purpose
) -> frozenset[Kind]:
    """The kinds that the table of fields opens now, and that the caller's mandate covers.

    What the caller is greeted with takes no mandate. A mark of the customer shuts all. On a contact that we began
    nothing opens but what the customer's own request names (P12).
    """
    if flags.shuts(session, now, verification.customer_id):
        return frozenset()
    inbound, covers = is_inbound(session, verification), mandate_of(session, now, verification)
    return frozenset(
        kind
        for kind in (Kind if inbound else called_for.told(session, now, verification))
        if fields.opens(kind, level=verification.level, inbound=inbound, role=viewer.role, purpose=purpose)
        and (fields.is_identity(kind) or covers(kind))
    )


def mandate_of(session: Session, now: datetime, verification: Verification) -> Callable[[Kind], bool]:
    """Says of a kind whether the caller may speak for it; without any person under it the customer is the caller."""
    person = _person(session, verification)
    alone = person is None and not customers.persons_of(session, verification.customer_id)
    return lambda kind: alone or _has_mandate(person, kind, now.date())


def _person(session: Session, verification: Verification) -> Person | None:
    return session.get_one(Person, verification.person_id) if verification.person_id is not None else None


def _has_mandate(person: Person | None, kind: Kind, today: date) -> bool:
    """Whether this person may hear this kind."""
    if person is None or person.ended_at is not None:
        return False
    return authorised(person.authorised_for, person.authorised_until, kind, today)


def opened(session: Session, verification: Verification) -> frozenset[str]:
    """The kinds that were disclosed under this verification."""
    return frozenset(session.exec(select(Disclosure.what).where(Disclosure.verification_id == verification.id)))


def told_in_contact(session: Session, verification: Verification) -> frozenset[Kind]:
    """The kinds about this customer that anybody opened in this contact: what they tell proves nothing any more.

    With them what its agent opened by breaking the glass, up to as long as that lasts before the contact began.
    """
    since = session.get_one(Contact, verification.contact_id).started_at - GLASS_LASTS
    by_glass = (
        col(Disclosure.break_glass_id).is_not(None),
        Disclosure.staff_id == verification.staff_id,
        col(Disclosure.at) > since,
    )
    found = session.exec(
        select(Disclosure.what).where(
            Disclosure.customer_id == verification.customer_id,
            or_(Disclosure.contact_id == verification.contact_id, and_(*by_glass)),
        )
    )
    return frozenset(Kind(what) for what in found if what != WORDS)


def purposes_opened(
    session: Session, now: datetime, viewer: Member, about: Collection[int]
) -> dict[int, frozenset[Purpose]]:
    """For which purposes the viewer opened the words of each of these contacts in the last 30 minutes (P02)."""
    found = session.exec(
        select(Disclosure.about_contact_id, Disclosure.purpose)
        .where(
            Disclosure.staff_id == viewer.id,
            col(Disclosure.about_contact_id).in_(about),
            Disclosure.what == WORDS,
            col(Disclosure.at) > now - WORDS_LAST,
            col(Disclosure.at) <= now + AHEAD,
        )
        .distinct()
    ).all()
    return {one: frozenset(Purpose(said) for other, said in found if other == one) for one, _ in found if one}


def opened_by_pass(session: Session, now: datetime, viewer: Member, links: Collection[ContactLink]) -> frozenset[int]:
    """The contacts under these links that belong to a history which is open to the viewer (P04).

    Not while they are live. Nor those that the viewer linked and never handled: else whoever has a verified caller
    could link any unmatched contact to them and read it.
    """
    theirs = {link.contact_id for link in links if link.by == viewer.public_id}
    handled = contacts.handled_among(session, theirs, viewer.id)
    open_now = _histories_opened(session, now, viewer, {link.customer_id for link in links})
    read = {one.contact_id for one in links if one.customer_id in open_now} - (theirs - handled)
    over = select(Contact.id).where(col(Contact.id).in_(read), Contact.state != ContactState.LIVE)
    return frozenset(session.exec(over))


def _histories_opened(session: Session, now: datetime, viewer: Member, customer_ids: Set[int]) -> frozenset[int]:
    """Those of these customers whose history the viewer's broken glass, or a contact in their hands, opened."""
    by_glass = {one for one in customer_ids if glass.has_opened(session, now, viewer, one, Kind.CONTACT_HISTORY)}
    in_hand = contacts.in_hand(session, now, viewer.id)
    held = [one for one in (readable_pass(session, now, viewer, contact) for contact in in_hand) if one is not None]
    by_pass = {one.customer_id for one in held if Kind.CONTACT_HISTORY.value in opened(session, one)}
    return frozenset(by_glass | (by_pass & customer_ids))
