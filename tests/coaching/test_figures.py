"""Figures by week are those of the list under the same filters, and tell nothing of one person (P05, P29)."""

import re
from datetime import date

import pytest
from starlette.testclient import TestClient

from contactcenter.coaching.figures import share, weeks_between
from contactcenter.coaching.listing import Wanted
from contactcenter.coaching.rules import Mark, Result
from contactcenter.verification.rules import Level
from tests.coaching.acts import verified
from tests.coaching.many import by_week, counted, many
from tests.desks import all_the_way, served
from tests.factories import JORIS, PASSWORD, World
from tests.verification.acts import answer, ask, recognise

TODAY = date(2026, 11, 25)  # a Wednesday


@pytest.mark.parametrize("seed", range(2))
def test_they_are_those_of_the_list_under_the_same_filters(world: World, seed: int) -> None:
    many(world, seed)
    weeks = weeks_between(None, None, world.now.date())
    filters = [
        Wanted(),
        Wanted(level=Level.RECOGNISED),
        *(Wanted(result=result) for result in Result),
        *(Wanted(marks=frozenset({mark})) for mark in Mark),
        Wanted(result=Result.VERIFIED, marks=frozenset({Mark.FAILED, Mark.PAUSED})),
    ]
    for wanted in filters:
        assert counted(world, wanted, weeks) == by_week(world, wanted, weeks), wanted


def test_weeks_begin_on_monday_newest_first() -> None:
    assert weeks_between(None, None, TODAY)[0] == date(2026, 11, 23)
    assert len(weeks_between(None, None, TODAY)) == 8
    two = [date(2026, 11, 9), date(2026, 11, 2)]
    assert weeks_between(date(2026, 11, 5), date(2026, 11, 15), TODAY) == two
    assert weeks_between(date(2026, 11, 20), date(2030, 1, 1), TODAY)[0] == date(2026, 11, 23)
    assert len(weeks_between(date(2020, 1, 1), None, TODAY)) == 26
    assert weeks_between(date(2026, 12, 20), None, TODAY) == []


def test_half_and_nine_of_ten() -> None:
    assert (share([], 0.5), share([7.0], 0.9)) == (None, 7.0)
    ten = [float(number) for number in range(1, 11)]
    assert (share(ten, 0.5), share(ten, 0.9)) == (5.0, 9.0)


def week(page: str) -> list[str]:
    """The cells of the newest week, as they are read out."""
    table = page[page.index('id="figures-title"') :]
    row = re.search(r"<tbody>\s*<tr>(.*?)</tr>", table, re.DOTALL)
    assert row
    cells = re.findall(r"<td[^>]*>(.*?)</td>", row[1], re.DOTALL)
    return [" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in cells]


def test_the_page_shows_them_from_five_people_on(world: World, dirk: TestClient) -> None:
    anna = world.members["Anna"]
    verified(world, world.call(JORIS, answered_by=anna), seconds=40)
    wrong = world.call(JORIS, answered_by=anna)
    recognise(world, anna, wrong)
    answer(world, anna, wrong, ask(world, anna, wrong), "no idea at all")
    world.call(JORIS, answered_by=world.members["Bram"])
    few = dirk.get("/verifications").text
    assert 'id="figures-title"' not in few
    assert "vijf mensen" in few or "five people" in few
    for name in ("Gijs", "Hugo", "Irma"):
        world.hire(name, team="Elsewhere")
    page = dirk.get("/verifications").text
    assert week(page) == [
        "23 nov 2026",
        "niet gevraagd: 1, onbekend: 0, herkend: 1, geverifieerd: 1, sterk geverifieerd: 0",
        "1 van 3",
        "1",
        "0",
        "0",
        "0:40",
        "0:40",
    ]
    assert "style=" not in page
    assert week(dirk.get("/verifications?result=wrong-answers").text)[2] == "0 van 1"
    assert 'id="figures-title"' not in dirk.get("/verifications?since=2027-01-01").text


def test_a_small_team_has_figures_only_once_naming_was_agreed(world: World, dirk: TestClient, call: int) -> None:
    verified(world, call)
    for name in ("Gijs", "Hugo", "Irma", "Jan", "Kees"):
        world.hire(name, team="Elsewhere")
    assert 'id="figures-title"' in dirk.get("/verifications").text
    assert 'id="figures-title"' not in dirk.get("/verifications?team=small").text
    agreed = served(world, works_council="2026-11-02", assessment="2026-11-20")
    agreed.post("/sign-in", data={"login": "dirk", "password": PASSWORD})
    all_the_way(world.db)
    assert 'id="figures-title"' in agreed.get("/verifications").text
