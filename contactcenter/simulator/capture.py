"""A recording: what was said in two channels, in memory, and the states that the carrier reports."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import Literal

import numpy as np

from contactcenter.simulator.media import RATE, Samples, mono, silence, trimmed, wav
from contactcenter.simulator.signing import Params

TOO_SHORT = 16101
SILENT = 16102
_LOUDEST_SILENCE = 64

Status = Literal["in-progress", "paused", "stopped", "processing", "completed", "absent", "failed"]


@dataclass(frozen=True)
class Source:
    """What a recording belongs to. `call_sid` is the first leg of the conference."""

    account_sid: str
    call_sid: str
    conference_sid: str
    media_url: str


Tell = Callable[["Recording", str], None]


class Recording:
    """Captures channel 0 (who joined first) and channel 1 (everybody else)."""

    def __init__(self, sid: str, source: Source, now: datetime, trim: bool, tell: Tell) -> None:
        self.sid, self.source = sid, source
        self.started = self.created = self.updated = now
        self.status: Status = "in-progress"
        self.error_code: int | None = None
        self.deleted = False
        self._trim, self._tell = trim, tell
        self._silent_pause = True
        self._pieces: list[Samples] = []
        self._length = 0
        self._audio: Samples | None = None
        tell(self, "in-progress")

    @property
    def running(self) -> bool:
        """Whether it still captures, or can be resumed."""
        return self.status in ("in-progress", "paused")

    @property
    def seconds(self) -> int:
        """Whole seconds of audio, rounded."""
        length = self._length if self._audio is None else self._audio.shape[1]
        return round(length / RATE)

    def write(self, first: Samples, others: Samples) -> None:
        """Capture the next piece of talk; in a pause its silence, or nothing."""
        if self.status == "in-progress":
            self._pieces.append(np.stack([first, others]))
        elif self.status == "paused" and self._silent_pause:
            self._pieces.append(np.stack([silence(len(first)), silence(len(first))]))
        else:
            return
        self._length += len(first)

    def pause(self, behaviour: str) -> None:
        """Stop capturing for now; `skip` leaves the time out, anything else keeps it as silence."""
        self.status, self._silent_pause = "paused", behaviour != "skip"

    def resume(self) -> None:
        """Capture again."""
        self.status = "in-progress"

    def stop(self) -> None:
        """Capture no more."""
        self.status = "stopped"

    def finish(self, now: datetime) -> None:
        """Make the media available, or say why there is none; told as completed or absent."""
        if self.deleted:
            return
        audio = np.concatenate(self._pieces, axis=1) if self._pieces else np.zeros((2, 0), np.int16)
        self._pieces = []
        self.error_code = _unusable(audio)
        self._audio = trimmed(audio) if self._trim else audio
        self.status, self.updated = "absent" if self.error_code else "completed", now
        self._tell(self, self.status)

    def media(self, channels: int) -> bytes | None:
        """The WAV file in one or two channels; None when there is none."""
        if self._audio is None or self.deleted or self.status != "completed":
            return None
        return wav(self._audio if channels == 2 else mono(self._audio)[None, :])

    def delete(self, now: datetime) -> None:
        """Forget the audio; the carrier keeps the metadata for 40 days."""
        self.deleted, self.updated = True, now
        self._audio, self._pieces = None, []

    def params(self) -> Params:
        """The parameters of a callback about this recording."""
        done = [("RecordingDuration", str(self.seconds))] if not self.running else []
        failed = [("ErrorCode", str(self.error_code))] if self.error_code else []
        return [
            ("AccountSid", self.source.account_sid),
            ("ConferenceSid", self.source.conference_sid),
            ("RecordingSid", self.sid),
            ("RecordingUrl", f"{self.source.media_url}/{self.sid}"),
            ("RecordingStatus", self.status),
            ("RecordingChannels", "2"),
            ("RecordingSource", "Conference"),
            ("RecordingStartTime", format_datetime(self.started)),
            ("RecordingTrack", "both"),
            *done,
            *failed,
        ]


def _unusable(audio: Samples) -> int | None:
    if audio.shape[1] < RATE:
        return TOO_SHORT
    return SILENT if int(np.abs(audio.astype(np.int32)).max()) <= _LOUDEST_SILENCE else None
