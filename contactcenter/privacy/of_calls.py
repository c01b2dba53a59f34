"""Promises about calls: what the carrier said of a recording against the notice, the answer and the objections."""

from datetime import datetime

from sqlalchemy import null
from sqlmodel import Session, and_, col, func, or_, select

from contactcenter.calls.models import Call, NoticePlay
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.privacy.counting import Breach, Rows, found, listed, page_of, size, together
from contactcenter.privacy.rules import SWEPT_WITHIN, WHOLE_SECONDS, Finding
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import CarrierCopy

CAPTURED = col(Recording.carrier_copy) != CarrierCopy.NONE
HEARD = (NoticePlay.call_id == Call.id, col(NoticePlay.whole), NoticePlay.notice == "notice")
PAGE = page_of(Recording.contact_id)


def notice_before_capture(session: Session, now: datetime) -> Finding:
    """P01: captured before the notice was over or anybody had answered, or of no call; kept against an objection."""
    of_no_call = select(Recording.public_id, Recording.arrived_at, null()).where(
        CAPTURED, col(Recording.contact_id).is_(None)
    )
    checked = size(session, select(Recording.id).where(CAPTURED))
    early = listed(checked, _captured_early(session))
    return together(early, found(session, of_no_call), found(session, _kept_against_an_objection(now)))


def _captured_early(session: Session) -> list[Breach]:
    """The database finds what may be wrong. The second that the carrier rounds away, and whether somebody answered
    before the one who did last, as the audit trail has it, is looked at here."""
    began = col(Recording.started_at)
    over = select(NoticePlay.id).where(*HEARD, col(NoticePlay.ended_at) <= began)
    answered = and_(col(Call.claimed_at).is_not(None), col(Call.claimed_at) <= began)
    heard = select(func.max(NoticePlay.ended_at)).where(*HEARD)
    claimed = select(func.min(AuditEntry.at)).where(
        AuditEntry.subject == Call.public_id, AuditEntry.action == Action.CALL_CLAIMED
    )
    suspects = session.execute(
        select(Recording.public_id, func.coalesce(began, Recording.arrived_at), PAGE)
        .add_columns(*(each.correlate(Call).scalar_subquery() for each in (heard, claimed)))
        .join(Call, col(Call.contact_id) == Recording.contact_id)
        .where(CAPTURED, or_(~over.exists(), ~answered))
    )
    return [
        (recording, at, contact)
        for recording, at, contact, whole, first in suspects
        if whole is None or first is None or at < max(whole, first) - WHOLE_SECONDS
    ]


def _kept_against_an_objection(now: datetime) -> Rows:
    """Recordings of calls whose caller objected that can be opened, or still lie at the carrier after an hour."""
    objected = (
        select(AuditEntry.id)
        .join(Call, col(Call.public_id) == AuditEntry.subject)
        .where(Call.contact_id == Recording.contact_id, AuditEntry.action == Action.CALL_OBJECTED)
    )
    lately = and_(Recording.carrier_copy == CarrierCopy.PRESENT, col(Recording.arrived_at) < now - SWEPT_WITHIN)
    there = or_(col(Recording.wrapped_key).is_not(None), lately)
    return select(Recording.public_id, Recording.arrived_at, PAGE).where(there, objected.exists())
