"""What a recording leaves out where it is heard, as silence: how callers prove who they are, and values (P02).

Decided when it is heard, by what is on record of the verification and of what was said; no second copy of the sound is
made.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from contactcenter.notes.service import seconds_of_values
from contactcenter.recordings import cuts, service
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import PEAKS_PER_SECOND, leaves_out_proofs, leaves_out_values
from contactcenter.recordings.wav import WavHeader
from contactcenter.verification.rules import Purpose
from contactcenter.verification.spoken import Proof, proofs

VALUE_MARGIN = 0.15  # seconds on both sides of a value, which the times of words are off by
MARGIN = 1.0  # seconds on both sides; the carrier tells when a recording began in whole ones


@dataclass(frozen=True)
class LeftOut:
    """Seconds from a recording's start that are silent."""

    start: float
    end: float


@dataclass(frozen=True)
class Silence:
    """Bytes of a file, from `start` up to `end`, in whose place stands `byte`."""

    start: int
    end: int
    byte: int


def left_out(session: Session, recording: Recording, purpose: Purpose) -> list[LeftOut]:
    """What of a recording isn't heard for a purpose, in order of time."""
    if recording.contact_id is None or not leaves_out_proofs(purpose):
        return []
    return seconds_of(proofs(session, recording.contact_id), recording.started_at, recording.seconds or 0.0)


def of_values(session: Session, recording: Recording, purpose: Purpose) -> list[LeftOut]:
    """Where values that the transcript no longer holds aren't heard for a purpose, in order of time.

    On both channels, since a line echoes. Without a transcript nobody knows where they are: `is_unwritten`.
    """
    if not leaves_out_values(purpose):
        return []
    said = seconds_of_values(session, recording.sid) or []
    return around(said, recording.seconds or 0.0)


def is_unwritten(session: Session, recording: Recording, purpose: Purpose) -> bool:
    """Whether nothing of a recording is heard for a purpose until it is written down."""
    return leaves_out_proofs(purpose) and seconds_of_values(session, recording.sid) is None


def around(said: Iterable[tuple[float, float]], seconds: float) -> list[LeftOut]:
    """These seconds of a recording with a margin, joined where they touch."""
    spans: list[LeftOut] = []
    for start, end in sorted(said):
        one = LeftOut(max(0.0, start - VALUE_MARGIN), min(seconds, end + VALUE_MARGIN))
        if spans and one.start <= spans[-1].end:
            spans[-1] = LeftOut(spans[-1].start, max(one.end, spans[-1].end))
        else:
            spans.append(one)
    return spans


def unheard(session: Session, recording: Recording, purpose: Purpose) -> list[LeftOut]:
    """All that is silent in a recording where it is heard for a purpose."""
    if is_unwritten(session, recording, purpose):
        return [LeftOut(0.0, recording.seconds or 0.0)]
    silent = [*left_out(session, recording, purpose), *of_values(session, recording, purpose)]
    return silent + of_cuts(session, recording)


def of_cuts(session: Session, recording: Recording) -> list[LeftOut]:
    """What of a recording is heard for no purpose: passages that were cut, or are about to be (P17)."""
    return [LeftOut(one.start, one.end) for one in cuts.passages_of(session, recording.sid)]


def of_words(session: Session, contact_id: int, purposes: Collection[Purpose]) -> dict[str, list[LeftOut]]:
    """What of each recording (by SID) isn't read where its words are open for these purposes alone."""
    if not purposes or not all(leaves_out_proofs(purpose) for purpose in purposes):
        return {}
    purpose = next(iter(purposes))
    return {one.sid: left_out(session, one, purpose) for one in service.recordings_of(session, contact_id)}


def seconds_of(found: Iterable[Proof], started_at: datetime | None, seconds: float) -> list[LeftOut]:
    """Where in a recording that lasts so many seconds these lie, with a margin, joined where they touch.

    Nobody knows where they lie when the carrier never told when it began: then all of it is left out.
    """
    spans: list[LeftOut] = []
    for one in sorted(found, key=lambda one: one.start):
        if started_at is None:
            return [LeftOut(0.0, seconds)]
        start = max(0.0, (one.start - started_at).total_seconds() - MARGIN)
        end = min(seconds, (one.end - started_at).total_seconds() + MARGIN) if one.end else seconds
        if spans and start <= spans[-1].end:
            spans[-1] = LeftOut(spans[-1].start, max(end, spans[-1].end))
        elif start < end:
            spans.append(LeftOut(start, end))
    return spans


def is_left_out(spans: Iterable[LeftOut], start: float, end: float) -> bool:
    """Whether any of these seconds are."""
    return any(one.start <= end and start <= one.end for one in spans)


def silences(header: WavHeader, spans: Iterable[LeftOut]) -> list[Silence]:
    """Where in the bytes of a file these seconds lie: whole frames, so that each sample stays one."""

    def at(second: float) -> int:
        return header.data_at + min(header.frames, round(second * header.rate)) * header.frame_bytes

    return [Silence(at(one.start), at(one.end), header.silence) for one in spans]


def silenced(pieces: Iterable[bytes], start: int, found: Sequence[Silence]) -> Iterator[bytes]:
    """The same pieces, of which the first begins at byte `start` of its file, silent where they are to be."""
    for piece in pieces:
        end = start + len(piece)
        here = [one for one in found if one.start < end and start < one.end]
        yield _overwritten(piece, start, here) if here else piece
        start = end


def flat(channel: Sequence[int], spans: Iterable[LeftOut]) -> list[int]:
    """The waveform of a channel, without what is left out."""
    width = 1 / PEAKS_PER_SECOND
    spans = list(spans)
    return [0 if is_left_out(spans, at * width, (at + 1) * width) else peak for at, peak in enumerate(channel)]


def _overwritten(piece: bytes, start: int, found: Iterable[Silence]) -> bytes:
    changed = bytearray(piece)
    for one in found:
        first, last = max(one.start - start, 0), min(one.end - start, len(piece))
        changed[first:last] = bytes([one.byte]) * (last - first)
    return bytes(changed)
