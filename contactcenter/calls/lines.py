"""The numbers that people call."""

from sqlmodel import Session, col, select

from contactcenter.calls.models import Line
from contactcenter.core.errors import Conflict, Invalid
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.telephone import to_e164
from contactcenter.staff.service import team_id


def add(
    session: Session,
    number: str,
    *,
    name: str,
    team: str,
    language: str = "nl",
    second_language: str | None = None,
    asks_relation_number: bool = False,
) -> Line:
    """Add a line; `asks_relation_number` lets callers key theirs in after the notice.

    Raises `Invalid` for what is no number or language, `Conflict` when the line exists.
    """
    e164 = to_e164(number)
    if e164 is None:
        raise Invalid("This is no telephone number; write it like +31201234567.")
    for wanted in (language, second_language or language):
        if wanted not in LANGUAGES:
            raise Invalid(f"Prompts are spoken in {' and '.join(LANGUAGES)}; choose one of these.")
    if session.exec(select(Line.id).where(Line.e164 == e164)).first() is not None:
        raise Conflict("This line exists already.")
    line = Line(
        e164=e164,
        name=name,
        team_id=team_id(session, team),
        language=language,
        second_language=second_language,
        asks_relation_number=asks_relation_number,
    )
    session.add(line)
    session.flush()
    return line


def own_numbers(session: Session) -> frozenset[str]:
    """Our own numbers in E.164: as a caller's number they are forged, and match nobody."""
    return frozenset(session.exec(select(Line.e164)))


def all_lines(session: Session) -> list[Line]:
    """All lines, in the order in which they were added."""
    return list(session.exec(select(Line).order_by(col(Line.id))))
