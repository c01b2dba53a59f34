"""A caller wants no recording: that holds at once, whatever fails. What exists is destroyed once the ledger has it.

While the ledger can't be written nothing may be destroyed, so the decision is committed alone: nothing more is
captured, fetched or heard. The sweep of remnants does the rest, as often as it takes; an alert says so meanwhile.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

import structlog
from sqlmodel import Session, col, select

from contactcenter.core.alerts import Alert, AlertKind, raise_alert
from contactcenter.core.db import Database, write_down
from contactcenter.core.ledger import LedgerUnavailable
from contactcenter.recordings import service
from contactcenter.recordings.models import Expected
from contactcenter.recordings.rules import NotRecorded

log = structlog.get_logger()


def objected(session: Session, now: datetime, contact_id: int, reason: NotRecorded) -> None:
    """The caller objects. Call it before anything else of its transaction is destroyed: its lines are written here."""
    service.forbid(session, now, contact_id, reason)
    try:
        with session.begin_nested():
            service.refuse(session, now, contact_id, reason)
            write_down(session)
    except LedgerUnavailable:
        _alert(session, now)


def carry_out(db: Database, now: datetime) -> bool:
    """Destroy what callers objected to while the ledger couldn't be written; True when nothing of it is left."""
    with db.reading() as session:
        waiting = _waiting(session)
    try:
        for contact_id, reason in waiting:
            with db.writing() as session:
                service.refuse(session, now, contact_id, reason)
            db.give_way()
    except LedgerUnavailable:
        return False
    return True


@contextmanager
def alerting(db: Database, now: datetime) -> Iterator[None]:
    """What destroys, in here, leaves an alert when the ledger can't be written; the exception goes on."""
    try:
        yield
    except LedgerUnavailable:
        with db.writing() as session:
            _alert(session, now)
        raise


def _alert(session: Session, now: datetime) -> None:
    log.error(AlertKind.LEDGER_UNWRITABLE.value)
    raise_alert(session, now, AlertKind.LEDGER_UNWRITABLE, f"{now:%Y-%m-%d}")


def _waiting(session: Session) -> list[tuple[int, NotRecorded]]:
    """Contacts and why they may not be recorded, where that was not carried out. Without an alert there are none."""
    if session.exec(select(Alert.id).where(Alert.kind == AlertKind.LEDGER_UNWRITABLE)).first() is None:
        return []
    left = select(Expected).where(col(Expected.reason).in_(service.WISHES), col(Expected.refused_at).is_(None))
    return [(one.contact_id, one.reason) for one in session.exec(left) if one.reason is not None]
