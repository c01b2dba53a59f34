"""Promises about recordings: playbacks, timers and transcripts, each against what was written down elsewhere."""

from datetime import datetime

from sqlalchemy import ColumnElement
from sqlmodel import Session, and_, col, func, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from contactcenter.calls.models import Call, NoticePlay
from contactcenter.contacts.models import Contact, Handling
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.notes.models import Transcript
from contactcenter.privacy.counting import Rows, counted, found, page_of, size, together
from contactcenter.privacy.rules import (
    NOTICES_NAMING_TRANSCRIPTION,
    STATEMENTS_NAMING_TRANSCRIPTION,
    SWEPT_WITHIN,
    Finding,
)
from contactcenter.recordings.models import Cut, Hold, Playback, Recording
from contactcenter.recordings.rules import GONE, GRACE_AFTER_HOLD, KEPT, LISTENERS, CarrierCopy, HoldKind
from contactcenter.staff.models import Staff
from contactcenter.verification.rules import Purpose

Holds = SelectOfScalar[int]
AT_CARRIER = Recording.carrier_copy == CarrierCopy.PRESENT
NEEDS_HOLD = {Purpose.DISPUTE: HoldKind.DISPUTE, Purpose.PRIVACY_REQUEST: HoldKind.PRIVACY_REQUEST}
ALLOWED = or_(
    *(and_(Playback.purpose == purpose, col(Playback.role).in_(roles)) for purpose, roles in LISTENERS.items())
)


def listened_with_a_right(session: Session, now: datetime) -> Finding:
    """P02: the player was opened without a purpose that the role has, the dispute or request that it needs, a part in
    the contact, or a line in the audit trail; and lines there of an opening that isn't on record."""
    granted = (
        select(Playback.public_id, Playback.at, Contact.public_id)
        .join(Recording, col(Recording.id) == Playback.recording_id)
        .join(Staff, col(Staff.id) == Playback.staff_id)
        .outerjoin(Contact, col(Contact.id) == Recording.contact_id)
        .where(or_(col(Playback.refused).is_(None), col(Playback.first_streamed_at).is_not(None)))
    )
    handled = select(Handling.id).where(
        Handling.contact_id == Recording.contact_id, Handling.staff_id == Playback.staff_id
    )
    trail = select(AuditEntry.id).where(
        AuditEntry.subject == Contact.public_id,
        AuditEntry.actor == Staff.public_id,
        AuditEntry.action == Action.RECORDING_PLAYED,
        AuditEntry.at == Playback.at,
    )
    wrong = or_(
        col(Playback.refused).is_not(None),
        ~ALLOWED,
        *(and_(Playback.purpose == purpose, ~_held(kind).exists()) for purpose, kind in NEEDS_HOLD.items()),
        and_(Playback.purpose == Purpose.REPLAY, ~handled.exists()),
        ~trail.exists(),
    )
    return together(counted(session, granted, wrong), found(session, _played_off_the_record()))


def _held(kind: HoldKind) -> Holds:
    """A hold of this kind, placed by two people, that stood when the player was opened."""
    return select(Hold.id).where(
        Hold.contact_id == Recording.contact_id,
        Hold.kind == kind,
        col(Hold.confirmed_at) <= Playback.at,
        or_(col(Hold.released_at).is_(None), col(Hold.released_at) > Playback.at),
    )


def _played_off_the_record() -> Rows:
    opened = (
        select(Playback.id)
        .join(Recording, col(Recording.id) == Playback.recording_id)
        .where(Recording.contact_id == Contact.id, Playback.at == AuditEntry.at)
    )
    return (
        select(AuditEntry.subject, AuditEntry.at, Contact.public_id)
        .outerjoin(Contact, col(Contact.public_id) == AuditEntry.subject)
        .where(AuditEntry.action == Action.RECORDING_PLAYED, ~opened.exists())
    )


def destroyed_in_time(session: Session, now: datetime) -> Finding:
    """P17: what is still there an hour after its end, what has no end, what is left of what was destroyed or cut, and
    holds past their day of review."""
    recording = select(Recording.public_id, Recording.arrived_at, page_of(Recording.contact_id))
    late = now - SWEPT_WITHIN
    kept, timer = recording.where(col(Recording.state).in_(KEPT)), col(Recording.retain_until)
    due = kept.where(timer < late, ~_stopped(late).exists())
    endless = kept.where(timer.is_(None), or_(col(Recording.wrapped_key).is_not(None), AT_CARRIER))
    left = recording.where(col(Recording.state).in_(GONE), _something_left(late))
    standing = select(Hold.public_id, Hold.placed_at, page_of(Hold.contact_id)).where(col(Hold.released_at).is_(None))
    all_of_them = Finding(0, size(session, select(Recording.id)))
    reviewed = counted(session, standing, col(Hold.review_on) < now.date())
    return together(all_of_them, reviewed, *(found(session, rows) for rows in (due, endless, left, _uncut(late))))


def _stopped(late: datetime) -> Holds:
    """A hold that stands, or was released so lately that the recording need not be gone."""
    return select(Hold.id).where(
        Hold.contact_id == Recording.contact_id,
        or_(col(Hold.released_at).is_(None), col(Hold.released_at) > late - GRACE_AFTER_HOLD),
    )


def _uncut(late: datetime) -> Rows:
    """Passages that somebody cut out, and that still lie in the vault after an hour."""
    in_vault = or_(
        and_(col(Cut.cut_at).is_(None), col(Recording.wrapped_key).is_not(None)), col(Cut.remnant).is_not(None)
    )
    return (
        select(Recording.public_id, Cut.asked_at, page_of(Recording.contact_id))
        .join(Cut, col(Cut.recording_sid) == col(Recording.sid))
        .where(Cut.asked_at < late, in_vault)
    )


def _something_left(late: datetime) -> ColumnElement[bool]:
    """The key and the words go at once with a recording; its file and the carrier's copy within the hour."""
    gone_since = func.coalesce(Recording.destroyed_at, Recording.arrived_at)
    return or_(
        col(Recording.wrapped_key).is_not(None),
        col(Recording.sid).in_(select(Transcript.recording_sid)),
        and_(or_(col(Recording.object_key).is_not(None), AT_CARRIER), gone_since < late),
    )


def transcribed_as_named(session: Session, now: datetime) -> Finding:
    """P30: transcripts of calls whose caller heard no notice that names transcription, whole, under a statement that
    names it too."""
    heard = (
        select(NoticePlay.id)
        .join(Call, col(Call.id) == NoticePlay.call_id)
        .where(
            Call.contact_id == Transcript.contact_id,
            col(NoticePlay.whole),
            NoticePlay.notice == "notice",
            col(NoticePlay.version).in_(NOTICES_NAMING_TRANSCRIPTION),
            col(NoticePlay.statement_version).in_(STATEMENTS_NAMING_TRANSCRIPTION),
        )
    )
    contact = page_of(Transcript.contact_id)
    made = select(contact, Transcript.made_at, contact)
    return counted(session, made, ~heard.exists())
