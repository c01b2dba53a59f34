"""P12: sensitive things are asked only of who contacted us; when we call nothing is asked, opened or changed."""

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.contacts.rules import Direction
from contactcenter.verification.models import Disclosure, Evidence, OneTimeCode
from tests.desks import path, signed_in
from tests.factories import JORIS, World


@pytest.fixture
def call(world: World) -> int:
    """Anna rings Joris."""
    return world.call(JORIS, answered_by=world.members["Anna"], direction=Direction.OUTBOUND)


@pytest.fixture
def anna(world: World) -> TestClient:
    """Anna's browser."""
    return signed_in(world, "Anna")


def test_no_challenge_of_any_kind_exists_on_a_call_that_we_make(world: World, call: int, anna: TestClient) -> None:
    refused = anna.post(path(world, call, "question"))
    assert refused.status_code == 409
    assert "P12" in refused.text
    for act, form in (
        ("code", {"kind": "code-by-email"}),
        ("code", {"kind": "code-by-text"}),
        ("approval", {"reason": "emergency", "words": "It is really important."}),
    ):
        answer = anna.post(path(world, call, act), data=form)
        assert (answer.status_code, "P12" in answer.text) == (409, True), act
    assert world.rows(select(OneTimeCode)) == []
    assert world.rows(select(Evidence)) == []


@pytest.mark.parametrize("kind", ["bank-account", "invoices", "payment-method", "collection-method", "device-id"])
def test_sensitive_kinds_stay_shut_and_the_refusal_says_why(
    world: World, call: int, anna: TestClient, kind: str
) -> None:
    anna.post(path(world, call, "question"))
    answer = anna.post(path(world, call, "reveal"), data={"kind": kind})
    assert answer.status_code == 403
    assert kind not in {row.what for row in world.rows(select(Disclosure))}
