"""Correcting a transcript by hand: who heard the call says what was said, and what the line said before is kept.

A corrected call is redacted as a whole before anything is stored; its alerts are read again, its draft is drawn again.
All of it goes with the recording, or with a passage that is cut out of it (P17).
"""

from collections.abc import Sequence, Set
from dataclasses import asdict, dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.notes import alerts, summaries
from contactcenter.notes.citing import holds
from contactcenter.notes.corrected import token_of, typed_class, with_line, without_values
from contactcenter.notes.drafting import draft
from contactcenter.notes.models import LineCorrection, SummaryState, Transcript
from contactcenter.notes.passages import Passage
from contactcenter.notes.said import Segment
from contactcenter.notes.values import values_in
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from contactcenter.verification import door
from contactcenter.verification.rules import Purpose

CHANGED_SINCE = "This line was changed since you read it. Reload the page and look again."
LONGEST = 2_000  # characters; the sentence below names it in words that have their Dutch


@dataclass(frozen=True)
class Before:
    """What a line said before somebody changed it."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Line:
    """A line that can be corrected: `seen` is what its form carries; the last change of `before` comes first."""

    channel: int
    start: float
    role: str
    text: str
    seen: str
    before: tuple[Before, ...]


ASKED_BEFORE = 15.0  # seconds around a line in which its words can make an alert, or undo it


@dataclass(frozen=True)
class Reworded:
    """A whole call before and after a person put other words in one of its lines."""

    line: Segment
    before: tuple[Segment, ...]
    after: tuple[Segment, ...]


def may_correct(session: Session, now: datetime, viewer: Member, contact_id: int) -> bool:
    """Whether the viewer reads all of the words now, and handled the contact or supervises. Who reads them for
    training alone does not: some of them are left out."""
    if not door.words_open_for(session, now, viewer, contact_id) - {Purpose.TRAINING}:
        return False
    return viewer.role is Role.SUPERVISOR or contacts.handled_by(session, contact_id, viewer.id)


def to_correct(session: Session, now: datetime, viewer: Member, public_id: str) -> Transcript:
    """A transcript that this viewer may correct. Raises `NotFound`."""
    found = session.exec(select(Transcript).where(Transcript.public_id == public_id)).first()
    if found is None or not may_correct(session, now, viewer, found.contact_id):
        raise NotFound()
    return found


def lines(session: Session, transcript: Transcript) -> list[Line]:
    """The lines of a transcript (one of `to_correct`), in order of time, with what each said before."""
    rows = session.exec(
        select(LineCorrection, Staff.name)
        .join(Staff, col(Staff.id) == LineCorrection.corrected_by)
        .where(LineCorrection.recording_sid == transcript.recording_sid)
        .order_by(col(LineCorrection.id).desc())
    ).all()
    before: dict[tuple[int, float], list[Before]] = {}
    for row, name in rows:
        before.setdefault((row.channel, row.start), []).append(Before(row.before, name, row.corrected_at))
    roles = dict(enumerate(transcript.roles))
    return [
        Line(
            channel=one.channel,
            start=one.start,
            role=roles.get(one.channel, str(one.channel + 1)),
            text=one.text,
            seen=token_of(one),
            before=tuple(before.get((one.channel, one.start), ())),
        )
        for one in transcript.said
    ]


def reworded(transcript: Transcript, seen: str, text: str) -> Reworded:
    """A call with other words in the line that a form carries as `seen`, as typed but for what redaction takes out.
    That takes seconds for a call of hours, so do it before a transaction writes.

    Raises `Conflict` for a line that was changed since it was read, `Invalid` for a text without words.
    """
    said = transcript.said
    line = next((one for one in said if token_of(one) == seen), None)
    if line is None:
        raise Conflict(CHANGED_SINCE)
    text = " ".join(text.split())
    if typed_class(text, line.text):
        raise Invalid("Write what was said: what stands in brackets, as [code], is written by redaction alone.")
    if len(text) > LONGEST or not any(character.isalnum() for character in text):
        raise Invalid("A line needs some words, and at most 2000 characters.")
    after = tuple(said) if text == line.text else with_line(said, line, text, transcript.language)
    return Reworded(line, tuple(said), after)


def correct(
    session: Session, now: datetime, viewer: Member, transcript: Transcript, wanted: Reworded, zone: ZoneInfo
) -> None:
    """Keep what was reworded of a transcript (one of `to_correct`). `zone` is that whose days a promise in a draft
    means. Raises `Conflict` when anything in it was changed meanwhile."""
    said, line, left = wanted.before, wanted.line, wanted.after
    if tuple(transcript.said) != said:
        raise Conflict(CHANGED_SINCE)
    if left == said:
        return
    silent = {one for segment in (*said, *left) for one in values_in(segment)}
    transcript.segments = [asdict(one) for one in left]
    silent |= {(start, end) for start, end in transcript.values or []}
    transcript.values = [list(one) for one in sorted(silent)]  # none becomes audible again
    session.add(
        LineCorrection(
            recording_sid=transcript.recording_sid,
            channel=line.channel,
            start=line.start,
            end=line.end,
            before=line.text,
            corrected_by=viewer.id,
            corrected_at=now,
        )
    )
    session.flush()
    take_values_out(session, transcript.recording_sid, left)
    own = contacts.handled_by(session, transcript.contact_id, viewer.id)
    near = () if own else (Passage(line.start - ASKED_BEFORE, line.end + ASKED_BEFORE),)
    alerts.read_again(session, now, transcript.recording_sid, near)
    changed = {(one.channel, one.start) for one in {*said} - {*left}}
    if not _stands(session, transcript, changed):
        redraft(session, now, transcript, zone)
    summaries.recorded(session, now, transcript.contact_id, viewer.public_id, Action.TRANSCRIPT_CORRECTED)


def corrected(session: Session, transcript: Transcript) -> list[Segment]:
    """The lines of a transcript that a person corrected, as they stand: what another listening must keep."""
    rows = session.exec(select(LineCorrection).where(LineCorrection.recording_sid == transcript.recording_sid))
    places = {(row.channel, row.start) for row in rows}
    return [one for one in transcript.said if (one.channel, one.start) in places]


def take_values_out(session: Session, recording_sid: str, left: Sequence[Segment]) -> None:
    """What lines said before loses its digits where redaction found more in them since; `left` are all lines now."""
    now_said = {(one.channel, one.start): one.text for one in left}
    for row in session.exec(select(LineCorrection).where(LineCorrection.recording_sid == recording_sid)):
        row.before = without_values(row.before, now_said.get((row.channel, row.start), ""))


def redraft(session: Session, now: datetime, transcript: Transcript, zone: ZoneInfo) -> None:
    """Draw a draft that nobody confirmed anew from what is said now, by the rules: nobody is asked while a person
    waits."""
    summary = summaries.of_contact(session, transcript.contact_id)
    if summary is None or summary.state is not SummaryState.DRAFT:
        return
    began = alerts.began_at(session, transcript.recording_sid)
    began = began or session.get_one(Contact, transcript.contact_id).started_at
    lines = draft(transcript.said, transcript.language, transcript.roles, began.astimezone(zone))
    if lines:
        summaries.attach_draft(session, now, transcript.contact_id, lines)
    else:
        session.delete(summary)


def _stands(session: Session, transcript: Transcript, changed: Set[tuple[int, float]]) -> bool:
    """Whether a machine's draft rests on no line that changed (redaction may change others than the corrected one), and
    the call still says each of its lines."""
    summary = summaries.of_contact(session, transcript.contact_id)
    if summary is None or summary.origin is None or summary.origin.failure is not None:
        return False
    return all(not changed & one.rests_on and holds(one, transcript.said, transcript.language) for one in summary.lines)
