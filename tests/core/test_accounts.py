"""What the operator does to accounts and tokens holds from the very next request on, and is on record."""

from datetime import date

import pytest
from sqlmodel import select

from contactcenter.core.audit import Action
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.staff import service as staff
from contactcenter.staff.models import ApiToken, StaffSession
from contactcenter.staff.rules import Scope
from tests.desks import served, signed_in
from tests.factories import PASSWORD, World

NEW_PASSWORD = "another long password"


def test_a_disabled_colleague_is_out_at_once_and_does_not_come_back(world: World) -> None:
    anna = signed_in(world, "Anna")
    with world.writing() as session:
        staff.set_available(session, world.now, world.members["Anna"].id, True)
    with world.writing() as session:
        staff.disable(session, world.now, "anna")
    assert anna.get("/contacts").status_code == 401
    assert served(world).post("/sign-in", data={"login": "anna", "password": PASSWORD}).status_code == 403
    assert world.rows(select(StaffSession)) == []
    assert not world.member("Anna").available
    assert [act.subject for act in world.acts(Action.STAFF_DISABLED)] == [world.members["Anna"].public_id]


def test_a_new_password_signs_out_who_had_the_old_one(world: World) -> None:
    anna, bram = signed_in(world, "Anna"), signed_in(world, "Bram")
    with world.writing() as session:
        staff.set_password(session, world.now, "anna", NEW_PASSWORD)
    assert anna.get("/contacts").status_code == 401
    assert bram.get("/contacts").status_code == 200
    assert served(world).post("/sign-in", data={"login": "anna", "password": PASSWORD}).status_code == 403
    assert served(world).post("/sign-in", data={"login": "anna", "password": NEW_PASSWORD}).status_code == 303
    assert len(world.acts(Action.STAFF_PASSWORD_SET)) == 1


@pytest.mark.parametrize("password", ["short", "x" * 201])
def test_a_password_that_is_too_short_or_too_long_changes_nothing(world: World, password: str) -> None:
    with pytest.raises(Invalid, match="15 to 200"), world.writing() as session:
        staff.set_password(session, world.now, "anna", password)
    assert served(world).post("/sign-in", data={"login": "anna", "password": PASSWORD}).status_code == 303


def test_a_training_that_is_registered_opens_what_was_masked(world: World) -> None:
    chris = world.hire("Chris", trained=False)
    assert not world.member("Chris").trained
    with world.writing() as session:
        staff.set_trained(session, world.now, "chris", date(2026, 11, 20))
    assert world.member("Chris").trained
    days = [(act.subject, act.detail) for act in world.acts(Action.STAFF_TRAINED)]
    assert days[-1] == (chris.public_id, "2026-11-20")
    assert days[0] == (world.members["Anna"].public_id, "2026-05-01"), "given with the account"


def test_a_revoked_token_opens_nothing(world: World) -> None:
    with world.writing() as session:
        token = staff.make_token(session, world.now, "crm", [Scope.CUSTOMERS_WRITE])
        other = staff.make_token(session, world.now, "shop", [Scope.CUSTOMERS_WRITE])
    with world.writing() as session:
        assert staff.revoke_token(session, world.now, "crm") == 1
    with world.reading() as session:
        assert not staff.token_allows(session, token, Scope.CUSTOMERS_WRITE)
        assert staff.token_allows(session, other, Scope.CUSTOMERS_WRITE)
    assert [one.name for one in world.rows(select(ApiToken)) if one.revoked_at == world.now] == ["crm"]
    assert [act.subject for act in world.acts(Action.TOKEN_REVOKED)] == ["crm"]


def test_what_is_not_there_is_named(world: World) -> None:
    with world.writing() as session:
        with pytest.raises(NotFound, match="no account with this login"):
            staff.disable(session, world.now, "nobody")
        with pytest.raises(NotFound, match="no token in force"):
            staff.revoke_token(session, world.now, "crm")
