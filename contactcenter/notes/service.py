"""Words about a contact: what its handler writes, what was said, and the summary of it. Read through the door (P10)."""

from collections.abc import Callable, Collection, Sequence, Set
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.errors import Invalid
from contactcenter.notes import alerts, cuts, summaries
from contactcenter.notes.citing import repeats
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.models import Note, Summary, SummaryState, Transcript
from contactcenter.notes.said import Segment
from contactcenter.notes.said import Transcript as SaidTranscript
from contactcenter.notes.values import values_in
from contactcenter.staff.access import Member
from contactcenter.staff.models import Staff
from contactcenter.verification import door

# The sentences below name these in words that have their Dutch.
LONGEST_QUESTION = 300
LONGEST_TEXT = 10_000


@dataclass(frozen=True)
class Written:
    """A note with the name of who wrote it."""

    writer: str
    question: str
    text: str
    written_at: datetime


@dataclass(frozen=True)
class Words:
    """All words of one contact, as copies that outlive the session; `summary` is None until there is one.

    What was written before `cut_at` may repeat a passage that was cut out of the recording then.
    """

    notes: tuple[Written, ...]
    summary: Summary | None
    confirmed_by: str | None
    earlier: tuple[summaries.Earlier, ...]
    transcripts: tuple[Transcript, ...]
    cut_at: datetime | None = None

    def may_repeat_a_cut(self, written_at: datetime | None) -> bool:
        """Whether what a person wrote at this moment was written before a passage was cut."""
        return self.cut_at is not None and written_at is not None and written_at <= self.cut_at

    @property
    def transcript(self) -> Transcript | None:
        """The newest transcript, where there is one."""
        return self.transcripts[-1] if self.transcripts else None

    def without(self, recording_sids: Set[str]) -> "Words":
        """These words but for what was derived from recordings whose time is over: no transcript, no draft (P17)."""
        kept = tuple(each for each in self.transcripts if each.recording_sid not in recording_sids)
        drafted = self.summary is not None and self.summary.state is SummaryState.DRAFT
        return replace(self, transcripts=kept, summary=None if drafted else self.summary)

    def leaving_out(self, is_left_out: Callable[[str, float, float], bool]) -> "Words":
        """These words but for what was said where `is_left_out` (recording's SID, seconds from and to) says so: no
        segment, and no line of draft or summary that repeats one."""
        kept, gone = [], list[dict[str, Any]]()
        lines = (self.summary.draft_lines if self.summary else None) or []
        for each in self.transcripts:
            heard, dropped = list[Segment](), list[Segment]()
            for one in each.said:
                (dropped if is_left_out(each.recording_sid, one.start, one.end) else heard).append(one)
            kept.append(Transcript(**each.model_dump() | {"segments": [asdict(one) for one in heard]}))
            gone += [
                line
                for line in lines
                if is_left_out(each.recording_sid, line["start"], line["start"])  # it may be of an earlier listening
                or _rests_on(self.summary, line, dropped, heard, each.language)
            ]
        texts = {str(line["text"]) for line in gone}
        return replace(
            self,
            transcripts=tuple(kept),
            summary=_without_lines(self.summary, gone, texts) if self.summary else None,
            earlier=tuple(replace(one, text=_without_texts(one.text, texts)) for one in self.earlier),
        )

    @property
    def draft(self) -> tuple[DraftLine, ...]:
        """The lines of a summary that nobody has confirmed yet."""
        return self.summary.lines if self.summary and self.summary.state is SummaryState.DRAFT else ()

    @property
    def summary_text(self) -> str:
        """The confirmed text, or the draft's lines: what the field to confirm begins with."""
        if self.summary is None:
            return ""
        return self.summary.text if self.summary.state is SummaryState.CONFIRMED else self.summary.draft_text


def _rests_on(
    summary: Summary | None, line: dict[str, Any], gone: list[Segment], left: list[Segment], language: str
) -> bool:
    if summary is not None and summary.draft_origin:  # in a machine's words
        return bool(gone) and repeats(DraftLine.of(line), gone, left, language)
    return (line["channel"], line["start"]) in {(one.channel, one.start) for one in gone}


def _without_lines(summary: Summary, gone: Sequence[dict[str, Any]], texts: Set[str]) -> Summary:
    left = [line for line in summary.draft_lines or [] if line not in gone]
    text = _without_texts(summary.text, texts)
    return Summary(**summary.model_dump() | {"draft_lines": left, "text": text})


def _without_texts(text: str, gone: Set[str]) -> str:
    """A text without the lines of the draft that it took over."""
    return "\n".join(line for line in text.split("\n") if line not in gone)


def write_note(session: Session, now: datetime, contact_id: int, staff_id: int, question: str, text: str) -> Note:
    """Keep what this member writes about the contact; writing again replaces their own note only."""
    question, text = question.strip(), text.strip()
    if len(question) > LONGEST_QUESTION or len(text) > LONGEST_TEXT:
        raise Invalid("The note is too long: 300 characters for the question and 10000 for the rest.")
    note = note_of(session, contact_id, staff_id)
    if note is None:
        note = Note(contact_id=contact_id, staff_id=staff_id, written_at=now)
    if (note.question, note.text) != (question, text) or cuts.written_before(session, contact_id, note.written_at):
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
    session: Session, now: datetime, contact_id: int, recording_sid: str, said: SaidTranscript, roles: Sequence[str]
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
            segments=[asdict(segment) for segment in said.segments],
            roles=list(roles),
            values=[list(one) for segment in said.segments for one in values_in(segment)],
            made_at=now,
        )
    )
    summaries.recorded(session, now, contact_id, Actor.WORKER, Action.TRANSCRIPT_ATTACHED)


def seconds_of_values(session: Session, recording_sid: str) -> list[tuple[float, float]] | None:
    """(start, end) of each value that was taken out of what was said in a recording; None while it is not written
    down. What a person corrected or cut since makes none of them audible."""
    kept = session.exec(select(Transcript).where(Transcript.recording_sid == recording_sid)).first()
    if kept is None:
        return None
    return [(start, end) for start, end in kept.values or []] + [one for each in kept.said for one in values_in(each)]


def destroy_derived(session: Session, contact_id: int, recording_sid: str) -> None:
    """With a recording go its transcript, the draft and the citations; a confirmed text stays a note (P16, P17)."""
    for transcript in session.exec(select(Transcript).where(Transcript.recording_sid == recording_sid)).all():
        session.delete(transcript)
    alerts.without_words(session, recording_sid)
    cuts.forget_lines(session, recording_sid)
    summary = summaries.of_contact(session, contact_id)
    if summary is not None and summary.state is SummaryState.CONFIRMED:
        summary.draft_lines, summary.draft_origin = None, None
        session.add(summary)
    elif summary is not None:
        session.delete(summary)
    session.flush()


def read(session: Session, now: datetime, viewer: Member, contact_id: int) -> Words | None:
    """The words of a contact, for whom the door opens them; None for everybody else (P05)."""
    if not door.words_open(session, now, viewer, contact_id):
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
    summary = summaries.of_contact(session, contact_id)
    confirmer = session.get(Staff, summary.confirmed_by) if summary and summary.confirmed_by else None
    return Words(
        notes=tuple(Written(name, note.question, note.text, note.written_at) for note, name in notes),
        summary=Summary(**summary.model_dump()) if summary else None,
        confirmed_by=confirmer.name if confirmer else None,
        earlier=summaries.earlier(session, summary.id) if summary else (),
        transcripts=tuple(Transcript(**each.model_dump()) for each in transcripts),
        cut_at=cuts.last_cut(session, contact_id),
    )


def questions(session: Session, now: datetime, viewer: Member, contact_ids: Collection[int]) -> dict[int, str | None]:
    """What the customer asked last in each of these contacts that is open to the viewer; None where none is written."""
    opened = door.words_open_among(session, now, viewer, contact_ids)
    written = select(Note.contact_id, Note.question).where(col(Note.contact_id).in_(opened), Note.question != "")
    return dict.fromkeys(opened) | dict(session.exec(written.order_by(col(Note.written_at))).all())
