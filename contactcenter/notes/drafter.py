"""Who drafts the summary of a call: the rules of `drafting`, or a machine that the operator set, which is checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from contactcenter.notes.drafting import DraftLine, draft
from contactcenter.notes.said import Segment


class NotDrafted(StrEnum):
    """Why a machine's draft is not used; never a word of the call or of the answer."""

    UNREACHABLE = "unreachable"
    SLOW = "slow"
    REFUSED = "refused"
    FAILED = "failed"
    REDIRECTED = "redirected"
    TOO_LONG = "too-long"
    UNREADABLE = "unreadable"
    UNSUPPORTED = "unsupported"
    TOO_MUCH_SAID = "too-much-said"
    CHANGED = "changed"
    STOPPED = "stopped"
    UNEXPECTED = "unexpected"


@dataclass(frozen=True)
class Conversation:
    """What a drafter is given: redacted lines in order of time, and nothing that says whose they are.

    `roles` names who is on each channel; `began` is when the recording did, in the zone whose days count.
    """

    segments: tuple[Segment, ...]
    language: str
    roles: tuple[str, ...]
    began: datetime


@dataclass(frozen=True)
class Origin:
    """What was asked of a machine: the model, the prompt, and which lines went, as (channel, start) in their order.

    `failure` says why its answer was not used; then the draft is that of the rules.
    """

    model: str
    prompt: int
    instruction: str
    asked: tuple[tuple[int, float], ...]
    failure: NotDrafted | None = None

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Origin:
        """An origin as it was stored."""
        failure = NotDrafted(stored["failure"]) if stored["failure"] else None
        asked = tuple((channel, start) for channel, start in stored["asked"])
        return cls(stored["model"], stored["prompt"], stored["instruction"], asked, failure)


@dataclass(frozen=True)
class Drafted:
    """Lines to confirm, and what was asked of a machine, if one was asked."""

    lines: tuple[DraftLine, ...]
    origin: Origin | None = None

    def of_changed(self, conversation: Conversation) -> Drafted:
        """The draft of what is said now, by the rules: what was drafted may hold what was cut since."""
        origin = replace(self.origin, failure=NotDrafted.CHANGED) if self.origin else None
        return Drafted(lines_by_rules(conversation), origin)


class Drafter(Protocol):
    """Drafts summaries. It may take long, so it is asked outside transactions; it never raises for what it was told."""

    def draft(self, conversation: Conversation, outside: Conversation | None) -> Drafted:
        """A draft; without lines where next to nothing was said. `outside` is as much of the conversation as a machine
        that is not ours may be told; None for nothing."""

    def close(self) -> None:
        """Let go of what is being asked, from any thread; what is asked afterwards gets the draft of the rules."""


class ByRules:
    """`Drafter` that takes lines from what was said, without asking anybody."""

    def draft(self, conversation: Conversation, outside: Conversation | None) -> Drafted:
        """The lines that tell most."""
        return Drafted(lines_by_rules(conversation))

    def close(self) -> None:
        """Nothing was begun."""


def lines_by_rules(conversation: Conversation) -> tuple[DraftLine, ...]:
    """The draft that is always there: sentences that were really said."""
    said = conversation
    return draft(said.segments, said.language, said.roles, said.began)
