"""P06: extra information is asked; a known number helps and is never enough; the system checks and shows no answer."""

import re
from typing import Any

import httpx2
import pytest

from contactcenter.staff import service as staff
from contactcenter.staff.rules import Scope
from tests.house import JORIS, JORIS_KNOWS, STRANGER, Agent, House, Telephone
from tests.patience import until


@pytest.fixture
def anna(house: House) -> Agent:
    """Anna takes calls."""
    agent = house.agent("anna")
    agent.post("/available", (303, 204), available="1")
    return agent


def ring(house: House, number: str) -> Telephone:
    """Somebody rings and stays on the line."""
    return house.ring(caller=number)


def received(house: House, to: str) -> str:
    """The code in the newest message that this address or number got."""

    def look() -> str | None:
        messages: list[dict[str, Any]] = httpx2.get(f"{house.url}/simulator/received").json()["received"]
        bodies = [one["body"] for one in messages if one["to"] == to]
        found = re.search(r"\b(\d{3} \d{3})\b", bodies[-1]) if bodies else None
        return found[1] if found else None

    return until(look, "the message came")


def test_a_number_alone_opens_nothing_but_the_greeting(house: House, anna: Agent) -> None:
    phone = ring(house, JORIS)
    with anna.on_the_line(phone):
        desk = anna.get("/desk/call")
    assert "Bakkerij Jansen" in desk
    assert "Molenstraat" not in desk


def test_a_code_by_e_mail_reaches_the_caller_and_counts(house: House, anna: Agent) -> None:
    phone = ring(house, JORIS)
    with anna.on_the_line(phone):
        anna.post(f"/contacts/{phone.contact}/code", kind="code-by-email")
        code = received(house, "joris@bakkerijjansen.example")
        assert code not in anna.get("/desk/call")
        assert "Molenstraat" not in anna.get("/desk/call")
        anna.post(f"/contacts/{phone.contact}/code-read", typed=code)
        assert "Molenstraat" in anna.get("/desk/call")


def test_a_code_by_text_message_goes_to_the_known_number_whoever_rings(house: House, anna: Agent) -> None:
    phone = ring(house, STRANGER)
    with anna.on_the_line(phone):
        hits = anna.get(f"/contacts/{phone.contact}/search?q=jansen").split("Joris Jansen")[1]
        chosen = {name: re.findall(rf'name="{name}" value="([^"]+)"', hits)[0] for name in ("customer", "person")}
        anna.post(f"/contacts/{phone.contact}/link", **chosen)
        anna.post(f"/contacts/{phone.contact}/code", kind="code-by-text")
        anna.post(f"/contacts/{phone.contact}/code-read", typed=received(house, JORIS))
        assert "Molenstraat" not in anna.get("/desk/call")
        anna.verifies(phone.contact, JORIS_KNOWS)
        assert "Molenstraat" in anna.get("/desk/call")


def test_a_code_from_the_application_is_read_out_in_the_call(house: House, anna: Agent) -> None:
    with house.parts.db.writing() as session:
        token = staff.make_token(session, house.clock(), "application", [Scope.VERIFICATION_CODES])
    api = httpx2.Client(base_url=house.url, headers={"authorization": f"Bearer {token}"})
    house.clients.append(api)
    phone = ring(house, JORIS)
    with anna.on_the_line(phone):
        made = api.post("/api/v1/customers/10042/verification-codes", json={"person": "joris"})
        assert made.status_code == 201
        anna.post(f"/contacts/{phone.contact}/code-read", typed=made.json()["code"])
        assert "Molenstraat" in anna.get("/desk/call")
    assert api.post("/api/v1/customers/10042/verification-codes", json={"person": "nobody"}).status_code == 404
    assert api.post("/api/v1/customers/10042/verification-codes", json={"who": "joris"}).status_code == 422
    assert api.put("/api/v1/customers/10042", json={"name": "X"}).status_code == 401
