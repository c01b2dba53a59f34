"""Supervisors and the privacy officer look back: a list with filters, and each verification as it went (P05, P06)."""

import re

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.coaching import listing
from contactcenter.core.audit import Action
from contactcenter.customers.rules import Kind
from contactcenter.recordings.models import Playback
from contactcenter.staff.rules import Role
from contactcenter.verification.rules import EvidenceKind, Purpose
from tests.coaching.acts import newest, recorded, verified
from tests.desks import all_the_way, path, served, signed_in
from tests.factories import JORIS, PASSWORD, PRIYA, World
from tests.verification.acts import answer, ask, prove, recognise
from tests.verification.test_corrections import FORMS, correct

SECRETS = ("Jansen", "Joris", "7311", "Veldwijk Partners Oost", "0612345678", JORIS, "Harbour", "Anna")


def table(page: str) -> str:
    """The rows of the list, below its figures."""
    found = re.findall(r"<tbody>(.*?)</tbody>", page, re.DOTALL)
    return str(found[-1]) if found else ""


def listed(world: World, browser: TestClient, calls: list[int], query: str = "") -> list[int]:
    """Which of these contacts a query lists, in order."""
    rows = table(browser.get(f"/verifications{query}").text)
    ids = {world.contact(one).public_id: one for one in calls}
    found = re.findall(r"/contacts/([\w-]+)", rows)
    return list(dict.fromkeys(ids[one] for one in found))


def test_every_handled_contact_is_listed_newest_first_without_names(world: World, dirk: TestClient, call: int) -> None:
    verified(world, call)
    world.travel(minutes=5)
    second = world.call(PRIYA, answered_by=world.members["Bram"])
    missed = world.call(JORIS)
    assert listed(world, dirk, [call, second, missed]) == [second, call]
    rows = table(dirk.get("/verifications").text)
    assert [secret for secret in SECRETS if secret in rows] == []
    assert "0:40" in rows
    assert "kleine" not in rows and "klein team" in rows


@pytest.mark.parametrize(("name", "role", "status"), [("Eva", Role.PRIVACY, 200), ("Carla", Role.COACH, 404)])
def test_it_is_for_supervisors_and_the_privacy_officer(
    world: World, call: int, name: str, role: Role, status: int
) -> None:
    verification = verified(world, call)
    world.hire(name, role)
    browser = signed_in(world, name)
    assert browser.get("/verifications").status_code == status
    assert browser.get(f"/verifications/{verification}").status_code == status
    assert signed_in(world, "Anna").get("/verifications").status_code == 404


def test_filters_find_what_they_name(world: World, call: int) -> None:
    anna = world.members["Anna"]
    verified(world, call)
    world.travel(days=1)
    quick = world.call(JORIS, answered_by=anna)
    verified(world, quick, seconds=3)
    world.travel(days=1)
    wrong = world.call(JORIS, answered_by=anna)
    recognise(world, anna, wrong)
    answer(world, anna, wrong, ask(world, anna, wrong), "no idea at all")
    world.travel(days=1)
    strong = world.call(JORIS, answered_by=anna)
    verified(world, strong)
    prove(world, anna, strong, EvidenceKind.CODE_BY_EMAIL)
    silent = world.call(PRIYA, answered_by=world.members["Bram"])
    calls = [call, quick, wrong, strong, silent]
    world.hire("Dirk", Role.SUPERVISOR)
    dirk = signed_in(world, "Dirk")
    for query, found in {
        "?level=0": [silent],
        "?level=1": [wrong],
        "?level=2": [quick, call],
        "?level=3": [strong],
        "?level=9": [silent, strong, wrong, quick, call],
        "?result=wrong-answers": [wrong],
        "?result=verified": [strong, quick, call],
        "?evidence=code-by-email": [strong],
        "?too-fast=1": [quick],
        "?failed=1": [wrong],
        "?approved=1": [],
        "?team=small": [silent, strong, wrong, quick, call],
        "?team=nobody": [],
        "?since=2026-11-25": [silent, strong, wrong],
        "?until=2026-11-24": [quick, call],
        "?since=2026-11-24&until=2026-11-24&too-fast=1": [quick],
        "?since=2026-13-99": [silent, strong, wrong, quick, call],
    }.items():
        assert listed(world, dirk, calls, query) == found, query


def test_broken_glass_of_the_same_customer_stands_out(world: World, dirk: TestClient, anna: TestClient) -> None:
    call = world.call(JORIS, answered_by=world.members["Anna"])
    verified(world, call)
    page = anna.get(f"/contacts/{world.contact(call).public_id}").text
    (customer,) = set(re.findall(r"/customers/([\w-]{22})", page))
    assert listed(world, dirk, [call], "?break-glass=1") == []
    why = {"reason": "damage-to-prevent", "words": "Their account sends spam and nobody answers."}
    assert anna.post(f"/customers/{customer}/break-glass", data=why).status_code == 204
    assert listed(world, dirk, [call], "?break-glass=1") == [call]


def test_approved_ones_are_found_and_shown_as_such(world: World, dirk: TestClient, anna: TestClient, call: int) -> None:
    recognise(world, world.members["Anna"], call)
    words = {"reason": "cant-answer", "words": "He lost his papers in the fire yesterday."}
    assert anna.post(path(world, call, "approval"), data=words).status_code == 204
    waiting = re.search(r"/approvals/([\w-]+)/decide", dirk.get("/desk").text)
    assert waiting
    assert dirk.post(f"/approvals/{waiting[1]}/decide", data={"grant": "1"}).status_code == 204
    assert listed(world, dirk, [call], "?approved=1") == [call]
    page = dirk.get(f"/verifications/{newest(world)}").text
    assert "A second person vouched" in page or "Een tweede persoon stond in" in page
    assert "papers" not in page


def test_the_list_goes_on_page_by_page_and_misses_nothing(
    world: World, dirk: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "LONGEST_LIST", 2)
    calls = []
    for _ in range(5):
        calls.append(world.call(PRIYA, answered_by=world.members["Bram"]))
        world.travel(minutes=1)
    found: list[int] = []
    query = ""
    for _ in range(3):
        found += listed(world, dirk, calls, query)
        older = re.search(r'href="(\?[^"]*after=[^"]*)"', dirk.get(f"/verifications{query}").text)
        query = older[1].replace("&amp;", "&") if older else "?until=2000-01-01"
    assert found == calls[::-1]


def test_a_team_of_five_has_a_name_and_agents_only_with_consent(world: World, dirk: TestClient, call: int) -> None:
    verified(world, call)
    assert "Support" not in dirk.get("/verifications").text
    for name in ("Gijs", "Hugo"):
        world.hire(name)
    rows = table(dirk.get("/verifications").text)
    assert "Support" in rows and "Anna" not in rows
    both = {"works_council": "2026-11-02", "assessment": "2026-11-20"}
    for more, named in (({"works_council": "2026-11-02"}, False), (both, True)):
        browser = served(world, **more)
        assert browser.post("/sign-in", data={"login": "dirk", "password": PASSWORD}).status_code == 303
        all_the_way(world.db)
        assert ("Anna" in table(browser.get("/verifications").text)) is named


def test_a_verification_is_told_second_by_second_without_answers(world: World, dirk: TestClient, call: int) -> None:
    recorded(world, call)
    verification = verified(world, call)
    world.travel(seconds=20)
    world.hang_up(call)
    page = dirk.get(f"/verifications/{verification}").text
    main = page[page.index("<main") :]
    assert [secret for secret in SECRETS if secret in main] == []
    assert "0:40" in main
    assert "data-start" not in main
    assert "player.js" not in page
    assert dirk.get("/verifications/" + "A" * 22).status_code == 404


def test_a_correction_is_told_without_its_value(world: World, dirk: TestClient, call: int) -> None:
    verification, anna = verified(world, call), world.members["Anna"]
    world.travel(seconds=20)
    correct(world, anna, call, Kind.NAME_AND_ADDRESS)
    page = dirk.get(f"/verifications/{verification}").text
    main = page[page.index("<main") :]
    assert re.search(r"Gewijzigd:\s*Postadres", main)
    assert [value for value in (*SECRETS, *FORMS[Kind.NAME_AND_ADDRESS].values()) if value in main] == []


def test_it_is_laid_over_the_recording_once_that_was_opened_for_it(world: World, dirk: TestClient, call: int) -> None:
    recorded(world, call)
    verification = verified(world, call)
    dirk.post(path(world, call, "open"), data={"purpose": "training"})
    assert 'data-start="40.0"' not in dirk.get(f"/verifications/{verification}").text
    assert dirk.post(f"/verifications/{verification}/listen").status_code == 303
    assert world.rows(select(Playback))[-1].purpose is Purpose.AUDIT
    assert world.acts(Action.RECORDING_PLAYED)[-1].detail == Purpose.AUDIT
    page = dirk.get(f"/verifications/{verification}").text
    assert 'data-start="40.0"' in page
    assert "player.js" in page
    world.travel(minutes=31)
    assert 'data-start="40.0"' not in dirk.get(f"/verifications/{verification}").text


def test_who_has_no_training_opens_nothing(world: World, call: int) -> None:
    recorded(world, call)
    verification = verified(world, call)
    world.hire("Fleur", Role.SUPERVISOR, trained=False)
    fleur = signed_in(world, "Fleur")
    assert "/listen" not in fleur.get(f"/verifications/{verification}").text
    assert fleur.post(f"/verifications/{verification}/listen").status_code == 422
    assert world.rows(select(Playback))[-1].refused == "untrained"
