"""What a contact can be: channel, direction, kind, state, and how it came to be linked (P03)."""

from datetime import timedelta
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


WRAP_UP_LIMIT = timedelta(minutes=30)
