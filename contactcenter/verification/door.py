"""THE DOOR: a level opens kinds of customer data, and only what was opened is read.

Every reveal is a row of `Disclosure`, written in a POST in the transaction that checks the level; reading shows what
those rows opened, to the handler, until the wrap-up closes. There is no second way to a customer's fields or to the
words of a contact (P05, P06).
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import NotAllowed
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import called_for, fields, flags, glass, passes
from contactcenter.verification.models import BreakGlass, Disclosure, Verification
from contactcenter.verification.rules import MOST_CUSTOMERS, WORDS, GlassReason, Level, Purpose
from contactcenter.verification.showing import CustomerCard, card_of

SERVICE = frozenset({Purpose.SERVICE})
HISTORY = frozenset({Kind.RELATION_NUMBER.value, Kind.CONTACT_HISTORY.value})  # with either, kinds and dates show


def disclose(
    session: Session, now: datetime, viewer: Member, *, contact_id: int, purpose: Purpose = Purpose.SERVICE
) -> None:
    """Open all kinds that open by themselves at the level of the viewer's pass, one row for each new one (P05).

    For whoever has no right, no pass or no privacy training nothing opens (P29). Only within a POST.
    """
    contact = session.get_one(Contact, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is None:
        return
    opened = passes.opened(session, verification)
    for kind in sorted(passes.openable(session, now, viewer, verification, purpose)):
        if fields.FIELDS[kind].by_itself and kind.value not in opened:
            _open(session, now, viewer, verification, kind, purpose)
    _tell_of_many(session, now, viewer)
    contacts.tell(session, now, contact)


def reveal(
    session: Session, now: datetime, viewer: Member, *, contact_id: int, kind: Kind, purpose: Purpose = Purpose.SERVICE
) -> None:
    """Open one kind that doesn't open by itself. Raises `NotAllowed` that says what it takes. Only within a POST."""
    contact = session.get_one(Contact, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is not None and kind.value in passes.opened(session, verification):
        return
    if verification is None or kind not in passes.openable(session, now, viewer, verification, purpose):
        raise NotAllowed(_refusal(session, now, verification, kind))
    _open(session, now, viewer, verification, kind, purpose)
    _tell_of_many(session, now, viewer)
    contacts.tell(session, now, contact)


def break_glass(
    session: Session, now: datetime, viewer: Member, customer_id: int, reason: GlassReason, words: str
) -> None:
    """Open a customer without a verified caller, for fifteen minutes; it is reviewed. Only within a POST.

    Raises `Invalid` without a sentence, `NotAllowed` where nothing may be disclosed or without training (P29).
    """
    if not viewer.trained:
        raise NotAllowed("Your privacy training is not on record; ask your administrator (P29).")
    if flags.shuts(session, now, customer_id):
        raise NotAllowed("Nothing of this customer may be disclosed now; ask the privacy officer.")
    broken = glass.break_(session, now, viewer, customer_id, reason, words)
    for kind in Kind:
        if fields.FIELDS[kind].by_itself:
            _open_by_glass(session, now, viewer, broken, kind)
    _tell_of_many(session, now, viewer)


def reveal_by_glass(session: Session, now: datetime, viewer: Member, customer_id: int, kind: Kind) -> None:
    """Open one kind more under the viewer's broken glass; `NotAllowed` when there is none. Only within a POST."""
    broken = glass.standing(session, now, viewer, customer_id)
    if broken is None or flags.shuts(session, now, customer_id):
        raise NotAllowed("Verify the caller first: nothing opens without a call in hand.")
    if kind.value not in glass.opened(session, broken):
        _open_by_glass(session, now, viewer, broken, kind)


def history_open(session: Session, now: datetime, viewer: Member, customer_id: int) -> bool:
    """Whether kinds and dates of this customer's contacts may show: from level 1 on, or by broken glass (P04)."""
    if glass.standing(session, now, viewer, customer_id) is not None:
        return not flags.shuts(session, now, customer_id)
    return any(
        verification is not None
        and verification.customer_id == customer_id
        and not HISTORY.isdisjoint(passes.opened(session, verification))
        for contact in contacts.in_hand(session, now, viewer.id)
        for verification in [passes.readable_pass(session, now, viewer, contact)]
    )


def card(session: Session, now: datetime, viewer: Member, contact_id: int) -> CustomerCard | None:
    """What the viewer may see of the contact's customer: opened kinds with values, all others masked.

    None when the contact belongs to nobody yet. Nothing opens by looking.
    """
    link = contacts.active_link(session, contact_id)
    contact = session.get_one(Contact, contact_id)
    if link is None:
        return None
    verification = passes.readable_pass(session, now, viewer, contact)
    shut = flags.shuts(session, now, link.customer_id)
    opened = passes.opened(session, verification) if verification is not None and not shut else frozenset()
    level = verification.level if verification is not None else Level.UNKNOWN
    live = verification if verification and passes.is_live(session, now, contact, verification) else None
    openable = passes.openable(session, now, viewer, live, Purpose.SERVICE) if live and not shut else frozenset()
    return card_of(session, link.customer_id, link.person_id, level, opened, live=live is not None, openable=openable)


def card_of_customer(session: Session, now: datetime, viewer: Member, customer_id: int) -> CustomerCard:
    """The customer as one of the viewer's contacts in hand, or their broken glass, opened it; else all masked."""
    broken = glass.standing(session, now, viewer, customer_id)
    if broken is not None and not flags.shuts(session, now, customer_id):
        openable = frozenset(fields.CEILING[viewer.role])
        opened = glass.opened(session, broken)
        return card_of(session, customer_id, None, Level.UNKNOWN, opened, live=True, openable=openable)
    for contact in contacts.in_hand(session, now, viewer.id):
        link = contacts.active_link(session, contact.id)
        found = card(session, now, viewer, contact.id) if link and link.customer_id == customer_id else None
        if found is not None:
            return found
    return card_of(session, customer_id, None, Level.UNKNOWN, frozenset(), live=False)


def words_open(session: Session, now: datetime, viewer: Member, about_contact_id: int) -> bool:
    """Whether the viewer may read notes, summary and transcript of this contact now (P04, P05).

    Their own until its wrap-up closes; an earlier one of the same customer while their pass opened the contact
    history; any for 30 minutes after `open_words`.
    """
    return bool(words_open_for(session, now, viewer, about_contact_id))


def words_open_for(session: Session, now: datetime, viewer: Member, about_contact_id: int) -> frozenset[Purpose]:
    """For which purposes the words of this contact are open to the viewer now; nothing when they are shut.

    Who helps the customer reads them for service; who opened them, for what they said.
    """
    return words_open_among(session, now, viewer, [about_contact_id]).get(about_contact_id, frozenset())


def words_open_among(
    session: Session, now: datetime, viewer: Member, about: Collection[int]
) -> dict[int, frozenset[Purpose]]:
    """`words_open_for` of each of these contacts whose words are open, by contact."""
    if not viewer.trained:
        return {}
    in_hand = {one.id for one in contacts.in_hand(session, now, viewer.id)}.intersection(about)
    links = contacts.active_links(session, about)
    shut = flags.shut_among(session, now, {link.customer_id for link in links.values()})
    free = {one for one in about if one not in links or links[one].customer_id not in shut}
    said = passes.purposes_opened(session, now, viewer, free)
    by_pass = passes.opened_by_pass(session, now, viewer, [links[one] for one in free if one in links])
    opened = said | {one: said.get(one, frozenset()) | SERVICE for one in by_pass}
    return opened | dict.fromkeys(in_hand, SERVICE)


def open_words(session: Session, now: datetime, viewer: Member, about_contact_id: int, purpose: Purpose) -> None:
    """Open the words of a contact for 30 minutes. The caller has checked that role and purpose allow it (P02)."""
    if not viewer.trained:
        raise NotAllowed("Your privacy training is not on record; ask your administrator (P29).")
    contact = session.get_one(Contact, about_contact_id)
    link = contacts.active_link(session, about_contact_id)
    session.add(
        Disclosure(
            about_contact_id=about_contact_id,
            customer_id=link.customer_id if link else None,
            person_id=link.person_id if link else None,
            staff_id=viewer.id,
            what=WORDS,
            purpose=purpose,
            level=Level.UNKNOWN,
            at=now,
        )
    )
    record(session, now, viewer.public_id, Action.DISCLOSED, contact.public_id, f"{WORDS} {purpose.value}")


def _open(
    session: Session, now: datetime, viewer: Member, verification: Verification, kind: Kind, purpose: Purpose
) -> None:
    """Write the row that opens a kind; what allows it was asked in this very transaction."""
    session.add(
        Disclosure(
            contact_id=verification.contact_id,
            customer_id=verification.customer_id,
            person_id=verification.person_id,
            staff_id=viewer.id,
            what=kind.value,
            purpose=purpose,
            level=verification.level,
            verification_id=verification.id,
            at=now,
        )
    )
    session.flush()
    contact = session.get_one(Contact, verification.contact_id)
    record(session, now, viewer.public_id, Action.DISCLOSED, contact.public_id, kind.value)


def _open_by_glass(session: Session, now: datetime, viewer: Member, broken: BreakGlass, kind: Kind) -> None:
    """Write the row that opens a kind under broken glass, up to what the role may ever see (P07)."""
    if kind not in fields.CEILING[viewer.role]:
        return
    session.add(
        Disclosure(
            customer_id=broken.customer_id,
            staff_id=viewer.id,
            what=kind.value,
            purpose=Purpose.SERVICE,
            level=Level.UNKNOWN,
            break_glass_id=broken.id,
            at=now,
        )
    )
    session.flush()
    record(session, now, viewer.public_id, Action.DISCLOSED, broken.public_id, kind.value)


def _tell_of_many(session: Session, now: datetime, viewer: Member) -> None:
    """Somebody is told when one person opens unusually many customers in a day."""
    seen = select(func.count(func.distinct(Disclosure.customer_id))).where(
        Disclosure.staff_id == viewer.id, col(Disclosure.at) > now - timedelta(days=1)
    )
    if session.exec(seen).one() > MOST_CUSTOMERS:
        raise_alert(session, now, AlertKind.MANY_CUSTOMERS, f"{viewer.public_id} {now:%Y-%m-%d}")


def _refusal(session: Session, now: datetime, verification: Verification | None, kind: Kind) -> str:
    """What opening this kind takes, in one sentence."""
    if verification is None:
        return "Verify the caller first: nothing opens without a call in hand."
    if flags.shuts(session, now, verification.customer_id):
        return "Nothing of this customer may be disclosed now; ask the privacy officer."
    field = fields.FIELDS[kind]
    if not passes.is_inbound(session, verification) and kind not in called_for.told(session, now, verification):
        return "We called them, so this stays shut; let them call us (P12)."
    if verification.level < field.needs:
        return "Verify the caller further: this opens at a higher level."
    return "This caller's mandate doesn't cover it."
