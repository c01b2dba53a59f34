"""P05: before anything is told it is clear who calls; a pass is one agent's, in one call, and ends with it."""

import pytest
from sqlmodel import col, select

from contactcenter.verification.models import Disclosure, Verification
from tests.house import JORIS, JORIS_KNOWS, PRIYA, Agent, House

SECRET = ("Molenstraat", "7311 AB", "NL91ABNA", "joris@bakkerijjansen.example", "Four extra licences", "9f86d081")


@pytest.fixture(autouse=True)
def later(house: House) -> None:
    """An hour has passed since the story before: no wrap-up of it is open any more."""
    house.clock.travel(minutes=61)


@pytest.fixture
def anna(house: House) -> Agent:
    """Anna takes calls."""
    agent = house.agent("anna")
    agent.post("/available", (303, 204), available="1")
    return agent


@pytest.fixture
def bram(house: House) -> Agent:
    """Bram sits beside her."""
    agent = house.agent("bram")
    agent.post("/available", (303, 204), available="1")
    return agent


def shown(agent: Agent) -> list[str]:
    """What of the customer the desk shows."""
    desk = agent.get("/desk/call")
    return [word for word in SECRET if word in desk]


def test_nothing_shows_before_and_what_a_level_opens_shows_after(house: House, anna: Agent) -> None:
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        assert shown(anna) == []
        anna.verifies(phone.contact, JORIS_KNOWS)
        assert shown(anna) == ["Molenstraat", "7311 AB", "joris@bakkerijjansen.example", "Four extra licences"]
        anna.post(f"/contacts/{phone.contact}/reveal", kind="invoices")
        assert "EUR 96.00" in anna.get("/desk/call")
        anna.post(f"/contacts/{phone.contact}/reveal", (403,), kind="bank-account")
    with house.look() as session:
        opened = session.exec(select(Disclosure).where(Disclosure.what == "invoices")).all()
        assert [(row.level, row.verification_id is not None) for row in opened] == [(2, True)]


def test_a_colleague_who_takes_the_call_over_asks_one_thing_more(house: House, anna: Agent, bram: Agent) -> None:
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        anna.verifies(phone.contact, JORIS_KNOWS)
        anna.post(f"/calls/{phone.id}/transfer")
        phone.is_("waiting")
        assert shown(anna) == []
        anna.post(f"/calls/{phone.id}/transfer", (404,))
        with bram.on_the_line(phone):
            assert shown(bram) == []
            bram.verifies(phone.contact, JORIS_KNOWS)
            assert "Molenstraat" in shown(bram)
    with house.look() as session:
        first, second = session.exec(
            select(Verification).where(Verification.level >= 2).order_by(col(Verification.id).desc()).limit(2)
        ).all()[::-1]
        assert second.follows_id == first.id
        assert first.staff_id != second.staff_id


def test_after_hanging_up_what_was_open_stays_until_the_wrap_up_and_nothing_new_opens(
    house: House, anna: Agent
) -> None:
    phone = house.ring(caller=JORIS)
    with anna.on_the_line(phone):
        anna.verifies(phone.contact, JORIS_KNOWS)
        phone.hang_up()
        phone.is_("ended")
    assert "Bakkerij Jansen" in anna.get("/desk/call")
    anna.post(f"/contacts/{phone.contact}/reveal", (403,), kind="invoices")
    anna.post(f"/contacts/{phone.contact}/question", (409,))
    anna.closes(phone.contact)
    assert shown(anna) == []


def test_one_customers_call_opens_nothing_of_another(house: House, anna: Agent) -> None:
    phone = house.ring(caller=PRIYA)
    with anna.on_the_line(phone):
        hits = anna.get("/customers?q=jansen")
        page = anna.get("/customers/" + hits.split('href="/customers/')[1].split('"')[0])
        assert [word for word in SECRET if word in page] == []
