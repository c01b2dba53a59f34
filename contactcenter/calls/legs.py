"""The customer's leg of a call, by its CallSid: with it begins what is kept about recording it."""

from datetime import datetime

from sqlmodel import Session, select

from contactcenter.calls.models import Call, Command, Leg
from contactcenter.calls.prompts import catalogue
from contactcenter.calls.rules import CommandState, LegRole, Verb
from contactcenter.core.db import insert
from contactcenter.recordings import service as recordings

UNKNOWN = "asked:"  # before the public id of a call that we asked for, in place of the SID that the carrier will give


def begin(session: Session, now: datetime, *, call_id: int, contact_id: int, sid: str, language: str) -> None:
    """The rows of a customer's leg, and the decision that nothing is captured of it yet (P01)."""
    insert(session, Leg, call_id=call_id, sid=sid, role=LegRole.CALLER)
    recordings.expect(
        session,
        now,
        contact_id=contact_id,
        call_sid=sid,
        language=language,
        transcription_named="transcription" in catalogue().names,
    )


def is_known(call: Call) -> bool:
    """Whether the carrier told us the SID of the customer's leg."""
    return not call.sid.startswith(UNKNOWN)


def known(session: Session, now: datetime, call: Call, sid: str) -> bool:
    """The carrier says which leg it made for a call that we asked for; whichever way we hear it first counts.

    False for another leg than the one that is known.
    """
    if is_known(call):
        return call.sid == sid
    call.sid = sid
    session.flush()
    begin(session, now, call_id=call.id, contact_id=call.contact_id, sid=sid, language=call.language)
    for asked in session.exec(
        select(Command).where(
            Command.call_id == call.id, Command.verb == Verb.CALL_OUT, Command.state == CommandState.ASKED
        )
    ):
        asked.state, asked.done_at = CommandState.DONE, now
    return True
