"""Tells the old address of a correction, so that whoever is robbed of an account hears of it (P05, P06).

A letter or text message says which kind was changed, when, and whom to call; never a value, old or new. It goes to
every e-mail address and number that is on record from before (`reached.py`), since any of them may be a thief's by now.
Each is tried every minute for an hour. Where nobody heard of it, or only where the caller's proof came from, somebody
writes a letter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contactcenter.carrier.port import CarrierProblem, Trouble
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Conflict, Invalid, NotFound, Problem
from contactcenter.core.formats import filters
from contactcenter.core.i18n import translations
from contactcenter.core.mail import Letter
from contactcenter.core.telephone import national
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import asking
from contactcenter.verification.messages import Messengers
from contactcenter.verification.models import Correction, CorrectionNotice, Verification
from contactcenter.verification.reached import Known, known_before
from contactcenter.verification.rules import Way, takes_letter

PATIENCE = timedelta(hours=1)  # a mail server or carrier may put us off for a while before we give up
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
class Told:
    """Where it is told, and what is read there."""

    known: Known
    subject: str
    body: str = field(repr=False)


@dataclass(frozen=True)
class Notice:
    """One correction that is to be told: where it was neither sent nor given up yet."""

    correction: int
    overdue: bool
    to: tuple[Told, ...]


@dataclass(frozen=True)
class ByLetter:
    """A correction of which somebody writes: its public id and that of the customer, which kind, and when it was made.

    `own`: the viewer wrote it down, so somebody else writes the letter.
    """

    correction: str
    customer: str
    kind: Kind
    at: datetime
    own: bool


def tell(db: Database, now: datetime, messengers: Messengers, zone: ZoneInfo, number_of: NumberOf) -> None:
    """Sweep: send what is to be told; the intent is on record, what came of it is committed for each correction."""
    with db.reading() as session:
        notices = [_notice(session, now, one, messengers, zone, number_of) for one in _untold(session)]
    later: set[Way] = set()
    for notice in notices:
        outcomes = _send(messengers, notice, later)
        if outcomes or not notice.to:
            with db.writing() as session:
                _keep(session, now, notice, outcomes)


def by_letter(session: Session, viewer: Member) -> list[ByLetter]:
    """The letters that are to be written, newest first."""
    found = session.exec(
        select(Correction, Customer.public_id)
        .join(CorrectionNotice, col(CorrectionNotice.correction_id) == Correction.id)
        .join(Customer, col(Customer.id) == Correction.customer_id)
        .where(CorrectionNotice.way == Way.LETTER, col(CorrectionNotice.sent).is_(False))
        .order_by(col(Correction.id).desc())
    )
    return [ByLetter(one.public_id, customer, one.kind, one.at, one.staff_id == viewer.id) for one, customer in found]


def written(session: Session, now: datetime, viewer: Member, public_id: str) -> None:
    """The viewer wrote the letter. Raises `NotFound`, `Conflict` for their own correction or one that was told."""
    correction = session.exec(select(Correction).where(Correction.public_id == public_id)).first()
    if correction is None:
        raise NotFound()
    letter = session.exec(
        select(CorrectionNotice).where(
            CorrectionNotice.correction_id == correction.id,
            CorrectionNotice.way == Way.LETTER,
            col(CorrectionNotice.sent).is_(False),
        )
    ).first()
    if letter is None or correction.staff_id == viewer.id:
        raise Conflict("Somebody else writes this letter, once.")
    letter.sent, letter.at = True, now
    _record(session, now, viewer.public_id, correction, Way.LETTER)


def _untold(session: Session) -> Sequence[Correction]:
    waiting = select(Correction).where(col(Correction.told_at).is_(None)).order_by(col(Correction.id))
    return session.exec(waiting.limit(MOST_AT_ONCE)).all()


def _notice(
    session: Session,
    now: datetime,
    correction: Correction,
    messengers: Messengers,
    zone: ZoneInfo,
    number_of: NumberOf,
) -> Notice:
    number = number_of(session, correction.contact_id)
    done = {(one.way, one.known_id) for one in _notices(session, correction)}
    reached = known_before(session, correction, correction.at.astimezone(zone).date())

    def told(known: Known) -> Told:
        say = translations(known.language).gettext
        values = {
            "at": filters(known.language, zone)["moment"](correction.at),
            "company": messengers.company,
            "what": say(WHAT[correction.kind]),
            "number": national(number) if number else "",
        }
        return Told(known, say(SUBJECT) % values, say(BODY if number else WITHOUT_NUMBER) % values)

    return Notice(
        correction=correction.id,
        overdue=correction.at <= now - PATIENCE,
        to=tuple(told(known) for known in reached if (known.way, known.id) not in done),
    )


def _notices(session: Session, correction: Correction) -> Sequence[CorrectionNotice]:
    return session.exec(select(CorrectionNotice).where(CorrectionNotice.correction_id == correction.id)).all()


def _send(messengers: Messengers, notice: Notice, later: set[Way]) -> dict[Known, bool]:
    """Whether it was sent or is given up, where that is known. `later` are the ways that put us off in this sweep."""
    outcomes: dict[Known, bool] = {}
    for one in notice.to:
        sent = None if one.known.way in later else _by(messengers, one)
        if sent is None:
            later.add(one.known.way)
        if sent is not None or notice.overdue:
            outcomes[one.known] = bool(sent)
    return outcomes


def _by(messengers: Messengers, one: Told) -> bool | None:
    """Whether it was handed over; None when it may be later."""
    try:
        if one.known.way is Way.TEXT:
            messengers.carrier.send_text(one.known.to, one.body)
        elif messengers.post.present:
            messengers.post.send(Letter(one.known.to, one.subject, one.body + "\n"))
        else:
            return False
    except CarrierProblem as problem:
        return None if problem.trouble is Trouble.LATER else False
    except Invalid:
        return False
    except Problem:
        return None
    return True


def _keep(session: Session, now: datetime, notice: Notice, outcomes: Mapping[Known, bool]) -> None:
    correction = session.get_one(Correction, notice.correction)
    kept = {(one.way, one.known_id) for one in _notices(session, correction)}
    new = {known: sent for known, sent in outcomes.items() if (known.way, known.id) not in kept}
    if correction.told_at is not None or len(new) < len(outcomes):
        return  # another worker looks at this one at the same moment, and is further
    for known, sent in new.items():
        session.add(CorrectionNotice(correction_id=correction.id, way=known.way, known_id=known.id, sent=sent, at=now))
        if sent:
            _record(session, now, Actor.WORKER, correction, known.way)
    session.flush()
    if len(outcomes) < len(notice.to):
        return
    correction.told_at = now
    told = {one.way for one in _notices(session, correction) if one.sent}
    own, before = asking.items(session, session.get_one(Verification, correction.verification_id))
    if takes_letter(told, own + before):
        session.add(CorrectionNotice(correction_id=correction.id, way=Way.LETTER, sent=False, at=now))
        raise_alert(session, now, AlertKind.CORRECTION_UNTOLD, correction.public_id)


def _record(session: Session, now: datetime, by: str, correction: Correction, way: Way) -> None:
    customer = session.get_one(Customer, correction.customer_id)
    record(session, now, by, Action.CUSTOMER_TOLD, customer.public_id, f"{correction.kind.value} {way.value}")
