"""What one leg says and hears: its mouth, its ear, and the conversation it was told to speak."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from contactcenter.simulator.media import FRAME_BYTES, RATE, Samples, mix, silence

LIVE_STEP = 0.02
QUIET_STEP = 0.1
_LISTENER_FRAMES = 250
_CUSHION_FRAMES = 3  # a microphone's frames come unevenly: with so many in hand no gap is heard

Listener = asyncio.Queue[bytes | dict[str, Any]]


class Ear:
    """Passes on what a leg hears to who listens live: 20 ms frames of sound, and messages about its state."""

    def __init__(self) -> None:
        self._listeners: dict[Listener, bytearray] = {}

    def listen(self) -> Listener:
        """A new listener's queue of frames (bytes) and messages (dict)."""
        listener: Listener = asyncio.Queue(_LISTENER_FRAMES)
        self._listeners[listener] = bytearray()
        return listener

    def forget(self, listener: Listener) -> None:
        """Stop passing on to `listener`."""
        self._listeners.pop(listener, None)

    @property
    def live(self) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners)

    def hear(self, samples: Samples) -> None:
        """Pass on sound at the pace of the clock on the wall."""
        data = samples.astype("<i2").tobytes()
        for listener, rest in self._listeners.items():
            rest.extend(data)
            while len(rest) >= FRAME_BYTES:
                _put(listener, bytes(rest[:FRAME_BYTES]))
                del rest[:FRAME_BYTES]

    def tell(self, message: dict[str, Any]) -> None:
        """Pass on a message; it is never dropped in favour of sound."""
        for listener in self._listeners:
            _put(listener, message)


def _put(listener: Listener, item: bytes | dict[str, Any]) -> None:
    if listener.full():
        dropped = listener.get_nowait()
        if isinstance(dropped, dict) and isinstance(item, bytes):
            item = dropped
    listener.put_nowait(item)


class Mouth:
    """What a leg says besides its conversation: a live microphone and prepared lines."""

    def __init__(self) -> None:
        self._microphone = bytearray()
        self._flows = False
        self._lines: list[Samples] = []

    def speak_live(self, frame: bytes) -> None:
        """Take 16-bit little-endian sound from a microphone; more than a second that waits is dropped."""
        self._microphone += frame[: len(frame) // 2 * 2]
        if len(self._microphone) > 2 * RATE:
            del self._microphone[: len(self._microphone) - 2 * RATE]
        self._flows = self._flows or len(self._microphone) >= _CUSHION_FRAMES * FRAME_BYTES

    def say(self, line: Samples) -> None:
        """Say a prepared line after those that wait."""
        self._lines.append(line)

    def take(self, length: int) -> list[Samples]:
        """The voices of the next `length` samples of talk; none when the leg is quiet."""
        voices = []
        if self._flows:
            heard = np.frombuffer(bytes(self._microphone[: 2 * length]), dtype="<i2").astype(np.int16)
            del self._microphone[: 2 * length]
            self._flows = len(heard) == length
            voices.append(_padded(heard, length))
        if self._lines:
            voices.append(_padded(self._lines[0][:length], length))
            self._lines[0] = self._lines[0][length:]
            if not len(self._lines[0]):
                self._lines.pop(0)
        return voices


@dataclass
class Script:
    """A prepared conversation: its leg speaks channel 0, and whom the leg talks with channel 1."""

    audio: Samples
    partner_speaks: bool = True
    position: int = field(default=0)

    @property
    def left(self) -> int:
        """Samples that are still to be spoken."""
        return max(0, int(self.audio.shape[1]) - self.position)

    def take(self, length: int) -> tuple[Samples, Samples]:
        """The next `length` samples: of the leg itself, and of its partner."""
        part = self.audio[:, self.position : self.position + length]
        self.position += length
        own = _padded(part[0], length)
        speaks = self.partner_speaks and len(part) > 1
        return own, _padded(part[1], length) if speaks else silence(length)


def _padded(samples: Samples, length: int) -> Samples:
    return samples if len(samples) == length else np.concatenate([samples, silence(length - len(samples))])


def together(voices: list[Samples], length: int) -> Samples:
    """The sum of `voices`; silence when there is none."""
    return mix(voices, length) if voices else silence(length)


class Pace:
    """Turns the clock on the wall into samples of talk, `speed` times as many as would pass in life."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self._start = asyncio.get_running_loop().time()
        self._spent = 0

    def due(self, most: int) -> tuple[int, int]:
        """What is due now, at most `most` samples: (samples of talk, samples of time on the wall)."""
        elapsed = asyncio.get_running_loop().time() - self._start
        talk = max(0, min(most, int(elapsed * RATE * self.speed) - self._spent))
        self._spent += talk
        return talk, max(1, int(talk / self.speed))


async def played(ear: Ear, samples: Samples, speed: float) -> None:
    """Let `ear` hear `samples` at `speed`."""
    loop = asyncio.get_running_loop()
    start, position = loop.time(), 0
    while position < len(samples):
        left = (len(samples) - position) / RATE / speed
        await asyncio.sleep(min(left, LIVE_STEP if ear.live else QUIET_STEP))
        until = min(len(samples), int((loop.time() - start) * RATE * speed) + 1)
        if ear.live:
            ear.hear(samples[position:until][: max(1, int((until - position) / speed))])
        position = until
