"""P07: contact staff see exactly the sixteen kinds that the statement lists, and whoever has no contact sees none."""

import re

from contactcenter.customers.rules import Kind
from tests.house import JORIS, JORIS_KNOWS, House


def test_a_verified_call_shows_the_sixteen_kinds_and_no_other(house: House) -> None:
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        anna.verifies(phone.contact, JORIS_KNOWS)
        card = anna.get("/desk/call").split('aria-labelledby="card-title"')[1].split("</dl>")[0]
    assert len(re.findall(r"<dt>", card)) == len(Kind) == 16


def test_a_coach_and_an_administrator_have_no_way_to_any_of_them(house: House) -> None:
    for login in ("carla", "fleur"):
        colleague = house.agent(login)
        assert colleague.http.get("/customers?q=jansen").status_code == 404
        assert colleague.http.get("/desk/call").status_code == 404
