"""Pure rules of verification: which evidence makes which level, and which level opens what (P05, P06, P12)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum

from contactcenter.core.clock import lasts
from contactcenter.customers.rules import CLASS_OF, FieldClass, Kind

PASS_LASTS = timedelta(minutes=30)
HEARD_APART = timedelta(seconds=10)  # between the ends of both legs of one hang-up, which are told in any order
FAILURES_ALLOWED = 3
FAILURE_WINDOW = timedelta(hours=24)
EVERYTHING = "all"
WORDS = "words"  # what a disclosure of one contact's words is called


class Level(IntEnum):
    """How sure we are of the caller."""

    UNKNOWN = 0
    RECOGNISED = 1
    VERIFIED = 2


class EvidenceKind(StrEnum):
    """One fact that speaks for the caller being that person."""

    KNOWN_NUMBER = "known-number"
    ASKED = "asked"


class EvidenceOutcome(StrEnum):
    """What it showed; the typed answer itself is never kept."""

    HOLDS = "holds"
    FAILS = "fails"
    DECLINED = "declined"


class Purpose(StrEnum):
    """Why customer data, words of a contact or a recording are opened (P02, P26). Never for discipline or pay."""

    SERVICE = "service"
    REPLAY = "replay-by-handler"
    TRAINING = "training"
    DISPUTE = "dispute"
    AUDIT = "verification-audit"
    PRIVACY_REQUEST = "privacy-request"
    SIMULATION = "simulation"


NEEDED: dict[FieldClass, Level] = {
    FieldClass.IDENTITY: Level.RECOGNISED,
    FieldClass.CONTACT: Level.VERIFIED,
    FieldClass.FINANCIAL: Level.VERIFIED,
    FieldClass.LICENCES: Level.VERIFIED,
    FieldClass.CONTRACT: Level.VERIFIED,
    FieldClass.CORRESPONDENCE: Level.VERIFIED,
    FieldClass.WORDS: Level.VERIFIED,
    FieldClass.DEVICE: Level.VERIFIED,
}


@dataclass(frozen=True)
class Item:
    """One piece of evidence as the rules see it. `fact` names what was asked, so that one fact counts once."""

    kind: EvidenceKind
    outcome: EvidenceOutcome
    fact: str = ""


def level_of(items: tuple[Item, ...]) -> Level:
    """The level that the evidence of one contact, person and customer reaches.

    A known number alone is level 1 and never more: it can be forged (P06). Level 2 takes a second item, of which
    at least one was asked; asking the same fact twice adds nothing. A withheld number is no fault: two asked
    facts reach level 2 as well.
    """
    holding = [item for item in items if item.outcome is EvidenceOutcome.HOLDS]
    asked = {item.fact for item in holding if item.kind is EvidenceKind.ASKED}
    known = any(item.kind is EvidenceKind.KNOWN_NUMBER for item in holding)
    if len(asked) + known >= 2 and asked:
        return Level.VERIFIED
    return Level.RECOGNISED if asked or known else Level.UNKNOWN


def opens(level: Level, field_class: FieldClass, inbound: bool) -> bool:
    """Whether this level opens this class. On a call that we make, financial data stays shut (P12)."""
    if not inbound and field_class is FieldClass.FINANCIAL:
        return False
    return level >= NEEDED[field_class]


def authorised(authorised_for: str, until: date | None, kind: Kind, today: date) -> bool:
    """Whether this person's mandate for the customer covers the kind, or its class, today; `until` is its last day."""
    if until is not None and today > until:
        return False
    return not {EVERYTHING, kind.value, CLASS_OF[kind].value}.isdisjoint(authorised_for.split())


def pass_ended(reached_at: datetime, ended_at: datetime | None, now: datetime) -> bool:
    """A pass ends when the call does, and after thirty minutes."""
    return ended_at is not None or not lasts(reached_at, PASS_LASTS, now)
