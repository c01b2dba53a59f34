"""The second factor: codes of an authenticator app (RFC 6238), and recovery codes for the day that it is lost.

Passkeys stand beside them in `passkeys.py`.
"""

import base64
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import delete, func
from sqlmodel import Session, col, select

from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Invalid, TooMany, Unavailable
from contactcenter.core.keys import MasterKey
from contactcenter.staff import failures, passkeys, service, sessions
from contactcenter.staff.access import Visitor, hashed
from contactcenter.staff.models import AuthenticatorApp, Passkey, RecoveryCode, Staff, StaffSession
from contactcenter.staff.rules import RECOVERY_CODES, WRONG_CODES_ALLOWED, Factor, codes_that_count

SECRET_BYTES = 20
RECOVERY_BYTES = 10
APP_CODE = re.compile(r"[0-9]{6}")
NO_KEY = "There is no master key, so codes of an app can't be kept or checked. Ask your administrator to set it."
CLOSED = "Too many wrong codes came in for your app. Use a recovery code, or ask your administrator to reset it."


@dataclass(frozen=True)
class Offer:
    """An app to be set up: its secret in groups of four letters, and the address that apps read from a picture."""

    secret: str
    uri: str


@dataclass(frozen=True)
class Standby:
    """What somebody has set up: since when an app, which passkeys, and how many recovery codes are left."""

    app_since: datetime | None
    passkeys: list[Passkey]
    codes: int

    @property
    def factors(self) -> int:
        """How many ways there are beside recovery codes."""
        return len(self.passkeys) + (self.app_since is not None)


def of(session: Session, staff_id: int) -> Standby:
    """What this member of staff has set up."""
    app = _app(session, staff_id)
    left = select(func.count()).where(RecoveryCode.staff_id == staff_id)
    return Standby(app.confirmed_at if app else None, passkeys.of(session, staff_id), session.exec(left).one())


def guessed(session: Session) -> set[int]:
    """Accounts (their ids) whose codes are closed: somebody who knows the password guessed too often."""
    closed = col(AuthenticatorApp.wrong_codes) >= WRONG_CODES_ALLOWED
    return set(session.exec(select(AuthenticatorApp.staff_id).where(closed)))


def begin_app(session: Session, now: datetime, staff: Staff, key: MasterKey | None) -> None:
    """A new secret for an app, which counts once `confirm_app` saw a code of it. Raises `Unavailable` without a key."""
    sealed = _needed(key).wrap(secrets.token_bytes(SECRET_BYTES), _about(staff))
    _forget_offers(session, staff.id)
    session.add(AuthenticatorApp(staff_id=staff.id, secret=sealed, made_at=now))


def offered(session: Session, staff: Staff, key: MasterKey | None, company: str) -> Offer | None:
    """The app that waits for its first code; None when there is none."""
    app = _offer(session, staff.id)
    if app is None:
        return None
    secret = _secret(app, staff, key)
    groups = " ".join(secret[start : start + 4] for start in range(0, len(secret), 4))
    return Offer(groups, pyotp.TOTP(secret).provisioning_uri(name=staff.login, issuer_name=company))


def confirm_app(session: Session, now: datetime, staff: Staff, key: MasterKey | None, typed: str) -> None:
    """The app gave a code: it counts from now on, in place of the one before. Raises `Invalid` for a wrong code."""
    app = _offer(session, staff.id)
    if app is None:
        raise Invalid("There is no app to set up; begin anew.")
    number = _number_of(_secret(app, staff, key), compact(typed), now, app.last_code)
    if number is None:
        raise Invalid("This code is not the one of now. Wait for the next one; see that its clock is right.")
    session.execute(
        delete(AuthenticatorApp).where(col(AuthenticatorApp.staff_id) == staff.id, col(AuthenticatorApp.id) != app.id)
    )
    app.confirmed_at, app.last_code = now, number
    record(session, now, staff.public_id, Action.STAFF_FACTOR_SET_UP, staff.public_id, Factor.APP)


def remove_app(session: Session, now: datetime, staff: Staff) -> None:
    """Its codes count no more; recovery codes stay while there is something that they stand in for."""
    session.execute(delete(AuthenticatorApp).where(col(AuthenticatorApp.staff_id) == staff.id))
    record(session, now, staff.public_id, Action.STAFF_FACTOR_REMOVED, staff.public_id, Factor.APP)


def new_recovery_codes(session: Session, now: datetime, staff: Staff) -> list[str]:
    """Ten new codes in place of those before, to be shown once; each counts once."""
    forget_codes(session, staff.id)
    codes = [base64.b32encode(secrets.token_bytes(RECOVERY_BYTES)).decode("ascii") for _ in range(RECOVERY_CODES)]
    session.add_all(RecoveryCode(staff_id=staff.id, code_hash=hashed(code)) for code in codes)
    record(session, now, staff.public_id, Action.STAFF_FACTOR_SET_UP, staff.public_id, Factor.RECOVERY)
    return ["-".join(code[start : start + 4] for start in range(0, len(code), 4)) for code in codes]


def show(db: Database, now: datetime, visitor: Visitor, typed: str, source: str, key: MasterKey | None) -> str | None:
    """The second step of signing in: the token of the session that is open then, or None for a wrong code.

    Raises `TooMany` after five wrong ones from `source`; after twenty in a row from anywhere the codes of the app are
    closed, and recovery codes, which nobody can guess, go on.
    """
    failed = failures.key_of(f"second {visitor.staff.public_id}", source)
    with db.writing() as session:
        staff, opened = session.get_one(Staff, visitor.staff.id), _still(session, visitor)
        failures.refuse_after_failures(session, now, failed)
        factor = _shown(session, now, staff, compact(typed), key)
        if factor is None or opened is None:
            failures.note(session, now, failed)
            record(session, now, staff.public_id, Action.STAFF_FACTOR_REFUSED, staff.public_id)
            return None
        failures.forget(session, failed)
        record(session, now, staff.public_id, Action.STAFF_SIGNED_IN, staff.public_id, factor)
        return sessions.renew(session, now, opened, proved=True)


def reset(session: Session, now: datetime, login: str) -> None:
    """Forget what somebody has set up, because it is lost or stolen; they are signed out everywhere.

    Raises `NotFound`. Whoever must have a second factor sets up a new one at the next sign-in.
    """
    staff = service.by_login(session, login)
    for table in (AuthenticatorApp, Passkey, RecoveryCode):
        session.execute(delete(table).where(col(table.staff_id) == staff.id))
    sessions.end_all(session, now, staff)
    record(session, now, Actor.OPERATOR, Action.STAFF_FACTOR_RESET, staff.public_id)


def compact(typed: str) -> str:
    """A code as it is compared: without blanks and dashes, in capitals."""
    return re.sub(r"[\s-]", "", typed).upper()


def _shown(session: Session, now: datetime, staff: Staff, code: str, key: MasterKey | None) -> Factor | None:
    if APP_CODE.fullmatch(code):
        return Factor.APP if _takes_app_code(session, now, staff, code, key) else None
    return Factor.RECOVERY if _takes_recovery_code(session, staff, code) else None


def _takes_app_code(session: Session, now: datetime, staff: Staff, code: str, key: MasterKey | None) -> bool:
    app = _app(session, staff.id)
    if app is None:
        return False
    if app.wrong_codes >= WRONG_CODES_ALLOWED:
        raise TooMany(CLOSED)
    number = _number_of(_secret(app, staff, key), code, now, app.last_code)
    if number is None:
        app.wrong_codes += 1
        if app.wrong_codes == WRONG_CODES_ALLOWED:
            raise_alert(session, now, AlertKind.CODES_GUESSED, staff.public_id)
        return False
    app.last_code, app.wrong_codes = number, 0
    return True


def _takes_recovery_code(session: Session, staff: Staff, code: str) -> bool:
    mine = select(RecoveryCode).where(RecoveryCode.staff_id == staff.id, RecoveryCode.code_hash == hashed(code))
    found = session.exec(mine).first()
    if found is None:
        return False
    session.delete(found)
    app = _app(session, staff.id)
    if app is not None:
        app.wrong_codes = 0
    return True


def _number_of(secret: str, code: str, now: datetime, last: int) -> int | None:
    """Which of the codes that count now this is; None for none of them."""
    app = pyotp.TOTP(secret)
    counting = codes_that_count(now, last)
    right = [one for one in counting if hmac.compare_digest(app.generate_otp(one).encode(), code.encode())]
    return right[0] if right else None


def _secret(app: AuthenticatorApp, staff: Staff, key: MasterKey | None) -> str:
    return base64.b32encode(_needed(key).unwrap(app.secret, _about(staff))).decode("ascii")


def _needed(key: MasterKey | None) -> MasterKey:
    if key is None:
        raise Unavailable(NO_KEY)
    return key


def _about(staff: Staff) -> bytes:
    return f"authenticator app of {staff.public_id}".encode()


def _app(session: Session, staff_id: int) -> AuthenticatorApp | None:
    confirmed = col(AuthenticatorApp.confirmed_at).is_not(None)
    return session.exec(select(AuthenticatorApp).where(AuthenticatorApp.staff_id == staff_id, confirmed)).first()


def _offer(session: Session, staff_id: int) -> AuthenticatorApp | None:
    waits = col(AuthenticatorApp.confirmed_at).is_(None)
    return session.exec(select(AuthenticatorApp).where(AuthenticatorApp.staff_id == staff_id, waits)).first()


def _forget_offers(session: Session, staff_id: int) -> None:
    waits = col(AuthenticatorApp.confirmed_at).is_(None)
    session.execute(delete(AuthenticatorApp).where(col(AuthenticatorApp.staff_id) == staff_id, waits))


def forget_codes(session: Session, staff_id: int) -> None:
    """Codes that stand in for nothing let nobody in."""
    session.execute(delete(RecoveryCode).where(col(RecoveryCode.staff_id) == staff_id))


def _still(session: Session, visitor: Visitor) -> StaffSession | None:
    """The session of this visitor, which may have ended since it was looked at."""
    return session.get(StaffSession, visitor.session.token_hash)
