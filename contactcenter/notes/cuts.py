"""Words of a passage that was cut out of a recording: they go, and nothing brings them back (P17).

What the machine made goes at once. What a person wrote stays, since nobody can say which of it repeats the passage:
whoever may change it is asked to look at it again. A form that was opened before the cut is refused, since it may
still hold the words.
"""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timedelta

from sqlmodel import Session, col, delete, select

from contactcenter.core.errors import Conflict
from contactcenter.notes import alerts
from contactcenter.notes.citing import repeats
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.models import LineCorrection, Summary, SummaryState, SummaryVersion, Transcript, WordsCut
from contactcenter.notes.passages import Passage, touched, without
from contactcenter.notes.said import Segment


def take_out(session: Session, now: datetime, contact_id: int, recording_sid: str, passages: Sequence[Passage]) -> None:
    """Destroy the words of these passages of a recording: in its transcript, the draft's lines that cite
    them, and what was written of alerts there."""
    for transcript in session.exec(select(Transcript).where(Transcript.recording_sid == recording_sid)):
        said = transcript.said
        left = without(said, passages)
        transcript.segments = [asdict(segment) for segment in left]
        session.add(transcript)
        _take_out_of_draft(session, contact_id, passages, touched(said, passages), left, transcript.language)
    forget_lines(session, recording_sid, passages)
    alerts.without_passages(session, now, recording_sid, passages)
    _note_moment(session, now, contact_id)
    session.flush()


def forget_lines(session: Session, recording_sid: str, passages: Sequence[Passage] | None = None) -> None:
    """What lines said before they were corrected goes with the recording, or with these passages of it."""
    for row in session.exec(select(LineCorrection).where(LineCorrection.recording_sid == recording_sid)).all():
        if passages is None or any(passage.touches(row.start, row.end) for passage in passages):
            session.delete(row)


def last_cut(session: Session, contact_id: int) -> datetime | None:
    """When words of this contact were cut last; None when they never were."""
    return session.exec(select(WordsCut.at).where(WordsCut.contact_id == contact_id)).first()


def token_of(session: Session, contact_id: int) -> str:
    """What a form carries in which words of this contact are written, so that `require_fresh` knows what it held."""
    at = last_cut(session, contact_id)
    return f"{at:%Y%m%d%H%M%S%f}" if at else ""


def require_fresh(session: Session, contact_id: int, token: str) -> None:
    """Raise `Conflict` for a form that was opened before words of this contact were cut."""
    if token != token_of(session, contact_id):
        raise Conflict("A passage of this call was cut since you opened this. Reload the page and write it anew.")


def written_before(session: Session, contact_id: int, at: datetime | None) -> bool:
    """Whether what a person wrote at this moment may repeat what was cut since."""
    cut = last_cut(session, contact_id)
    return cut is not None and at is not None and at <= cut


def forget_versions(session: Session, summary: Summary) -> None:
    """What a summary said before the cut, once its text was looked at again: a version would keep the words."""
    if written_before(session, summary.contact_id, summary.confirmed_at):
        session.exec(delete(SummaryVersion).where(col(SummaryVersion.summary_id) == summary.id))


def _take_out_of_draft(
    session: Session,
    contact_id: int,
    passages: Sequence[Passage],
    gone: Sequence[Segment],
    said: Sequence[Segment],
    language: str,
) -> None:
    summary = session.exec(select(Summary).where(Summary.contact_id == contact_id)).first()
    if summary is None or not summary.draft_lines:
        return
    cited, texts = {(one.channel, one.start) for one in gone}, {one.text for one in gone}
    lines = summary.draft_lines
    near = [one for one in lines if any(passage.touches(one["start"], one["start"]) for passage in passages)]
    left = [one for one in lines if one not in near and one["text"] not in texts]
    left = [one for one in left if (one["channel"], one["start"]) not in cited]
    if summary.draft_origin:  # in a machine's words
        left = [one for one in left if not repeats(DraftLine.of(one), gone, said, language)]
    if not left and summary.state is SummaryState.DRAFT:
        session.delete(summary)
        return
    summary.draft_lines = left or None
    summary.draft_origin = summary.draft_origin if left else None
    session.add(summary)


def _note_moment(session: Session, now: datetime, contact_id: int) -> None:
    row = session.get(WordsCut, contact_id)
    if row is None:
        session.add(WordsCut(contact_id=contact_id, at=now))
    else:
        row.at = max(now, row.at + timedelta(microseconds=1))  # another one, whatever the clock says
