"""The carrier as we need it: a few verbs. Every call has a time limit and raises `CarrierProblem`, nothing else."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

OVER = frozenset({"completed", "busy", "no-answer", "canceled", "failed"})  # states in which a leg stays


class Trouble(StrEnum):
    """What kind of failure it was, and so whether trying again helps."""

    GONE = "gone"
    LATER = "later"
    REFUSED = "refused"


class CarrierProblem(Exception):
    """The carrier did not do it. `retry_after` is in seconds, when it said so."""

    def __init__(self, trouble: Trouble, sentence: str, retry_after: float | None = None) -> None:
        super().__init__(sentence)
        self.trouble = trouble
        self.sentence = sentence
        self.retry_after = retry_after


@dataclass(frozen=True)
class CarrierRecording:
    """A recording as the carrier lists it."""

    sid: str
    call_sid: str
    conference_sid: str | None
    status: str
    seconds: float | None
    started_at: datetime | None


@dataclass(frozen=True)
class CarrierCall:
    """A call as the carrier lists it; no numbers are taken over."""

    sid: str
    direction: str
    status: str
    started_at: datetime | None


@dataclass(frozen=True)
class Media:
    """A recording's media as it streams in: content type, declared length in bytes, chunks."""

    content_type: str
    length: int | None
    chunks: Iterator[bytes]


@dataclass(frozen=True)
class SoftphoneToken:
    """What a browser needs to be a telephone: which adapter, its token, and where to connect.

    `url` is a sound stream of our own; `edge` the carrier's place where the sound goes in, None: the nearest one.
    """

    adapter: str
    token: str
    url: str | None
    edge: str | None
    lasts_seconds: int


class Carrier(Protocol):
    """The verbs. `conference` is a ConferenceSid, `call` a CallSid, `recording` a RecordingSid."""

    def check(self) -> None:
        """Raise unless the credentials open our account."""

    def end_call(self, call: str) -> None:
        """Hang up that leg; ending an ended call is no failure."""

    def hold(self, conference: str, call: str, on: bool, hold_url: str) -> None:
        """Put a participant on hold with the music of `hold_url`, or take it off."""

    def pause_recording(self, conference: str) -> None:
        """Capture silence from now on."""

    def resume_recording(self, conference: str) -> None:
        """Capture again."""

    def stop_recording(self, conference: str) -> None:
        """End the running recording for good; none running is no failure."""

    def dial_agent(self, conference_name: str, number: str, shown: str, events_url: str) -> str:
        """Ring an agent's ordinary telephone into the conference; the new CallSid. `shown` is our own number."""

    def call_out(self, number: str, shown: str, answer_url: str, events_url: str, fallback_url: str) -> str:
        """Ring a customer's telephone, for half a minute; the new CallSid. `shown` is our own number.

        Who answers hears what `answer_url` says; how it ended is told to `events_url`.
        """

    def send_text(self, to: str, body: str) -> None:
        """Send a text message to an E.164 number, from the sender of the settings; delivered it is later, or not.

        What the number can't take or has declined is `Trouble.REFUSED`.
        """

    def open_media(self, recording: str) -> AbstractContextManager[Media]:
        """The two-channel WAV of a recording, streamed from the pinned host without redirects."""

    def delete_recording(self, recording: str) -> None:
        """Delete the carrier's copy; one that is gone already is no failure."""

    def recordings_since(self, since: datetime) -> Iterator[CarrierRecording]:
        """All recordings made since then."""

    def calls_since(self, since: datetime) -> Iterator[CarrierCall]:
        """All calls begun since then."""

    def softphone_token(self, identity: str) -> SoftphoneToken:
        """A token of at most an hour for one agent's browser; identity is letters, digits, underscores."""

    def connect_number(self, number: str, voice_url: str, status_url: str, fallback_url: str) -> None:
        """Point the webhooks of one of our numbers, and of the softphones' application, at this installation."""

    def webhooks_of(self, number: str) -> str | None:
        """The voice webhook that the carrier has for this number; None when the number is not ours."""

    def close(self) -> None:
        """Give the connections back."""
