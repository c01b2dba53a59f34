"""The one door: a level opens the customer's data to who handles the call, while it may (P05, P06, P12, P29)."""

from dataclasses import replace
from datetime import date

import pytest
from sqlmodel import col, select

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, NotAllowed, NotFound
from contactcenter.customers.models import Customer, Person
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Role
from contactcenter.verification import door, flags
from contactcenter.verification.models import Disclosure, Evidence, Verification
from contactcenter.verification.rules import EvidenceKind, GlassReason, Level, Purpose
from contactcenter.verification.showing import Masked, Opened
from tests.factories import BAKKERIJ_JANSEN, JORIS, PRIYA, RIGHT_ANSWERS, SHARED, STRANGER, World
from tests.verification.acts import (
    BY_ITSELF,
    answer,
    answer_rightly,
    ask,
    card,
    doubts,
    openable,
    opened,
    prove,
    recognise,
    reveal,
)

COURT = "A court decided that nothing is told to anybody."


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


def test_one_asked_fact_on_top_opens_what_opens_by_itself_with_a_row_for_each_kind(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == BY_ITSELF
    shown = card(world, anna, call).kinds[Kind.NAME_AND_ADDRESS]
    assert isinstance(shown, Opened)
    assert shown.lines[1].text == "Molenstraat 12"
    rows = world.rows(select(Disclosure))
    assert sorted(row.what for row in rows) == sorted(BY_ITSELF)
    assert {(row.staff_id, row.level) for row in rows} == {(anna.id, 1), (anna.id, 2)}
    assert len(world.acts(Action.DISCLOSED)) == len(BY_ITSELF)


def test_what_is_sensitive_opens_one_by_one_at_its_level(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    with pytest.raises(NotAllowed, match="higher level"):
        reveal(world, anna, call, Kind.INVOICES)
    answer_rightly(world, anna, call)
    assert openable(world, anna, call) == {Kind.INVOICES, Kind.PAYMENT_METHOD, Kind.COLLECTION_METHOD}
    reveal(world, anna, call, Kind.INVOICES)
    reveal(world, anna, call, Kind.INVOICES)
    assert opened(world, anna, call) == BY_ITSELF | {Kind.INVOICES}
    assert [row.what for row in world.rows(select(Disclosure))].count("invoices") == 1
    for kind in (Kind.BANK_ACCOUNT, Kind.DEVICE_ID):
        with pytest.raises(NotAllowed, match="higher level"):
            reveal(world, anna, call, kind)
        masked = card(world, anna, call).kinds[kind]
        assert isinstance(masked, Masked)
        assert masked.needs is Level.STRONG


def test_possession_on_top_opens_the_bank_account_and_the_device(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    prove(world, anna, call, EvidenceKind.CODE_BY_EMAIL)
    assert card(world, anna, call).level is Level.STRONG
    reveal(world, anna, call, Kind.BANK_ACCOUNT)
    shown = card(world, anna, call).kinds[Kind.BANK_ACCOUNT]
    assert isinstance(shown, Opened)
    assert shown.lines[0].text == "NL91ABNA0417164300"


def test_a_colleague_reveals_nothing_by_the_pass_of_another(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    answer_rightly(world, anna, call)
    with pytest.raises(NotAllowed, match="Verify the caller first"):
        reveal(world, world.members["Bram"], call, Kind.INVOICES)
    world.hang_up(call)
    with pytest.raises(NotAllowed):
        reveal(world, anna, call, Kind.INVOICES)


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
    assert opened(world, anna, call) == BY_ITSELF
    kinds = {each.kind for each in world.rows(select(Evidence))}
    assert kinds == {EvidenceKind.ASKED}


def test_a_number_of_several_counts_for_nobody_whoever_is_chosen(world: World, anna: Member) -> None:
    number = {"number": SHARED, "attested": True, "since": "2020-01-01"}
    for relation_number in ("10101", "10102"):
        office = {"reference": "office", "name": "Kantoor", "numbers": [number]}
        world.put({"relation_number": relation_number, "name": "De Boer", "postcode": "8011 AA", "persons": [office]})
    call = world.call(SHARED, answered_by=anna)
    with world.reading() as session:
        assert door.card(session, world.now, anna, call) is None
    world.link(call, "10101", "office", anna)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.UNKNOWN
    assert doubts(world) == ["number-shared"]


@pytest.mark.parametrize(
    ("number", "doubt"),
    [
        ({"attested": True, "since": "2026-10-30"}, "number-known-lately"),
        ({"attested": True}, "number-known-lately"),
        ({"since": "2023-03-01"}, "number-unproven"),
    ],
)
def test_a_number_that_is_new_or_was_never_proven_is_shown_and_counts_for_nothing(
    world: World, anna: Member, number: dict[str, object], doubt: str
) -> None:
    sanne = {"reference": "sanne", "name": "Sanne", "numbers": [{"number": STRANGER, **number}]}
    world.put({"relation_number": "10115", "name": "Van Dam", "postcode": "8011 AA", "persons": [sanne]})
    call = world.call(STRANGER, answered_by=anna)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.UNKNOWN
    assert doubts(world) == [doubt]


def test_a_number_that_was_imported_long_ago_counts_from_its_thirtieth_day(world: World, anna: Member) -> None:
    number = {"number": STRANGER, "attested": True}
    sanne = {"reference": "sanne", "name": "Sanne", "numbers": [number]}
    world.put({"relation_number": "10115", "name": "Van Dam", "persons": [sanne]})
    world.travel(days=30)
    call = world.call(STRANGER, answered_by=anna)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.RECOGNISED


def test_a_number_says_nothing_for_somebody_else_than_its_person(world: World, anna: Member, call: int) -> None:
    world.link(call, "10077", "priya", anna)
    recognise(world, anna, call)
    assert card(world, anna, call).level is Level.UNKNOWN
    assert opened(world, anna, call) == set()


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
        assert not door.words_open(session, world.now, gijs, call)


def test_a_training_that_lapses_shuts_what_was_open(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    assert opened(world, replace(anna, trained=False), call) == set()


def test_a_person_with_a_narrow_mandate_hears_no_more_than_that(world: World, anna: Member) -> None:
    call = world.call(None, answered_by=anna)
    world.link(call, "10042", "marieke", anna)
    answer_rightly(world, anna, call)
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    reveal(world, anna, call, Kind.INVOICES)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER, Kind.INVOICES}
    with pytest.raises(NotAllowed, match="mandate"):
        reveal(world, anna, call, Kind.PAYMENT_METHOD)


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


def test_a_refusal_says_what_it_takes(world: World, anna: Member, call: int) -> None:
    with pytest.raises(NotAllowed, match="nothing opens without a call in hand"):
        reveal(world, world.members["Bram"], call, Kind.INVOICES)
    recognise(world, anna, call)
    with pytest.raises(NotAllowed, match="opens at a higher level"):
        reveal(world, anna, call, Kind.INVOICES)
    ours = world.call(PRIYA, answered_by=anna, direction=Direction.OUTBOUND)
    recognise(world, anna, ours)
    with pytest.raises(NotAllowed, match=r"let them call us \(P12\)"):
        reveal(world, anna, ours, Kind.INVOICES)


def test_the_page_of_a_customer_shows_what_my_call_opened_and_masks_it_for_others(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    (row,) = world.rows(select(Verification).order_by(col(Verification.id)))
    with world.reading() as session:
        mine = door.card_of_customer(session, world.now, anna, row.customer_id)
        brams = door.card_of_customer(session, world.now, world.members["Bram"], row.customer_id)
    assert mine.customer_name == "Bakkerij Jansen"
    assert brams.customer_name is None
    assert not any(kind.open for kind in brams.kinds.values())


def test_kinds_and_dates_of_contacts_show_to_who_has_the_customer_on_the_line_or_broke_the_glass(
    world: World, anna: Member
) -> None:
    bakery, dental = customer(world, "10042"), customer(world, "10077")
    call = world.call(None, answered_by=anna)
    assert histories(world, anna, bakery, dental) == [False, False]
    world.link(call, "10042", "joris", anna)
    assert histories(world, anna, bakery, dental) == [False, False]
    answer_rightly(world, anna, call)
    assert histories(world, anna, bakery, dental) == [True, False]
    assert histories(world, world.members["Bram"], bakery, dental) == [False, False]
    world.hang_up(call)
    world.travel(minutes=29)
    assert histories(world, anna, bakery, dental) == [True, False]
    world.travel(minutes=2)
    assert histories(world, anna, bakery, dental) == [False, False]
    with world.writing() as session:
        door.break_glass(session, world.now, anna, dental, GlassReason.DAMAGE, "Their account sends spam.")
    assert histories(world, anna, bakery, dental) == [False, True]
    dirk = world.hire("Dirk", Role.SUPERVISOR)
    for shut, seen in ((bakery, True), (dental, False)):
        with world.writing() as session:
            flags.shut(session, world.now, dirk, shut, COURT, date(2026, 12, 31))
        assert histories(world, anna, bakery, dental) == [False, seen]


def test_a_disclosure_names_who_heard_it_and_the_trail_what_it_was(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    (joris,) = world.rows(select(Person.id).where(Person.reference == "joris"))
    assert {row.person_id for row in world.rows(select(Disclosure))} == {joris}
    (act,) = world.acts(Action.DISCLOSED)
    assert (act.subject, act.detail) == (world.contact(call).public_id, Kind.RELATION_NUMBER.value)


def test_words_that_were_opened_are_on_record_with_their_customer_and_open_no_others(
    world: World, anna: Member, call: int
) -> None:
    coach, other = world.hire("Carla", Role.COACH), world.call(PRIYA, answered_by=anna)
    unknown = world.call(None, answered_by=anna)
    (joris,) = world.rows(select(Person).where(Person.reference == "joris"))
    for each in (call, unknown):
        with world.writing() as session:
            door.open_words(session, world.now, coach, each, Purpose.TRAINING)
    rows = world.rows(select(Disclosure).order_by(col(Disclosure.id)))
    assert [(row.customer_id, row.person_id) for row in rows] == [(joris.customer_id, joris.id), (None, None)]
    with world.reading() as session:
        opened = [door.words_open_for(session, world.now, coach, each) for each in (call, unknown, other)]
    assert opened == [{Purpose.TRAINING}, {Purpose.TRAINING}, frozenset()]


def test_nothing_of_a_customer_that_is_shut_opens_and_the_refusal_says_so(
    world: World, anna: Member, call: int
) -> None:
    recognise(world, anna, call)
    dirk = world.hire("Dirk", Role.SUPERVISOR)
    with world.writing() as session:
        flags.shut(session, world.now, dirk, customer(world, "10042"), COURT, date(2026, 12, 31))
    with pytest.raises(NotAllowed, match="Nothing of this customer may be disclosed"):
        reveal(world, anna, call, Kind.INVOICES)


def test_who_no_longer_stands_under_the_customer_hears_nothing_more(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    world.put(BAKKERIJ_JANSEN | {"persons": [BAKKERIJ_JANSEN["persons"][1]]})
    answer_rightly(world, anna, call)
    assert opened(world, anna, call) == {Kind.RELATION_NUMBER}
    with pytest.raises(NotAllowed, match="mandate"):
        reveal(world, anna, call, Kind.INVOICES)


def customer(world: World, relation_number: str) -> int:
    """The id of a customer."""
    return world.rows(select(Customer.id).where(Customer.relation_number == relation_number))[0]


def histories(world: World, viewer: Member, *customers: int) -> list[bool]:
    """Whether kinds and dates of the contacts of each may show."""
    with world.reading() as session:
        return [door.history_open(session, world.now, viewer, one) for one in customers]
