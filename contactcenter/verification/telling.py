"""Tells the old address of a correction, so that whoever is robbed of an account hears of it (P05, P06).

A letter or text message says which kind was changed, when, and whom to call; never a value, old or new. Where it goes
is on record from before: never what was given on a call within the policy's days. It is tried every minute for an
hour, then in the next way; where no way is left somebody is told to write a letter.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, or_, select

from contactcenter.carrier.port import CarrierProblem, Trouble
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Invalid, Problem
from contactcenter.core.formats import filters
from contactcenter.core.i18n import translations
from contactcenter.core.mail import Letter
from contactcenter.core.telephone import national
from contactcenter.customers.models import Customer, KnownAddress, KnownNumber, Person
from contactcenter.customers.rules import Kind, Origin
from contactcenter.verification import policies
from contactcenter.verification.messages import Messengers
from contactcenter.verification.models import Correction
from contactcenter.verification.rules import Told

PATIENCE = timedelta(hours=1)  # a mail server or carrier may put us off for a while before another way is taken
LETTERS_STAND = timedelta(days=30)
MOST_AT_ONCE = 50  # of a minute
SUBJECT = "Your data with %(company)s was changed"
BODY = "On %(at)s we changed this in your data with %(company)s, as asked on the telephone: %(what)s. Was it not you who asked? Call us at once: %(number)s."  # noqa: E501  # a message id is one line
WITHOUT_NUMBER = "On %(at)s we changed this in your data with %(company)s, as asked on the telephone: %(what)s. Was it not you who asked? Call us at once."  # noqa: E501  # the same
WHAT = {
    Kind.PHONE_NUMBERS: "telephone number",
    Kind.EMAIL_ADDRESSES: "e-mail address",
    Kind.NAME_AND_ADDRESS: "postal address",
    Kind.BANK_ACCOUNT: "bank account",
}
NumberOf = Callable[[Session, int], str | None]  # our number that a contact called, in E.164, by the contact's id


@dataclass(frozen=True)
class Notice:
    """One correction that is to be told: the ways to reach whom it may concern, best first, and what they read."""

    correction: int
    overdue: bool
    ways: tuple[tuple[Told, str], ...] = field(repr=False)
    subject: str
    body: str = field(repr=False)


def tell(db: Database, now: datetime, messengers: Messengers, zone: ZoneInfo, number_of: NumberOf) -> None:
    """Sweep: send what is to be told; the intent is on record, each outcome is committed by itself."""
    with db.reading() as session:
        notices = [_notice(session, now, one, messengers, zone, number_of) for one in _untold(session)]
    later: set[Told] = set()
    for notice in notices:
        told = _send(messengers, notice, later)
        if told is not None:
            with db.writing() as session:
                _keep(session, now, notice.correction, told)


@dataclass(frozen=True)
class ByLetter:
    """A correction that nobody could be told of: the customer's public id, which kind, and when it was made."""

    customer: str
    kind: Kind
    at: datetime


def by_letter(session: Session, now: datetime) -> list[ByLetter]:
    """What nobody could be told of in the last 30 days, newest first."""
    found = session.exec(
        select(Customer.public_id, col(Correction.kind), Correction.at)
        .join(Customer, col(Customer.id) == Correction.customer_id)
        .where(Correction.told == Told.NOBODY, col(Correction.at) > now - LETTERS_STAND)
        .order_by(col(Correction.id).desc())
    )
    return [ByLetter(customer, kind, at) for customer, kind, at in found]


def ways_to(session: Session, correction: Correction) -> tuple[tuple[Told, str], ...]:
    """How to reach the person whom a correction may harm, best first: e-mail before text, the longest known first.

    What the correction itself put out of use comes before all, also when it is back. What ended within the policy's
    days counts still, what a call brought within them does not: it may be a thief's.
    """
    if correction.person_id is None:
        return ()
    since = policies.in_force(session).settled(correction.at)
    found: list[tuple[bool, Told, str]] = []
    for told, kind, table, value in (
        (Told.EMAIL, Kind.EMAIL_ADDRESSES, KnownAddress, KnownAddress.email),
        (Told.TEXT, Kind.PHONE_NUMBERS, KnownNumber, KnownNumber.e164),
    ):
        rows = session.exec(
            select(table.id, value)
            .where(
                table.person_id == correction.person_id,
                or_(table.id == correction.before_id, col(table.recorded_at) < correction.at),
                or_(table.origin != Origin.AGENT, col(table.recorded_at) <= since),
                or_(col(table.ended_at).is_(None), col(table.ended_at) > since),
            )
            .order_by(col(table.recorded_at), col(table.id))
        )
        found += [(correction.kind is kind and id == correction.before_id, told, to) for id, to in rows]
    return tuple((told, to) for _, told, to in sorted(found, key=lambda one: not one[0]))


def _untold(session: Session) -> Sequence[Correction]:
    waiting = select(Correction).where(col(Correction.told).is_(None)).order_by(col(Correction.id))
    return session.exec(waiting.limit(MOST_AT_ONCE)).all()


def _notice(
    session: Session,
    now: datetime,
    correction: Correction,
    messengers: Messengers,
    zone: ZoneInfo,
    number_of: NumberOf,
) -> Notice:
    person = session.get(Person, correction.person_id) if correction.person_id is not None else None
    language = person.language if person else session.get_one(Customer, correction.customer_id).language
    say, number = translations(language).gettext, number_of(session, correction.contact_id)
    values = {
        "at": filters(language, zone)["moment"](correction.at),
        "company": messengers.company,
        "what": say(WHAT[correction.kind]),
        "number": national(number) if number else "",
    }
    return Notice(
        correction=correction.id,
        overdue=correction.at <= now - PATIENCE,
        ways=ways_to(session, correction),
        subject=say(SUBJECT) % values,
        body=say(BODY if number else WITHOUT_NUMBER) % values,
    )


def _send(messengers: Messengers, notice: Notice, later: set[Told]) -> Told | None:
    """How somebody was told; None: not yet. `later` are the ways that put us off in this sweep."""
    for way, to in notice.ways:
        if way in later and not notice.overdue:
            return None
        done = way not in later and _by(messengers, notice, way, to)
        if done:
            return way
        if done is None:
            later.add(way)
            if not notice.overdue:
                return None
    return Told.NOBODY


def _by(messengers: Messengers, notice: Notice, way: Told, to: str) -> bool | None:
    """Whether it was handed over; None when it may be later."""
    try:
        if way is Told.TEXT:
            messengers.carrier.send_text(to, notice.body)
        elif messengers.post.present:
            messengers.post.send(Letter(to, notice.subject, notice.body + "\n"))
        else:
            return False
    except CarrierProblem as problem:
        return None if problem.trouble is Trouble.LATER else False
    except Invalid:
        return False
    except Problem:
        return None
    return True


def _keep(session: Session, now: datetime, correction_id: int, told: Told) -> None:
    correction = session.get_one(Correction, correction_id)
    correction.told, correction.told_at = told, now
    customer = session.get_one(Customer, correction.customer_id)
    detail = f"{correction.kind.value} {told.value}"
    record(session, now, Actor.WORKER, Action.CUSTOMER_TOLD, customer.public_id, detail)
    if told is Told.NOBODY:
        raise_alert(session, now, AlertKind.CORRECTION_UNTOLD, f"{customer.public_id} {correction.public_id}")
