"""When a caller proved who they are by speaking: from each question, code or word to what ended it (P02)."""

from datetime import datetime, timedelta

import pytest
from sqlmodel import select

from contactcenter.core.keys import MasterKey
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Role
from contactcenter.verification import approvals, call_backs, codes
from contactcenter.verification import service as verification
from contactcenter.verification.models import Approval
from contactcenter.verification.rules import ApprovalReason, EvidenceKind, EvidenceOutcome
from contactcenter.verification.spoken import proofs
from tests.factories import BAKKERIJ_JANSEN, JORIS, MONDAY, RIGHT_ANSWERS, STRANGER, World
from tests.verification.acts import answer, ask, recognise
from tests.verification.test_codes import other, read_out, send

KEY = MasterKey.parse(MasterKey.generate())


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    started = world.call(JORIS, answered_by=anna)
    recognise(world, anna, started)
    return started


def at(world: World, second: float) -> None:
    """It is this second of the call."""
    world.now = MONDAY + timedelta(seconds=second)


def left_out(world: World, call: int) -> list[tuple[float, float | None]]:
    """The proofs of this call, in seconds since it began."""

    def second(moment: datetime) -> float:
        return (moment - MONDAY).total_seconds()

    with world.reading() as session:
        return [(second(one.start), second(one.end) if one.end else None) for one in proofs(session, call)]


def test_a_question_lasts_until_its_answer_was_typed(world: World, anna: Member, call: int) -> None:
    for drawn, typed, said, outcome in (
        (10, 18, "?", EvidenceOutcome.FAILS),
        (30, 41, None, EvidenceOutcome.DECLINED),
        (50, 52, "right", EvidenceOutcome.HOLDS),
    ):
        at(world, drawn)
        question = ask(world, anna, call)
        at(world, typed)
        assert answer(world, anna, call, question, RIGHT_ANSWERS[question.key] if said == "right" else said) is outcome
    assert left_out(world, call) == [(10, 18), (30, 41), (50, 52)]


def test_a_question_without_a_result_lasts_until_the_next_thing_or_the_end(
    world: World, anna: Member, call: int
) -> None:
    at(world, 10)
    ask(world, anna, call)
    assert left_out(world, call) == [(10, None)], "while they still talk"
    at(world, 25)
    send(world, anna, call)
    assert left_out(world, call) == [(10, 25), (25, None)]
    at(world, 40)
    world.hang_up(call)
    assert left_out(world, call) == [(10, 25), (25, 40)]


def test_a_code_lasts_from_when_it_was_sent_until_it_was_read_out(world: World, anna: Member, call: int) -> None:
    at(world, 5)
    code = send(world, anna, call).code
    for second, said in ((20, other(code)), (33, code)):
        at(world, second)
        read_out(world, anna, call, said)
    assert left_out(world, call) == [(5, 20), (5, 33)]


def test_of_two_codes_the_older_might_be_meant(world: World, anna: Member, call: int) -> None:
    at(world, 5)
    send(world, anna, call)
    at(world, 12)
    code = send(world, anna, call, EvidenceKind.CODE_BY_TEXT).code
    at(world, 30)
    read_out(world, anna, call, code)
    assert left_out(world, call) == [(5, 30)]


def test_a_code_that_came_before_the_call_counts_from_its_beginning(world: World, anna: Member) -> None:
    at(world, -60)
    with world.writing() as session:
        code = codes.fetch(session, world.now, "10042", "joris")
    at(world, 0)
    call = world.call(JORIS, answered_by=anna)
    recognise(world, anna, call)
    at(world, 20)
    read_out(world, anna, call, code)
    assert left_out(world, call) == [(0, 20)]


def test_a_code_that_was_never_handed_over_and_one_of_somebody_else_are_silent(
    world: World, anna: Member, call: int
) -> None:
    at(world, 5)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, anna, call)
        codes.make(session, world.now, begun, EvidenceKind.CODE_BY_EMAIL)
    joris, marieke = BAKKERIJ_JANSEN["persons"]
    marieke = marieke | {"numbers": [{"number": STRANGER, "since": "2023-03-01"}]}
    world.put(BAKKERIJ_JANSEN | {"persons": [joris, marieke]})
    hers = world.call(STRANGER, answered_by=world.members["Bram"])
    send(world, world.members["Bram"], hers, EvidenceKind.CODE_BY_TEXT)
    assert left_out(world, call) == []
    assert left_out(world, hers) == [(5, None)]


def test_the_word_for_a_call_back_lasts_until_the_next_thing(world: World, anna: Member, call: int) -> None:
    at(world, 5)
    question = ask(world, anna, call)
    at(world, 9)
    answer(world, anna, call, question, RIGHT_ANSWERS[question.key])
    at(world, 20)
    with world.writing() as session:
        call_backs.ask(session, world.now, anna, KEY, call, Kind.LICENCES)
    assert left_out(world, call) == [(5, 9), (20, None)]
    at(world, 31)
    world.hang_up(call)
    assert left_out(world, call) == [(5, 9), (20, 31)]


def test_a_colleague_who_vouches_ends_nothing_that_the_caller_says(world: World, anna: Member, call: int) -> None:
    dirk = world.hire("Dirk", Role.SUPERVISOR)
    at(world, 10)
    ask(world, anna, call)
    at(world, 15)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, anna, call)
        approvals.ask(session, world.now, begun, ApprovalReason.CANT_ANSWER, "Nothing is at hand to ask about.")
        asked = session.exec(select(Approval)).one()
        approvals.decide(session, world.now, dirk, asked.public_id, grant=True)
    assert left_out(world, call) == [(10, None)]


def test_after_a_transfer_what_both_heard_is_left_out(world: World, anna: Member, call: int) -> None:
    bram = world.members["Bram"]
    at(world, 10)
    ask(world, anna, call)
    at(world, 20)
    world.hand_on(call, anna, bram)
    at(world, 30)
    question = ask(world, bram, call)
    at(world, 38)
    answer(world, bram, call, question, RIGHT_ANSWERS[question.key])
    assert left_out(world, call) == [(10, 20), (30, 38)]


def test_a_call_in_which_nobody_was_verified_is_heard_whole(world: World, anna: Member) -> None:
    assert left_out(world, world.call(None, answered_by=anna)) == []
