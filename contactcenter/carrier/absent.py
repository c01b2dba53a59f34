"""No carrier: what every verb says when no account is configured, so that pages and sweeps still work."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime

from contactcenter.carrier.port import (
    CarrierCall,
    CarrierProblem,
    CarrierRecording,
    Media,
    SoftphoneToken,
    Trouble,
)


def _refusal() -> CarrierProblem:
    return CarrierProblem(
        Trouble.REFUSED,
        "No carrier is configured: set CONTACTCENTER_TWILIO_ACCOUNT_SID and CONTACTCENTER_TWILIO_AUTH_TOKEN.",
    )


class AbsentCarrier:
    """`Carrier` without an account: lists are empty, everything else is refused with what to set."""

    def check(self) -> None:
        """Refuse."""
        raise _refusal()

    def end_call(self, call: str) -> None:
        """Refuse."""
        raise _refusal()

    def hold(self, conference: str, call: str, on: bool, hold_url: str) -> None:
        """Refuse."""
        raise _refusal()

    def pause_recording(self, conference: str) -> None:
        """Refuse."""
        raise _refusal()

    def resume_recording(self, conference: str) -> None:
        """Refuse."""
        raise _refusal()

    def stop_recording(self, conference: str) -> None:
        """Refuse."""
        raise _refusal()

    def dial_agent(self, conference_name: str, number: str, shown: str, events_url: str) -> str:
        """Refuse."""
        raise _refusal()

    def call_out(self, number: str, shown: str, answer_url: str, events_url: str, fallback_url: str) -> str:
        """Refuse."""
        raise _refusal()

    def send_text(self, to: str, body: str) -> None:
        """Refuse."""
        raise _refusal()

    @contextmanager
    def open_media(self, recording: str) -> Iterator[Media]:
        """Refuse."""
        raise _refusal()
        yield  # a context manager needs one

    def delete_recording(self, recording: str) -> None:
        """Refuse."""
        raise _refusal()

    def recordings_since(self, since: datetime) -> Iterator[CarrierRecording]:
        """Nothing to compare with."""
        return iter(())

    def calls_since(self, since: datetime) -> Iterator[CarrierCall]:
        """Nothing to compare with."""
        return iter(())

    def softphone_token(self, identity: str) -> SoftphoneToken:
        """Refuse."""
        raise _refusal()

    def connect_number(self, number: str, voice_url: str, status_url: str, fallback_url: str) -> None:
        """Refuse."""
        raise _refusal()

    def webhooks_of(self, number: str) -> str | None:
        """Refuse."""
        raise _refusal()

    def close(self) -> None:
        """Nothing to give back."""
