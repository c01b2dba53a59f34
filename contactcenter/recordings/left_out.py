"""What a recording leaves out where it is heard for training: the caller's proof of who they are, as silence (P02).

Decided when it is heard, by what is on record of the verification; no second copy of the sound is made.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import Session

from contactcenter.recordings import cuts, service
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import PEAKS_PER_SECOND, leaves_out_proofs
from contactcenter.recordings.wav import WavHeader
from contactcenter.verification.rules import Purpose
from contactcenter.verification.spoken import Proof, proofs

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
