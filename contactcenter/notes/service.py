"""Words about a contact: what its handler writes, what was said, and the summary of it. Read through the door (P10)."""

from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from sqlmodel import Session, col, func, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.lists import LONGEST_LIST
from contactcenter.contacts.models import Contact, Handling
from contactcenter.contacts.rules import Channel, ContactState
from contactcenter.core.audit import Action, record
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.notes.models import Note, Summary, SummaryState, SummaryVersion, Transcript
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from contactcenter.verification import service as verification

# The sentences below name these in words that have their Dutch.
LONGEST_QUESTION = 300
LONGEST_TEXT = 10_000
LONGEST_SUMMARY = 4_000


class SaidSegment(Protocol):
    """Words said in one breath on one channel; times in seconds, confidence 0..1."""

    @property
    def channel(self) -> int: ...
    @property
    def start(self) -> float: ...
    @property
    def end(self) -> float: ...
    @property
    def text(self) -> str: ...
    @property
    def confidence(self) -> float: ...


class Said(Protocol):
    """A transcript as it comes from the engine, redacted before it comes here."""

    @property
    def language(self) -> str: ...
    @property
    def engine(self) -> str: ...
    @property
    def model(self) -> str: ...
    @property
    def segments(self) -> Sequence[SaidSegment]: ...


class DraftLine(Protocol):
    """One line of a drafted summary, and the second and channel where it was said."""

    @property
    def text(self) -> str: ...
    @property
    def start(self) -> float: ...
    @property
    def channel(self) -> int: ...


@dataclass(frozen=True)
class Written:
    """A note with the name of who wrote it."""

    writer: str
    question: str
    text: str
    written_at: datetime


@dataclass(frozen=True)
class Earlier:
    """What a confirmed summary said before it was changed, with the name of whose it was."""

    by: str
    text: str
    confirmed_at: datetime


@dataclass(frozen=True)
class Words:
    """All words of one contact, as copies that outlive the session; `summary` is None until there is one."""

    notes: tuple[Written, ...]
    summary: Summary | None
    confirmed_by: str | None
    earlier: tuple[Earlier, ...]
    transcripts: tuple[Transcript, ...]

    @property
    def transcript(self) -> Transcript | None:
        """The newest transcript, where there is one."""
        return self.transcripts[-1] if self.transcripts else None

    def without(self, recording_sids: Set[str]) -> "Words":
        """These words but for what was derived from recordings whose time is over: no transcript, no draft (P17)."""
        kept = tuple(each for each in self.transcripts if each.recording_sid not in recording_sids)
        drafted = self.summary is not None and self.summary.state is SummaryState.DRAFT
        return replace(self, transcripts=kept, summary=None if drafted else self.summary)

    @property
    def summary_text(self) -> str:
        """The confirmed text, or the draft's lines: what the field to confirm begins with."""
        if self.summary is None:
            return ""
        return self.summary.text if self.summary.state is SummaryState.CONFIRMED else draft_text(self.summary)


def write_note(session: Session, now: datetime, contact_id: int, staff_id: int, question: str, text: str) -> Note:
    """Keep what this member writes about the contact; writing again replaces their own note only."""
    question, text = question.strip(), text.strip()
    if len(question) > LONGEST_QUESTION or len(text) > LONGEST_TEXT:
        raise Invalid("The note is too long: 300 characters for the question and 10000 for the rest.")
    note = note_of(session, contact_id, staff_id)
    if note is None:
        note = Note(contact_id=contact_id, staff_id=staff_id, written_at=now)
    if (note.question, note.text) != (question, text):
        note.question, note.text, note.written_at = question, text, now
        session.add(note)
        session.flush()
        contact = session.get_one(Contact, contact_id)
        record(session, now, session.get_one(Staff, staff_id).public_id, Action.NOTE_WRITTEN, contact.public_id)
        contacts.tell(session, now, contact)
    return note


def note_of(session: Session, contact_id: int, staff_id: int) -> Note | None:
    """This member's own note about the contact."""
    return session.exec(select(Note).where(Note.contact_id == contact_id, Note.staff_id == staff_id)).first()


def attach_transcript(
    session: Session, now: datetime, contact_id: int, recording_sid: str, said: Said, roles: Sequence[str]
) -> None:
    """Keep what was said in one recording; `roles` names who is on each channel. A second time changes nothing."""
    if session.exec(select(Transcript.id).where(Transcript.recording_sid == recording_sid)).first() is not None:
        return
    session.add(
        Transcript(
            contact_id=contact_id,
            recording_sid=recording_sid,
            language=said.language,
            engine=said.engine,
            model=said.model,
            segments=[_as_row(segment) for segment in said.segments],
            roles=list(roles),
            made_at=now,
        )
    )
    _recorded(session, now, contact_id, "worker", Action.TRANSCRIPT_ATTACHED)


def attach_draft(session: Session, now: datetime, contact_id: int, lines: Sequence[DraftLine]) -> None:
    """Offer a summary to confirm. A confirmed one is a person's and stays as it is (P10)."""
    summary = summary_of(session, contact_id)
    if not lines or (summary is not None and summary.state is SummaryState.CONFIRMED):
        return
    summary = summary or Summary(contact_id=contact_id, state=SummaryState.DRAFT)
    summary.draft_lines = [{"text": line.text, "start": line.start, "channel": line.channel} for line in lines]
    session.add(summary)
    _recorded(session, now, contact_id, "worker", Action.SUMMARY_DRAFTED)


def confirm_summary(session: Session, now: datetime, contact_id: int, viewer: Member, text: str) -> Summary:
    """Who handled the contact makes the summary theirs, as drafted or edited; `edited` says which (P10).

    A confirmed one is changed by who handled the contact last, or by a supervisor to whom its words are open; what
    it said before stays as a version. Raises `Conflict` for an earlier handler, `NotFound` for anybody else, `Invalid`
    for an empty or overlong text.
    """
    summary = summary_of(session, contact_id) or Summary(contact_id=contact_id, state=SummaryState.DRAFT)
    confirmed = summary.state is SummaryState.CONFIRMED
    text = text.replace("\r\n", "\n").strip()
    handled = contacts.handled_by(session, contact_id, viewer.id)
    if not handled and not may_confirm(session, now, contact_id, viewer):
        raise NotFound()
    if not 0 < len(text) <= LONGEST_SUMMARY:
        raise Invalid("A summary needs some words, and at most 4000 characters.")
    if confirmed and text == summary.text:
        return summary
    if not may_confirm(session, now, contact_id, viewer):
        raise Conflict("A summary is changed by who handled the contact last; ask them, or a supervisor.")
    if confirmed:
        _keep_version(session, summary)
    summary.edited = summary.edited or confirmed or text != draft_text(summary)
    summary.state, summary.text = SummaryState.CONFIRMED, text
    summary.confirmed_by, summary.confirmed_at = viewer.id, now
    session.add(summary)
    _recorded(session, now, contact_id, viewer.public_id, Action.SUMMARY_CONFIRMED)
    return summary


def may_confirm(session: Session, now: datetime, contact_id: int, viewer: Member) -> bool:
    """Whether `confirm_summary` takes a text of this member now."""
    summary = summary_of(session, contact_id)
    if summary is None or summary.state is SummaryState.DRAFT:
        return contacts.handled_by(session, contact_id, viewer.id)
    if contacts.last_handler(session, contact_id) == viewer.id:
        return True
    return viewer.role is Role.SUPERVISOR and verification.words_open(session, now, viewer, contact_id)


def _keep_version(session: Session, summary: Summary) -> None:
    assert summary.confirmed_by is not None and summary.confirmed_at is not None
    session.add(
        SummaryVersion(
            summary_id=summary.id,
            text=summary.text,
            confirmed_by=summary.confirmed_by,
            confirmed_at=summary.confirmed_at,
        )
    )


def destroy_derived(session: Session, contact_id: int, recording_sid: str) -> None:
    """With a recording go its transcript, the draft and the citations; a confirmed text stays a note (P16, P17)."""
    for transcript in session.exec(select(Transcript).where(Transcript.recording_sid == recording_sid)).all():
        session.delete(transcript)
    summary = summary_of(session, contact_id)
    if summary is not None and summary.state is SummaryState.CONFIRMED:
        summary.draft_lines = None
        session.add(summary)
    elif summary is not None:
        session.delete(summary)
    session.flush()


def read(session: Session, now: datetime, viewer: Member, contact_id: int) -> Words | None:
    """The words of a contact, for whom the door opens them; None for everybody else (P05)."""
    if not verification.words_open(session, now, viewer, contact_id):
        return None
    notes = session.exec(
        select(Note, Staff.name)
        .join(Staff, col(Staff.id) == Note.staff_id)
        .where(Note.contact_id == contact_id)
        .order_by(col(Note.id))
    ).all()
    transcripts = session.exec(
        select(Transcript).where(Transcript.contact_id == contact_id).order_by(col(Transcript.id))
    ).all()
    summary = summary_of(session, contact_id)
    confirmer = session.get(Staff, summary.confirmed_by) if summary and summary.confirmed_by else None
    return Words(
        notes=tuple(Written(name, note.question, note.text, note.written_at) for note, name in notes),
        summary=Summary(**summary.model_dump()) if summary else None,
        confirmed_by=confirmer.name if confirmer else None,
        earlier=_earlier(session, summary.id) if summary and summary.id else (),
        transcripts=tuple(Transcript(**each.model_dump()) for each in transcripts),
    )


def _earlier(session: Session, summary_id: int) -> tuple[Earlier, ...]:
    found = session.exec(
        select(SummaryVersion, Staff.name)
        .join(Staff, col(Staff.id) == SummaryVersion.confirmed_by)
        .where(SummaryVersion.summary_id == summary_id)
        .order_by(col(SummaryVersion.id).desc())
    )
    return tuple(Earlier(name, version.text, version.confirmed_at) for version, name in found)


def latest_question(session: Session, now: datetime, viewer: Member, contact_id: int) -> str | None:
    """What the customer asked, for a line of the history; None where it isn't open to the viewer or not written."""
    if not verification.words_open(session, now, viewer, contact_id):
        return None
    query = select(Note.question).where(Note.contact_id == contact_id, Note.question != "")
    return session.exec(query.order_by(col(Note.written_at).desc())).first()


def summary_of(session: Session, contact_id: int) -> Summary | None:
    """The summary row itself, for its state; its words are for `read`."""
    return session.exec(select(Summary).where(Summary.contact_id == contact_id)).first()


def summary_states(session: Session, contact_ids: Iterable[int]) -> dict[int, SummaryState]:
    """The state of the summary of each of these contacts that has one: no words."""
    query = select(Summary.contact_id, Summary.state).where(col(Summary.contact_id).in_(list(contact_ids)))
    return {contact_id: SummaryState(state) for contact_id, state in session.exec(query)}


def awaiting_summary(session: Session, staff_id: int | None) -> list[Contact]:
    """Handled calls that are over and have no confirmed summary yet, oldest first; one handler's, or everybody's."""
    confirmed = select(Summary.id).where(Summary.contact_id == Contact.id, Summary.state == SummaryState.CONFIRMED)
    handled = select(Handling.contact_id)
    if staff_id is not None:
        handled = handled.where(Handling.staff_id == staff_id)
    found = session.exec(
        select(Contact)
        .where(
            Contact.channel == Channel.PHONE,
            col(Contact.state).not_in([ContactState.LIVE, ContactState.MISSED]),
            col(Contact.id).in_(handled),
            ~confirmed.exists(),
        )
        .order_by(col(Contact.started_at))
        .limit(LONGEST_LIST)
    )
    return list(found)


def confirmed_unedited(session: Session, since: datetime) -> tuple[int, int]:
    """(confirmed as drafted, confirmed at all) since a moment: the share that P10 wants shown."""
    query = select(func.count()).where(Summary.state == SummaryState.CONFIRMED, col(Summary.confirmed_at) >= since)
    return session.exec(query.where(col(Summary.edited).is_(False))).one(), session.exec(query).one()


def draft_text(summary: Summary) -> str:
    """The draft as one text, a line each."""
    return "\n".join(str(line["text"]) for line in summary.draft_lines or ())


def _as_row(segment: SaidSegment) -> dict[str, Any]:
    return {
        "channel": segment.channel,
        "start": segment.start,
        "end": segment.end,
        "text": segment.text,
        "confidence": segment.confidence,
    }


def _recorded(session: Session, now: datetime, contact_id: int, actor: str, action: Action) -> None:
    contact = session.get_one(Contact, contact_id)
    session.flush()
    record(session, now, actor, action, contact.public_id)
    contacts.tell(session, now, contact)
