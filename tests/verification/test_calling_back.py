"""The customer whom we called says the word of their request: that one kind opens, and nothing else (P12)."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, NotAllowed
from contactcenter.core.keys import MasterKey
from contactcenter.customers.models import Customer
from contactcenter.staff.rules import Role
from contactcenter.verification import call_backs, flags
from contactcenter.verification import service as verification
from contactcenter.verification.models import CallBack, CallBackTry, Disclosure, Evidence
from contactcenter.verification.rules import CallBackEnd, EvidenceKind, EvidenceOutcome, Level
from tests.desks import KEY, path, signed_in
from tests.factories import JORIS, PRIYA, World
from tests.verification.acts import card
from tests.verification.test_call_backs import ask, requests, verified

__all__ = ["verified"]

HOLDS, FAILS = EvidenceOutcome.HOLDS, EvidenceOutcome.FAILS


@dataclass
class Calling:
    """Bram calls Joris about his licences: the word that Joris was given, our call, Bram's browser."""

    world: World
    word: str
    call: int
    bram: TestClient

    @property
    def request(self) -> CallBack:
        """As it stands."""
        return requests(self.world)[-1]

    def picked_up(self) -> None:
        """Somebody answers the telephone."""
        with self.world.writing() as session:
            call_backs.answered(session, self.world.now, self.call)

    def says(self, typed: str) -> int:
        """Bram types what they say."""
        return self.bram.post(path(self.world, self.call, "call-back-word"), data={"typed": typed}).status_code

    def opens(self, kind: str) -> int:
        """Bram tries to open a kind."""
        return self.bram.post(path(self.world, self.call, "reveal"), data={"kind": kind}).status_code

    def said(self) -> list[tuple[EvidenceKind, EvidenceOutcome]]:
        """What that showed."""
        found = self.world.rows(select(Evidence).where(Evidence.kind == EvidenceKind.CALL_BACK))
        return [(one.kind, one.outcome) for one in found]

    def told(self) -> set[str]:
        """What opened in our call."""
        return {one.what for one in self.world.rows(select(Disclosure)) if one.contact_id == self.call}


@pytest.fixture
def calling(world: World, verified: int, anna: TestClient) -> Calling:
    """Joris asked for it and hung up; Bram took the request and calls."""
    word = ask(world, anna, verified, "licences")
    world.hang_up(verified)
    bram = world.members["Bram"]
    ours = world.call(JORIS, answered_by=bram, direction=Direction.OUTBOUND)
    begins(world, ours, requests(world)[0])
    return Calling(world, word, ours, signed_in(world, "Bram"))


def begins(world: World, ours: int, request: CallBack) -> None:
    """Bram's call for this request begins."""
    bram = world.members["Bram"]
    with world.writing() as session:
        call_backs.tried(session, world.now, bram, session.get_one(CallBack, request.id), ours)
        verification.begin(
            session, world.now, contact_id=ours, staff_id=bram.id,
            customer_id=request.customer_id, person_id=request.person_id,
        )  # fmt: skip


def test_who_says_the_word_hears_what_was_asked_for(calling: Calling) -> None:
    calling.picked_up()
    assert (calling.opens("licences"), calling.told()) == (403, set())
    assert calling.says("zebra zebra") == 204
    assert (calling.opens("licences"), calling.told()) == (403, set())
    assert calling.says(f"  {calling.word.upper()} ") == 204
    assert calling.said() == [(EvidenceKind.CALL_BACK, FAILS), (EvidenceKind.CALL_BACK, HOLDS)]
    assert (calling.opens("contract-term"), calling.told()) == (403, {"licences"})
    assert card(calling.world, calling.world.members["Bram"], calling.call).level is Level.STRONG
    with calling.world.reading() as session:
        contact = calling.world.contact(calling.call)
        bram = calling.world.members["Bram"]
        shown = call_backs.answering(session, calling.world.now, bram, contact)
    assert shown is not None
    assert (shown.kind.value, shown.answered, shown.proved, shown.tries_left) == ("licences", True, True, 2)


def test_a_word_is_heard_once_somebody_picked_up_and_something_was_typed(calling: Calling) -> None:
    assert calling.says(calling.word) == 409
    calling.picked_up()
    for nothing in ("", "   ", "x" * 201):
        assert calling.says(nothing) == 422
    assert calling.said() == []
    assert calling.says("x" * 200) == 204
    assert calling.said() == [(EvidenceKind.CALL_BACK, FAILS)]


def test_three_wrong_words_end_the_request(calling: Calling) -> None:
    calling.picked_up()
    bram, contact = calling.world.members["Bram"], calling.world.contact(calling.call)
    for left in (2, 1):
        assert calling.says("zebra zebra") == 204
        with calling.world.reading() as session:
            shown = call_backs.answering(session, calling.world.now, bram, contact)
        assert shown is not None
        assert (shown.tries_left, shown.proved) == (left, False)
    assert calling.says("zebra zebra") == 204
    assert calling.says(calling.word) == 409
    assert calling.request.ended is CallBackEnd.WRONG_WORDS
    assert calling.told() == set()
    assert [one.outcome for one in calling.world.rows(select(Evidence)) if one.kind is EvidenceKind.CALL_BACK] == [
        FAILS
    ] * 3
    assert calling.world.acts(Action.CALL_BACK_ENDED)[-1].actor == bram.public_id


def test_only_the_person_who_asked_says_the_word(calling: Calling) -> None:
    calling.picked_up()
    calling.world.link(calling.call, "10077", "priya", calling.world.members["Bram"])
    assert calling.says(calling.word) == 409
    assert calling.told() == set()


def test_a_call_that_answers_no_request_has_no_word(world: World, calling: Calling) -> None:
    ours = world.call(PRIYA, answered_by=world.members["Anna"], direction=Direction.OUTBOUND)
    anna = signed_in(world, "Anna")
    assert anna.post(path(world, ours, "call-back-word"), data={"typed": calling.word}).status_code == 409


def test_after_72_hours_the_word_is_worth_nothing(calling: Calling) -> None:
    calling.picked_up()
    world, bram, key = calling.world, calling.world.members["Bram"], MasterKey.parse(KEY)
    for minute, stands in ((-1, True), (1, False)):
        world.now = calling.request.made_at + timedelta(hours=72, minutes=minute)
        with world.reading() as session:
            assert (call_backs.answering(session, world.now, bram, world.contact(calling.call)) is not None) is stands
    with world.writing() as session, pytest.raises(Conflict, match="no request that stands"):
        call_backs.say(session, world.now, bram, key, calling.call, calling.word)


def test_when_the_telephone_was_picked_up_is_kept_once(calling: Calling) -> None:
    calling.picked_up()
    first = calling.world.now
    calling.world.travel(seconds=9)
    calling.picked_up()
    (made,) = calling.world.rows(select(CallBackTry))
    assert (made.answered_at, made.staff_id) == (first, calling.world.members["Bram"].id)


def test_each_try_is_on_record_and_shown_to_the_team(calling: Calling) -> None:
    (act,) = calling.world.acts(Action.CALL_BACK_TRIED)
    assert (act.actor, act.subject) == (calling.world.members["Bram"].public_id, calling.request.public_id)
    calling.world.hang_up(calling.call)
    ours = calling.world.call(JORIS, answered_by=calling.world.members["Bram"], direction=Direction.OUTBOUND)
    begins(calling.world, ours, calling.request)
    with calling.world.reading() as session:
        (asked,) = call_backs.asked_of(session, calling.world.now, calling.world.members["Anna"])
    assert (asked.tries, asked.free) == (2, False)


def test_nobody_is_called_twice_at_once_also_not_by_who_took_it_and_handed_the_call_on(calling: Calling) -> None:
    world, bram = calling.world, calling.world.members["Bram"]
    calling.picked_up()
    world.hand_on(calling.call, bram, world.members["Anna"])
    ours = world.call(JORIS, answered_by=bram, direction=Direction.OUTBOUND)
    with pytest.raises(Conflict, match="already"):
        begins(world, ours, calling.request)
    world.hang_up(calling.call)
    begins(world, ours, calling.request)


def test_nobody_is_called_about_what_may_not_be_disclosed(calling: Calling) -> None:
    world = calling.world
    eva = world.hire("Eva", Role.PRIVACY)
    with world.writing() as session:
        customer = session.exec(select(Customer).where(col(Customer.relation_number) == "10042")).one()
        flags.shut(session, world.now, eva, customer.id, "A court asks for it.", date(2026, 12, 31))
    with world.writing() as session, pytest.raises(NotAllowed, match="privacy officer"):
        call_backs.tried(session, world.now, world.members["Bram"], calling.request, calling.call)
    calling.picked_up()
    calling.says(calling.word)
    assert calling.told() == set()


def test_the_desk_has_the_field_for_the_word_and_what_it_opened(calling: Calling) -> None:
    calling.picked_up()
    assert 'name="typed"' in calling.bram.get("/desk/call").text
    calling.says(calling.word)
    desk = calling.bram.get("/desk/call").text
    assert re.search("Drive Team", desk)
    assert calling.word not in desk
