"""Accounts and sessions: verbs that take a session and `now`."""

import secrets
from collections.abc import Callable, Iterable
from datetime import date, datetime
from threading import BoundedSemaphore
from typing import TypeVar

from sqlalchemy import func
from sqlmodel import Session, col, select

from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, AuditEntry, record
from contactcenter.core.db import Database
from contactcenter.core.errors import Conflict, NotFound, Unauthorised, Unavailable
from contactcenter.staff import failures, passwords, sessions
from contactcenter.staff.access import Visitor, has_factor, hashed
from contactcenter.staff.models import ApiToken, Staff, Team
from contactcenter.staff.rules import (
    FAILURE_WINDOW,
    REFUSALS_KEPT,
    Demand,
    Role,
    Scope,
    Standing,
    demanded,
    standing,
    training_ends_soon,
)

DEFAULT_TEAM = "Support"
WAITING_ALLOWED = 16  # of the 40 threads that all requests share
Done = TypeVar("Done")
_places = BoundedSemaphore(WAITING_ALLOWED)  # who waits for a comparison holds a thread that a webhook may need


def add(
    session: Session,
    now: datetime,
    *,
    login: str,
    name: str,
    role: Role,
    password: str,
    team: str = DEFAULT_TEAM,
    language: str = "nl",
    telephone: str | None = None,
    trained_on: date | None = None,
) -> Staff:
    """Add an account. Raises `Conflict` when the login is taken, `Invalid` for a weak password."""
    password_hash = passwords.hash_of(password, login, name)
    if session.exec(select(Staff.id).where(Staff.login == login)).first() is not None:
        raise Conflict("This login is taken; choose another.")
    staff = Staff(
        login=login,
        name=name,
        role=role,
        team_id=team_id(session, team),
        password_hash=password_hash,
        language=language,
        telephone=telephone,
        trained_on=trained_on,
    )
    session.add(staff)
    session.flush()
    record(session, now, Actor.OPERATOR, Action.STAFF_ADDED, staff.public_id, role.value)
    if trained_on is not None:
        _record_training(session, now, staff, trained_on)
    return staff


def disable(session: Session, now: datetime, login: str) -> None:
    """End this account and its sessions at once; what it did stays on record. Raises `NotFound`."""
    staff = by_login(session, login)
    staff.disabled_at, staff.available = staff.disabled_at or now, False
    sessions.end_all(session, now, staff)
    record(session, now, Actor.OPERATOR, Action.STAFF_DISABLED, staff.public_id)


def set_password(session: Session, now: datetime, login: str, password: str) -> None:
    """A new password; sessions under the old one end. Raises `NotFound`, and `Invalid` for a weak password."""
    staff = by_login(session, login)
    staff.password_hash = passwords.hash_of(password, login, staff.name)
    sessions.end_all(session, now, staff)
    record(session, now, Actor.OPERATOR, Action.STAFF_PASSWORD_SET, staff.public_id)


def set_trained(session: Session, now: datetime, login: str, on: date) -> None:
    """Register the day of the privacy training; customer data opens from now on (P29). Raises `NotFound`."""
    staff = by_login(session, login)
    staff.trained_on = on
    _record_training(session, now, staff, on)


def remind_of_training(session: Session, now: datetime) -> int:
    """Sweep: an alert for each account whose training ends within a month, or ended; once a training. How many."""
    due = [
        one
        for one in session.exec(select(Staff).where(col(Staff.disabled_at).is_(None)))
        if training_ends_soon(one.trained_on, now.date())
    ]
    for one in due:
        raise_alert(session, now, AlertKind.TRAINING_ENDS, f"{one.public_id} {one.trained_on}")
    return len(due)


def team_id(session: Session, name: str) -> int:
    """The id of the team with this name; made when it isn't there."""
    team = session.exec(select(Team).where(Team.name == name)).first()
    if team is None:
        team = Team(name=name)
        session.add(team)
        session.flush()
    return team.id


def sign_in(
    db: Database,
    now: datetime,
    login: str,
    password: str,
    source: str,
    *,
    demand: Demand = Demand.PRIVILEGED,
    browser: str = "",
) -> str | None:
    """The token of a new session; None when login or password is wrong. `source` is the network address.

    Who has a second factor, or must have one by `demand`, is halfway with it: see `rules.Standing`.
    Raises as `with_password` does.
    """

    def enter(session: Session, staff: Staff) -> str:
        has = session.exec(select(has_factor()).where(Staff.id == staff.id)).one()
        how_far = standing(proved=False, has_factor=has, demanded=demanded(staff.role, demand))
        act = Action.STAFF_SIGNED_IN if how_far is Standing.IN else Action.STAFF_PASSWORD_GIVEN
        record(session, now, staff.public_id, act, staff.public_id)
        return sessions.begin(session, now, staff, browser)

    return with_password(db, now, login, password, source, enter)


def with_password(
    db: Database, now: datetime, login: str, password: str, source: str, then: Callable[[Session, Staff], Done]
) -> Done | None:
    """Do `then` in one transaction with the check of this password; None when login or password is wrong.

    Failures count per login and source together, so that nobody can lock a colleague out from elsewhere.
    Raises `TooMany` after five failures in fifteen minutes, also when many tries came at once, and `Unavailable`
    while too many others are signing in.
    """
    if not _places.acquire(blocking=False):
        raise Unavailable("Many are signing in right now; try again in a moment.")
    try:
        return _with_password(db, now, login, password, failures.key_of(login, source), then)
    finally:
        _places.release()


def change_password(db: Database, now: datetime, visitor: Visitor, password: str, new: str, source: str) -> str | None:
    """Somebody's own new password: every other session ends, this one goes on under the token that is returned.

    None when the present password is wrong. Raises as `with_password` does, and `Invalid` for a weak one.
    """
    new_hash = passwords.hash_of(new, visitor.staff.login, visitor.staff.name)

    def change(session: Session, staff: Staff) -> str | None:
        staff.password_hash = new_hash
        sessions.end_others(session, now, staff, visitor.session)
        record(session, now, staff.public_id, Action.STAFF_PASSWORD_SET, staff.public_id)
        return sessions.renew(session, now, visitor.session)

    return with_password(db, now, visitor.staff.login, password, source, change)


def purge(session: Session, now: datetime) -> None:
    """Forget sessions that ended by themselves, and failed sign-ins that count no more."""
    sessions.purge(session, now)
    failures.forget_old(session, now)


def everybody(session: Session) -> list[tuple[Staff, str, bool]]:
    """All accounts with the name of their team and whether they have a second factor, by login."""
    return list(session.exec(select(Staff, Team.name, has_factor()).join(Team).order_by(col(Staff.login))))


def set_available(session: Session, now: datetime, staff_id: int, available: bool) -> None:
    """Whether calls ring at this person's desk."""
    staff = session.get_one(Staff, staff_id)
    staff.available = available
    word = "available" if available else "away"
    record(session, now, staff.public_id, Action.STAFF_AVAILABILITY, staff.public_id, word)


def available_colleagues(session: Session, team_id: int, staff_id: int) -> int:
    """How many of the team are available, this member apart."""
    available = select(func.count()).where(
        Staff.team_id == team_id, col(Staff.available).is_(True), Staff.id != staff_id
    )
    return session.exec(available).one()


def make_token(session: Session, now: datetime, name: str, scopes: Iterable[Scope]) -> str:
    """A new API token, shown once; only its hash is kept. Raises `Conflict` when the name has one in force."""
    if any(one.name == name for one in tokens_in_force(session)):
        raise Conflict("There is a token of this name in force; revoke it first, or choose another name.")
    token = f"cct_{secrets.token_urlsafe(32)}"
    session.add(ApiToken(name=name, token_hash=hashed(token), scopes=" ".join(scopes), made_at=now))
    record(session, now, Actor.OPERATOR, Action.TOKEN_MADE, name)
    return token


def revoke_token(session: Session, now: datetime, name: str) -> int:
    """End the API tokens of this name. How many it were; raises `NotFound` for none."""
    found = session.exec(select(ApiToken).where(ApiToken.name == name, col(ApiToken.revoked_at).is_(None))).all()
    if not found:
        raise NotFound("There is no token in force with this name; it is the one given to `token make`.")
    for token in found:
        token.revoked_at = now
    record(session, now, Actor.OPERATOR, Action.TOKEN_REVOKED, name)
    return len(found)


def tokens_in_force(session: Session) -> list[ApiToken]:
    """The API tokens that were not revoked, oldest first."""
    return list(session.exec(select(ApiToken).where(col(ApiToken.revoked_at).is_(None)).order_by(col(ApiToken.id))))


def require_token(db: Database, authorization: str, scope: Scope) -> None:
    """Raise `Unauthorised` unless the header `Authorization` brings a token with this scope."""
    scheme, _, token = authorization.partition(" ")
    with db.reading() as session:
        if scheme.lower() != "bearer" or not token_allows(session, token.strip(), scope):
            raise Unauthorised(f"Send a token with the scope {scope} as `Authorization: Bearer ...`.")


def token_allows(session: Session, token: str, scope: Scope) -> bool:
    """Whether this API token is in force and carries the scope."""
    found = session.exec(
        select(ApiToken).where(ApiToken.token_hash == hashed(token), col(ApiToken.revoked_at).is_(None))
    ).first()
    return found is not None and scope in found.scopes.split()


def by_login(session: Session, login: str) -> Staff:
    """The account of this login, or `NotFound`."""
    staff = session.exec(select(Staff).where(Staff.login == login)).first()
    if staff is None:
        raise NotFound("There is no account with this login; it is the one given to `staff add`.")
    return staff


def _record_training(session: Session, now: datetime, staff: Staff, on: date) -> None:
    """The account keeps the last training only; the trail keeps the day of each."""
    record(session, now, Actor.OPERATOR, Action.STAFF_TRAINED, staff.public_id, on.isoformat())


def _with_password(
    db: Database, now: datetime, login: str, password: str, key: str, then: Callable[[Session, Staff], Done]
) -> Done | None:
    with db.reading() as session:
        failures.refuse_after_failures(session, now, key)
        seen = session.exec(select(Staff).where(Staff.login == login)).first()
    right = passwords.matches(seen.password_hash if seen else None, password)
    with db.writing() as session:
        failures.refuse_after_failures(session, now, key)  # of many tries at once only the first ones count
        staff = session.get_one(Staff, seen.id) if seen and right else None
        if staff is None or seen is None or _changed(staff, seen):
            failures.note(session, now, key)
            _record_refusal(session, now, seen.public_id if seen else "unknown")
            return None
        failures.forget(session, key)
        return then(session, staff)


def _changed(staff: Staff, seen: Staff) -> bool:
    """Comparing takes a while, in which the account may have ended or got another password."""
    return staff.disabled_at is not None or staff.password_hash != seen.password_hash


def _record_refusal(session: Session, now: datetime, subject: str) -> None:
    """On record for each account, and for all unknown ones together; of a flood only as much as shows that it is one.

    The last row of a quarter of an hour says so.
    """
    kept = select(func.count()).where(
        AuditEntry.subject == subject,
        AuditEntry.action == Action.STAFF_SIGN_IN_REFUSED,
        col(AuditEntry.at) > now - FAILURE_WINDOW,
    )
    room = REFUSALS_KEPT - session.exec(kept).one()
    if room > 0:
        detail = "more-are-not-kept" if room == 1 else ""
        record(session, now, Actor.OUTSIDER, Action.STAFF_SIGN_IN_REFUSED, subject, detail)
