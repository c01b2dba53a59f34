"""Passkeys (WebAuthn): keys of a telephone, a computer or a stick, which answer to our own address only.

They stand beside the password as the second factor. A challenge belongs to one session, counts once, and for a few
minutes; attestations aren't asked for, because we take a key of any make.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import webauthn
from sqlalchemy import update
from sqlmodel import Session, col, select
from webauthn.helpers import parse_authentication_credential_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from contactcenter.core.audit import Action, record
from contactcenter.core.clock import lasts
from contactcenter.core.db import Database
from contactcenter.core.errors import Conflict, Invalid, NotFound, Unavailable
from contactcenter.settings import Settings
from contactcenter.staff import failures, sessions
from contactcenter.staff.access import Visitor
from contactcenter.staff.models import Passkey, Staff, StaffSession
from contactcenter.staff.rules import Factor

ANSWER_WITHIN = timedelta(minutes=5)
MOST_PASSKEYS = 10
LONGEST_ANSWER = 20_000  # characters of what a browser sends
REFUSED = "The passkey was not accepted. Try again, or take another way in."


@dataclass(frozen=True)
class Place:
    """Where passkeys hold: the name that they are bound to, and the address that browsers show."""

    name: str
    origin: str


def place_of(settings: Settings) -> Place | None:
    """The name and address of this installation; None where it has a number for a name, which passkeys don't take.

    This machine itself is called `localhost` for them.
    """
    parts = urlsplit(settings.public_url)
    name = parts.hostname or ""
    try:
        if not ip_address(name).is_loopback:
            return None
        name = "localhost"
    except ValueError:
        pass  # it is a name
    port = f":{parts.port}" if parts.port else ""
    return Place(name, f"{parts.scheme}://{name}{port}")


def of(session: Session, staff_id: int) -> list[Passkey]:
    """Somebody's passkeys, the oldest first."""
    return list(session.exec(select(Passkey).where(Passkey.staff_id == staff_id).order_by(col(Passkey.id))))


def offer(session: Session, now: datetime, visitor: Visitor, place: Place | None, company: str) -> dict[str, Any]:
    """What a browser needs to make a passkey. Raises `Conflict` when there are ten, `Unavailable` without a place."""
    place, known = _needed(place), of(session, visitor.staff.id)
    if len(known) >= MOST_PASSKEYS:
        raise Conflict("You have ten passkeys; remove one that you don't use first.")
    options = webauthn.generate_registration_options(
        rp_id=place.name,
        rp_name=company,
        user_id=visitor.staff.public_id.encode(),
        user_name=visitor.staff.login,
        user_display_name=visitor.staff.name,
        exclude_credentials=_descriptors(known),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.PREFERRED
        ),
    )
    _remember(session, now, visitor, options.challenge)
    return _as_json(webauthn.options_to_json(options))


def add(session: Session, now: datetime, visitor: Visitor, place: Place | None, answer: str, label: str) -> None:
    """Keep the passkey that a browser made. Raises `Invalid` unless it answers the challenge of this session."""
    challenge = _challenge(session, now, visitor)
    place = _needed(place)
    try:
        made = webauthn.verify_registration_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
        )
    except Exception:  # noqa: BLE001  # what a browser sends fails in the ways of several libraries; each is a refusal
        raise Invalid(REFUSED) from None
    if session.exec(select(Passkey.id).where(Passkey.credential_id == made.credential_id)).first() is not None:
        raise Invalid(REFUSED)
    session.add(
        Passkey(
            staff_id=visitor.staff.id,
            credential_id=made.credential_id,
            public_key=made.credential_public_key,
            uses=made.sign_count,
            label=label,
            made_at=now,
        )
    )
    record(session, now, visitor.staff.public_id, Action.STAFF_FACTOR_SET_UP, visitor.staff.public_id, Factor.PASSKEY)


def remove(session: Session, now: datetime, staff: Staff, public_id: str) -> None:
    """Forget one of somebody's own passkeys. Raises `NotFound` for anybody else's."""
    found = session.exec(select(Passkey).where(Passkey.staff_id == staff.id, Passkey.public_id == public_id)).first()
    if found is None:
        raise NotFound()
    session.delete(found)
    record(session, now, staff.public_id, Action.STAFF_FACTOR_REMOVED, staff.public_id, Factor.PASSKEY)


def ask(session: Session, now: datetime, visitor: Visitor, place: Place | None) -> dict[str, Any]:
    """What a browser needs to sign with one of this account's passkeys."""
    options = webauthn.generate_authentication_options(
        rp_id=_needed(place).name,
        allow_credentials=_descriptors(of(session, visitor.staff.id)),
        user_verification=UserVerificationRequirement.PREFERRED,
    )
    _remember(session, now, visitor, options.challenge)
    return _as_json(webauthn.options_to_json(options))


def show(db: Database, now: datetime, visitor: Visitor, place: Place | None, answer: str, source: str) -> str | None:
    """The second step of signing in, by passkey: the token of the session that is open then, or None.

    Raises `TooMany` after five refusals from `source`, and `Invalid` without a challenge that still counts.
    """
    failed = failures.key_of(f"second {visitor.staff.public_id}", source)
    with db.writing() as session:
        failures.refuse_after_failures(session, now, failed)
        challenge = _challenge(session, now, visitor)
        if not _signed(session, now, visitor, _needed(place), challenge, answer[:LONGEST_ANSWER]):
            failures.note(session, now, failed)
            record(session, now, visitor.staff.public_id, Action.STAFF_FACTOR_REFUSED, visitor.staff.public_id)
            return None
        failures.forget(session, failed)
        me = visitor.staff.public_id
        record(session, now, me, Action.STAFF_SIGNED_IN, me, Factor.PASSKEY)
        return sessions.renew(session, now, visitor.session, proved=True)


def _signed(session: Session, now: datetime, visitor: Visitor, place: Place, challenge: bytes, answer: str) -> bool:
    try:
        credential = parse_authentication_credential_json(answer)
        mine = select(Passkey).where(Passkey.staff_id == visitor.staff.id, Passkey.credential_id == credential.raw_id)
        passkey = session.exec(mine).one()
        checked = webauthn.verify_authentication_response(
            credential=credential,
            expected_challenge=challenge,
            expected_rp_id=place.name,
            expected_origin=place.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.uses,  # a copy of the key counts apart, and is refused
        )
    except Exception:  # noqa: BLE001  # what a browser sends fails in the ways of several libraries; each is a refusal
        return False
    passkey.uses, passkey.used_at = checked.new_sign_count, now
    return True


def _challenge(session: Session, now: datetime, visitor: Visitor) -> bytes:
    """The challenge that this session waits for, which counts once."""
    opened = session.exec(select(StaffSession).where(StaffSession.public_id == visitor.session.public_id)).first()
    if opened is None or opened.challenge is None or opened.challenged_at is None:
        raise Invalid(REFUSED)
    challenge, since = opened.challenge, opened.challenged_at
    opened.challenge = opened.challenged_at = None
    if not lasts(since, ANSWER_WITHIN, now):
        raise Invalid(REFUSED)
    return challenge


def _remember(session: Session, now: datetime, visitor: Visitor, challenge: bytes) -> None:
    this = col(StaffSession.public_id) == visitor.session.public_id
    session.execute(update(StaffSession).where(this).values(challenge=challenge, challenged_at=now))


def _descriptors(known: list[Passkey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=one.credential_id) for one in known]


def _as_json(options: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(options)
    return found


def _needed(place: Place | None) -> Place:
    if place is None:
        raise Unavailable("Passkeys need a name: CONTACTCENTER_PUBLIC_URL is a number here.")
    return place
