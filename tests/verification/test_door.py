"""The one door: evidence opens the customer's data to who handles the call, while it may (P05, P06, P12, P29)."""

from dataclasses import replace

import pytest
from sqlmodel import col, select

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, Invalid, NotFound, TooMany
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.verification import service as verification
from contactcenter.verification.asking import DrawnQuestion
from contactcenter.verification.models import Disclosure, Evidence, Verification
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, Level
from contactcenter.verification.showing import CustomerCard, Opened
from tests.factories import BAKKERIJ_JANSEN, JORIS, PRIYA, RIGHT_ANSWERS, SHARED, STRANGER, World


def card(world: World, viewer: Member, contact_id: int) -> CustomerCard:
    """What this member sees of the contact's customer."""
    with world.reading() as session:
        found = verification.card(session, world.now, viewer, contact_id)
    assert found is not None
    return found


def opened(world: World, viewer: Member, contact_id: int) -> set[Kind]:
    """The kinds that are open."""
    return {kind for kind, value in card(world, viewer, contact_id).kinds.items() if value.open}


def recognise(world: World, viewer: Member, contact_id: int) -> None:
    """The call is connected: who the number names is recognised."""
    with world.writing() as session:
        verification.ensure(session, world.now, viewer, contact_id)
        verification.disclose(session, world.now, viewer, contact_id=contact_id)


def ask(world: World, viewer: Member, contact_id: int) -> DrawnQuestion:
    """The agent draws a question."""
    with world.writing() as session:
        begun = verification.ensure(session, world.now, viewer, contact_id)
        return verification.draw(session, world.now, begun)


def answer(world: World, viewer: Member, contact_id: int, question: DrawnQuestion, said: str | None) -> EvidenceOutcome:
    """The agent types what the caller said."""
    with world.writing() as session:
        outcome = verification.answer(session, world.now, viewer, question.public_id, said)
        verification.disclose(session, world.now, viewer, contact_id=contact_id)
        return outcome


def answer_rightly(world: World, viewer: Member, contact_id: int) -> None:
    """One question, and Joris knows."""
    question = ask(world, viewer, contact_id)
    assert answer(world, viewer, contact_id, question, RIGHT_ANSWERS[question.key]) is EvidenceOutcome.HOLDS


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


def test_before_anything_is_known_all_sixteen_kinds_are_masked(world: World, anna: Member, call: int) -> None:
    found = card(world, anna, call)
    assert len(found.kinds) == 16
    assert opened(world, anna, call) == set()
    assert (found.customer_name, found.person_name, found.level) == (None, None, Level.UNKNOWN)


def test_a_known_number_opens_the_name_to_greet_with_and_no_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    found = card(world, anna, call)
    assert (found.level, found.live) == (Level.RECOGNISED, True)
    assert (found.customer_name, found.person_name) == ("Bakkerij Jansen", "Joris Jansen")
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}


def test_one_asked_fact_on_top_opens_the_whole_list_with_a_row_for_each_kind(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == set(Kind)
    shown = card(world, anna, call).kinds[Kind.BANK_ACCOUNT]
    assert isinstance(shown, Opened)
    assert shown.lines[0].text == "NL91ABNA0417164300"
    rows = world.rows(select(Disclosure))
    assert sorted(row.what for row in rows) == sorted(Kind)
    assert {(row.staff_id, row.level) for row in rows} == {(anna.id, 1), (anna.id, 2)}
    assert len(world.acts(Action.DISCLOSED)) == 16


def test_a_known_number_alone_never_passes_however_often(world: World, anna: Member, call: int) -> None:
    for _ in range(5):
        recognise(world, anna, call)
    (found,) = world.rows(select(Verification))
    assert found.level is Level.RECOGNISED
    assert len(world.rows(select(Evidence))) == 1


def test_a_withheld_number_is_no_fault_two_facts_pass_as_well(world: World, anna: Member) -> None:
    call = world.call(None, answered_by=anna)
    world.link(call, "10042", "joris", anna)
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == set(Kind)
    kinds = {each.kind for each in world.rows(select(Evidence))}
    assert kinds == {EvidenceKind.ASKED}


def test_who_is_chosen_among_candidates_counts_as_recognised_by_the_number(world: World, anna: Member) -> None:
    for relation_number in ("10101", "10102"):
        office = {"reference": "office", "name": "Kantoor", "numbers": [{"number": SHARED}]}
        world.put({"relation_number": relation_number, "name": "De Boer", "postcode": "8011 AA", "persons": [office]})
    call = world.call(SHARED, answered_by=anna)
    with world.reading() as session:
        assert verification.card(session, world.now, anna, call) is None
    world.link(call, "10101", "office", anna)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.RECOGNISED


def test_a_number_says_nothing_for_somebody_else_than_its_person(world: World, anna: Member, call: int) -> None:
    world.link(call, "10077", "priya", anna)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.UNKNOWN
    assert opened(world, anna, call) == set()


def test_three_wrong_answers_end_the_asking_for_a_day_across_contacts_and_agents(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    for _ in range(2):
        assert answer(world, anna, call, ask(world, anna, call), "geen idee") is EvidenceOutcome.FAILS
    bram = world.members["Bram"]
    other = world.call(None, answered_by=bram)
    world.link(other, "10042", "joris", bram)
    waiting = ask(world, anna, call)
    assert answer(world, bram, other, ask(world, bram, other), "fout") is EvidenceOutcome.FAILS
    with pytest.raises(TooMany, match="call back"):
        ask(world, bram, other)
    with pytest.raises(TooMany):
        answer(world, anna, call, waiting, RIGHT_ANSWERS[waiting.key])
    world.travel(hours=25)
    answer_rightly(world, bram, world.call(JORIS, answered_by=bram))


def test_declining_is_no_failure_and_another_question_is_offered(world: World, anna: Member, call: int) -> None:
    seen = set()
    for _ in range(5):
        question = ask(world, anna, call)
        assert question.key not in seen
        seen.add(question.key)
        assert answer(world, anna, call, question, None) is EvidenceOutcome.DECLINED
    with world.reading() as session:
        assert verification.progress(session, world.now, anna, call).tries_left == 3


def test_a_question_stays_until_it_is_answered_and_is_answered_once(world: World, anna: Member, call: int) -> None:
    question = ask(world, anna, call)
    assert ask(world, anna, call) == question
    answer(world, anna, call, question, None)
    with pytest.raises(Conflict, match="answered already"):
        answer(world, anna, call, question, "7311ab")


def test_when_every_question_was_declined_a_call_back_is_offered(world: World, anna: Member, call: int) -> None:
    for _ in RIGHT_ANSWERS:
        answer(world, anna, call, ask(world, anna, call), None)
    with pytest.raises(Conflict, match="call back"):
        ask(world, anna, call)


def test_the_last_question_of_an_earlier_call_is_not_asked_first(world: World, anna: Member, call: int) -> None:
    for _ in range(6):
        first = ask(world, anna, call)
        answer(world, anna, call, first, None)
        world.hang_up(call)
        call = world.call(JORIS, answered_by=anna)
        assert ask(world, anna, call).key != first.key
        world.hang_up(call)
        call = world.call(JORIS, answered_by=anna)


@pytest.mark.parametrize("said", ["", "   ", "x" * 201])
def test_an_empty_or_endless_answer_is_refused_and_counts_for_nothing(
    world: World, anna: Member, call: int, said: str
) -> None:
    question = ask(world, anna, call)
    with pytest.raises(Invalid):
        answer(world, anna, call, question, said)
    assert ask(world, anna, call) == question


def test_a_colleague_sees_nothing_and_cannot_answer(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    question = ask(world, anna, call)
    answer(world, anna, call, question, RIGHT_ANSWERS[question.key])
    bram = world.members["Bram"]
    assert opened(world, bram, call) == set()
    with pytest.raises(NotFound):
        ask(world, bram, call)
    with pytest.raises(NotFound):
        answer(world, bram, call, question, "7311ab")


def test_without_privacy_training_nothing_opens(world: World, call: int, anna: Member) -> None:
    gijs = world.hire("Gijs", trained=False)
    call = world.call(JORIS, answered_by=gijs)
    recognise(world, gijs, call)
    assert opened(world, gijs, call) == set()
    assert world.rows(select(Disclosure)) == []
    with world.reading() as session:
        assert not verification.words_open(session, world.now, gijs, call)


def test_a_training_that_lapses_shuts_what_was_open(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    assert opened(world, replace(anna, trained=False), call) == set()


def test_after_the_call_what_was_open_stays_readable_until_the_wrap_up_ends_and_nothing_new_opens(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    waiting = ask(world, anna, call)
    world.travel(minutes=5)
    world.hang_up(call)
    world.travel(minutes=29)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    assert not card(world, anna, call).live
    with pytest.raises(Conflict):
        answer(world, anna, call, waiting, RIGHT_ANSWERS[waiting.key])
    with pytest.raises(Conflict):
        ask(world, anna, call)
    with world.writing() as session:
        verification.disclose(session, world.now, anna, contact_id=call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    world.travel(minutes=2)
    assert opened(world, anna, call) == set()


def test_a_pass_ends_after_half_an_hour_and_begins_again(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    world.travel(minutes=31)
    assert opened(world, anna, call) == set()
    recognise(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}


def test_switching_the_customer_ends_the_pass_also_when_switching_back(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    world.link(call, "10077", "priya", anna)
    assert opened(world, anna, call) == set()
    world.link(call, "10042", "joris", anna)
    assert opened(world, anna, call) == set()
    recognise(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}


def test_a_call_given_back_to_the_queue_takes_its_pass_with_it(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
    assert opened(world, anna, call) == set()


def test_when_the_callers_hang_up_is_heard_of_after_the_agents_leg_what_was_open_stays_readable(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
    world.travel(seconds=1)
    world.hang_up(call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    assert not card(world, anna, call).live


def test_who_left_the_line_long_before_the_end_reads_nothing_any_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
    world.travel(minutes=1)
    world.hang_up(call)
    assert opened(world, anna, call) == set()


def test_a_person_with_a_narrow_mandate_hears_no_more_than_that(world: World, anna: Member) -> None:
    call = world.call(None, answered_by=anna)
    world.link(call, "10042", "marieke", anna)
    answer_rightly(world, anna, call)
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER, Kind.INVOICES}


def test_a_mandate_that_ended_opens_nothing_but_the_greeting(world: World, anna: Member) -> None:
    joris = BAKKERIJ_JANSEN["persons"][0] | {"authorised_until": "2026-11-22"}
    world.put(BAKKERIJ_JANSEN | {"persons": [joris]})
    call = world.call(JORIS, answered_by=anna)
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}


def test_without_a_person_nobody_can_be_verified(world: World, anna: Member) -> None:
    call = world.call(STRANGER, answered_by=anna)
    with pytest.raises(Conflict, match="Link the contact"):
        ask(world, anna, call)
    world.link(call, "10042", None, anna)
    with pytest.raises(Conflict, match="which person"):
        ask(world, anna, call)


def test_nothing_is_asked_and_nothing_financial_opens_on_a_call_that_we_make(world: World, anna: Member) -> None:
    call = world.call(PRIYA, answered_by=anna, direction=Direction.OUTBOUND)
    with pytest.raises(Conflict, match="P12"):
        ask(world, anna, call)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.UNKNOWN


def test_who_is_verified_is_asked_nothing_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    with pytest.raises(Conflict, match="verified"):
        ask(world, anna, call)


def test_the_typed_answer_and_the_expected_one_are_kept_nowhere(world: World, anna: Member, call: int) -> None:
    question = ask(world, anna, call)
    answer(world, anna, call, question, "kanariegeel 4711")
    kept = [*world.rows(select(Evidence)), *world.acts(Action.EVIDENCE_GIVEN), *world.rows(select(Disclosure))]
    assert "kanariegeel" not in repr(kept)
    assert [act.detail for act in world.acts(Action.EVIDENCE_GIVEN)] == ["number holds", f"{question.key} fails"]


def test_no_expected_answer_leaves_before_the_pass(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    said = [repr(card(world, anna, call))]
    for _ in range(2):
        question = ask(world, anna, call)
        said += [repr(question), repr(answer(world, anna, call, question, "weet ik niet"))]
        with world.reading() as session:
            said += [repr(verification.progress(session, world.now, anna, call)), repr(card(world, anna, call))]
    for canary in ("7311", "Veldwijk", "Vier extra", "864", "bezoekadres", "2023-03", "NL91", "9f86d081", "joris@"):
        assert canary not in "".join(said)


def test_what_is_not_known_any_more_sounds_like_any_wrong_answer(world: World, anna: Member, call: int) -> None:
    while (question := ask(world, anna, call)).key not in ("postcode", "licence-provider", "contract-start"):
        answer(world, anna, call, question, None)
    world.put(
        {"relation_number": "10042", "name": "Bakkerij Jansen", "postcode": "", "licence_provider": "", "rows": []}
        | {"contract_from": None}
    )
    assert answer(world, anna, call, question, RIGHT_ANSWERS[question.key]) is EvidenceOutcome.FAILS


def test_the_progress_of_the_desk_tells_evidence_tries_and_question(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    question = ask(world, anna, call)
    with world.reading() as session:
        found = verification.progress(session, world.now, anna, call)
    assert (found.level, found.live, found.question, found.tries_left) == (Level.RECOGNISED, True, question, 3)
    assert [(each.kind, each.outcome) for each in found.evidence] == [
        (EvidenceKind.KNOWN_NUMBER, EvidenceOutcome.HOLDS)
    ]


def test_the_page_of_a_customer_shows_what_my_call_opened_and_masks_it_for_others(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    (row,) = world.rows(select(Verification).order_by(col(Verification.id)))
    with world.reading() as session:
        mine = verification.card_of_customer(session, world.now, anna, row.customer_id)
        brams = verification.card_of_customer(session, world.now, world.members["Bram"], row.customer_id)
    assert mine.customer_name == "Bakkerij Jansen"
    assert brams.customer_name is None
    assert not any(kind.open for kind in brams.kinds.values())
