"""P06, P07, P27, P29, P32: what was shown, by whom and on what evidence; what is kept of customers."""

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import select

from contactcenter.contacts import service as contacts
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.privacy.promises import verdict_of
from contactcenter.privacy.rules import STATEMENT_LISTS, Page, State
from contactcenter.recordings import playback
from contactcenter.staff import service as staff
from contactcenter.verification import service as verification
from contactcenter.verification.rules import SAID, EvidenceKind, Level, Purpose
from tests.factories import BAKKERIJ_JANSEN, JORIS, RIGHT_ANSWERS, World
from tests.privacy.line import Line, corrected, of_unknown_source, shown, verified


def customer(world: World, relation_number: str = "10042") -> str:
    """A customer's public id."""
    return world.rows(select(Customer.public_id).where(Customer.relation_number == relation_number))[0]


def test_a_caller_who_is_verified_was_asked_something(line: Line) -> None:
    world, anna = line.world, line.world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        begun = verification.ensure(session, world.now, anna, call)
        question = verification.draw(session, world.now, begun)
        verification.answer(session, world.now, anna, question.public_id, RIGHT_ANSWERS[question.key])
    line.keeps("P06", checked=1)


@pytest.mark.parametrize("kind", sorted(set(EvidenceKind) - SAID))
def test_what_nobody_asked_or_possessed_is_never_enough(line: Line, kind: EvidenceKind) -> None:
    world, call = line.world, line.world.call(JORIS)
    verified(world, call, Level.RECOGNISED, kind)
    line.keeps("P06", checked=0)
    verified(world, call, Level.STRONG, *SAID)
    line.keeps("P06", checked=1)
    verified(world, call, Level.VERIFIED, kind)
    line.breaks("P06", world.contact(call).public_id)


def test_an_answer_that_was_wrong_proves_nothing(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    verified(world, call, Level.VERIFIED, EvidenceKind.ASKED)
    line.keeps("P06", checked=1)
    with world.writing() as session:
        session.connection().exec_driver_sql("UPDATE evidence SET outcome = 'fails'")
    line.breaks("P06", world.contact(call).public_id)


def test_who_is_verified_without_any_evidence_breaks_it(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    verified(world, call, Level.VERIFIED)
    line.breaks("P06", world.contact(call).public_id)


@pytest.mark.parametrize(
    ("kind", "evidence", "broken"),
    [
        (Kind.NAME_AND_ADDRESS, EvidenceKind.ASKED, False),
        (Kind.NAME_AND_ADDRESS, EvidenceKind.KNOWN_NUMBER, True),
        (Kind.BANK_ACCOUNT, EvidenceKind.CODE_BY_TEXT, False),
        (Kind.BANK_ACCOUNT, EvidenceKind.ASKED, True),
        (Kind.PHONE_NUMBERS, EvidenceKind.APPROVAL, True),
    ],
)
def test_what_was_corrected_rests_on_what_was_asked_or_possessed_before(
    line: Line, kind: Kind, evidence: EvidenceKind, broken: bool
) -> None:
    world, call = line.world, line.world.call(JORIS)
    made = verified(world, call, Level.RECOGNISED, evidence)
    corrected(world, call, made, kind)
    if broken:
        line.breaks("P06", world.contact(call).public_id)
        return
    line.keeps("P06", checked=1)
    with world.writing() as session:
        session.connection().exec_driver_sql("UPDATE evidence SET at = '2026-12-31'")
    line.breaks("P06", world.contact(call).public_id)


def test_a_code_that_was_read_out_to_a_colleague_in_the_same_call_is_proof(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    verified(world, call, Level.RECOGNISED, EvidenceKind.CODE_BY_EMAIL)
    corrected(world, call, verified(world, call, Level.RECOGNISED, EvidenceKind.ASKED))
    line.keeps("P06", checked=1)


def test_only_what_the_statement_lists_was_shown(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    with world.writing() as session:
        session.add_all(shown(world, call, kind) for kind in [*STATEMENT_LISTS, "words"])
    line.keeps("P07", checked=17)
    with world.writing() as session:
        session.add_all(shown(world, call, kind) for kind in ("ip-address", "card-number", "card-number"))
    contact = world.contact(call).public_id
    line.breaks("P07", contact, contact, contact)


def test_what_was_shown_without_a_contact_is_found_on_the_customers_page(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    without = shown(world, call, "ip-address")
    without.contact_id = None
    without.customer_id = world.rows(select(Customer.id).where(Customer.relation_number == "10042"))[0]
    with world.writing() as session:
        session.add(without)
    line.breaks("P07", customer(world), page=Page.CUSTOMER)


def test_prospects_have_a_source(line: Line) -> None:
    world = line.world
    with world.reading() as session:
        assert verdict_of(session, world.now, "P27").state is State.NOTHING_YET
    of_unknown_source(world)
    line.breaks("P27", customer(world, "10099"), page=Page.CUSTOMER)
    with world.writing() as session:
        session.exec(select(Customer).where(Customer.relation_number == "10099")).one().source = "own web site"
    line.keeps("P27", checked=1)


def test_what_the_trained_see_keeps_the_promise(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    with world.writing() as session:
        session.add(shown(world, call, "licences"))
    line.keeps("P29", checked=1)


def test_what_somebody_without_training_saw_breaks_it_for_good(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    world.hire("Gijs", trained=False)
    with world.writing() as session:
        session.add(shown(world, call, "licences", to="Gijs"))
    line.breaks("P29", world.contact(call).public_id)
    world.travel(days=1)
    with world.writing() as session:
        staff.set_trained(session, world.now, "gijs", world.now.date())
    line.breaks("P29", world.contact(call).public_id)
    with world.writing() as session:
        session.add(shown(world, call, "licences", to="Gijs"))
    assert line.finding("P29").count == 1


def test_a_training_that_was_renewed_still_counts_for_what_came_before(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    world.hire("Gijs", trained=False)
    with world.writing() as session:
        staff.set_trained(session, world.now, "gijs", world.now.date())
        session.add(shown(world, call, "licences", to="Gijs"))
    world.travel(days=400)
    with world.writing() as session:
        staff.set_trained(session, world.now, "gijs", world.now.date())
    line.keeps("P29", checked=1)


def test_a_training_that_came_with_the_account_counts_after_its_renewal(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    with world.writing() as session:
        session.add(shown(world, call, "licences", to="Anna"))
    world.travel(days=400)
    with world.writing() as session:
        staff.set_trained(session, world.now, "anna", world.now.date())
    line.keeps("P29", checked=1)


def test_a_training_counts_from_its_own_day_and_not_from_its_registration(line: Line) -> None:
    world, call = line.world, line.world.call(JORIS)
    world.hire("Gijs", trained=False)
    with world.writing() as session:
        session.add(shown(world, call, "licences", to="Gijs"))
    world.travel(days=2)
    with world.writing() as session:
        session.add(shown(world, call, "licences", to="Gijs"))
    world.travel(days=1)
    with world.writing() as session:
        staff.set_trained(session, world.now, "gijs", world.now.date() - timedelta(days=1))
    world.travel(days=400)
    with world.writing() as session:
        staff.set_trained(session, world.now, "gijs", world.now.date())
    line.breaks("P29", world.contact(call).public_id)


def test_listening_without_training_breaks_it(line: Line) -> None:
    world = line.world
    gijs = replace(world.hire("Gijs", trained=False), trained=True)  # as if whoever let him listen had overlooked it
    sid = line.ring()
    line.hear(sid)
    began = line.answer(sid, "Gijs")
    line.hang_up(sid)
    line.keep(line.record(sid, began.replace(microsecond=0)))
    contact = line.contact(sid)
    with world.writing() as session:
        found = contacts.by_public_id(session, contact)
        opened = playback.open_contact(session, world.now, gijs, found, Purpose.REPLAY)
        assert opened.playback is not None
    assert [one.of for one in line.finding("P29").offenders if one.id == opened.playback.public_id] == [contact]


@pytest.mark.parametrize(("value", "kept"), [("9f86d081", True), ("ab" * 32, True), ("MacBook of Joris", False)])
def test_a_device_id_says_nothing_else(line: Line, value: str, kept: bool) -> None:
    rows = [row for row in BAKKERIJ_JANSEN["rows"] if row["kind"] != "device-id"]
    device = {"kind": "device-id", "reference": "D1", "on": "2023-03-02", "title": "Drive", "value": value}
    line.world.put(BAKKERIJ_JANSEN | {"rows": [*rows, device]})
    if kept:
        line.keeps("P32", checked=1)
    else:
        line.breaks("P32", customer(line.world), page=Page.CUSTOMER)
