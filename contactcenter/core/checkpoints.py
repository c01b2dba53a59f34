"""Where checkpoints of the audit trail go besides our own file, so that whoever runs this machine can't change them: by
e-mail to the privacy officer, once a day and when somebody asked, and each one into a store that locks what it has.

What a letter or an object holds is one line as in our own file; `audit_verifier.py` takes a file of such lines.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from sqlmodel import Session, col, select

from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit_chain import Because, Checkpoint, CheckpointAsked, checkpoint_now, public_key, written
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.core.i18n import translations
from contactcenter.core.keys import MasterKey
from contactcenter.core.locked import LockedStore
from contactcenter.core.mail import Letter, Post

log = structlog.get_logger()
PATIENCE = timedelta(hours=1)  # a mail server may put us off for a while before somebody must look
SUBJECT = "Audit trail of %(company)s: %(count)s entries sealed"
BODY = (
    "At %(at)s %(count)s entries of who did what were sealed. %(because)s\n\n"
    "Keep this e-mail where nobody who runs the system can change it: with the line below, in a file of its own, an "
    "auditor finds every later change of those entries. This comes every day; if it does not, ask why.\n\n"
    "%(line)s\n\n"
    "Public key, every day the same: %(key)s"
)
WHY = {
    Because.DAILY: "This is the checkpoint of the day.",
    Because.BREAK_GLASS: "Somebody used emergency access; that is among them.",
}


@dataclass(frozen=True)
class Reader:
    """Who gets the letters, in which language, from whom, and in which zone their days begin."""

    address: str
    language: str
    company: str
    zone: ZoneInfo


def asked(db: Database, now: datetime, zone: ZoneInfo) -> list[CheckpointAsked]:
    """The letters that are still to be sent, oldest first; each day asks for one by itself."""
    with db.reading() as session:
        day_came = _asked_today(session, now, zone)
        waiting = _waiting(session)
    if day_came:
        return waiting
    with db.writing() as session:
        checkpoint_now(session, now, Because.DAILY)
        session.flush()
        return _waiting(session)


def letter(reader: Reader, waiting: Sequence[CheckpointAsked], made: Checkpoint, key: MasterKey) -> Letter:
    """One letter for all that `waiting` asks; `made` must be of after they asked."""
    say = translations(reader.language).gettext
    reasons = dict.fromkeys(say(WHY[one.because]) for one in waiting)
    values = {
        "company": reader.company,
        "count": made.count,
        "at": f"{datetime.fromisoformat(made.at).astimezone(reader.zone):%Y-%m-%d %H:%M}",
        "because": " ".join(reasons),
        "line": written(made).strip(),
        "key": public_key(key),
    }
    return Letter(reader.address, say(SUBJECT) % values, say(BODY) % values + "\n")


def mail(db: Database, now: datetime, post: Post, waiting: Sequence[CheckpointAsked], checkpoint: Letter) -> None:
    """Send the letter that `waiting` asks for. What fails is tried again at the next sealing."""
    try:
        post.send(checkpoint)
    except Problem as problem:
        log.warning("checkpoint-not-mailed", problem=problem.id)
        if waiting[0].asked_at <= now - PATIENCE:
            _alert(db, now, AlertKind.CHECKPOINT_NOT_MAILED)
        return
    with db.writing() as session:
        for one in waiting:
            session.get_one(CheckpointAsked, one.id).sent_at = now


def lock_away(db: Database, now: datetime, store: LockedStore, made: Checkpoint) -> None:
    """See that a checkpoint lies in the store, locked; each is an object of its own. What fails is tried again."""
    name = (
        f"{made.installation}/{made.count:012}-{made.head[:16]}.json"  # a restored database may count from less again
    )
    try:
        store.keep(name, written(made).encode())
    except Problem as problem:
        log.warning("checkpoint-not-locked", problem=problem.id)
        _alert(db, now, AlertKind.CHECKPOINT_NOT_LOCKED)


def _asked_today(session: Session, now: datetime, zone: ZoneInfo) -> bool:
    newest = select(CheckpointAsked.asked_at).where(CheckpointAsked.because == Because.DAILY)
    found = session.exec(newest.order_by(col(CheckpointAsked.id).desc()).limit(1)).first()
    return found is not None and found.astimezone(zone).date() >= now.astimezone(zone).date()


def _waiting(session: Session) -> list[CheckpointAsked]:
    unsent = select(CheckpointAsked).where(col(CheckpointAsked.sent_at).is_(None))
    return list(session.exec(unsent.order_by(col(CheckpointAsked.id))))


def _alert(db: Database, now: datetime, kind: AlertKind) -> None:
    with db.writing() as session:
        raise_alert(session, now, kind, f"{now:%Y-%m-%d}")
