"""Who has no privacy training on record sees numbers and lines, and nothing about whose they are (P29)."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from contactcenter.customers import service as customers
from contactcenter.customers.rules import Origin
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Role
from tests.calls.carrier_stand_in import PUBLIC, Carrier, carrier
from tests.desks import all_the_way
from tests.factories import BAKKERIJ_JANSEN, PASSWORD, incoming

TELLING = re.compile("Jansen|10042|Joris|Marieke|known, |nobody is known|one person has")


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    """A line that rings, the bakery among the customers, and Gijs who began today."""
    with carrier(tmp_path) as opened:
        now = opened.parts.clock()
        with opened.parts.db.writing() as session:
            customers.put(session, now, incoming(BAKKERIJ_JANSEN), origin=Origin.IMPORT, actor="api")
            for name, trained in (("Gijs", None), ("Anna", date(2026, 5, 1))):
                staff.add(
                    session,
                    now,
                    login=name.lower(),
                    name=name,
                    role=Role.SUPERVISOR,
                    password=PASSWORD,
                    language="en",
                    trained_on=trained,
                )
        yield opened


def browser(twilio: Carrier, name: str) -> TestClient:
    """The product for this member, who is at their desk."""
    client = TestClient(twilio.http.app, base_url=PUBLIC, follow_redirects=False)
    client.post("/sign-in", data={"login": name.lower(), "password": PASSWORD})
    all_the_way(twilio.parts.db)
    client.headers["hx-request"] = "true"
    client.post("/available", data={"available": "1"})
    return client


def ring(twilio: Carrier) -> None:
    """Joris rings and hears the notice whole."""
    twilio.post("/twilio/voice")
    twilio.post("/twilio/heard?attempt=1")


def pages(client: TestClient) -> Iterator[tuple[str, str]]:
    """Every page on which whose a call is could stand."""
    listed = client.get("/contacts").text
    contact = re.findall(r'href="(/contacts/[\w-]{22})"', listed)[0]
    for path in ("/desk", "/desk/ringing", "/desk/call", "/contacts", "/contacts/unmatched", contact):
        yield path, client.get(path).text


def test_untrained_staff_see_the_number_and_the_line_of_a_ringing_call_only(twilio: Carrier) -> None:
    ring(twilio)
    gijs, anna = browser(twilio, "Gijs"), browser(twilio, "Anna")
    assert "Bakkerij Jansen" in anna.get("/desk/ringing").text
    panel = gijs.get("/desk/ringing").text
    assert "06 12345678" in panel
    assert "Helpdesk" in panel
    assert [path for path, text in pages(gijs) if TELLING.search(text)] == []
    assert any(TELLING.search(text) for _, text in pages(anna))


def test_a_call_that_untrained_staff_answer_tells_them_no_more(twilio: Carrier) -> None:
    ring(twilio)
    gijs = browser(twilio, "Gijs")
    found = re.search(r"/calls/([\w-]{22})/answer", gijs.get("/desk/ringing").text)
    assert found
    assert gijs.post(f"/calls/{found[1]}/answer").status_code == 204
    assert 'data-stage="live"' in gijs.get("/desk/call").text
    assert [path for path, text in pages(gijs) if TELLING.search(text)] == []


def test_untrained_staff_search_and_link_nobody(twilio: Carrier) -> None:
    ring(twilio)
    gijs, anna = browser(twilio, "Gijs"), browser(twilio, "Anna")
    customer = re.findall(r"/customers/([\w-]{22})", anna.get("/customers?q=jansen").text)[0]
    contact = re.findall(r"/contacts/([\w-]{22})", anna.get("/contacts").text)[0]
    for path in (f"/customers/{customer}", "/customers?q=jansen", f"/contacts/{contact}/search?q=jansen"):
        answer = gijs.get(path)
        assert (answer.status_code, "privacy training" in answer.text) == (403, True)
        assert not TELLING.search(answer.text.replace("q=jansen", ""))
    for act in ("link", "unlink"):
        assert gijs.post(f"/contacts/{contact}/{act}", data={"customer": customer}).status_code == 404
