"""Who may read the words of a contact: its handler, who verified the same customer now, or for a stated purpose."""

import pytest
from sqlmodel import select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action
from contactcenter.core.errors import NotAllowed
from contactcenter.customers.models import Person
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Role
from contactcenter.verification import door
from contactcenter.verification import service as verification
from contactcenter.verification.models import Disclosure, Verification
from contactcenter.verification.rules import Level, Purpose
from tests.factories import JORIS, PRIYA, RIGHT_ANSWERS, STRANGER, World


def reads(world: World, viewer: Member, contact_id: int) -> bool:
    """Whether the words are open to this member."""
    with world.reading() as session:
        return door.words_open(session, world.now, viewer, contact_id)


def verify(world: World, viewer: Member, contact_id: int) -> None:
    """The number is known and one question is answered rightly."""
    with world.writing() as session:
        begun = verification.ensure(session, world.now, viewer, contact_id)
        question = verification.draw(session, world.now, begun)
        verification.answer(session, world.now, viewer, question.public_id, RIGHT_ANSWERS[question.key])
        door.disclose(session, world.now, viewer, contact_id=contact_id)


def test_the_handler_reads_their_own_contact_until_its_wrap_up_ends(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    call = world.call(JORIS, answered_by=anna)
    assert reads(world, anna, call)
    assert not reads(world, bram, call)
    world.hang_up(call)
    world.travel(minutes=29)
    assert reads(world, anna, call)
    world.travel(minutes=2)
    assert not reads(world, anna, call)


def test_earlier_words_of_the_customer_open_with_the_level_and_close_with_the_wrap_up(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    earlier, priyas = world.call(JORIS, answered_by=anna), world.call(PRIYA, answered_by=anna)
    for contact_id in (earlier, priyas):
        world.hang_up(contact_id)
    world.travel(days=3)
    call = world.call(JORIS, answered_by=bram)
    with world.writing() as session:
        verification.ensure(session, world.now, bram, call)
        door.disclose(session, world.now, bram, contact_id=call)
    assert not reads(world, bram, earlier)
    verify(world, bram, call)
    assert reads(world, bram, earlier)
    assert not reads(world, bram, priyas)
    assert not reads(world, anna, earlier)
    world.hang_up(call)
    assert reads(world, bram, earlier)
    world.travel(minutes=31)
    assert not reads(world, bram, earlier)


def test_a_contact_that_a_colleague_has_on_the_line_stays_theirs(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    call, other = world.call(JORIS, answered_by=anna), world.call(JORIS, answered_by=bram)
    verify(world, anna, call)
    assert not reads(world, anna, other)


def test_a_stated_purpose_opens_the_words_for_half_an_hour_and_stands_on_record(world: World) -> None:
    carla = world.hire("Carla", Role.COACH)
    call = world.call(JORIS, answered_by=world.members["Anna"])
    world.hang_up(call)
    world.travel(hours=2)
    assert not reads(world, carla, call)
    with world.writing() as session:
        door.open_words(session, world.now, carla, call, Purpose.TRAINING)
    assert reads(world, carla, call)
    assert not reads(world, world.members["Bram"], call)
    world.travel(minutes=31)
    assert not reads(world, carla, call)
    (act,) = world.acts(Action.DISCLOSED)
    assert (act.actor, act.subject, act.detail) == (carla.public_id, world.contact(call).public_id, "words training")
    (row,), (joris,) = world.rows(select(Disclosure)), world.rows(select(Person).where(Person.reference == "joris"))
    assert (row.customer_id, row.person_id, row.staff_id) == (joris.customer_id, joris.id, carla.id)


def test_untrained_staff_open_no_words(world: World) -> None:
    gijs = world.hire("Gijs", Role.SUPERVISOR, trained=False)
    call = world.call(JORIS)
    with world.writing() as session, pytest.raises(NotAllowed, match="P29"):
        door.open_words(session, world.now, gijs, call, Purpose.AUDIT)


def test_the_level_that_a_contact_reached_is_known_afterwards(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    verify(world, anna, call)
    world.hang_up(call)
    world.travel(days=2)
    with world.reading() as session:
        assert verification.level_reached(session, call) is Level.VERIFIED
    made = world.rows(select(Verification).where(Verification.contact_id == call))
    assert made
    assert all(one.ended_at is not None for one in made)


def test_linking_somebody_elses_contact_to_the_caller_on_the_line_opens_nothing_to_who_linked_it(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    strangers = world.call(STRANGER, answered_by=anna)
    world.hang_up(strangers)
    world.travel(minutes=31)
    call = world.call(JORIS, answered_by=bram)
    verify(world, bram, call)
    world.link(strangers, "10042", "joris", bram)
    assert not reads(world, bram, strangers)
    with world.writing() as session:
        contacts.unlink(session, world.now, session.get_one(Contact, strangers), anna.public_id)
    world.link(strangers, "10042", "joris", anna)  # who heard it says whose it was
    assert reads(world, bram, strangers)
