"""The policy of verification: how much each piece of evidence counts, and what makes a level (P06). Pure.

A policy is written as a readable text, which `policy_text.py` reads.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from contactcenter.verification.questions import FACTS, About


class Strength(StrEnum):
    """How much a piece of evidence counts."""

    OFF = "off"
    WEAK = "weak"
    STRONG = "strong"
    POSSESSION = "possession"


@dataclass(frozen=True)
class Nature:
    """What the program knows of a kind of evidence, whatever a policy says: its matter, and the most it may count."""

    about: About
    most: Strength


NATURES: Mapping[str, Nature] = {
    "known-number": Nature(About.TELEPHONE, Strength.WEAK),  # a caller's number can be forged
    "relation-number": Nature(About.REFERENCE, Strength.WEAK),  # stands on everything we send
    "approval": Nature(About.COLLEAGUE, Strength.STRONG),
    "code-by-email": Nature(About.MAILBOX, Strength.POSSESSION),
    "code-by-text": Nature(About.TELEPHONE, Strength.POSSESSION),
    "portal-code": Nature(About.ACCOUNT, Strength.POSSESSION),
    "call-back": Nature(About.TELEPHONE, Strength.POSSESSION),
    **{key: Nature(fact.about, Strength.WEAK if fact.printed else Strength.STRONG) for key, fact in FACTS.items()},
}


@dataclass(frozen=True)
class Policy:
    """A policy that was read: `counts` by key of evidence, the rest as the text names it."""

    title: str
    digest: str
    counts: Mapping[str, Strength]
    classes: int
    strong: int
    possession: int
    wrong_answers: int
    questions_in_a_contact: int
    questions_in_a_day: int
    pass_lasts: timedelta
    number_days: int

    def settled(self, now: datetime) -> datetime:
        """What changed after this moment proves nothing yet."""
        return now - timedelta(days=self.number_days)

    def strength(self, key: str) -> Strength:
        """How much this piece of evidence counts; what the policy doesn't name counts for nothing."""
        return self.counts.get(key, Strength.OFF)
