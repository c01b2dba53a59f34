"""From the bytes of a WAV file to sound in memory. Nothing is written, and nothing but WAV is ever opened.

The header is read by our own code (`wav.py`); the samples alone go to FFmpeg's decoder (through PyAV), never the
file. So a playlist, a tag or a picture inside a file named .wav is not looked at, and rate 1 unpacks to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, Protocol, cast

import av
import numpy as np
import numpy.typing as npt

from contactcenter.recordings.wav import AudioRefused, Refusal, WavHeader, opened, read_header

RATE = 16_000  # Hz; what Whisper and Silero listen at
PIECE = 30 * RATE  # samples; what is in memory of a call of any length

Samples = npt.NDArray[np.float32]

_FRAMES_AT_ONCE = 65_536


class Sound(Protocol):
    """The sound of a call, to be listened to from its beginning as often as one likes, and never in memory whole."""

    @property
    def count(self) -> int:
        """How many channels there are."""
        ...

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        ...

    def pieces(self) -> Iterator[Samples]:
        """The sound in order: (channels, samples) at 16 kHz in -1..1, `PIECE` samples each, the last one fewer."""
        ...


@dataclass(frozen=True)
class CallAudio:
    """A short call as sound in memory: one float32 array a channel at 16 kHz. `rate` is the file's own, in Hz."""

    channels: tuple[Samples, ...]
    seconds: float
    rate: int

    @property
    def count(self) -> int:
        """How many channels there are."""
        return len(self.channels)

    def pieces(self) -> Iterator[Samples]:
        """Views of it, `PIECE` samples at a time; a shorter channel ends in silence."""
        longest = max(map(len, self.channels), default=0)
        for at in range(0, longest, PIECE):
            some = [channel[at : at + PIECE] for channel in self.channels]
            width = max(map(len, some))
            yield np.stack([np.pad(one, (0, width - len(one))) for one in some])


@dataclass(frozen=True)
class WavSound:
    """Implements Sound with a WAV file that is read and decoded anew each time; `rate` is the file's own, in Hz."""

    file: BinaryIO
    header: WavHeader

    @property
    def count(self) -> int:
        """How many channels there are."""
        return self.header.channels

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return self.header.seconds

    def pieces(self) -> Iterator[Samples]:
        """Decode it in memory, piece by piece; raises AudioRefused."""
        for piece in _even(_resampled(self.file, self.header)):
            np.nan_to_num(piece, copy=False, posinf=1.0, neginf=-1.0)
            np.clip(piece, -1.0, 1.0, out=piece)
            yield piece


def open_call(data: bytes | BinaryIO) -> WavSound:
    """A WAV file (PCM, float, mu-law or A-law; one or two channels), to be decoded later; raises AudioRefused."""
    return WavSound(opened(data)[0], read_header(data))


def decode_call(data: bytes | BinaryIO) -> CallAudio:
    """Decode a short WAV file whole; raises AudioRefused."""
    call = open_call(data)
    sound = np.concatenate([np.zeros((call.count, 0), np.float32), *call.pieces()], axis=1)
    return CallAudio(tuple(sound), call.seconds, call.header.rate)


def _even(pieces: Iterator[Samples]) -> Iterator[Samples]:
    """The same sound in pieces of `PIECE` samples."""
    held: list[Samples] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += piece.shape[1]
        if length >= PIECE:
            whole = np.concatenate(held, axis=1)
            yield from (whole[:, at : at + PIECE] for at in range(0, length - length % PIECE, PIECE))
            held, length = [whole[:, length - length % PIECE :]], length % PIECE
    if length:
        yield np.concatenate(held, axis=1)


def _resampled(file: BinaryIO, header: WavHeader) -> Iterator[Samples]:
    """The sound in pieces of (channels, samples) at 16 kHz."""
    layout = "mono" if header.channels == 1 else "stereo"
    decoder = cast(av.AudioCodecContext, av.CodecContext.create(header.codec, "r"))
    decoder.sample_rate, decoder.layout = header.rate, av.AudioLayout(layout)
    resampler = av.AudioResampler(format="fltp", layout=layout, rate=RATE)
    try:
        for packet in _packets(file, header):
            for frame in decoder.decode(packet):
                yield from map(_samples, resampler.resample(frame))
        yield from map(_samples, resampler.resample(None))
    except av.FFmpegError as error:
        raise AudioRefused(Refusal.NOT_AUDIO, "The sound of the recording can't be decoded.") from error


def _samples(frame: av.AudioFrame) -> Samples:
    return cast(Samples, frame.to_ndarray())  # the resampler makes planar 32-bit floats


def _packets(file: BinaryIO, header: WavHeader) -> Iterator[av.Packet[av.AudioStream]]:
    at, end = header.data_at, header.data_at + header.frames * header.frame_bytes
    while at < end:
        file.seek(at)  # another listening may have read on from elsewhere
        piece = file.read(min(end - at, _FRAMES_AT_ONCE * header.frame_bytes))
        if not piece:
            raise AudioRefused(Refusal.TRUNCATED, "The recording broke off while it was read. Fetch it again.")
        at += len(piece)
        yield cast("av.Packet[av.AudioStream]", av.Packet(piece))
