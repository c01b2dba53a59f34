"""What a contact can be: channel, direction, kind, state, and how it came to be linked (P03)."""

from datetime import date, datetime, timedelta
from enum import StrEnum


class Channel(StrEnum):
    """How the contact came."""

    PHONE = "phone"
    MAIL = "mail"
    LETTER = "letter"
    SOCIAL = "social"


class Direction(StrEnum):
    """Who contacted whom (P12)."""

    INBOUND = "inbound"
    OUTBOUND = "outbound"


class ContactKind(StrEnum):
    """What it was about (P03, P23)."""

    QUESTION = "question"
    OUTAGE = "outage"
    COMPLAINT = "complaint"
    INVOICE = "invoice"
    PRIVACY_REQUEST = "privacy-request"
    OTHER = "other"


class Topic(StrEnum):
    """What it was about, finer than its kind: a code without a word of anybody, so that contacts can be counted."""

    UNREACHABLE = "unreachable"
    LOGIN = "login"
    SHARING = "sharing"
    SYNCHRONISING = "synchronising"
    LOST_FILES = "lost-files"
    INSTALLING = "installing"
    SLOW = "slow"
    LICENCES = "licences"
    CANCELLING = "cancelling"
    CONTRACT = "contract"
    PAYMENT = "payment"
    INVOICE_AMOUNT = "invoice-amount"
    DETAILS = "details"
    NOT_CALLED_BACK = "not-called-back"
    PERSONAL_DATA = "personal-data"


class ContactState(StrEnum):
    """Where it stands. `live` while the call lasts, `wrap-up` until its handler closes it."""

    LIVE = "live"
    WRAP_UP = "wrap-up"
    OPEN = "open"
    CLOSED = "closed"
    MISSED = "missed"


class Outcome(StrEnum):
    """How a handling ended."""

    SOLVED = "solved"
    CALL_BACK = "call-back"
    PASSED_ON = "passed-on"
    NOT_SOLVED = "not-solved"


class LinkedBy(StrEnum):
    """What joined a contact to a customer."""

    NUMBER = "number"
    AGENT = "agent"
    CANDIDATE = "candidate"
    CALL_BACK = "call-back"


WRAP_UP_LIMIT = timedelta(minutes=30)

# How the end of a contact moves its state; what is heard late may still turn a missed one into an answered one.
ENDS: dict[ContactState, frozenset[ContactState]] = {
    ContactState.LIVE: frozenset({ContactState.WRAP_UP, ContactState.MISSED}),
    ContactState.MISSED: frozenset({ContactState.WRAP_UP}),
}
UNFINISHED = (ContactState.LIVE, ContactState.WRAP_UP, ContactState.OPEN)


def handling_is_open(state: ContactState, ended_at: datetime | None, now: datetime) -> bool:
    """Whether who handles the contact may still work in it: while it lives, then at most 30 minutes of wrap-up."""
    if state is ContactState.LIVE:
        return True
    return state is ContactState.WRAP_UP and ended_at is not None and now - ended_at <= WRAP_UP_LIMIT


def state_after_close(outcome: Outcome, follow_up_on: date | None) -> ContactState:
    """A contact stays open while somebody still owes the customer something."""
    owed = outcome in (Outcome.CALL_BACK, Outcome.NOT_SOLVED) or follow_up_on is not None
    return ContactState.OPEN if owed else ContactState.CLOSED
