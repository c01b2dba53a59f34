"""Marks on a customer: what must not be disclosed stays shut by every way; doubt leaves possession only (P05)."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.alerts import Alert, AlertKind
from contactcenter.core.audit import Action
from contactcenter.core.errors import TooMany
from contactcenter.customers.rules import Kind
from contactcenter.verification import flags
from contactcenter.verification.models import Flag
from contactcenter.verification.rules import EvidenceKind, Level, after_working_days
from tests.desks import path, signed_in
from tests.factories import JORIS, MONDAY, World
from tests.verification.acts import answer_rightly, ask, card, opened, prove, recognise
from tests.verification.test_glass import WHY, page_of

SHUT = {"words": "A court decided that nothing is told to anybody.", "until": "2026-12-31"}
ACTS = (Action.FLAG_RAISED, Action.FLAG_LIFTED)
DOUBT = {"words": "The caller said that she never had an account here."}


def mark(world: World) -> Flag:
    """The one that was set last."""
    return world.rows(select(Flag))[-1]


def test_what_must_not_be_disclosed_shuts_what_was_open_and_opens_by_no_way(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    viewer, page = world.members["Anna"], page_of(world)
    recognise(world, viewer, call)
    answer_rightly(world, viewer, call)
    assert "Molenstraat" in anna.get("/desk/call").text
    assert anna.post(f"{page}/shut", data=SHUT).status_code == 404
    assert dirk.post(f"{page}/shut", data=SHUT).status_code == 204
    assert opened(world, viewer, call) == set()
    assert "Molenstraat" not in anna.get("/desk/call").text + anna.get(page).text
    assert anna.post(path(world, call, "reveal"), data={"kind": "invoices"}).status_code == 403
    for browser in (anna, dirk):
        assert browser.post(f"{page}/break-glass", data=WHY).status_code == 403
    assert dirk.post(f"/flags/{mark(world).public_id}/lift").status_code == 204
    assert opened(world, viewer, call) >= {Kind.NAME_AND_ADDRESS}
    assert [len(world.acts(act)) for act in (Action.FLAG_RAISED, Action.FLAG_LIFTED)] == [1, 1]


def test_broken_glass_shuts_too(world: World, anna: TestClient, dirk: TestClient) -> None:
    page = page_of(world)
    anna.post(f"{page}/break-glass", data=WHY)
    assert "Molenstraat" in anna.get(page).text
    dirk.post(f"{page}/shut", data=SHUT)
    assert "Molenstraat" not in anna.get(page).text
    assert anna.post(f"{page}/reveal", data={"kind": "invoices"}).status_code == 403


def test_doubt_tells_the_supervisor_keeps_the_call_and_leaves_possession_only(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    viewer = world.members["Anna"]
    recognise(world, viewer, call)
    assert anna.post(path(world, call, "doubt"), data=DOUBT).status_code == 204
    assert anna.post(path(world, call, "doubt"), data=DOUBT).status_code == 204
    assert len(world.rows(select(Flag))) == 1
    assert len(world.rows(select(Alert).where(Alert.kind == AlertKind.IDENTITY_DOUBTED))) == 1
    assert DOUBT["words"] in anna.get("/desk/call").text
    with pytest.raises(TooMany, match="doubted"):
        ask(world, viewer, call)
    prove(world, viewer, call, EvidenceKind.CODE_BY_EMAIL)
    assert card(world, viewer, call).level is Level.VERIFIED
    found = mark(world)
    assert (found.review_on, found.expires_on) == (MONDAY.date().replace(day=25), MONDAY.date().replace(month=12))
    assert DOUBT["words"] in dirk.get(page_of(world)).text


def test_whoever_supervises_finds_every_customer_about_whom_there_is_doubt(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    assert page_of(world) not in dirk.get("/supervision").text
    dirk.post(f"{page_of(world, '10077')}/shut", data=SHUT)
    anna.post(path(world, call, "doubt"), data=DOUBT)
    with world.reading() as session:
        (found,) = flags.doubts(session, world.now)
    assert (page_of(world), found.by) == (f"/customers/{found.customer}", "Anna")
    assert (found.at, found.review_on) == (world.now, mark(world).review_on)
    told = dirk.get("/supervision").text
    assert page_of(world) in told
    assert DOUBT["words"] not in told
    assert dirk.post(f"/flags/{mark(world).public_id}/lift").status_code == 204
    assert page_of(world) not in dirk.get("/supervision").text
    anna.post(path(world, call, "doubt"), data=DOUBT)
    world.travel(days=32)
    assert page_of(world) not in signed_in(world, "Dirk").get("/supervision").text


def test_doubt_ends_by_itself_or_when_it_was_wrong(world: World, call: int, anna: TestClient, dirk: TestClient) -> None:
    anna.post(path(world, call, "doubt"), data=DOUBT)
    assert anna.post(f"/flags/{mark(world).public_id}/lift").status_code == 404
    assert dirk.post(f"/flags/{mark(world).public_id}/lift").status_code == 204
    assert dirk.post(f"/flags/{mark(world).public_id}/lift").status_code == 409
    assert dirk.post("/flags/nothing/lift").status_code == 404
    viewer = world.members["Anna"]
    ask(world, viewer, call)
    anna.post(path(world, call, "doubt"), data=DOUBT)
    world.hang_up(call)
    world.travel(days=32)
    ask(world, viewer, world.call(JORIS, answered_by=viewer))


def test_doubt_in_one_call_is_no_doubt_in_another_and_may_come_again(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    anna.post(path(world, call, "doubt"), data=DOUBT)
    world.hang_up(call)
    again = world.call(JORIS, answered_by=world.members["Anna"])
    for _ in range(2):
        assert anna.post(path(world, again, "doubt"), data=DOUBT).status_code == 204
        assert dirk.post(f"/flags/{mark(world).public_id}/lift").status_code == 204
    assert [one.contact_id for one in world.rows(select(Flag))] == [call, again, again]


def test_who_set_and_who_lifted_a_mark_stands_in_the_trail(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    anna.post(path(world, call, "doubt"), data=DOUBT)
    dirk.post(f"/flags/{mark(world).public_id}/lift")
    said = [(act.actor, act.subject, act.detail) for of in ACTS for act in world.acts(of)]
    who = [world.members[name].public_id for name in ("Anna", "Dirk")]
    assert said == [(one, mark(world).public_id, "identity-doubted") for one in who]


def test_it_takes_a_sentence_and_a_day_within_a_year(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    assert anna.post(path(world, call, "doubt"), data={"words": "no"}).status_code == 422
    for until in ("", "2026-11-23", "2028-01-01", "tomorrow"):
        assert dirk.post(f"{page_of(world)}/shut", data=SHUT | {"until": until}).status_code == 422
    for until in ("2026-11-24", "2027-11-24"):
        assert dirk.post(f"{page_of(world)}/shut", data=SHUT | {"until": until}).status_code == 204
    assert dirk.post(f"{page_of(world)}/shut", data=SHUT | {"until": "2027-11-25"}).status_code == 422
    bram = signed_in(world, "Bram")
    assert bram.post(path(world, call, "doubt"), data=DOUBT).status_code == 404


def test_working_days_leave_out_the_weekend() -> None:
    friday = MONDAY.date().replace(day=27)
    assert after_working_days(friday, 2).isoformat() == "2026-12-01"
