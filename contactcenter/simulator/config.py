"""What a simulator is told when it is made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal


def utc_now() -> datetime:
    """The current time, aware, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class NumberConfig:
    """The webhooks of one number that people call.

    `status_events` are initiated, ringing, answered, completed; the carrier reports only the end of an
    inbound call by itself. `label` is what the telephone page calls the number.
    """

    voice_url: str
    status_callback: str = ""
    fallback_url: str = ""
    status_events: tuple[str, ...] = ("completed",)
    label: str = ""


@dataclass(frozen=True)
class Caller:
    """A person on the telephone page. `note` is known, unknown, withheld, shared, forged, or free text."""

    number: str
    name: str
    note: str = ""


@dataclass(frozen=True)
class Telephone:
    """How a simulated telephone reacts when it is called: after `after` seconds of ringing it answers."""

    behaviour: Literal["answers", "busy", "never", "failed"] = "answers"
    after: float = 2.0
    audio: str | None = None


@dataclass(frozen=True)
class Limits:
    """Seconds and bytes that the carrier documents for webhooks, and how long it works on a recording."""

    connect_seconds: float = 10.0
    answer_seconds: float = 15.0
    document_bytes: int = 64 * 1024
    processing_seconds: float = 0.5


@dataclass(frozen=True)
class SimulatorConfig:
    """Account, product address and pace of a simulator.

    `speed` quickens talking and music, `notice_speed` prompts, gathers and ringing; reported durations
    keep the length that the talk would have had. `application_sid` names the voice application of the
    softphones, whose webhook is `{product_url}/twilio/agent` unless `agent_url` says otherwise. `trusted` is a file
    with a certificate that webhooks over https may have besides those that everybody trusts.
    """

    account_sid: str
    auth_token: str
    api_key_sid: str
    api_key_secret: str
    application_sid: str
    product_url: str
    numbers: Mapping[str, NumberConfig]
    conversations_dir: Path | None = None
    speed: float = 1.0
    notice_speed: float = 1.0
    callers: tuple[Caller, ...] = ()
    telephones: Mapping[str, Telephone] = field(default_factory=dict)
    agent_url: str = ""
    agent_status_callback: str = ""
    agent_fallback_url: str = ""
    limits: Limits = Limits()
    trusted: Path | None = None
    clock: Callable[[], datetime] = utc_now

    @property
    def softphone_url(self) -> str:
        """The webhook that a softphone's call asks for its TwiML."""
        return self.agent_url or f"{self.product_url.rstrip('/')}/twilio/agent"
