"""What a promise is, what a count of its breaches says, and what the statement itself lists. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

SWEPT_WITHIN = timedelta(hours=1)  # a sweep every ten minutes has an hour to destroy what is due
UNMATCHED_FOR = timedelta(days=14)
JUDGED_WITHIN = timedelta(days=7)
SUMMARY_WITHIN = timedelta(days=1)
CALLED_BACK_WITHIN = timedelta(hours=72)
WHOLE_SECONDS = timedelta(seconds=1)  # the carrier says when a recording began in whole ones
LINES_OF = timedelta(days=1)

# The statement's list of what contact staff may see, by our words; written down apart from `customers/rules.py`.
STATEMENT_LISTS = frozenset(
    {
        "relation-number",
        "name-and-address",
        "email-addresses",
        "phone-numbers",
        "licence-provider",
        "collection-method",
        "bank-account",
        "payment-method",
        "licences",
        "mutations",
        "contact-history",
        "invoices",
        "contract-term",
        "order-history",
        "correspondence",
        "device-id",
    }
)
WORDS = "words"  # colleagues' notes and recordings, which the list has with the contact history
# Versions of the notice, and of the statement, whose words name transcription by machine: somebody read them.
NOTICES_NAMING_TRANSCRIPTION = frozenset({"2026-11"})
STATEMENTS_NAMING_TRANSCRIPTION = frozenset({"2021-06+transcription"})
DEVICE_ID_LENGTHS = (8, 64)  # hexadecimal digits of 32 and of 256 bits


class State(StrEnum):
    """What can be said of a promise now. What can't be counted is never `kept`."""

    KEPT = "kept"
    BROKEN = "broken"
    NOTHING_YET = "nothing-yet"  # counted once there is something of the kind
    NOT_BUILT = "not-built"
    UNCOUNTED = "uncounted"


@dataclass(frozen=True)
class Text:
    """One text in the languages of our pages."""

    en: str
    nl: str

    def of(self, language: str) -> str:
        """The text in a language."""
        return self.nl if language == "nl" else self.en


@dataclass(frozen=True)
class Promise:
    """One promise: its sentence, the Dutch words of the statement that it comes from (None: ours), and how it is
    counted (`compared`), why it can't be yet or while there is nothing of the kind (`missing`), or never (`uncounted`).
    """

    id: str
    sentence: Text
    source: str | None
    compared: Text | None = None
    missing: Text | None = None
    uncounted: Text | None = None


class Page(StrEnum):
    """On which page somebody looks at what broke a promise: the names of routes, and of their only parameter."""

    CONTACT = "contact"
    CUSTOMER = "customer"


@dataclass(frozen=True)
class Offender:
    """What broke a promise: its public id (the carrier's where nothing of ours exists), and when.

    `of` is the public id of the contact or customer whose `page` shows it; None when none does.
    """

    id: str
    at: datetime
    of: str | None = None
    page: Page = Page.CONTACT


@dataclass(frozen=True)
class Finding:
    """How often a promise was broken, of how many that could be checked; the newest of what broke it.

    `share` is (part, whole) where one is asked for: confirmed as drafted of all confirmed (P10), calls that could be
    checked of all (P08, P12).
    """

    count: int
    checked: int
    offenders: tuple[Offender, ...] = ()
    share: tuple[int, int] | None = None


@dataclass(frozen=True)
class Verdict:
    """A promise with what was found; None when nothing counts it."""

    promise: Promise
    finding: Finding | None

    @property
    def state(self) -> State:
        """Kept only where something counts it, and, where the feature is young, where there was something to count."""
        if self.finding is None:
            return State.UNCOUNTED if self.promise.uncounted else State.NOT_BUILT
        if self.finding.count:
            return State.BROKEN
        absent = self.promise.missing is not None and self.finding.checked == 0
        return State.NOTHING_YET if absent else State.KEPT

    @property
    def kept(self) -> bool | None:
        """True, False, or None where nothing may be concluded."""
        return {State.KEPT: True, State.BROKEN: False}.get(self.state)

    @property
    def note(self) -> Text | None:
        """Why nothing may be concluded."""
        return None if self.kept is not None else self.promise.uncounted or self.promise.missing
