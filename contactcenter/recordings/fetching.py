"""From the carrier into the vault: streamed, bounded, and checked on what really lies in the vault afterwards.

The copy is read back and decoded before anything relies on it, so that the carrier's copy is never deleted for one
that can't be played. Audio in clear is in memory only.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from contactcenter.carrier.port import Carrier, CarrierProblem, Media, Trouble
from contactcenter.core.keys import KeyMismatch
from contactcenter.recordings.audio import Sound, open_call
from contactcenter.recordings.peaks import waveform
from contactcenter.recordings.rules import PEAKS_PER_SECOND, Failure, length_fits
from contactcenter.recordings.vault import Stored, Vault, VaultDamaged, VaultUnavailable
from contactcenter.recordings.vault_file import as_file
from contactcenter.recordings.wav import MAX_BYTES, AudioRefused

WAV_TYPES = {"audio/wav", "audio/x-wav", "audio/wave", "audio/x-pn-wav", "audio/vnd.wave"}
MAGIC = b"RIFF"
SLOW_AFTER, SLOWEST = 30.0, 8 * 1024  # seconds of patience, and bytes a second after that
TROUBLES = {
    Trouble.GONE: Failure.GONE,
    Trouble.LATER: Failure.CARRIER,
    Trouble.REFUSED: Failure.REFUSED,
}


class Setback(Exception):
    """A step did not succeed; `failure` says why, `retry_after` (seconds) how long the carrier asked us to wait."""

    def __init__(self, failure: Failure, retry_after: float | None = None) -> None:
        super().__init__(failure.value)
        self.failure = failure
        self.retry_after = retry_after


@dataclass(frozen=True)
class Fetched:
    """A recording that lies in the vault, checked: its object, length in seconds, and waveform."""

    stored: Stored
    seconds: float
    channels: int
    peaks: list[list[int]]


def fetch(carrier: Carrier, vault: Vault, recording: str, sid: str, announced: float | None) -> Fetched:
    """Bring one recording into the vault and check it; raises `Setback`, and then leaves nothing behind.

    `recording` is our name (it binds the object), `sid` the carrier's, `announced` its length in seconds.
    """
    stored = _store(carrier, vault, recording, sid)
    try:
        return _checked(vault, recording, stored, announced)
    except Setback:
        vault.destroy(stored.key)
        raise


@contextmanager
def sound_of(vault: Vault, recording: str, stored: Stored) -> Iterator[Sound]:
    """The sound of a recording in the vault, decrypted and decoded while it is listened to; raises `Setback`."""
    try:
        yield open_call(as_file(vault.open(recording, stored)))
    except AudioRefused as refused:
        raise Setback(Failure(refused.reason.value)) from None
    except VaultDamaged:
        raise Setback(Failure.DAMAGED) from None
    except KeyMismatch:
        raise Setback(Failure.NO_KEY) from None
    except VaultUnavailable:
        raise Setback(Failure.VAULT) from None


def too_slow(received: int, seconds: float) -> bool:
    """Whether a download drips so slowly that it would hold up the worker."""
    return seconds > SLOW_AFTER and received < seconds * SLOWEST


def _store(carrier: Carrier, vault: Vault, recording: str, sid: str) -> Stored:
    try:
        with carrier.open_media(sid) as media:
            return vault.store(recording, _bounded(media))
    except CarrierProblem as problem:
        raise Setback(TROUBLES[problem.trouble], problem.retry_after) from None
    except VaultUnavailable:
        raise Setback(Failure.VAULT) from None


def _bounded(media: Media) -> Iterator[bytes]:
    """The media, as long as it can be a recording: an error page or an endless stream never gets far."""
    if media.content_type.lower() not in WAV_TYPES:
        raise Setback(Failure.NOT_AUDIO)
    if (media.length or 0) > MAX_BYTES:
        raise Setback(Failure.TOO_LARGE)
    received, head, began = 0, b"", time.monotonic()
    for chunk in media.chunks:
        head += chunk[: len(MAGIC) - len(head)]
        if not MAGIC.startswith(head):
            raise Setback(Failure.NOT_AUDIO)
        received += len(chunk)
        _check_flow(received, time.monotonic() - began)
        yield chunk
    _check_end(received, media.length)


def _check_flow(received: int, seconds: float) -> None:
    if received > MAX_BYTES:
        raise Setback(Failure.TOO_LARGE)
    if too_slow(received, seconds):
        raise Setback(Failure.CARRIER)


def _check_end(received: int, declared: int | None) -> None:
    if received == 0:
        raise Setback(Failure.EMPTY)
    if declared is not None and received != declared:
        raise Setback(Failure.TRUNCATED)


def _checked(vault: Vault, recording: str, stored: Stored, announced: float | None) -> Fetched:
    with sound_of(vault, recording, stored) as sound:
        if not length_fits(announced, sound.seconds):
            raise Setback(Failure.WRONG_LENGTH)
        drawn = waveform(sound, PEAKS_PER_SECOND)
    if drawn.is_silent:
        raise Setback(Failure.SILENT)
    return Fetched(stored, sound.seconds, sound.count, drawn.peaks)
