"""Who may say whose contact it is: the handler while it goes on, anybody with the right while it fits nobody."""

import pytest
from sqlmodel import select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.rules import LinkedBy
from contactcenter.customers.models import Customer, Person
from contactcenter.staff.rules import Role
from tests.desks import signed_in
from tests.factories import JORIS, SHARED, STRANGER, World


def link(world: World, name: str, contact_id: int, relation_number: str = "10042", person: str = "joris") -> int:
    """This member presses "link"; the status of the answer."""
    (customer,) = world.rows(select(Customer).where(Customer.relation_number == relation_number))
    found = world.rows(select(Person).where(Person.customer_id == customer.id, Person.reference == person))
    form = {"customer": customer.public_id} | ({"person": found[0].public_id} if found else {})
    path = f"/contacts/{world.contact(contact_id).public_id}/link"
    return signed_in(world, name).post(path, data=form).status_code


def linked_to(world: World, contact_id: int) -> tuple[int, LinkedBy] | None:
    """The customer in force, and how it came."""
    with world.reading() as session:
        active = contacts.active_link(session, contact_id)
        return (active.customer_id, active.how) if active else None


def test_the_handler_links_a_live_call_and_a_colleague_does_not(world: World) -> None:
    call = world.call(STRANGER, answered_by=world.members["Anna"])
    assert link(world, "Bram", call) == 404
    assert linked_to(world, call) is None
    assert link(world, "Anna", call) == 204
    assert linked_to(world, call) == (1, LinkedBy.AGENT)


def test_who_is_chosen_among_the_owners_of_the_number_is_a_candidate(world: World) -> None:
    for relation_number in ("10101", "10102"):
        office = {"reference": "office", "name": "Kantoor", "numbers": [{"number": SHARED}]}
        world.put({"relation_number": relation_number, "name": "De Boer", "persons": [office]})
    call = world.call(SHARED, answered_by=world.members["Anna"])
    assert link(world, "Anna", call, "10101", "office") == 204
    found = linked_to(world, call)
    assert found is not None
    assert found[1] is LinkedBy.CANDIDATE


@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
def test_an_unmatched_contact_is_linked_by_any_agent_or_supervisor(world: World, role: Role) -> None:
    world.hire("Dirk", role)
    call = world.call(STRANGER)
    world.hang_up(call, missed=True)
    assert link(world, "Dirk", call) == 204


@pytest.mark.parametrize("role", [Role.COACH, Role.PRIVACY, Role.ADMIN])
def test_others_link_nothing(world: World, role: Role) -> None:
    world.hire("Eva", role)
    call = world.call(STRANGER)
    world.hang_up(call, missed=True)
    assert link(world, "Eva", call) == 404


def test_a_link_that_stands_is_moved_by_who_handled_it_or_a_supervisor_only(world: World) -> None:
    world.hire("Dirk", Role.SUPERVISOR)
    call = world.call(JORIS, answered_by=world.members["Anna"])
    world.hang_up(call)
    world.travel(hours=1)
    with world.writing() as session:
        contacts.close_overdue(session, world.now)
    path = f"/contacts/{world.contact(call).public_id}/unlink"
    assert signed_in(world, "Bram").post(path).status_code == 404
    assert link(world, "Bram", call, "10077", "priya") == 404
    assert link(world, "Anna", call, "10077", "priya") == 204
    assert signed_in(world, "Dirk").post(path).status_code == 204
    assert linked_to(world, call) is None


def test_a_customer_a_person_or_a_contact_that_is_not_there_looks_the_same(world: World) -> None:
    anna = signed_in(world, "Anna")
    contact = world.contact(world.call(STRANGER, answered_by=world.members["Anna"])).public_id
    for path, form in (
        ("/contacts/nowhere/link", {"customer": "x"}),
        (f"/contacts/{contact}/link", {"customer": "x"}),
        (f"/contacts/{contact}/link", {}),
    ):
        assert anna.post(path, data=form).status_code == 404


def test_without_scripts_the_browser_goes_to_the_contact(world: World) -> None:
    anna = signed_in(world, "Anna")
    del anna.headers["hx-request"]
    contact = world.contact(world.call(JORIS, answered_by=world.members["Anna"])).public_id
    answer = anna.post(f"/contacts/{contact}/unlink")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/contacts/{contact}")


def test_who_linked_a_contact_by_mistake_takes_that_back_and_links_it_rightly(world: World) -> None:
    call = world.call(STRANGER)
    world.hang_up(call, missed=True)
    assert link(world, "Bram", call, "10077", "priya") == 204
    path = f"/contacts/{world.contact(call).public_id}/unlink"
    assert signed_in(world, "Anna").post(path).status_code == 404
    assert link(world, "Anna", call) == 404
    assert signed_in(world, "Bram").post(path).status_code == 204
    assert linked_to(world, call) is None
    assert link(world, "Bram", call) == 204
    assert linked_to(world, call) == (1, LinkedBy.AGENT)
