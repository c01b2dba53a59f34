"""Calls as pages ask for them: a contact's, many contacts', the newest one, how long was talked."""

from collections.abc import Iterable
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.calls.models import Call, Line


def of_contact(session: Session, contact_id: int) -> Call | None:
    """The telephony of a contact; None for one of another channel."""
    return session.exec(select(Call).where(Call.contact_id == contact_id)).first()


def of_contacts(session: Session, contact_ids: Iterable[int]) -> dict[int, Call]:
    """The calls of these contacts, by contact."""
    found = session.exec(select(Call).where(col(Call.contact_id).in_(list(contact_ids))))
    return {call.contact_id: call for call in found}


def number_called(session: Session, contact_id: int) -> str | None:
    """Our number that the caller of a contact dialled, in E.164; None for one of another channel."""
    call = of_contact(session, contact_id)
    return session.get_one(Line, call.line_id).e164 if call else None


def last_arrival(session: Session) -> datetime | None:
    """When the newest call came in; None before the first."""
    return session.exec(select(Call.arrived_at).order_by(col(Call.id).desc()).limit(1)).first()


def talk_seconds(call: Call) -> float | None:
    """How long caller and agent were connected; None while it lasts and when nobody answered."""
    if call.connected_at is None or call.ended_at is None:
        return None
    return (call.ended_at - call.connected_at).total_seconds()
