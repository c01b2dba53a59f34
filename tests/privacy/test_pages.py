"""The promises page and the pages behind it: who sees them, what they say, and where they lead."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from starlette.testclient import TestClient

from contactcenter.notes import summaries
from contactcenter.notes.drafting import DraftLine
from contactcenter.privacy import counts
from contactcenter.privacy.counting import LONGEST_LIST
from contactcenter.privacy.promises import CHECKS, verdicts
from tests.desks import signed_in
from tests.factories import JORIS, STRANGER, World
from tests.privacy.line import Line, of_unknown_source, shown
from tests.statements import statements

ROW = re.compile(r'<tr id="(P\d\d)">(.*?)</tr>', re.DOTALL)


def english(world: World, name: str) -> TestClient:
    """The browser of somebody who reads English."""
    browser = signed_in(world, name)
    browser.cookies.set("language", "en")
    return browser


def rows(page: str) -> dict[str, str]:
    """The rows of the promises page, as text without marks."""
    return {id: " ".join(re.sub(r"<[^>]*>", " ", cells).split()) for id, cells in ROW.findall(page)}


@pytest.mark.parametrize("name", ["Eva", "Dirk"])
def test_who_keeps_the_promises_sees_all_of_them(line: Line, name: str) -> None:
    found = rows(english(line.world, name).get("/promises").text)
    assert len(found) == 38
    assert re.search(r"✓ kept 0 0$", found["P01"])
    assert re.search(r"– not built – –$", found["P11"])
    assert re.search(r"· not countable – –$", found["P38"])
    assert "(ours)" in found["P17"]


def test_the_privacy_officer_begins_there(line: Line) -> None:
    assert english(line.world, "Eva").get("/").headers["location"] == "/promises"


def test_an_agent_finds_nothing_there(line: Line) -> None:
    anna = signed_in(line.world, "Anna")
    assert (anna.get("/promises").status_code, anna.get("/promises/P01").status_code) == (404, 404)
    assert "/promises" not in anna.get("/desk").text


def test_a_count_leads_to_what_broke_the_promise_and_that_to_its_contact(line: Line) -> None:
    stranger = line.world.contact(line.world.call(STRANGER)).public_id
    line.world.travel(days=15)
    eva = english(line.world, "Eva")
    page = eva.get("/promises").text
    assert re.search(r"✗ broken 1 breaches of P03 1$", rows(page)["P03"])
    assert '<a class="strong" href="/promises/P03">1<' in page
    behind = eva.get("/promises/P03").text
    assert f'href="/contacts/{stranger}"' in behind
    assert eva.get(f"/contacts/{stranger}").status_code == 200


def test_what_a_customer_broke_leads_to_the_customer(line: Line) -> None:
    of_unknown_source(line.world)
    behind = english(line.world, "Eva").get("/promises/P27").text
    assert re.search(r'href="/customers/[\w-]{22}"', behind)
    assert "Slagerij" not in behind


def test_of_many_breaches_the_newest_are_shown_and_all_are_counted(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    with world.writing() as session:
        session.add_all(shown(world, call, "ip-address") for _ in range(LONGEST_LIST + 30))
    eva = english(world, "Eva")
    assert re.search(r"✗ broken 130 ", rows(eva.get("/promises").text)["P07"])
    behind = eva.get("/promises/P07").text
    assert behind.count("<code>") == LONGEST_LIST
    assert "the newest 100" in behind


def test_counting_takes_as_many_questions_of_much_as_of_little(line: Line) -> None:
    world = line.world

    def questions() -> int:
        with statements(world.db) as executed, world.reading() as session:
            assert len(verdicts(session, world.now)) == 38
        return len(executed)

    few = questions()
    sid, began = line.talk()
    for seconds in range(20):  # a recording of each second in which the caller waited
        line.record(sid, began - timedelta(seconds=seconds))
    call = world.call(JORIS)
    with world.writing() as session:
        session.add_all(shown(world, call, "ip-address") for _ in range(LONGEST_LIST + 30))
    world.travel(days=40)
    much = questions()
    assert few < 60
    assert much <= few + len(CHECKS)  # what is broken is asked for once more
    assert line.finding("P01").count > 10


def test_all_promises_show_as_they_were_counted_last_and_each_as_it_is_now(line: Line) -> None:
    world = line.world
    eva = english(world, "Eva")
    counts.keep(world.db, world.now)
    of_unknown_source(world)
    world.travel(minutes=9)
    assert "nothing to count yet" in rows(eva.get("/promises").text)["P27"]
    assert "broken" in eva.get("/promises/P27").text
    counts.keep(world.db, world.now)
    assert "broken 1 " in rows(eva.get("/promises").text)["P27"]


def test_where_no_worker_counts_the_page_does(line: Line) -> None:
    world = line.world
    counts.keep(world.db, world.now)
    of_unknown_source(world)
    world.travel(minutes=61)
    assert "broken" in rows(english(world, "Eva").get("/promises").text)["P27"]


def test_what_is_kept_says_the_same_as_counting(line: Line) -> None:
    world, anna = line.world, line.world.members["Anna"]
    of_unknown_source(world)
    call = world.call(JORIS, answered_by=anna)
    world.hang_up(call)
    with world.writing() as session:
        summaries.attach_draft(session, world.now, call, [DraftLine("Licence extended.", 1.0, 0)])
        summaries.confirm(session, world.now, call, anna, "Licence extended.")
    counts.keep(world.db, world.now)
    with world.reading() as session:
        (kept, at), counted = counts.last(session, world.now + timedelta(minutes=9)), verdicts(session, world.now)
    assert at == world.now
    assert kept == [replace(one, finding=one.finding and replace(one.finding, offenders=())) for one in counted]
    shares = {one.promise.id: one.finding.share for one in kept if one.finding and one.finding.share}
    assert shares == {"P08": (0, 0), "P10": (1, 1), "P12": (0, 0)}


def test_each_promise_says_where_it_comes_from_and_how_it_is_counted(line: Line) -> None:
    eva = english(line.world, "Eva")
    for number in range(1, 39):
        page = eva.get(f"/promises/P{number:02}")
        assert page.status_code == 200
        assert ("Compared" in page.text) or ("Not counted" in page.text)
    assert '<q lang="nl">Als u ons belt' in eva.get("/promises/P01").text
    assert "opnamen kunnen door onze eigen computer worden uitgeschreven" in eva.get("/promises/P30").text


def test_the_share_confirmed_as_drafted_is_shown(line: Line) -> None:
    world, anna = line.world, line.world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    world.hang_up(call)
    with world.writing() as session:
        summaries.attach_draft(session, world.now, call, [DraftLine("Licence extended.", 1.0, 0)])
        summaries.confirm(session, world.now, call, anna, "Licence extended.")
    eva = english(world, "Eva")
    assert "1 of 1 confirmed as drafted in 30 days" in rows(eva.get("/promises").text)["P10"]
    assert "1 of 1 confirmed as drafted in 30 days" in eva.get("/promises/P10").text


def test_they_speak_dutch(line: Line) -> None:
    eva = signed_in(line.world, "Eva")
    found = rows(eva.get("/promises").text)
    assert "Wie ons belt hoort eerst" in found["P01"]
    assert "✓ nagekomen" in found["P01"]
    assert "– niet gebouwd" in found["P11"]


@pytest.mark.parametrize("id", ["P00", "P39", "p01", "nothing"])
def test_a_promise_that_was_never_made_is_nothing(line: Line, id: str) -> None:
    assert english(line.world, "Eva").get(f"/promises/{id}").status_code == 404
