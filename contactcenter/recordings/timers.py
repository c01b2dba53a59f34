"""How long recordings are kept: the rule in force, the timer of each, and the holds that stop it (P17)."""

import json
from collections.abc import Iterable
from datetime import date, datetime
from importlib.resources import files
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core import ledger
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.recordings.models import Hold, Recording, RetentionRule
from contactcenter.recordings.rules import (
    LONGEST_REVIEW,
    REFERENCE,
    WARN_ABOVE_DAYS,
    HoldKind,
    HoldSpan,
    is_due,
    retain_until,
)

RECORDING = "recording"
HELD = "held"  # what the ledger calls a hold: so its place among what was destroyed is known, whatever the clock said
SEED = files("contactcenter") / "recordings" / "retention.json"


def seed(session: Session, now: datetime) -> None:
    """Take over the rules of the package that the database lacks; a version that is there stays as it is."""
    for rule in _packaged():
        known = select(RetentionRule.id).where(
            RetentionRule.data_class == rule.data_class, RetentionRule.version == rule.version
        )
        if session.exec(known).first() is None:
            session.add(rule)
            if rule.data_class == RECORDING and rule.days > WARN_ABOVE_DAYS:
                raise_alert(session, now, AlertKind.RETENTION_LONG, rule.version, str(rule.days))


def rule_in_force(session: Session, now: datetime, data_class: str = RECORDING) -> RetentionRule:
    """The newest rule of this class that is in force; the package's own when none was loaded."""
    newest = (
        select(RetentionRule)
        .where(RetentionRule.data_class == data_class, col(RetentionRule.in_force_from) <= now)
        .order_by(col(RetentionRule.in_force_from).desc(), col(RetentionRule.id).desc())
    )
    return session.exec(newest).first() or next(rule for rule in _packaged() if rule.data_class == data_class)


def timer(session: Session, now: datetime, zone: ZoneInfo) -> datetime:
    """When a recording that is stored now must be destroyed: the end of that local day."""
    return retain_until(now, rule_in_force(session, now).days, zone)


def provisional(session: Session, now: datetime) -> datetime:
    """The timer of a recording that has arrived: what never gets stored has an end too, at the carrier."""
    return retain_until(now, rule_in_force(session, now).days, ZoneInfo("UTC"))


def holds_of(session: Session, contact_id: int | None) -> list[Hold]:
    """All holds of a contact, the standing ones and those that were."""
    if contact_id is None:
        return []
    return list(session.exec(select(Hold).where(Hold.contact_id == contact_id).order_by(col(Hold.id))))


def due(session: Session, recording: Recording, now: datetime) -> bool:
    """Whether a recording is past its timer, holds considered."""
    return is_due(recording.retain_until, spans(holds_of(session, recording.contact_id)), now)


def spans(holds: Iterable[Hold]) -> list[HoldSpan]:
    """Holds as the rules see them."""
    return [HoldSpan(hold.released_at) for hold in holds]


def place_hold(
    session: Session,
    now: datetime,
    *,
    contact: Contact,
    owner_id: int,
    actor: str,
    kind: HoldKind,
    reference: str,
    review_on: date,
) -> Hold:
    """Stop the timer of a contact's recordings. `reference` is the id of the dispute or request, no words."""
    if not REFERENCE.fullmatch(reference):
        raise Invalid("Give the number of the dispute or request: letters, digits, dots, dashes; at most 60.")
    require_review_day(now, review_on)
    hold = Hold(
        contact_id=contact.id,
        kind=kind,
        reference=reference,
        owner_id=owner_id,
        review_on=review_on,
        placed_at=now,
    )
    session.add(hold)
    ledger.note(session, now, HELD, contact=contact.public_id, hold=hold.public_id)
    record(session, now, actor, Action.HOLD_PLACED, contact.public_id, kind.value)
    contacts.tell(session, now, contact)
    return hold


def require_review_day(now: datetime, review_on: date) -> None:
    """Raise `Invalid` unless a hold can be reviewed on this day."""
    if not now.date() < review_on <= (now + LONGEST_REVIEW).date():
        raise Invalid("A hold is reviewed on a day after today, within a year.")


def release_hold(session: Session, now: datetime, public_id: str, actor: str) -> Contact:
    """Let the timer go on; a hold that was released already stays as it was. Returns its contact."""
    hold = session.exec(select(Hold).where(Hold.public_id == public_id)).first()
    if hold is None:
        raise NotFound()
    contact = session.get_one(Contact, hold.contact_id)
    if hold.released_at is None:
        hold.released_at = now
        record(session, now, actor, Action.HOLD_RELEASED, contact.public_id, hold.kind.value)
        contacts.tell(session, now, contact)
    return contact


def _packaged() -> list[RetentionRule]:
    return [RetentionRule.model_validate(raw) for raw in json.loads(SEED.read_text(encoding="utf-8"))]
