"""Calls as the story of days at the desk knows them: what would justify a level, written down without the product."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from contactcenter.customers.rules import Kind
from contactcenter.verification.asking import DrawnQuestion

PEOPLE = ("Anna", "Bram")
PERSONS = (("10042", "joris"), ("10042", "marieke"), ("10077", "priya"))
STRONG = {"active-licences", "last-mutation", "device-id", "last-call", "approval"}
PROOFS = {"code-by-email": "mailbox", "code-by-text": "telephone", "portal-code": "account"}
MATTERS = {
    "known-number": "telephone", "postcode": "address", "licence-provider": "subscription",
    "licence-count": "subscription", "contract-start": "subscription", "last-order": "subscription",
    "last-invoice-month": "billing", "last-invoice-amount": "billing", "active-licences": "activity",
    "last-mutation": "changes", "last-call": "history", "device-id": "device", "approval": "colleague", **PROOFS,
}  # fmt: skip
LEVELS = {  # which level a kind takes, written down once more
    1: {Kind.RELATION_NUMBER},
    3: {Kind.BANK_ACCOUNT, Kind.DEVICE_ID},
}
HALF_AN_HOUR, QUARTER = timedelta(minutes=30), timedelta(minutes=15)


@dataclass
class Held:
    """One thing that spoke for the caller: what, when, and in whose part of which call and link."""

    key: str
    at: datetime
    turn: int
    link: int


@dataclass
class Line:
    """A call as the story knows it."""

    contact: int
    handler: str
    inbound: bool
    live: bool = True
    customer: str | None = None
    person: str | None = None
    turn: int = 0
    link: int = 0
    held: list[Held] = field(default_factory=list)
    questions: list[DrawnQuestion] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    revoked: bool = False

    def best(self, now: datetime) -> int:
        """The highest level that anything could justify now; an upper bound by the plain words of the promise."""
        counting = [one for one in self.held if one.link == self.link and now - one.at <= 2 * HALF_AN_HOUR]
        keys = {one.key for one in counting}
        mine = [one for one in counting if one.turn == self.turn and now - one.at <= HALF_AN_HOUR]
        if not keys - {"approval"}:
            return 0
        if not mine:  # who takes a call over greets whom the colleague found, and no more
            return int(any(one.turn < self.turn for one in counting if one.key != "approval"))
        matters = {MATTERS[key] for key in keys}
        said = any(one.key not in ("known-number", "approval") for one in counting if one.turn == self.turn)
        if not said or len(matters) < 2 or not keys & (STRONG | set(PROOFS)):
            return 1
        return 3 if keys & set(PROOFS) and len(keys - {"approval"}) >= 3 else 2
