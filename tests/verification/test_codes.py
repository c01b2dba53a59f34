"""A code proves a mailbox, a telephone or a login: it goes to what is known for long, and counts once (P06)."""

import re

import pytest
from sqlmodel import select

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import AuditEntry
from contactcenter.core.errors import Conflict, Invalid, NotFound, TooMany
from contactcenter.staff.access import Member
from contactcenter.verification import codes
from contactcenter.verification import service as verification
from contactcenter.verification.codes import Sending
from contactcenter.verification.models import Evidence, OneTimeCode
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, Level
from tests.factories import BAKKERIJ_JANSEN, JORIS, PRIYA, World
from tests.verification.acts import answer_rightly, card, recognise

BY_EMAIL, BY_TEXT = EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT
HOLDS, FAILS = EvidenceOutcome.HOLDS, EvidenceOutcome.FAILS
ADDRESS = "joris@bakkerijjansen.example"


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings from his own number, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


def send(world: World, viewer: Member, contact_id: int, kind: EvidenceKind = BY_EMAIL) -> Sending:
    """A code is made and handed over."""
    with world.writing() as session:
        sending = codes.make(session, world.now, verification.ensure(session, world.now, viewer, contact_id), kind)
        codes.arrived(session, world.now, sending.public_id)
    return sending


def read_out(world: World, viewer: Member, contact_id: int, said: str) -> EvidenceOutcome:
    """The caller reads a code out."""
    with world.writing() as session:
        return codes.read_out(session, world.now, viewer, contact_id, said)


def other(code: str) -> str:
    """Another code than this one."""
    return f"{(int(code) + 1) % 10**6:06}"


def test_a_known_number_and_a_code_by_e_mail_verify(world: World, anna: Member, call: int) -> None:
    recognise(world, anna, call)
    sending = send(world, anna, call)
    assert (sending.to, sending.language) == (ADDRESS, "nl")
    spoken = f"{sending.code[:3]} {sending.code[3:]}"
    assert read_out(world, anna, call, spoken) is HOLDS
    assert card(world, anna, call).level is Level.VERIFIED
    answer_rightly(world, anna, call)
    assert card(world, anna, call).level is Level.STRONG


def test_a_code_counts_once_and_in_ten_minutes(world: World, anna: Member, call: int) -> None:
    code = send(world, anna, call).code
    assert read_out(world, anna, call, code) is HOLDS
    with pytest.raises(Conflict, match="No code waits"):
        read_out(world, anna, call, code)
    late = send(world, anna, call).code
    world.travel(minutes=11)
    with pytest.raises(Conflict, match="No code waits"):
        read_out(world, anna, call, late)


def test_a_code_that_was_not_handed_over_cannot_be_read_out(world: World, anna: Member, call: int) -> None:
    with world.writing() as session:
        begun = verification.ensure(session, world.now, anna, call)
        code = codes.make(session, world.now, begun, BY_EMAIL).code
    with pytest.raises(Conflict, match="No code waits"):
        read_out(world, anna, call, code)


def test_three_wrong_readings_void_it_and_take_no_question_away(world: World, anna: Member, call: int) -> None:
    code = send(world, anna, call).code
    for _ in range(3):
        assert read_out(world, anna, call, other(code)) is FAILS
    with pytest.raises(Conflict, match="No code waits"):
        read_out(world, anna, call, code)
    with world.reading() as session:
        assert verification.progress(session, world.now, anna, call).tries_left == 3


@pytest.mark.parametrize("typed", ["", "12345", "1234567", "abcdef"])
def test_what_is_no_code_counts_for_nothing(world: World, anna: Member, call: int, typed: str) -> None:
    send(world, anna, call)
    with pytest.raises(Invalid, match="six digits"):
        read_out(world, anna, call, typed)
    assert world.rows(select(OneTimeCode))[0].wrong == 0


def test_nobody_else_can_use_it_nor_another_call(world: World, anna: Member, call: int) -> None:
    code, bram = send(world, anna, call).code, world.members["Bram"]
    with pytest.raises(NotFound):
        read_out(world, bram, call, code)
    second = world.call(None, answered_by=bram)
    world.link(second, "10042", "joris", bram)
    recognise(world, bram, second)
    with pytest.raises(Conflict, match="No code waits"):
        read_out(world, bram, second, code)


def test_an_address_that_changed_lately_gets_none_the_old_one_does(world: World, anna: Member) -> None:
    joris = BAKKERIJ_JANSEN["persons"][0] | {
        "addresses": [{"email": ADDRESS, "since": "2023-03-01"}, {"email": "thief@elsewhere.example"}]
    }
    world.put(BAKKERIJ_JANSEN | {"persons": [joris]})
    call = world.call(JORIS, answered_by=anna)
    assert send(world, anna, call).to == ADDRESS
    world.put(BAKKERIJ_JANSEN | {"persons": [joris | {"addresses": [{"email": "thief@elsewhere.example"}]}]})
    with pytest.raises(Conflict, match="on record for long enough"):
        send(world, anna, call)
    world.travel(days=30)
    assert send(world, anna, world.call(JORIS, answered_by=anna)).to == "thief@elsewhere.example"


def test_a_text_goes_to_the_number_of_long_ago_wherever_the_call_comes_from(world: World, anna: Member) -> None:
    call = world.call(PRIYA, answered_by=anna)
    world.link(call, "10042", "joris", anna)
    assert send(world, anna, call, BY_TEXT).to == JORIS


def test_three_codes_an_hour_are_the_most(world: World, anna: Member, call: int) -> None:
    for _ in range(3):
        send(world, anna, call)
    with pytest.raises(TooMany):
        send(world, anna, call)
    with world.writing() as session, pytest.raises(TooMany):
        codes.fetch(session, world.now, "10042", "joris")
    world.travel(minutes=61)
    send(world, anna, world.call(JORIS, answered_by=anna))


def test_no_code_goes_out_when_we_called_or_to_nobody_in_particular(world: World, anna: Member) -> None:
    ours = world.call(JORIS, answered_by=anna, direction=Direction.OUTBOUND)
    with pytest.raises(Conflict, match="P12"):
        send(world, anna, ours)
    world.hang_up(ours)
    with pytest.raises(Conflict):
        send(world, anna, ours)
    anonymous = world.call(None, answered_by=anna)
    world.link(anonymous, "10042", None, anna)
    with pytest.raises(Conflict, match="which person"):
        send(world, anna, anonymous)


def test_a_code_that_the_application_fetched_is_read_out_in_any_call_of_that_person(world: World, anna: Member) -> None:
    with world.writing() as session:
        code = codes.fetch(session, world.now, "10042", "joris")
    call = world.call(None, answered_by=anna)
    world.link(call, "10042", "joris", anna)
    recognise(world, anna, call)
    assert read_out(world, anna, call, code) is HOLDS
    (kept,) = [row.kind for row in world.rows(select(Evidence))]
    assert kept is EvidenceKind.PORTAL_CODE
    for relation_number, person in (("99999", "joris"), ("10042", "priya")):
        with world.writing() as session, pytest.raises(NotFound):
            codes.fetch(session, world.now, relation_number, person)


def test_codes_come_from_all_of_a_million_and_none_for_a_person_who_left(world: World) -> None:
    drawn = set()
    for _ in range(4):
        for _ in range(3):
            with world.writing() as session:
                drawn.add(codes.fetch(session, world.now, "10042", "joris"))
        world.travel(minutes=61)
    assert {len(code) for code in drawn} == {6}
    assert max(int(code) for code in drawn) > 10**5, "else this happens once in a million million"
    world.put(BAKKERIJ_JANSEN | {"persons": BAKKERIJ_JANSEN["persons"][1:]})
    with world.writing() as session, pytest.raises(NotFound):
        codes.fetch(session, world.now, "10042", "joris")


def test_the_code_itself_is_kept_nowhere(world: World, anna: Member, call: int) -> None:
    code = send(world, anna, call).code
    read_out(world, anna, call, code)
    assert [table for table, rows in world.tables() if re.search(rf"\b{code}\b", rows)] == []
    assert ADDRESS not in repr(world.rows(select(AuditEntry)))
