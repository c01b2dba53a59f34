"""What an agent's browser is told so that it becomes a telephone."""

from pathlib import Path
from typing import Any

import pytest

from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.calls.carrier_stand_in import Carrier, carrier
from tests.factories import MONDAY, PASSWORD

KEYS: dict[str, Any] = {
    "twilio_api_key_sid": "SK" + "2" * 32,
    "twilio_api_key_secret": "s" * 32,
    "twilio_application_sid": "AP" + "3" * 32,
}


def token_of_anna(twilio: Carrier) -> dict[str, object]:
    with twilio.parts.db.writing() as session:
        staff.add(session, MONDAY, login="anna", name="Anna", role=Role.AGENT, password=PASSWORD)
    twilio.http.post("/sign-in", data={"login": "anna", "password": PASSWORD})
    answer = twilio.http.get("/softphone/token")
    assert answer.headers["cache-control"] == "no-store"
    return dict(answer.json())


@pytest.mark.parametrize("place", [{}, {"twilio_region": "ie1", "twilio_edge": "dublin"}])
def test_the_browser_joins_where_its_token_is_from(tmp_path: Path, place: dict[str, Any]) -> None:
    with carrier(tmp_path, **KEYS, **place) as twilio:
        told = token_of_anna(twilio)
    assert set(told) == {"adapter", "token", "url", "edge", "lasts_seconds"}
    assert told["adapter"] == "twilio"
    assert told["edge"] == place.get("twilio_edge")
