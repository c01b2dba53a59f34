"""What is asked, what an answer adds, and when the asking ends (P06, P38)."""

import pytest
from sqlmodel import select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, Outcome
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, Invalid, TooMany
from contactcenter.customers.models import Customer
from contactcenter.staff.access import Member
from contactcenter.verification import door, flags
from contactcenter.verification import service as verification
from contactcenter.verification.asking import DrawnQuestion
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, GlassReason, Level
from tests.factories import JORIS, RIGHT_ANSWERS, STRANGER, World
from tests.verification.acts import answer, answer_rightly, ask, card, prove, recognise


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


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


def test_declining_until_an_easy_question_comes_ends_with_another_way(world: World, anna: Member, call: int) -> None:
    for _ in range(6):
        answer(world, anna, call, ask(world, anna, call), None)
    with pytest.raises(TooMany, match="code by e-mail"):
        ask(world, anna, call)


def test_calling_again_and_again_brings_no_easier_questions(world: World, anna: Member) -> None:
    for _ in range(6):
        call = world.call(JORIS, answered_by=anna)
        for _ in range(2):
            answer(world, anna, call, ask(world, anna, call), None)
        world.hang_up(call)
    call = world.call(JORIS, answered_by=anna)
    with pytest.raises(TooMany):
        ask(world, anna, call)
    world.travel(hours=25)
    ask(world, anna, world.call(JORIS, answered_by=anna))


def test_wrong_answers_from_one_number_end_the_asking_about_everybody(world: World, anna: Member) -> None:
    for relation_number, person in (("10042", "joris"), ("10077", "priya"), ("10042", "marieke")):
        call = world.call(STRANGER, answered_by=anna)
        world.link(call, relation_number, person, anna)
        answer(world, anna, call, ask(world, anna, call), "fout")
        world.hang_up(call)
    call = world.call(STRANGER, answered_by=anna)
    world.link(call, "10077", "priya", anna)
    with pytest.raises(TooMany):
        ask(world, anna, call)
    elsewhere = world.call(None, answered_by=world.members["Bram"])
    world.link(elsewhere, "10077", "priya", world.members["Bram"])
    ask(world, world.members["Bram"], elsewhere)


def test_what_was_told_in_this_contact_is_not_asked_in_it(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    with world.writing() as session:
        verification.end_all(session, world.now, call)
        begun = verification.ensure(session, world.now, anna, call)
        assert {verification.draw(session, world.now, begun).key} <= {"device-id", "last-invoice-month"} | {
            "last-invoice-amount"
        }


def test_what_the_agent_opened_by_breaking_the_glass_is_not_asked(world: World, anna: Member, call: int) -> None:
    """Anna looks for a reason of her own, and could say to Mallory what she is going to ask."""
    (bakery,) = world.rows(select(Customer).where(Customer.relation_number == "10042"))
    with world.writing() as session:
        words = "Their account sends spam and nobody answers."
        door.break_glass(session, world.now, anna, bakery.id, GlassReason.DAMAGE, words)
    recognise(world, anna, call)
    for _ in range(3):
        asked = ask(world, anna, call)
        assert asked.key in {"device-id", "last-invoice-month", "last-invoice-amount"}
        answer(world, anna, call, asked, None)


def test_the_last_question_of_an_earlier_call_is_not_asked_first(world: World, anna: Member, call: int) -> None:
    for _ in range(5):
        first = ask(world, anna, call)
        answer(world, anna, call, first, None)
        world.hang_up(call)
        call = world.call(JORIS, answered_by=anna)
        assert ask(world, anna, call).key != first.key
        world.hang_up(call)
        call = world.call(JORIS, answered_by=anna)


def test_who_called_as_somebody_else_gains_nothing_by_knowing_of_that_call(world: World, anna: Member) -> None:
    """Mallory rings twice without a number and calls herself Joris; the first time she asks about an invoice."""
    about_invoice(world, anna, by_joris(world, anna))
    assert "last-call" not in asked_of_joris(world, anna)


def test_who_was_verified_in_the_last_call_is_asked_about_it(world: World, anna: Member) -> None:
    call = by_joris(world, anna)
    for _ in range(2):
        answer_rightly(world, anna, call)
    about_invoice(world, anna, call)
    assert "last-call" in asked_of_joris(world, anna)


def test_who_was_verified_in_another_call_or_only_recognised_is_not_asked_about_the_last(
    world: World, anna: Member
) -> None:
    """Joris proves who he is; then Mallory rings without a number, a colleague vouches for her, and she asks."""
    first = by_joris(world, anna)
    for _ in range(2):
        answer_rightly(world, anna, first)
    about_invoice(world, anna, first)
    last = by_joris(world, anna)
    prove(world, anna, last, EvidenceKind.APPROVAL)
    assert card(world, anna, last).level < Level.VERIFIED
    about_invoice(world, anna, last)
    assert "last-call" not in asked_of_joris(world, anna)


def test_who_was_verified_as_somebody_else_is_not_asked_about_that_call(world: World, anna: Member) -> None:
    """Priya proves who she is, and then says that she is Joris."""
    call = world.call(None, answered_by=anna)
    world.link(call, "10077", "priya", anna)
    for kind in (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.APPROVAL):
        prove(world, anna, call, kind)
    assert card(world, anna, call).level is Level.VERIFIED
    world.link(call, "10042", "joris", anna)
    about_invoice(world, anna, call)
    assert "last-call" not in asked_of_joris(world, anna)


def test_a_call_whose_verification_was_revoked_proves_nothing_later(world: World, anna: Member) -> None:
    call = by_joris(world, anna)
    for _ in range(2):
        answer_rightly(world, anna, call)
    with world.writing() as session:
        verification.revoke(session, world.now, anna, session.get_one(Contact, call))
    about_invoice(world, anna, call)
    assert "last-call" not in asked_of_joris(world, anna)


def until_asked(world: World, agent: Member, call: int, key: str) -> DrawnQuestion:
    """Questions are drawn and declined until this one comes."""
    while (question := ask(world, agent, call)).key != key:
        answer(world, agent, call, question, None)
    return question


def test_a_question_that_waited_while_its_answer_was_opened_and_told_lifts_nobody(
    world: World, anna: Member, call: int
) -> None:
    """Mallory has Joris's mailbox: she reads a code out, hears of nine licences, then answers what waited."""
    recognise(world, anna, call)
    question = until_asked(world, anna, call, "active-licences")
    prove(world, anna, call, EvidenceKind.CODE_BY_EMAIL)
    with world.writing() as session:
        door.disclose(session, world.now, anna, contact_id=call)
        assert verification.progress(session, world.now, anna, call).question is None
    with pytest.raises(Conflict, match="opened meanwhile"):
        answer(world, anna, call, question, RIGHT_ANSWERS[question.key])
    assert card(world, anna, call).level is Level.VERIFIED


def by_joris(world: World, agent: Member) -> int:
    """Somebody without a number says that they are Joris."""
    call = world.call(None, answered_by=agent)
    world.link(call, "10042", "joris", agent)
    return call


def about_invoice(world: World, agent: Member, call: int) -> None:
    """The call is over, and was about an invoice."""
    world.hang_up(call)
    with world.writing() as session:
        about = ContactKind.INVOICE
        contact = session.get_one(Contact, call)
        contacts.close(session, world.now, contact, agent.id, outcome=Outcome.SOLVED, kind=about, follow_up_on=None)


def asked_of_joris(world: World, agent: Member) -> set[str]:
    """What is asked of somebody without a number who says that they are Joris, and would rather not answer."""
    world.travel(hours=25)
    call, asked = by_joris(world, agent), set()
    for _ in range(6):
        question = ask(world, agent, call)
        asked.add(question.key)
        answer(world, agent, call, question, None)
    return asked


@pytest.mark.parametrize("said", ["", "   ", "x" * 201])
def test_an_empty_or_endless_answer_is_refused_and_counts_for_nothing(
    world: World, anna: Member, call: int, said: str
) -> None:
    question = ask(world, anna, call)
    with pytest.raises(Invalid):
        answer(world, anna, call, question, said)
    assert ask(world, anna, call) == question


def test_who_is_verified_is_asked_nothing_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    with pytest.raises(Conflict, match="nothing left to ask that would help"):
        ask(world, anna, call)


def test_the_typed_answer_is_kept_nowhere(world: World, anna: Member, call: int) -> None:
    question = ask(world, anna, call)
    answer(world, anna, call, question, "kanariegeel 4711")
    assert [table for table, rows in world.tables() if "kanariegeel" in rows] == []
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
    while (question := ask(world, anna, call)).key == "last-mutation":  # stays on record
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
    assert found.ways == (EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT)
    assert [(each.kind, each.outcome) for each in found.evidence] == [
        (EvidenceKind.KNOWN_NUMBER, EvidenceOutcome.HOLDS)
    ]


@pytest.mark.parametrize("why", ["answered", "doubted"])
def test_the_desk_offers_a_question_until_enough_was_answered_or_there_is_doubt(
    world: World, anna: Member, call: int, why: str
) -> None:
    def offered() -> bool:
        with world.reading() as session:
            return verification.progress(session, world.now, anna, call).may_ask

    recognise(world, anna, call)
    assert offered()
    if why == "answered":
        answer_rightly(world, anna, call)
    else:
        with world.writing() as session:
            customer = session.exec(select(Customer).where(Customer.relation_number == "10042")).one()
            flags.doubt(session, world.now, anna, customer.id, call, "She says that this is not her account.")
    assert not offered()
