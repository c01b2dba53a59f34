"""One-time codes: sent to what was on record for long, or fetched by the customer's application, and read out (P06).

Only hashes are kept. A code that is not sent yet can't be read out; sending happens after the commit (`messages.py`).
"""

import hmac
import secrets
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256

from sqlmodel import Session, col, func, or_, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.errors import Conflict, Invalid, NotFound, TooMany
from contactcenter.customers.models import Customer, KnownAddress, KnownNumber, Person
from contactcenter.staff.access import Member
from contactcenter.verification import answers, asking, passes, policies
from contactcenter.verification.models import OneTimeCode, Verification
from contactcenter.verification.policy import Strength
from contactcenter.verification.rules import CODE_LASTS, CODE_TRIES, CODES_AN_HOUR, EvidenceKind, EvidenceOutcome

DIGITS = 6
SENT_TO = (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT)


@dataclass(frozen=True)
class Sending:
    """A code on its way: what to send, where, in the language of the contact. None of it is kept in clear."""

    public_id: str
    kind: EvidenceKind
    language: str
    to: str = field(repr=False)
    code: str = field(repr=False)


def make(session: Session, now: datetime, verification: Verification, kind: EvidenceKind) -> Sending:
    """A code for the person of this verification, to the address or number that was theirs for long enough.

    Raises `Conflict` when there is none or none may be sent, `TooMany` after three in an hour.
    """
    contact = session.get_one(Contact, verification.contact_id)
    _refuse_sending(session, now, verification, kind)
    to = destination(session, now, verification, kind)
    if to is None or verification.person_id is None:
        raise Conflict("Nothing is on record for long enough to send a code to.")
    public_id, code = _keep(session, now, kind, verification.customer_id, verification.person_id, contact.id)
    return Sending(public_id, kind, contact.language, to, code)


def destination(session: Session, now: datetime, verification: Verification, kind: EvidenceKind) -> str | None:
    """Where a code goes: what is this person's and was on record when the policy's days began; the oldest first.

    A number or address that changed lately may be a thief's.
    """
    policy = policies.of(session, verification.policy)
    if policy.strength(kind.value) is not Strength.POSSESSION:
        return None
    since = policy.settled(now)
    if kind is EvidenceKind.CODE_BY_EMAIL:
        return session.exec(
            select(KnownAddress.email)
            .where(
                KnownAddress.person_id == verification.person_id,
                col(KnownAddress.ended_at).is_(None),
                col(KnownAddress.recorded_at) <= since,
            )
            .order_by(col(KnownAddress.recorded_at), col(KnownAddress.id))
        ).first()
    return session.exec(
        select(KnownNumber.e164)
        .where(
            KnownNumber.person_id == verification.person_id,
            col(KnownNumber.ended_at).is_(None),
            col(KnownNumber.recorded_at) <= since,
        )
        .order_by(col(KnownNumber.recorded_at), col(KnownNumber.id))
    ).first()


def fetch(session: Session, now: datetime, relation_number: str, person: str) -> str:
    """A code for the application in which this person is logged in; they read it out in a call.

    Raises `NotFound` for a customer or person that is not there, `TooMany` after three in an hour.
    """
    found = session.exec(
        select(Person)
        .join(Customer, col(Customer.id) == Person.customer_id)
        .where(Customer.relation_number == relation_number, Person.reference == person, col(Person.ended_at).is_(None))
    ).first()
    if found is None:
        raise NotFound("There is no such customer, or no such person under it.")
    _refuse_many(session, now, found.id)
    public_id, code = _keep(session, now, EvidenceKind.PORTAL_CODE, found.customer_id, found.id, None)
    arrived(session, now, public_id)
    record(session, now, Actor.API, Action.CODE_FETCHED, public_id)
    contacts.tell_live(session, now, found.id)
    return code


def arrived(session: Session, now: datetime, public_id: str) -> None:
    """The code was handed over: from now on it can be read out."""
    made = session.exec(select(OneTimeCode).where(OneTimeCode.public_id == public_id)).one()
    made.sent_at = now
    session.flush()
    contacts.tell_live(session, now, made.person_id)


def read_out(session: Session, now: datetime, viewer: Member, contact_id: int, typed: str) -> EvidenceOutcome:
    """Compare what the caller read out with the codes that wait for this person; a code counts once.

    Raises `Conflict` when none waits, `Invalid` for what is no code.
    """
    contact = passes.handled(session, now, viewer, contact_id)
    verification = passes.live_pass(session, now, viewer, contact)
    if verification is None:
        raise Conflict("This verification has ended; begin again.")
    said = "".join(word for word in answers.words(typed) if word.isdigit())
    if len(said) != DIGITS:
        raise Invalid("A code has six digits; type them as the caller reads them out.")
    open_ones = waiting(session, now, verification)
    if not open_ones:
        raise Conflict("No code waits to be read out; send one, or ask for a new one in the application.")
    right = [one for one in open_ones if hmac.compare_digest(one.code_hash, _hash(one.public_id, said))]
    for one in right[:1]:
        one.used_at, one.contact_id = now, contact.id
    for one in open_ones if not right else ():
        one.wrong += 1
    session.flush()
    outcome = EvidenceOutcome.HOLDS if right else EvidenceOutcome.FAILS
    kind = (right or open_ones)[0].kind
    asking.add_evidence(session, now, verification, kind, kind.value, outcome)
    return outcome


def waiting(session: Session, now: datetime, verification: Verification) -> list[OneTimeCode]:
    """The codes that this person may read out in this contact now, newest first."""
    found = session.exec(
        select(OneTimeCode)
        .where(
            OneTimeCode.customer_id == verification.customer_id,
            OneTimeCode.person_id == verification.person_id,
            or_(OneTimeCode.contact_id == verification.contact_id, col(OneTimeCode.contact_id).is_(None)),
            col(OneTimeCode.sent_at).is_not(None),
            col(OneTimeCode.used_at).is_(None),
            OneTimeCode.wrong < CODE_TRIES,
            col(OneTimeCode.made_at) > now - CODE_LASTS,
            col(OneTimeCode.made_at) <= now,
        )
        .order_by(col(OneTimeCode.id).desc())
    )
    return list(found)


def ways(session: Session, now: datetime, verification: Verification) -> tuple[EvidenceKind, ...]:
    """How a code could be sent to this person now, with what is on record; whether mail is set up is not asked."""
    if not passes.is_inbound(session, verification):
        return ()
    return tuple(kind for kind in SENT_TO if destination(session, now, verification, kind) is not None)


def _refuse_sending(session: Session, now: datetime, verification: Verification, kind: EvidenceKind) -> None:
    if kind not in SENT_TO:
        raise Invalid("Choose how to send the code: by e-mail or as a text message.")
    asking.refuse_proofs(session, now, verification)
    if verification.person_id is None:
        raise Conflict("Say first which person of this customer is calling: link the contact to them.")
    _refuse_many(session, now, verification.person_id)


def _refuse_many(session: Session, now: datetime, person_id: int) -> None:
    lately = select(func.count()).where(
        OneTimeCode.person_id == person_id, col(OneTimeCode.made_at) > now - timedelta(hours=1)
    )
    if session.exec(lately).one() >= CODES_AN_HOUR:
        raise TooMany("Three codes were made for this person in the last hour; wait, or choose another way.")


def _keep(
    session: Session,
    now: datetime,
    kind: EvidenceKind,
    customer_id: int,
    person_id: int,
    contact_id: int | None,
) -> tuple[str, str]:
    """(public id, code) of a new code."""
    code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
    made = OneTimeCode(
        kind=kind, customer_id=customer_id, person_id=person_id, contact_id=contact_id, code_hash="", made_at=now
    )
    made.code_hash = _hash(made.public_id, code)
    session.add(made)
    session.flush()
    return made.public_id, code


def _hash(public_id: str, code: str) -> str:
    """What is kept. Six digits could be tried out by who has the database; the code is void in ten minutes."""
    return sha256(f"{public_id} {code}".encode()).hexdigest()
