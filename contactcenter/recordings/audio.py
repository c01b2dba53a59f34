"""From the bytes of a WAV file to sound in memory. Nothing is written, and nothing but WAV is ever opened.

The header is read by our own code (`wav.py`); the samples alone go to FFmpeg's decoder (through PyAV), never the
file. So a playlist, a tag or a picture inside a file named .wav is not looked at, and rate 1 unpacks to nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO, cast

import av
import numpy as np
import numpy.typing as npt

from contactcenter.recordings.wav import AudioRefused, Refusal, WavHeader, opened, read_header

RATE = 16_000  # Hz; what Whisper and Silero listen at
SILENT_BELOW = 10 ** (-60 / 20)  # -60 dBFS; a telephone line that carries speech peaks far above it

Samples = npt.NDArray[np.float32]

_FRAMES_AT_ONCE = 65_536


@dataclass(frozen=True)
class CallAudio:
    """A call as sound: one float32 array a channel at 16 kHz in -1..1. `rate` is the file's own, in Hz."""

    channels: tuple[Samples, ...]
    seconds: float
    rate: int


def decode_call(data: bytes | BinaryIO) -> CallAudio:
    """Decode a WAV file (PCM, float, mu-law or A-law; one or two channels) in memory; raises AudioRefused."""
    header = read_header(data)
    sound = np.zeros((header.channels, header.frames * RATE // header.rate + RATE), dtype=np.float32)
    end = 0
    for piece in _resampled(opened(data)[0], header):
        room = min(piece.shape[1], sound.shape[1] - end)
        sound[:, end : end + room] = piece[:, :room]
        end += room
    sound = sound[:, :end]
    np.nan_to_num(sound, copy=False, posinf=1.0, neginf=-1.0)
    np.clip(sound, -1.0, 1.0, out=sound)
    return CallAudio(tuple(sound), header.seconds, header.rate)


def is_silent(audio: CallAudio) -> bool:
    """Whether no channel ever rises above -60 dBFS: an open line without anybody on it."""
    return all(channel.size == 0 or float(np.abs(channel).max()) < SILENT_BELOW for channel in audio.channels)


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
    file.seek(header.data_at)
    left = header.frames * header.frame_bytes
    while left > 0:
        piece = file.read(min(left, _FRAMES_AT_ONCE * header.frame_bytes))
        if not piece:
            raise AudioRefused(Refusal.TRUNCATED, "The recording broke off while it was read. Fetch it again.")
        left -= len(piece)
        yield cast("av.Packet[av.AudioStream]", av.Packet(piece))
