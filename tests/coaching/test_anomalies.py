"""What stands out by patterns: rules by themselves, and as supervisors find it (P05)."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.coaching.rules import Elsewhere, Found, Mark, Seen, Span, browsed, is_long_pause, marks_of
from contactcenter.customers.models import Customer
from contactcenter.recordings.models import Pause
from contactcenter.verification.models import Evidence
from contactcenter.verification.rules import EvidenceOutcome, Level
from tests.coaching.acts import verified
from tests.desks import signed_in
from tests.factories import JORIS, MONDAY, World
from tests.verification.acts import answer, ask, recognise

PAUSE = "pause-recording"
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
PLAIN = Seen(Level.VERIFIED, MONDAY, MONDAY + timedelta(seconds=40))
WRONG = replace(PLAIN, evidence=[Found("postcode", EvidenceOutcome.FAILS)])


def supervision(browser: TestClient) -> str:
    """The page Supervision as somebody opens it; htmx refreshes only a part of it."""
    return browser.get("/supervision", headers={"hx-request": ""}).text


def elsewhere(*whom: int, **hours: float) -> Elsewhere:
    """These, an hour after the verification; `n3=25` is number 3 after 25 hours."""
    others = {int(name[1:]): [MONDAY + timedelta(hours=after)] for name, after in hours.items()}
    return {one: [MONDAY + timedelta(days=30), MONDAY + timedelta(hours=1)] for one in whom} | others


@pytest.mark.parametrize(
    ("agents", "several"),
    [
        (elsewhere(1, 2), False),
        (elsewhere(1, 2, 3), True),
        (elsewhere(1, 2, n3=-24), True),
        (elsewhere(1, 2, n3=25), False),
    ],
)
def test_three_agents_for_one_customer_in_a_day_stand_out(agents: Elsewhere, several: bool) -> None:
    assert (Mark.SEVERAL in marks_of(replace(PLAIN, agents=agents))) is several


@pytest.mark.parametrize(
    ("wrong_from", "wrong_by", "guessing"),
    [
        (elsewhere(1), elsewhere(1), False),
        (elsewhere(1), {}, False),
        (elsewhere(1, 2), {}, True),
        (elsewhere(1, n2=30), {}, False),
        ({}, elsewhere(1, 2, 3, 4), False),
        ({}, elsewhere(1, 2, 3, 4, 5), True),
    ],
)
def test_wrong_answers_about_several_customers_stand_out(
    wrong_from: Elsewhere, wrong_by: Elsewhere, guessing: bool
) -> None:
    seen = replace(WRONG, wrong_from=wrong_from, wrong_by=wrong_by)
    assert (Mark.GUESSING in marks_of(seen)) is guessing
    assert Mark.GUESSING not in marks_of(replace(seen, evidence=()))


@pytest.mark.parametrize(
    ("why", "minutes", "long"),
    [(PAUSE, 3, True), (PAUSE, 2.9, False), ("hold", 30, False), (PAUSE, None, False)],
)
def test_a_pause_of_three_minutes_stands_out(why: str, minutes: float | None, long: bool) -> None:
    ended_at = None if minutes is None else MONDAY + timedelta(minutes=minutes)
    assert is_long_pause(why, MONDAY, ended_at) is long


def views(many: int, at: datetime = MONDAY) -> list[tuple[datetime, str]]:
    """So many customers, one a minute."""
    return [(at + timedelta(minutes=number), f"customer {number}") for number in range(many)]


def test_ten_customers_a_day_with_no_contact_in_hand_stand_out() -> None:
    assert browsed(views(10), [], AMSTERDAM) == {date(2026, 11, 23): 10}
    assert browsed(views(9), [], AMSTERDAM) == {}
    assert browsed([(MONDAY, "the same")] * 20, [], AMSTERDAM) == {}
    assert browsed(views(9) + views(9, MONDAY + timedelta(days=1)), [], AMSTERDAM) == {}
    midnight = datetime(2026, 11, 23, 22, 55, tzinfo=MONDAY.tzinfo)
    assert browsed(views(12, midnight), [], AMSTERDAM) == {}  # five before midnight in Amsterdam, seven after


@pytest.mark.parametrize(
    ("spans", "found"),
    [
        ([Span(MONDAY, None)], {}),
        ([Span(MONDAY - timedelta(hours=1), MONDAY + timedelta(hours=1))], {}),
        ([Span(MONDAY, MONDAY)], {date(2026, 11, 23): 10}),
        ([Span(MONDAY + timedelta(hours=1), None)], {date(2026, 11, 23): 11}),
    ],
)
def test_whoever_has_a_contact_in_hand_looks_for_somebody(spans: list[Span], found: dict[date, int]) -> None:
    assert browsed(views(11), spans, AMSTERDAM) == found


def test_guessing_from_one_number_is_found_and_counted(world: World, dirk: TestClient) -> None:
    anna = world.members["Anna"]
    calls = []
    for relation_number, person in (("10042", "joris"), ("10077", "priya")):
        call = world.call("+31655555555", answered_by=anna)
        world.link(call, relation_number, person, anna)
        recognise(world, anna, call)
        answer(world, anna, call, ask(world, anna, call), "no idea at all")
        world.hang_up(call)
        calls.append(world.contact(call).public_id)
        world.travel(minutes=10)
    assert len({one.customer_id for one in world.rows(select(Evidence)) if one.outcome is EvidenceOutcome.FAILS}) == 2
    page = dirk.get("/verifications?guessing=1").text
    assert all(one in page for one in calls)
    counted = supervision(dirk)
    assert "?guessing=1&amp;since=2026-11-22" in counted
    assert "foute antwoorden over meerdere klanten</a>: 2" in counted


def test_a_long_pause_is_found_also_where_nobody_was_verified(world: World, dirk: TestClient, call: int) -> None:
    with world.writing() as session:
        session.add(Pause(contact_id=call, why=PAUSE, began_at=world.now))
    world.travel(minutes=5)
    contact = world.contact(call).public_id
    assert contact not in dirk.get("/verifications?long-pause=1").text
    world.hang_up(call)
    assert contact in dirk.get("/verifications?long-pause=1").text
    assert "opname lang gepauzeerd</a>: 1" in supervision(dirk)


def test_three_agents_for_one_customer_are_found(world: World, dirk: TestClient) -> None:
    gijs = world.hire("Gijs")
    calls = []
    for agent in (world.members["Anna"], world.members["Bram"], gijs):
        call = world.call(JORIS, answered_by=agent)
        recognise(world, agent, call)
        world.hang_up(call)
        calls.append(world.contact(call).public_id)
    page = dirk.get("/verifications?several-agents=1").text
    assert all(one in page for one in calls)


def test_browsing_is_told_without_a_name_and_counted(world: World, dirk: TestClient) -> None:
    anna = signed_in(world, "Anna")
    for number in range(10):
        world.put({"relation_number": f"3{number:04}", "name": f"Klant {number}"})
    pages = [one.public_id for one in world.rows(select(Customer))][:10]
    assert "klanten bekeken zonder" not in supervision(dirk)
    for page in pages:
        assert anna.get(f"/customers/{page}").status_code == 200
    shown = dirk.get("/verifications").text
    assert "10 klanten op een dag bekeken zonder contact in handen" in shown
    assert "Anna" not in shown
    assert "zonder contact in handen</a>: 1" in supervision(dirk)


def test_nothing_stands_out_in_a_quiet_house(world: World, dirk: TestClient, call: int) -> None:
    verified(world, call)
    world.hang_up(call)
    page = supervision(dirk)
    assert "found-title" not in page
    assert "0 contacten te beoordelen" in page
