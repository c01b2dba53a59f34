"""A transcript that is replaced by another listening: what persons corrected stays, what is made of it follows.

What was cut stays cut, and a value that one listening took out stays silent in copies, whatever the next one hears.
"""

from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlmodel import Session, select

from contactcenter.core.audit import Action
from contactcenter.notes import alerts, corrections, service, summaries
from contactcenter.notes.corrected import kept_corrections
from contactcenter.notes.models import SummaryState, Transcript
from contactcenter.notes.passages import Passage, without
from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment
from contactcenter.notes.said import Transcript as SaidTranscript
from contactcenter.notes.values import values_in


def of(session: Session, recording_sid: str) -> Transcript | None:
    """The transcript of a recording that is to be replaced."""
    return session.exec(select(Transcript).where(Transcript.recording_sid == recording_sid)).first()


def joined(heard: SaidTranscript, by_hand: Sequence[Segment], passages: Sequence[Passage]) -> SaidTranscript:
    """What was heard, without these passages, with the lines that persons corrected, and redacted as a whole (P17)."""
    kept = kept_corrections(without(heard.segments, passages), by_hand)
    return replace(heard, segments=redact_segments(kept, heard.language))


def replaced(
    session: Session, now: datetime, actor: str, transcript: Transcript, said: SaidTranscript, zone: ZoneInfo
) -> None:
    """Put `said` (of `joined`) in the place of what a transcript says; `zone` is that whose days a promise means."""
    before = transcript.said
    silent = service.seconds_of_values(session, transcript.recording_sid) or []
    found = [one for segment in said.segments for one in values_in(segment)]
    transcript.language, transcript.engine, transcript.model = said.language, said.engine, said.model
    transcript.segments = [asdict(segment) for segment in said.segments]
    transcript.values = [list(one) for one in sorted({*silent, *found})]
    transcript.made_at = now
    session.add(transcript)
    session.flush()
    corrections.take_values_out(session, transcript.recording_sid, said.segments)
    summary = summaries.of_contact(session, transcript.contact_id)
    if summary is not None and summary.state is SummaryState.CONFIRMED and summary.draft_lines:
        summary.draft_lines = [_cited(line, before, said.segments) for line in summary.draft_lines]
    alerts.read_again(session, now, transcript.recording_sid, ())  # who chose it may be whom one is about
    corrections.redraft(session, now, transcript, zone)
    summaries.recorded(session, now, transcript.contact_id, actor, Action.TRANSCRIPT_REDONE)


def _cited(line: dict[str, Any], before: Sequence[Segment], after: Sequence[Segment]) -> dict[str, Any]:
    """A line of a confirmed summary that cites some of `before`, citing what stands there now: what is left out of a
    copy, or cut, has to find it."""
    cites = [[channel, _start_now(channel, start, before, after)] for channel, start in line.get("cites", ())]
    return {**line, "start": _start_now(line["channel"], line["start"], before, after), "cites": cites}


def _start_now(channel: int, start: float, before: Sequence[Segment], after: Sequence[Segment]) -> float:
    """Where that begins now which is most of what began there; where nothing is, it stays."""
    old = next((one for one in before if (one.channel, one.start) == (channel, start)), None)
    near = [(_overlap(one, old), one) for one in after if old is not None and one.channel == channel]
    most, new = max(near, key=lambda pair: pair[0], default=(0.0, None))
    return new.start if new is not None and most > 0 else start


def _overlap(one: Segment, other: Segment) -> float:
    return min(one.end, other.end) - max(one.start, other.start)
