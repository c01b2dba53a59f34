"""The demo's telephone rings the lines of its folder, the operator's own among them."""

from pathlib import Path

from starlette.testclient import TestClient

from contactcenter.calls import lines
from contactcenter.compose import ports, transcriber
from contactcenter.demo.instance import demo_app, demo_settings, prepare
from contactcenter.demo.people import DUTCH_LINE, ENGLISH_LINE
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
