"""A demo that starts anew: its telephone rings the lines of its folder, and nobody is on the line any more."""

from pathlib import Path

from sqlmodel import Session, select
from starlette.testclient import TestClient

from contactcenter.calls import lines
from contactcenter.calls.models import Call, Line
from contactcenter.calls.rules import CallState
from contactcenter.compose import ports, transcriber
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import Channel, ContactState, Direction
from contactcenter.core.clock import system_clock
from contactcenter.core.telephone import CallerKind
from contactcenter.customers.rules import MatchKind
from contactcenter.demo.instance import demo_app, demo_settings, prepare
from contactcenter.demo.people import DUTCH_LINE, ENGLISH_LINE
from contactcenter.staff.models import Team
from contactcenter.staff.service import DEFAULT_TEAM

ADDED = "+31850000003"


def test_a_line_that_was_added_can_be_rung_after_a_new_start(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, 8000)
    prepare(settings)
    parts = ports(settings)
    with parts.db.writing() as session:
        lines.add(session, ADDED, name="By number", team=DEFAULT_TEAM, language="nl", asks_relation_number=True)
    app = demo_app(parts, transcriber(settings))
    assert list(app.state.simulator.config.numbers) == [DUTCH_LINE, ENGLISH_LINE, ADDED]
    assert "By number (nl)" in TestClient(app, base_url=settings.public_url).get("/telephone").text
    parts.carrier.close()
    parts.db.close()


def test_whoever_was_on_the_line_when_the_demo_stopped_is_not_any_more(tmp_path: Path) -> None:
    settings = demo_settings(tmp_path, 8000)
    prepare(settings)
    parts = ports(settings)
    with parts.db.writing() as session:
        contact_id, line = contact(session), session.exec(select(Line)).first()
        assert line is not None
        session.add(
            Call(
                contact_id=contact_id, sid=f"CA{'c' * 32}", line_id=line.id, caller_kind=CallerKind.WITHHELD,
                match=MatchKind.WITHHELD, state=CallState.WAITING, language="nl", arrived_at=system_clock(),
            )
        )  # fmt: skip
    with (
        TestClient(demo_app(parts, transcriber(settings)), base_url=settings.public_url),
        parts.db.reading() as session,
    ):
        assert [one.state for one in session.exec(select(Call))] == [CallState.ENDED]
        assert session.get_one(Contact, contact_id).state is ContactState.MISSED
    parts.carrier.close()
    parts.db.close()


def contact(session: Session) -> int:
    """Somebody rings, and shows no number."""
    team = session.exec(select(Team.id)).first()
    assert team is not None
    return contacts.start(
        session, system_clock(), channel=Channel.PHONE, direction=Direction.INBOUND, team_id=team, language="nl",
        statement_version="2021-06+transcription",
    )  # fmt: skip
