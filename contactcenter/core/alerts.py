"""Things a person must look at; each is raised once, by its key, and stays until somebody has seen it."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel, col, select

from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.core.errors import NotFound


class AlertKind(StrEnum):
    """The vocabulary; `words.html` says each to whoever looks."""

    RECORDING_FAILED = "recording-failed"
    RECORDING_UNWANTED = "recording-unwanted"
    RECORDING_OF_UNKNOWN_CALL = "recording-of-unknown-call"
    CALL_WITHOUT_CONTACT = "call-without-contact"
    RECORDING_MISSING = "recording-missing"
    RECORDING_STUCK = "recording-stuck"
    TRANSCRIPT_NOT_REDONE = "transcript-not-redone"
    SWEEP_STOPPED = "retention-sweep-stopped"
    VAULT_ORPHANS = "vault-orphans"
    CARRIER_COPY_STAYS = "carrier-copy-stays"
    RETENTION_LONG = "retention-long"
    UNKNOWN_LINE = "unknown-line"
    NO_MASTER_KEY = "no-master-key"
    COMMAND_FAILED = "command-failed"
    TRAINING_ENDS = "training-ends"
    GLASS_BROKEN = "break-glass"
    MANY_CUSTOMERS = "many-customers"
    IDENTITY_DOUBTED = "identity-doubted"
    CORRECTION_UNTOLD = "correction-untold"
    CODES_GUESSED = "codes-guessed"
    LEDGER_UNWRITABLE = "ledger-unwritable"
    CHECKPOINT_NOT_MAILED = "checkpoint-not-mailed"
    CHECKPOINT_NOT_LOCKED = "checkpoint-not-locked"


class Alert(SQLModel, table=True):
    """What happened, as words from a vocabulary and a public id; no personal data."""

    __tablename__ = "alert"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    key: str = Field(unique=True)
    kind: AlertKind = Field(sa_type=EnumText(AlertKind))
    subject: str
    detail: str = ""
    raised_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


def raise_alert(session: Session, now: datetime, kind: AlertKind, subject: str, detail: str = "") -> None:
    """Raise an alert about `subject` unless the same one stands."""
    key = f"{kind}:{subject}"
    if session.exec(select(Alert.id).where(Alert.key == key)).first() is not None:
        return
    session.add(Alert(key=key, kind=kind, subject=subject, detail=detail, raised_at=now))
    record(session, now, Actor.SYSTEM, Action.ALERT_RAISED, subject, kind.value)


def unseen(session: Session) -> list[Alert]:
    """What nobody has looked at yet, newest first."""
    return list(session.exec(select(Alert).where(col(Alert.seen_at).is_(None)).order_by(col(Alert.id).desc())))


def see(session: Session, now: datetime, public_id: str, actor: str) -> None:
    """Somebody looked at it; the first who did stays on record."""
    alert = session.exec(select(Alert).where(Alert.public_id == public_id)).first()
    if alert is None:
        raise NotFound()
    if alert.seen_at is None:
        alert.seen_at = now
        record(session, now, actor, Action.ALERT_SEEN, public_id, alert.kind.value)
