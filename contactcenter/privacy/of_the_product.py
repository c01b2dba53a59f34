"""Promises about the product itself: what the lines that it keeps hold, and what its pages load."""

import re
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import ColumnElement, null
from sqlmodel import Session, col, or_, select

from contactcenter.core.alerts import Alert
from contactcenter.core.audit import AuditEntry
from contactcenter.core.inbox import InboxEvent
from contactcenter.core.web import PACKAGE
from contactcenter.privacy.counting import Breach, counted, listed, together
from contactcenter.privacy.rules import LINES_OF, Finding

ADDRESS, NUMBER = "%@%", "%+__________%"  # an e-mail address; a plus and at least ten more
SERVED = ("*/templates/*.html", "*/static/*.css", "*/static/*.js")
# A source, a form or a style that names another host, or a script that sets cookies of its own.
ELSEWHERE = re.compile(
    r"""(?:src|href|action|hx-[a-z]+)=["'](?:https?:)?//|(?:url\(|@import)\s*["']?(?:https?:)?//|document\.cookie"""
)


def lines_without_personal_data(session: Session, now: datetime) -> Finding:
    """P31: lines of the audit trail and of the inbox, and alerts, of a day, that hold a number or an address. What is
    found is named by its kind of line and never shown."""
    since = now - LINES_OF
    acts = select(AuditEntry.action, AuditEntry.at, null()).where(col(AuditEntry.at) > since)
    events = select(InboxEvent.type, InboxEvent.at, null()).where(col(InboxEvent.at) > since)
    alerts = select(Alert.kind, Alert.raised_at, null()).where(col(Alert.raised_at) > since)
    return together(
        counted(session, acts, _personal(AuditEntry.subject, AuditEntry.detail)),
        counted(session, events, _personal(InboxEvent.key, InboxEvent.sids)),
        counted(session, alerts, _personal(Alert.subject, Alert.detail)),
    )


def _personal(*texts: Any) -> ColumnElement[bool]:
    return or_(*(col(text).like(pattern) for text in texts for pattern in (ADDRESS, NUMBER)))


def nothing_from_elsewhere(session: Session, now: datetime) -> Finding:
    """P33: files that are served and name another host, or set cookies."""
    return foreign(PACKAGE)


@cache  # what is served doesn't change while a process runs
def foreign(package: Path) -> Finding:
    """The templates, styles and scripts of a package that load something from elsewhere, by path below it."""
    files = [path for pattern in SERVED for path in package.glob(pattern)]
    found: list[Breach] = [
        (path.relative_to(package).as_posix(), datetime.fromtimestamp(path.stat().st_mtime, UTC), None)
        for path in files
        if ELSEWHERE.search(path.read_text(encoding="utf-8"))
    ]
    return listed(len(files), found)
