"""Who is in the demo: staff with known logins, our lines, and the callers on the telephone page."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path

from sqlmodel import Session, select

from contactcenter.calls import lines
from contactcenter.core.db import Database
from contactcenter.customers import importing
from contactcenter.demo import history
from contactcenter.simulator.config import Caller, Telephone
from contactcenter.staff import service as staff
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role

KNOWN_FOR = timedelta(days=700)
PASSWORD = "veldwijk-demo-2026"
DUTCH_LINE, ENGLISH_LINE = "+31850000001", "+31850000002"


@dataclass(frozen=True)
class Login:
    """One known login."""

    login: str
    name: str
    role: Role


LOGINS = (
    Login("anna", "Anna de Wit", Role.AGENT),
    Login("bram", "Bram Peters", Role.AGENT),
    Login("carla", "Carla Mulder", Role.COACH),
    Login("dirk", "Dirk Visser", Role.SUPERVISOR),
    Login("eva", "Eva Smit", Role.PRIVACY),
    Login("fleur", "Fleur Bakker", Role.ADMIN),
)
CALLERS = (
    Caller("+31612345678", "Joris Jansen, Bakkerij Jansen", "known"),
    Caller("+31622222222", "Priya Shah, Harbour Dental", "known"),
    Caller("+31633333333", "Kantoor De Boer", "shared"),
    Caller("+31644444444", "Sanne Vos", "unknown"),
    Caller("anonymous", "Noor Smit", "withheld"),
    Caller("+31850000001", "Max de Rooij", "forged"),
)
TELEPHONES = {  # what rings when somebody calls them back: the known ones pick up, and say what they called about
    "+31612345678": Telephone("answers", 3.0, "question_nl"),
    "+31622222222": Telephone("answers", 3.0, "question_en"),
}


def load(db: Database, now: datetime) -> None:
    """Put everybody in, once; a second time changes nothing."""
    with db.writing() as session:
        if session.exec(select(Staff.id)).first() is not None:
            return
        _load_staff(session, now)
        lines.add(session, DUTCH_LINE, name="Helpdesk", team=staff.DEFAULT_TEAM, language="nl", second_language="en")
        lines.add(
            session, ENGLISH_LINE, name="Support line", team=staff.DEFAULT_TEAM, language="en", second_language="nl"
        )
    with (Path(__file__).parent / "customers.jsonl").open("rb") as stream:
        importing.import_stream(db, stream, kind="jsonl", now=now - KNOWN_FOR)
    with db.writing() as session:
        history.load(session, now)


def _load_staff(session: Session, now: datetime) -> None:
    for person in LOGINS:
        staff.add(
            session,
            now,
            login=person.login,
            name=person.name,
            role=person.role,
            password=PASSWORD,
            trained_on=date(2026, 5, 1),
        )
