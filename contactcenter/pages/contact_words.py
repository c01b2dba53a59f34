"""What was said and written in a contact, as far as the door opens it to this viewer, and the player if granted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlmodel import Session, select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactState
from contactcenter.notes import corrections, summaries
from contactcenter.notes import cuts as words_cut
from contactcenter.notes import service as notes
from contactcenter.notes.models import Transcript
from contactcenter.notes.said import Segment
from contactcenter.notes.service import Words
from contactcenter.pages.said import Shown, shown
from contactcenter.recordings import cuts, left_out, overview, playback
from contactcenter.recordings.left_out import LeftOut
from contactcenter.recordings.models import Cut, Recording
from contactcenter.recordings.overview import RecordingView
from contactcenter.recordings.player import Gap, Player, pauses_of, player_of
from contactcenter.staff.access import Visit
from contactcenter.verification import door
from contactcenter.verification.rules import Purpose


@dataclass(frozen=True)
class Line:
    """One line of a transcript, at its second. `left_out` stands for all that was said here and isn't shown (P02),
    `cut` for what was said here and is destroyed (P17), `paused` for what nobody recorded."""

    start: float
    role: str
    words: list[Shown]
    left_out: bool = False
    cut: Cut | None = None
    paused: Gap | None = None


@dataclass(frozen=True)
class Transcribed:
    """A transcript by speaker, with the machine that made it, and its language as a code of Whisper's."""

    public_id: str
    engine: str
    model: str
    language: str
    lines: list[Line]
    recording_sid: str
    corrected: int = 0  # lines that a person corrected

    @property
    def unsure(self) -> bool:
        """Whether some words are shown faint."""
        return any(word.unsure for line in self.lines for word in line.words)


@dataclass(frozen=True)
class ContactWords:
    """`words` is None where the door is shut; then `purposes` says for what this viewer may ask to open it."""

    words: Words | None
    transcripts: list[Transcribed]
    player: Player | None
    recording: RecordingView
    recordings: list[Recording]
    purposes: list[Purpose]
    may_confirm: bool
    may_settle: bool
    may_cut: bool
    may_correct: bool
    seen: str  # what forms carry, so that none that was opened before a cut brings its words back

    @property
    def open(self) -> bool:
        """Whether the viewer may read."""
        return self.words is not None

    @property
    def played_sid(self) -> str | None:
        """The carrier's name of the recording that the player plays."""
        playing = (one.sid for one in self.recordings if self.player and one.public_id == self.player.recording)
        return next(playing, None)


def contact_words(session: Session, visit: Visit, contact: Contact) -> ContactWords:
    """The words of a contact for this viewer."""
    words = notes.read(session, visit.now, visit.member, contact.id)
    past = overview.past_sids(session, contact.id, visit.now)
    if words is not None and past:
        words = words.without(past)
    silent = left_out.of_words(session, contact.id, door.words_open_for(session, visit.now, visit.member, contact.id))
    if words is not None and silent:
        words = words.leaving_out(lambda sid, start, end: left_out.is_left_out(silent.get(sid, ()), start, end))
    recording = overview.recording_view(session, contact.id, visit.now)
    handled = contacts.handled_by(session, contact.id, visit.member.id)
    return ContactWords(
        words=words,
        transcripts=_transcripts(session, words, silent) if words else [],
        player=player_of(session, visit.now, visit.member, contact.id),
        recording=recording,
        recordings=overview.playable(session, contact.id, visit.now),
        purposes=playback.purposes_open(session, visit.member, contact),
        may_confirm=contact.state is not ContactState.LIVE
        and summaries.may_confirm(session, visit.now, contact.id, visit.member),
        may_settle=handled and contact.state is ContactState.OPEN,
        may_cut=cuts.may_ask(session, visit.member, contact),
        may_correct=corrections.may_correct(session, visit.now, visit.member, contact.id),
        seen=words_cut.token_of(session, contact.id),
    )


def _transcripts(session: Session, words: Words, silent: Mapping[str, Sequence[LeftOut]]) -> list[Transcribed]:
    return [_transcribed(session, one, silent.get(one.recording_sid, ())) for one in words.transcripts]


def _transcribed(session: Session, transcript: Transcript, silent: Sequence[LeftOut]) -> Transcribed:
    sid = transcript.recording_sid
    recording = session.exec(select(Recording).where(Recording.sid == sid)).first()
    lines = [_line(segment, transcript.roles) for segment in transcript.said]
    lines += [Line(round(one.start, 1), "", [], left_out=True) for one in silent]
    lines += [Line(round(one.start, 1), "", [], cut=one) for one in cuts.of_recording(session, sid)]
    lines += [Line(one.start, "", [], paused=one) for one in (pauses_of(session, recording) if recording else [])]
    lines.sort(key=lambda line: line.start)
    corrected = len(corrections.corrected(session, transcript))
    made_by = (transcript.engine, transcript.model, transcript.language)
    return Transcribed(transcript.public_id, *made_by, lines, sid, corrected)


def _line(segment: Segment, roles: list[str]) -> Line:
    role = roles[segment.channel] if segment.channel < len(roles) else str(segment.channel + 1)
    return Line(round(segment.start, 1), role, shown(segment))
