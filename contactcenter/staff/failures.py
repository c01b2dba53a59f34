"""Failed sign-ins: counted for who and from where together, so that no outsider can lock a colleague out."""

import hashlib
import hmac
from datetime import datetime

from sqlalchemy import delete, func, or_
from sqlmodel import Session, col, select

from contactcenter.core.clock import AHEAD
from contactcenter.core.errors import TooMany
from contactcenter.staff.models import SignInFailure
from contactcenter.staff.rules import FAILURE_WINDOW, FAILURES_ALLOWED


def key_of(login: str, source: str) -> str:
    """Under what tries for this login from this network address are counted; neither can be read from it."""
    return hmac.new(b"sign-in", f"{login}\0{source}".encode(), hashlib.sha256).hexdigest()


def refuse_after_failures(session: Session, now: datetime, key: str) -> None:
    """Raise `TooMany` after five failures in fifteen minutes."""
    counts = col(SignInFailure.at) > now - FAILURE_WINDOW, col(SignInFailure.at) <= now + AHEAD
    recent = select(func.count()).where(SignInFailure.key == key, *counts)
    if session.exec(recent).one() >= FAILURES_ALLOWED:
        raise TooMany("Too many tries from here. Wait a quarter of an hour, or ask your administrator.")


def note(session: Session, now: datetime, key: str) -> None:
    """One more failed."""
    forget_old(session, now)
    session.add(SignInFailure(key=key, at=now))


def forget(session: Session, key: str) -> None:
    """It went well at last."""
    session.execute(delete(SignInFailure).where(col(SignInFailure.key) == key))


def forget_old(session: Session, now: datetime) -> None:
    """Those that count no more."""
    old, ahead = col(SignInFailure.at) <= now - FAILURE_WINDOW, col(SignInFailure.at) > now + AHEAD
    session.execute(delete(SignInFailure).where(or_(old, ahead)))
