"""What the player of a page gets: the grant that it plays by, and where it is silent (P02)."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session, col, select

from contactcenter.recordings import cuts, playback
from contactcenter.recordings.left_out import is_unwritten, left_out, of_values
from contactcenter.recordings.models import Cut, Pause, Recording
from contactcenter.staff.access import Member
from contactcenter.verification.rules import Purpose

LEFT_OUT, CUT = "left-out", "cut"  # why a gap is one, beside the reasons of a pause
VALUE, UNWRITTEN = "value", "unwritten"


@dataclass(frozen=True)
class Gap:
    """Seconds from the recording's start that are silent, and why: nothing was captured, or it is left out, or cut."""

    start: float
    end: float
    why: str
    cut: Cut | None = None


@dataclass(frozen=True)
class Player:
    """What this viewer was granted to hear, by public ids; `started_at` is None where the carrier told no start."""

    playback: str
    recording: str
    purpose: Purpose
    started_at: datetime | None
    seconds: float
    roles: list[str]
    gaps: list[Gap]


def player_of(
    session: Session, now: datetime, viewer: Member, contact_id: int, purpose: Purpose | None = None
) -> Player | None:
    """The player of a contact for this viewer, while a grant lasts; with `purpose`, one that was given for it."""
    granted = playback.granted(session, now, viewer, contact_id, purpose)
    if granted is None:
        return None
    heard = session.get_one(Recording, granted.recording_id)
    return Player(
        playback=granted.public_id,
        recording=heard.public_id,
        purpose=granted.purpose,
        started_at=heard.started_at,
        seconds=round(heard.seconds or 0, 1),
        roles=heard.roles,
        gaps=gaps_of(session, heard, granted.purpose),
    )


def gaps_of(session: Session, heard: Recording, purpose: Purpose) -> list[Gap]:
    """Where a recording is silent for who hears it for a purpose, in order of time."""
    found = [
        *pauses_of(session, heard),
        *_left_out(session, heard, purpose),
        *_cuts(session, heard),
    ]
    return sorted(found, key=lambda gap: gap.start)


def pauses_of(session: Session, heard: Recording) -> list[Gap]:
    """Where nothing was captured, because the agent paused the recording or the caller was on hold."""
    pauses = session.exec(select(Pause).where(Pause.contact_id == heard.contact_id).order_by(col(Pause.id)))
    return _gaps(pauses, heard.started_at, heard.seconds or 0)


def _gaps(pauses: Iterable[Pause], started_at: datetime | None, seconds: float) -> list[Gap]:
    if started_at is None:
        return []
    found = []
    for pause in pauses:
        start = max(0.0, (pause.began_at - started_at).total_seconds())
        end = (pause.ended_at - started_at).total_seconds() if pause.ended_at else seconds
        if start < seconds:
            found.append(Gap(round(start, 1), round(min(end, seconds), 1), pause.why))
    return found


def _left_out(session: Session, heard: Recording, purpose: Purpose) -> list[Gap]:
    if is_unwritten(session, heard, purpose):
        return [Gap(0.0, round(heard.seconds or 0, 1), UNWRITTEN)]
    proofs, values = left_out(session, heard, purpose), of_values(session, heard, purpose)
    return [
        Gap(round(one.start, 1), round(one.end, 1), why)
        for why, spans in ((LEFT_OUT, proofs), (VALUE, values))
        for one in spans
    ]


def _cuts(session: Session, heard: Recording) -> list[Gap]:
    return [Gap(round(one.start, 1), round(one.end, 1), CUT, one) for one in cuts.of_recording(session, heard.sid)]
