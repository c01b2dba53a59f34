"""What the desk tells an agent at each moment of a call: how sure we are, until when, what may be done (P05)."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import col, select

from contactcenter.customers.models import Customer, KnownNumber, Person
from contactcenter.staff.access import Member
from contactcenter.verification import approvals, called_for, codes, flags
from contactcenter.verification import service as verification
from contactcenter.verification.models import Verification
from contactcenter.verification.policy import Strength
from contactcenter.verification.rules import ApprovalReason, EvidenceKind, EvidenceOutcome, Level
from contactcenter.verification.service import Progress, Shown
from tests.factories import BAKKERIJ_JANSEN, JORIS, PRIYA, RIGHT_ANSWERS, STRANGER, World
from tests.verification.acts import answer, answer_rightly, ask, prove, recognise

HALF_AN_HOUR = timedelta(minutes=30)
BY_CODE = (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT)
HOLDS, FAILS = EvidenceOutcome.HOLDS, EvidenceOutcome.FAILS
NOBODY_YET = Progress(Level.UNKNOWN, live=False, evidence=(), question=None, tries_left=3, may_ask=True, ends_at=None)


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


def told(world: World, viewer: Member, contact_id: int) -> Progress:
    """What the desk of this member says."""
    with world.reading() as session:
        return verification.progress(session, world.now, viewer, contact_id)


def begun(world: World, contact_id: int) -> Verification:
    """The verification of a contact."""
    return world.rows(select(Verification).where(Verification.contact_id == contact_id))[-1]


def customer_id(world: World, relation_number: str) -> int:
    """The id of a customer."""
    return world.rows(select(Customer.id).where(Customer.relation_number == relation_number))[0]


def test_before_anybody_is_named_nothing_is_shown_and_all_tries_are_left(world: World, anna: Member) -> None:
    assert told(world, anna, world.call(STRANGER, answered_by=anna)) == NOBODY_YET


def test_who_is_linked_by_hand_has_the_tries_that_are_left_of_today(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    for left in (2, 1, 0):
        answer(world, anna, call, ask(world, anna, call), "no idea")
        assert told(world, anna, call).tries_left == left
    assert not told(world, anna, call).may_ask
    world.hang_up(call)
    later = world.call(STRANGER, answered_by=anna)
    world.link(later, "10042", "joris", anna)
    assert (told(world, anna, later).tries_left, told(world, anna, later).may_ask) == (0, False)
    world.link(later, "10077", "priya", anna)
    assert (told(world, anna, later).tries_left, told(world, anna, later).may_ask) == (3, True)


def test_a_known_number_is_shown_with_what_it_counts_and_how_long_it_holds(
    world: World, anna: Member, call: int
) -> None:
    world.travel(minutes=1)
    recognise(world, anna, call)
    known = Shown(EvidenceKind.KNOWN_NUMBER, "number", HOLDS, Strength.WEAK, world.now)
    ends_at = world.now + HALF_AN_HOUR
    world.travel(minutes=5)
    assert told(world, anna, call) == Progress(Level.RECOGNISED, True, (known,), None, 3, True, ends_at, BY_CODE)
    bram = world.members["Bram"]
    world.hand_on(call, anna, bram)
    recognise(world, bram, call)
    colleagues, *own = told(world, bram, call).evidence
    assert colleagues == replace(known, by_colleague=True)
    assert [one.by_colleague for one in own] == [False]


def test_a_question_stands_on_the_desk_until_the_call_is_over(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    assert told(world, anna, call).question is None
    drawn = ask(world, anna, call)
    assert told(world, anna, call).question == drawn
    assert drawn.text
    world.hang_up(call)
    over = told(world, anna, call)
    assert (over.level, over.live, over.question, over.may_ask) == (Level.RECOGNISED, False, None, False)
    assert (over.ends_at, over.ways, over.code_waits, over.approval_waits) == (None, (), False, False)


def test_a_code_and_a_second_person_are_waited_for_until_there_is_no_further_level(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verifying = session.get_one(Verification, begun(world, call).id)
        sent = codes.make(session, world.now, verifying, EvidenceKind.CODE_BY_EMAIL)
        codes.arrived(session, world.now, sent.public_id)
    assert (told(world, anna, call).code_waits, told(world, anna, call).approval_waits) == (True, False)
    with world.writing() as session:
        verifying = session.get_one(Verification, begun(world, call).id)
        approvals.ask(session, world.now, verifying, ApprovalReason.CANT_ANSWER, "She stands in a server room.")
    assert (told(world, anna, call).code_waits, told(world, anna, call).approval_waits) == (True, True)
    answer_rightly(world, anna, call)
    prove(world, anna, call, EvidenceKind.CODE_BY_TEXT)
    sure = told(world, anna, call)
    assert (sure.level, sure.live, sure.may_ask) == (Level.STRONG, True, False)
    assert (sure.ways, sure.code_waits, sure.approval_waits) == ((), False, False)


def test_of_a_doubted_customer_nothing_more_is_asked_and_of_others_it_is(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    other = world.call(PRIYA, answered_by=anna)
    recognise(world, anna, other)
    with world.writing() as session:
        words = "He did not know the name of his own shop."
        flags.doubt(session, world.now, anna, customer_id(world, "10042"), call, words)
    assert not told(world, anna, call).may_ask
    assert told(world, anna, call).ways == BY_CODE
    assert told(world, anna, other).may_ask


def test_where_all_that_is_left_helps_nobody_further_no_question_is_offered(world: World, anna: Member) -> None:
    call = world.call(None, answered_by=anna)
    world.link(call, "10077", "priya", anna)
    for left in (True, False):  # there are two things to ask about Harbour Dental
        answer(world, anna, call, ask(world, anna, call), None)
        assert told(world, anna, call).may_ask is left


def test_a_day_counts_the_contacts_that_were_verified_by_whom_and_since_when(world: World, anna: Member) -> None:
    bram, morning = world.members["Bram"], world.now
    for viewer, asked in ((anna, True), (anna, False), (bram, True)):
        call = world.call(JORIS, answered_by=viewer)
        recognise(world, viewer, call)
        if asked:
            answer_rightly(world, viewer, call)
        world.hang_up(call)
    world.travel(minutes=1)
    with world.reading() as session:
        since = {who.id: verification.verified_since(session, who.id, morning) for who in (anna, bram)}
        assert since == {anna.id: 1, bram.id: 1}
        assert verification.verified_since(session, anna.id, world.now) == 0


def test_we_call_back_on_the_oldest_number_that_still_stands(world: World) -> None:
    numbers = [
        {"number": STRANGER, "attested": True, "since": "2022-01-01"},
        {"number": "06 55555555", "attested": True, "since": "2021-01-01"},
        {"number": "06 66666666", "attested": True, "since": "2023-01-01"},
    ]
    world.put(BAKKERIJ_JANSEN | {"persons": [{"reference": "joris", "name": "Joris", "numbers": numbers}]})
    (joris,) = world.rows(select(Person.id).where(Person.reference == "joris"))
    with world.writing() as session:
        assert called_for.number_of(session, world.now, joris) == "+31655555555"
        oldest = select(KnownNumber).where(col(KnownNumber.e164) == "+31655555555")
        session.exec(oldest).one().ended_at = world.now
        assert called_for.number_of(session, world.now, joris) == STRANGER


def test_a_right_answer_is_shown_as_strong_as_the_policy_says(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    drawn = ask(world, anna, call)
    world.travel(minutes=2)
    answer(world, anna, call, drawn, RIGHT_ANSWERS[drawn.key])
    shown = told(world, anna, call).evidence[-1]
    assert (shown.kind, shown.fact, shown.outcome, shown.at) == (EvidenceKind.ASKED, drawn.key, HOLDS, world.now)
    assert shown.strength in (Strength.WEAK, Strength.STRONG)
    assert told(world, anna, call).ends_at == world.now + HALF_AN_HOUR
