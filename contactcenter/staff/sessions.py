"""Sessions of signed-in browsers: begun, listed for their owner, ended from the very next request on."""

import secrets
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, or_, update
from sqlmodel import Session, col, select

from contactcenter.core.audit import Action, record
from contactcenter.core.clock import AHEAD
from contactcenter.core.errors import NotFound
from contactcenter.core.live import announce, staff_topic
from contactcenter.staff.access import hashed
from contactcenter.staff.models import Staff, StaffSession
from contactcenter.staff.rules import ABSOLUTE_LIMIT, IDLE_LIMIT, session_ended


@dataclass(frozen=True)
class Seat:
    """One of somebody's sessions, as they see it; `whole` when it showed a second factor."""

    public_id: str
    browser: str
    began: datetime
    seen: datetime
    whole: bool
    here: bool


def begin(session: Session, now: datetime, staff: Staff, browser: str) -> str:
    """A new session; its token, of which only the hash is kept."""
    token = secrets.token_urlsafe(32)
    session.add(StaffSession(token_hash=hashed(token), staff_id=staff.id, browser=browser, started_at=now, seen_at=now))
    return token


def renew(session: Session, now: datetime, opened: StaffSession, *, proved: bool = False) -> str | None:
    """Exchange a session's token, when it opens further (`proved`) or its password changed; None when it has ended."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": hashed(token), "seen_at": now} | ({"proved_at": now} if proved else {})
    this = col(StaffSession.token_hash) == opened.token_hash
    found = session.execute(update(StaffSession).where(this).values(values).returning(col(StaffSession.staff_id)))
    return token if found.first() else None


def of(session: Session, now: datetime, staff_id: int, here: StaffSession) -> list[Seat]:
    """Somebody's open sessions, the one seen last first."""
    mine = select(StaffSession).where(StaffSession.staff_id == staff_id).order_by(col(StaffSession.seen_at).desc())
    return [
        Seat(
            one.public_id, one.browser, one.started_at, one.seen_at, one.proved_at is not None,
            one.public_id == here.public_id,
        )
        for one in session.exec(mine)
        if not session_ended(one.started_at, one.seen_at, now)
    ]  # fmt: skip


def sign_out(session: Session, now: datetime, token: str) -> None:
    """End the session of this token; one that is gone already is no failure."""
    opened = session.get(StaffSession, hashed(token))
    if opened is not None:
        staff = session.get_one(Staff, opened.staff_id)
        staff.available = False
        session.delete(opened)
        record(session, now, staff.public_id, Action.STAFF_SIGNED_OUT, staff.public_id)
        _tell(session, now, staff)


def end_one(session: Session, now: datetime, staff: Staff, public_id: str) -> None:
    """End one of somebody's own sessions. Raises `NotFound` for anybody else's."""
    mine = select(StaffSession).where(StaffSession.staff_id == staff.id, StaffSession.public_id == public_id)
    opened = session.exec(mine).first()
    if opened is None:
        raise NotFound()
    session.delete(opened)
    record(session, now, staff.public_id, Action.STAFF_SESSION_ENDED, staff.public_id, "one")
    _tell(session, now, staff)


def end_others(session: Session, now: datetime, staff: Staff, here: StaffSession) -> None:
    """End all of somebody's own sessions but this one."""
    others = col(StaffSession.staff_id) == staff.id, col(StaffSession.public_id) != here.public_id
    session.execute(delete(StaffSession).where(*others))
    record(session, now, staff.public_id, Action.STAFF_SESSION_ENDED, staff.public_id, "others")
    _tell(session, now, staff)


def end_all(session: Session, now: datetime, staff: Staff) -> None:
    """Sign somebody out everywhere: the account ended, or what opens it changed."""
    session.execute(delete(StaffSession).where(col(StaffSession.staff_id) == staff.id))
    _tell(session, now, staff)


def purge(session: Session, now: datetime) -> None:
    """Forget sessions that ended by themselves."""
    idle, old = col(StaffSession.seen_at) < now - IDLE_LIMIT, col(StaffSession.started_at) < now - ABSOLUTE_LIMIT
    ahead = or_(col(StaffSession.seen_at) > now + AHEAD, col(StaffSession.started_at) > now + AHEAD)
    session.execute(delete(StaffSession).where(or_(idle, old, ahead)))


def _tell(session: Session, now: datetime, staff: Staff) -> None:
    """Open pages ask again who they are, so that a live stream ends with its session."""
    announce(session, now, staff_topic(staff.public_id), staff.public_id)
