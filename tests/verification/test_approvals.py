"""A second person vouches for a caller: another one, of the team, now; it is never enough alone (P05)."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.core.audit import Action
from contactcenter.staff.rules import Role
from contactcenter.verification import approvals
from contactcenter.verification.models import Approval, Evidence
from contactcenter.verification.rules import EvidenceKind, Level
from tests.desks import path, signed_in
from tests.factories import PRIYA, RIGHT_ANSWERS, World
from tests.verification.acts import answer as answer_here
from tests.verification.acts import ask, card

FIRST, SECOND = "He knows her voice for ten years.", "She reads out the last order by heart."
WHY = {"reason": "cant-answer", "words": "He stands in a server room without his papers."}


def waiting(world: World) -> Approval:
    """The request that was made last."""
    return world.rows(select(Approval))[-1]


def test_what_a_supervisor_vouches_for_counts_as_strong_beside_an_answer(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    viewer = world.members["Anna"]
    assert anna.post(path(world, call, "approval"), data=WHY).status_code == 204
    assert WHY["words"] in dirk.get("/desk/ringing").text
    assert WHY["words"] not in anna.get("/desk/ringing").text
    decided = dirk.post(f"/approvals/{waiting(world).public_id}/decide", data={"grant": "1"})
    assert decided.status_code == 204
    assert card(world, viewer, call).level is Level.RECOGNISED
    question = ask(world, viewer, call)
    answer_here(world, viewer, call, question, RIGHT_ANSWERS[question.key])
    assert card(world, viewer, call).level is Level.VERIFIED
    assert WHY["words"] not in dirk.get("/desk/ringing").text
    assert len(world.acts(Action.APPROVAL_GRANTED)) == 1


def test_a_refusal_counts_for_nothing_and_may_be_asked_again(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    anna.post(path(world, call, "approval"), data=WHY)
    assert anna.post(path(world, call, "approval"), data=WHY).status_code == 409
    dirk.post(f"/approvals/{waiting(world).public_id}/decide", data={"grant": "0"})
    assert EvidenceKind.APPROVAL not in {row.kind for row in world.rows(select(Evidence))}
    (asked,), (refused,) = world.acts(Action.APPROVAL_ASKED), world.acts(Action.APPROVAL_REFUSED)
    assert (asked.subject, asked.detail) == (refused.subject, "cant-answer")
    assert world.acts(Action.APPROVAL_GRANTED) == []
    assert anna.post(path(world, call, "approval"), data=WHY).status_code == 204
    assert dirk.post(f"/approvals/{world.rows(select(Approval))[0].public_id}/decide").status_code == 409


def test_nobody_vouches_for_their_own_caller_nor_without_the_right_or_the_team(
    world: World, call: int, anna: TestClient
) -> None:
    world.hire("Dirk", Role.SUPERVISOR)
    own = world.call(None, answered_by=world.members["Dirk"])
    world.link(own, "10042", "joris", world.members["Dirk"])
    dirk = signed_in(world, "Dirk")
    dirk.post(path(world, own, "approval"), data=WHY)
    assert dirk.post(f"/approvals/{waiting(world).public_id}/decide", data={"grant": "1"}).status_code == 409
    anna.post(path(world, call, "approval"), data=WHY)
    public_id = waiting(world).public_id
    world.hire("Gerda", Role.SUPERVISOR, team="Sales")
    assert signed_in(world, "Gerda").post(f"/approvals/{public_id}/decide", data={"grant": "1"}).status_code == 404
    assert signed_in(world, "Bram").post(f"/approvals/{public_id}/decide", data={"grant": "1"}).status_code == 404
    assert anna.post("/approvals/nothing/decide", data={"grant": "1"}).status_code == 404


def test_a_supervisor_sees_the_requests_of_the_own_team_and_not_their_own(
    world: World, call: int, anna: TestClient, dirk: TestClient
) -> None:
    gerda = world.hire("Gerda", Role.SUPERVISOR, team="Sales")
    own = world.call(None, answered_by=world.members["Dirk"])
    world.link(own, "10042", "joris", world.members["Dirk"])
    bram = world.call(PRIYA, answered_by=world.members["Bram"])
    for who, contact, words in ((anna, call, FIRST), (signed_in(world, "Bram"), bram, SECOND), (dirk, own, "x" * 30)):
        who.post(path(world, contact, "approval"), data=WHY | {"words": words})
    with world.reading() as session:
        seen = approvals.asked_of(session, world.now, world.members["Dirk"])
        assert approvals.asked_of(session, world.now, gerda) == []
    assert [(one.agent, one.contact, one.words) for one in seen] == [
        ("Anna", world.contact(call).public_id, FIRST),
        ("Bram", world.contact(bram).public_id, SECOND),
    ]
    assert {one.public_id for one in seen} < {one.public_id for one in world.rows(select(Approval))}


@pytest.mark.parametrize("late", ["time", "hang-up"])
def test_it_is_now_or_not_at_all(world: World, call: int, anna: TestClient, dirk: TestClient, late: str) -> None:
    anna.post(path(world, call, "approval"), data=WHY)
    if late == "time":
        world.travel(minutes=11)
    else:
        world.hang_up(call)
    assert WHY["words"] not in dirk.get("/desk/ringing").text
    assert dirk.post(f"/approvals/{waiting(world).public_id}/decide", data={"grant": "1"}).status_code == 409


@pytest.mark.parametrize("form", [{"reason": "cant-answer", "words": "short"}, {"reason": "none", "words": "x" * 20}])
def test_it_takes_a_reason_in_words(world: World, call: int, anna: TestClient, form: dict[str, str]) -> None:
    assert anna.post(path(world, call, "approval"), data=form).status_code == 422


def test_a_supervisor_of_the_team_revokes_a_pass(world: World, call: int, anna: TestClient, dirk: TestClient) -> None:
    anna.post(path(world, call, "question"))
    viewer = world.members["Anna"]
    assert card(world, viewer, call).level is Level.RECOGNISED
    world.hire("Gerda", Role.SUPERVISOR, team="Sales")
    assert signed_in(world, "Gerda").post(path(world, call, "revoke")).status_code == 404
    assert dirk.post(path(world, call, "revoke")).status_code == 204
    assert card(world, viewer, call).level is Level.UNKNOWN
