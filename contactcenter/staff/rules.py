"""Who may do what: roles and the rights that come with them (P02, P07, P29)."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from contactcenter.core.clock import lasts

BROWSERS = (  # by what only they say: Chrome calls itself Safari as well, Edge and Opera call themselves Chrome
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("CriOS/", "Chrome"),
    ("Safari/", "Safari"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


class Scope(StrEnum):
    """What an API token may do."""

    CUSTOMERS_WRITE = "customers:write"
    METRICS_READ = "metrics:read"
    VERIFICATION_CODES = "verification:codes"


class Role(StrEnum):
    """What somebody is here for."""

    AGENT = "agent"
    COACH = "coach"
    SUPERVISOR = "supervisor"
    PRIVACY = "privacy-officer"
    ADMIN = "admin"


class Right(StrEnum):
    """What a route may ask for."""

    HANDLE_CALLS = "handle-calls"
    SEE_CONTACTS = "see-contacts"
    SEE_CUSTOMERS = "see-customers"
    LINK_CONTACTS = "link-contacts"
    LISTEN = "listen"
    OPERATE = "operate"
    HOLD = "hold"
    CUT = "cut"
    MANAGE_STAFF = "manage-staff"
    DECIDE_POLICY = "decide-policy"
    APPROVE = "approve"
    SUPERVISE = "supervise"
    BREAK_GLASS = "break-glass"
    SEE_PROMISES = "see-promises"


RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: frozenset(
        {
            Right.HANDLE_CALLS,
            Right.SEE_CONTACTS,
            Right.SEE_CUSTOMERS,
            Right.LINK_CONTACTS,
            Right.BREAK_GLASS,
            Right.LISTEN,
        }
    ),
    Role.COACH: frozenset({Right.SEE_CONTACTS, Right.LISTEN}),
    Role.SUPERVISOR: frozenset(
        {
            Right.HANDLE_CALLS,
            Right.SEE_CONTACTS,
            Right.SEE_CUSTOMERS,
            Right.LINK_CONTACTS,
            Right.LISTEN,
            Right.OPERATE,
            Right.HOLD,
            Right.CUT,
            Right.SUPERVISE,
            Right.BREAK_GLASS,
            Right.APPROVE,
            Right.DECIDE_POLICY,
            Right.MANAGE_STAFF,
            Right.SEE_PROMISES,
        }
    ),
    Role.PRIVACY: frozenset(
        {
            Right.SEE_CONTACTS,
            Right.SEE_CUSTOMERS,
            Right.LISTEN,
            Right.OPERATE,
            Right.HOLD,
            Right.CUT,
            Right.SUPERVISE,
            Right.BREAK_GLASS,
            Right.DECIDE_POLICY,
            Right.SEE_PROMISES,
        }
    ),
    Role.ADMIN: frozenset({Right.OPERATE, Right.MANAGE_STAFF}),
}


class Demand(StrEnum):
    """Who must show a second factor; whoever has set one up shows it in any case."""

    NOBODY = "nobody"
    PRIVILEGED = "privileged"
    EVERYBODY = "everybody"


class Standing(StrEnum):
    """How far a session is open."""

    IN = "in"
    SHOWS = "shows-a-factor"
    SETS_UP = "sets-up-a-factor"


class Factor(StrEnum):
    """What a second factor is; `RECOVERY` stands in for a lost one."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY = "recovery-code"


class NotTwo(StrEnum):
    """Why something is not decided by two people."""

    SAME_PERSON = "same-person"
    ENDED = "account-ended"
    NO_RIGHT = "no-right"


@dataclass(frozen=True)
class Party:
    """Who proposes or decides: the account's id, its role now, and whether it is enabled now."""

    id: int
    role: Role
    enabled: bool


TRAINING_LASTS = timedelta(days=730)
REMINDED_BEFORE = timedelta(days=30)
IDLE_LIMIT = timedelta(hours=2)
ABSOLUTE_LIMIT = timedelta(hours=12)
HALFWAY_LIMIT = timedelta(minutes=15)  # between the password and the second factor
FRESH = timedelta(minutes=15)  # what opens an account is changed by who signed in just now
LONGEST_PASSWORD = 200
SHORTEST_PASSWORD = 15
FAILURES_ALLOWED = 5
FAILURE_WINDOW = timedelta(minutes=15)
FIRST_ALONE = 2  # privileged accounts that the operator adds before anybody can confirm one
PROPOSAL_LASTS = timedelta(days=14)  # in which a role is confirmed; after that nobody remembers why
WRONG_CODES_ALLOWED = 20  # in a row, from anywhere: a guess of three valid codes in a million stays one in 16,000
RECOVERY_CODES = 10
CODE_SECONDS = 30  # RFC 6238, as every app has it
CODES_AROUND = 1  # before and after, for clocks that differ
REFUSALS_KEPT = 100  # audit rows of refused sign-ins for one account in that time


def may(role: Role, right: Right) -> bool:
    """Whether the role carries the right."""
    return right in RIGHTS[role]


def not_two_people(proposer: Party, decider: Party, right: Right) -> NotTwo | None:
    """Why `decider` can't decide what `proposer` proposed; None when it takes effect.

    Both are looked at as they are when it is decided, so that nothing takes effect in the name of somebody who left.
    What the proposer may do is looked at when it is proposed.
    """
    if proposer.id == decider.id:
        return NotTwo.SAME_PERSON
    if not (proposer.enabled and decider.enabled):
        return NotTwo.ENDED
    return None if may(decider.role, right) else NotTwo.NO_RIGHT


def browser_of(user_agent: str) -> str:
    """What a browser calls itself, in words that its owner knows: `Firefox, Linux`; empty for what we don't know."""
    named = (next((name for mark, name in marks if mark in user_agent), "") for marks in (BROWSERS, SYSTEMS))
    return ", ".join(filter(None, named))


def takes_two(role: Role) -> bool:
    """Whether two people give this role: whatever opens more than an agent's own work."""
    return role is not Role.AGENT


def demanded(role: Role, demand: Demand) -> bool:
    """Whether this role must have a second factor: who listens to others, audits or administers always has (P29)."""
    return demand is Demand.EVERYBODY or (demand is Demand.PRIVILEGED and role is not Role.AGENT)


def standing(*, proved: bool, has_factor: bool, demanded: bool) -> Standing:
    """How far a session is open, looked at anew for each request."""
    if proved:
        return Standing.IN
    if has_factor:
        return Standing.SHOWS
    return Standing.SETS_UP if demanded else Standing.IN


def codes_that_count(now: datetime, last: int) -> range:
    """Numbers of the codes of an app that are taken now, after the `last` one that was: no code counts twice."""
    present = int(now.timestamp()) // CODE_SECONDS
    return range(max(present - CODES_AROUND, last + 1), present + CODES_AROUND + 1)


def is_trained(trained_on: date | None, today: date) -> bool:
    """Whether the privacy training is on record and not two years old (P29)."""
    return trained_on is not None and today < trained_on + TRAINING_LASTS


def training_ends_soon(trained_on: date | None, today: date) -> bool:
    """Whether somebody must be trained anew within a month, or should have been."""
    return trained_on is not None and today >= trained_on + TRAINING_LASTS - REMINDED_BEFORE


def session_ended(started_at: datetime, seen_at: datetime, now: datetime) -> bool:
    """A session ends after two idle hours, and after twelve in any case; one of a clock that was ahead is none."""
    return not (lasts(seen_at, IDLE_LIMIT, now) and lasts(started_at, ABSOLUTE_LIMIT, now))


def halfway_ended(started_at: datetime, how_far: Standing, now: datetime) -> bool:
    """Who gave the password only has a quarter of an hour for the rest."""
    return how_far is not Standing.IN and not lasts(started_at, HALFWAY_LIMIT, now)
