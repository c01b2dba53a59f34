"""Two busy days as supervisors look back at them: calls by twenty agents, with how their callers were verified."""

from datetime import date, timedelta

from contactcenter.core.db import Database, new_public_id
from contactcenter.staff import service as staff
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import Ended, EvidenceKind, EvidenceOutcome, Level
from tools.growth import ROWS, Growth, Row, Values, fill

AGENTS, TEAMS = 20, 3
TWO_DAYS = timedelta(hours=47)
HARDLY_TWICE = 4 / 3  # contacts of a customer within two days
WRONG, FAST, PAUSED = 12, 50, 25  # one contact in so many


def busy(db: Database, contacts: int) -> None:
    """Add agents, and this many contacts of two days, each with a verification, its evidence and its question."""
    with db.writing() as session:
        agents = [_agent(number, staff.team_id(session, f"Team {number % TEAMS}")) for number in range(AGENTS)]
        session.add_all(agents)
        session.flush()
        session.expunge_all()
    fill(db, Growth(contacts, agents, TWO_DAYS, HARDLY_TWICE), BUSY)


def _agent(number: int, team: int) -> Staff:
    return Staff(
        login=f"agent{number}",
        name=f"Agent {number}",
        role=Role.AGENT,
        team_id=team,
        password_hash="",  # signs in nowhere
        trained_on=date(2026, 5, 1),
    )


def _level(number: int) -> Level:
    return Level.RECOGNISED if number % WRONG == 0 else Level.STRONG if number % 5 == 0 else Level.VERIFIED


def _contact(number: int, growth: Growth) -> Values:
    return ROWS["contact"](number, growth) | {"came_from": f"+316{number % growth.customers:08}"}


def _verification(number: int, growth: Growth) -> Values:
    began = growth.began(number) + timedelta(seconds=10)
    return {
        "id": number,
        "public_id": new_public_id(),
        "contact_id": number,
        "staff_id": growth.handler(number).id,
        "customer_id": 1 + number % growth.customers,
        "link_id": number,
        "level": _level(number),
        "began_at": began,
        "reached_at": began + timedelta(seconds=5 if number % FAST == 0 else 15 + number % 60),
        "ended_at": began + timedelta(minutes=3),
        "ended": Ended.CALL_OVER,
    }


def _recognised(number: int, growth: Growth) -> Values:
    return {
        "verification_id": number,
        "customer_id": 1 + number % growth.customers,
        "kind": EvidenceKind.KNOWN_NUMBER,
        "fact": "number",
        "outcome": EvidenceOutcome.HOLDS,
        "at": growth.began(number) + timedelta(seconds=10),
    }


def _answered(number: int, growth: Growth) -> Values:
    return _recognised(number, growth) | {
        "kind": EvidenceKind.ASKED,
        "fact": "active-licences",
        "outcome": EvidenceOutcome.FAILS if number % WRONG == 0 else EvidenceOutcome.HOLDS,
        "at": growth.began(number) + timedelta(seconds=25 + number % 60),
    }


def _question(number: int, growth: Growth) -> Values:
    return {
        "public_id": new_public_id(),
        "verification_id": number,
        "fact": "active-licences",
        "drawn_at": growth.began(number) + timedelta(seconds=12),
        "answered_at": growth.began(number) + timedelta(seconds=25 + number % 60),
    }


def _pause(number: int, growth: Growth) -> Values:
    began = growth.began(number) + timedelta(minutes=1)
    long = number % PAUSED == 0
    return {
        "contact_id": number,
        "why": "sensitive",
        "began_at": began,
        "ended_at": began + timedelta(seconds=200 if long else 20),
    }


BUSY: tuple[tuple[str, Row], ...] = (
    *(ROWS | {"contact": _contact}).items(),
    ("verification", _verification),
    ("evidence", _recognised),
    ("evidence", _answered),
    ("question", _question),
    ("recording_pause", _pause),
)
