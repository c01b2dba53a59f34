"""One contact moment from its first second until nothing is owed any more (P03, P04)."""

from datetime import date, timedelta

import pytest
from sqlmodel import select

from contactcenter.contacts import lists
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact, ContactLink, Handling
from contactcenter.contacts.rules import ContactKind, ContactState, LinkedBy, Outcome
from contactcenter.core.audit import Action
from contactcenter.core.errors import Conflict, Invalid, NotFound
from contactcenter.core.live import LiveEvent
from contactcenter.customers.models import Customer, Person
from contactcenter.staff.access import Member
from tests.factories import JORIS, PRIYA, STRANGER, World


def close(
    world: World, contact_id: int, by: Member, outcome: Outcome = Outcome.SOLVED, follow_up_on: date | None = None
) -> None:
    """An agent closes their wrap-up."""
    with world.writing() as session:
        contact = session.get_one(Contact, contact_id)
        contacts.close(
            session, world.now, contact, by.id, outcome=outcome, kind=ContactKind.QUESTION, follow_up_on=follow_up_on
        )


def handles(world: World, contact_id: int, member: Member) -> bool:
    """Whether this member may work in the contact now."""
    with world.reading() as session:
        return contacts.open_handling(session, world.now, contact_id, member.id) is not None


def history(world: World, relation_number: str) -> list[int]:
    """The ids of a customer's contacts as its page lists them."""
    (customer,) = world.rows(select(Customer).where(Customer.relation_number == relation_number))
    with world.reading() as session:
        return [contact.id for contact in lists.history(session, customer.id)]


def unmatched(world: World) -> list[int]:
    """The ids of the contacts that wait to be linked."""
    with world.reading() as session:
        return [contact.id for contact in lists.unmatched(session)]


def test_a_call_is_handled_wrapped_up_and_closed(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    assert world.contact(call).state is ContactState.LIVE
    world.hang_up(call)
    ended = world.now
    assert (world.contact(call).state, world.contact(call).ended_at) == (ContactState.WRAP_UP, ended)
    world.travel(minutes=5)
    close(world, call, anna)
    found = world.contact(call)
    assert (found.state, found.kind, found.closed_at) == (ContactState.CLOSED, ContactKind.QUESTION, world.now)
    assert not handles(world, call, anna)
    (handling,) = world.rows(select(Handling).where(Handling.contact_id == call))
    assert (handling.ended_at, handling.closed_at) == (ended, world.now)
    assert [act.actor for act in world.acts(Action.CONTACT_CLOSED)] == [anna.public_id]


@pytest.mark.parametrize("outcome", [Outcome.CALL_BACK, Outcome.NOT_SOLVED])
def test_a_contact_stays_open_while_something_is_owed(world: World, outcome: Outcome) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    world.hang_up(call)
    close(world, call, anna, outcome)
    assert (world.contact(call).state, world.contact(call).closed_at) == (ContactState.OPEN, None)
    with world.writing() as session:
        contacts.settle(session, world.now, session.get_one(Contact, call), anna.public_id)
    assert world.contact(call).state is ContactState.CLOSED


def test_a_follow_up_date_keeps_it_open_too(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    world.hang_up(call)
    close(world, call, anna, follow_up_on=date(2026, 12, 1))
    assert (world.contact(call).state, world.contact(call).follow_up_on) == (ContactState.OPEN, date(2026, 12, 1))


def test_a_live_call_cannot_be_closed_nor_a_wrap_up_twice_nor_somebody_elses(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    with pytest.raises(Conflict, match="end it first"):
        close(world, call, anna)
    world.hang_up(call)
    with pytest.raises(Conflict):
        close(world, call, world.members["Bram"])
    close(world, call, anna)
    with pytest.raises(Conflict, match="closed already"):
        close(world, call, anna)


def test_a_call_that_two_handled_closes_with_the_second_wrap_up(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        contacts.begin_handling(session, world.now, session.get_one(Contact, call), bram.id)
    world.hang_up(call)
    close(world, call, anna, Outcome.PASSED_ON)
    assert world.contact(call).state is ContactState.WRAP_UP
    close(world, call, bram)
    assert world.contact(call).state is ContactState.CLOSED


def test_an_agent_who_answered_and_never_came_on_the_line_handled_nothing(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        contacts.forget_handling(session, call, anna.id)
        contacts.begin_handling(session, world.now, session.get_one(Contact, call), bram.id)
        assert not contacts.handled_by(session, call, anna.id)
    assert (handles(world, call, anna), handles(world, call, bram)) == (False, True)
    world.hang_up(call)
    close(world, call, bram)
    assert world.contact(call).state is ContactState.CLOSED


def test_an_agent_who_left_the_line_wraps_up_when_the_contact_is_over(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        contacts.leave_handling(session, world.now, call, anna.id)
        contacts.begin_handling(session, world.now, session.get_one(Contact, call), bram.id)
    assert (handles(world, call, anna), handles(world, call, bram)) == (False, True)
    world.hang_up(call)
    close(world, call, anna)
    close(world, call, bram)
    assert world.contact(call).state is ContactState.CLOSED


def test_a_missed_call_has_its_own_state_and_repeats_change_nothing(world: World) -> None:
    call = world.call(STRANGER)
    world.hang_up(call, missed=True)
    ended = world.now
    world.travel(minutes=5)
    world.hang_up(call, missed=True)
    assert (world.contact(call).state, world.contact(call).ended_at) == (ContactState.MISSED, ended)
    assert len(world.acts(Action.CONTACT_CHANGED)) == 1


def test_what_is_heard_late_turns_missed_into_answered_and_never_back(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    world.hang_up(call, missed=True)
    assert not handles(world, call, anna)
    world.hang_up(call)
    assert (world.contact(call).state, handles(world, call, anna)) == (ContactState.WRAP_UP, True)
    world.hang_up(call, missed=True)
    assert world.contact(call).state is ContactState.WRAP_UP
    close(world, call, anna)
    world.hang_up(call)
    assert world.contact(call).state is ContactState.CLOSED


def test_a_forgotten_wrap_up_ends_after_half_an_hour_and_stays_open_so_that_the_gap_is_seen(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    world.hang_up(call)
    world.travel(minutes=31)
    assert not handles(world, call, anna)
    with world.writing() as session:
        assert contacts.close_overdue(session, world.now) == 1
        assert contacts.close_overdue(session, world.now) == 0
    assert world.contact(call).state is ContactState.OPEN
    (handling,) = world.rows(select(Handling))
    assert (handling.closed_at, handling.outcome) == (world.now, None)


def test_handling_again_goes_on_with_the_same_handling(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    with world.writing() as session:
        contacts.begin_handling(session, world.now, session.get_one(Contact, call), anna.id)
    assert len(world.rows(select(Handling))) == 1
    with world.reading() as session:
        assert contacts.handled_by(session, call, anna.id)
        assert not contacts.handled_by(session, call, world.members["Bram"].id)
        assert [contact.id for contact in contacts.in_hand(session, world.now, anna.id)] == [call]


def test_a_link_can_be_made_moved_and_undone_and_all_of_it_stays_on_record(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(STRANGER, answered_by=anna)
    world.link(call, "10042", "joris", anna)
    world.link(call, "10042", "joris", anna)
    world.link(call, "10077", "priya", anna)
    with world.writing() as session:
        contacts.unlink(session, world.now, session.get_one(Contact, call), anna.public_id)
        contacts.unlink(session, world.now, session.get_one(Contact, call), anna.public_id)
    links = world.rows(select(ContactLink))
    assert len(links) == 2
    assert all(link.undone_at == world.now and link.undone_by == anna.public_id for link in links)
    assert len(world.acts(Action.CONTACT_LINKED)) == 2
    assert len(world.acts(Action.CONTACT_UNLINKED)) == 2


def test_a_person_of_another_customer_is_refused(world: World) -> None:
    call = world.call(STRANGER)
    (jansen,) = world.rows(select(Customer).where(Customer.relation_number == "10042"))
    (priya,) = world.rows(select(Person).where(Person.reference == "priya"))
    contact = world.contact(call)
    with world.writing() as session, pytest.raises(Invalid, match="another customer"):
        contacts.link(session, world.now, contact, jansen.id, priya.id, LinkedBy.AGENT, "x")


def test_one_history_unfinished_contacts_on_top_then_newest_first(world: World) -> None:
    anna = world.members["Anna"]
    ids = []
    for _ in range(3):
        ids.append(world.call(JORIS, answered_by=anna))
        world.hang_up(ids[-1])
        close(world, ids[-1], anna, Outcome.NOT_SOLVED if len(ids) == 1 else Outcome.SOLVED)
        world.travel(days=1)
    missed = world.call(JORIS)
    world.hang_up(missed, missed=True)
    world.call(PRIYA)
    assert history(world, "10042") == [ids[0], missed, ids[2], ids[1]]


def test_who_fits_nobody_waits_under_unmatched_and_is_linked_when_the_customer_comes_later(world: World) -> None:
    anna = world.members["Anna"]
    live, over = world.call(STRANGER, answered_by=anna), world.call(STRANGER, answered_by=anna)
    world.call(JORIS)
    world.hang_up(over)
    assert unmatched(world) == [over]
    person = {"reference": "n", "name": "Noor", "numbers": [{"number": STRANGER}]}
    world.put({"relation_number": "20001", "name": "Nieuw BV", "persons": [person]})
    world.link(over, "20001", "n", anna)
    assert (unmatched(world), history(world, "20001")) == ([], [over])
    world.put({"relation_number": "20001", "name": "Nieuwer BV"})
    assert history(world, "20001") == [over]
    assert world.contact(live).state is ContactState.LIVE


def test_the_list_of_contacts_filters(world: World) -> None:
    anna, bram = world.members["Anna"], world.members["Bram"]
    ids = [world.call(JORIS, answered_by=member) for member in (anna, bram, anna)]
    world.hang_up(ids[0])
    with world.reading() as session:

        def listed(**filters: object) -> list[int]:
            return [contact.id for contact in lists.recent(session, **filters)]  # type: ignore[arg-type]  # each is tried

        assert listed() == ids[::-1]
        assert listed(state=ContactState.WRAP_UP) == [ids[0]]
        assert listed(handler_id=anna.id) == [ids[2], ids[0]]
        assert listed(since=world.now) == ids[::-1]
        assert listed(since=world.now + timedelta(seconds=1)) == []
        assert listed(kind=ContactKind.OUTAGE) == []


def test_a_long_list_goes_on_where_the_last_page_ended(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "LONGEST_LIST", 2)
    ids = [world.call(JORIS) for _ in range(3)]  # in one moment: their ids tell them apart
    world.travel(hours=1)
    ids.append(world.call(JORIS))
    with world.reading() as session:
        first = lists.recent(session)
        rest = lists.recent(session, after=first[-1].public_id)
    assert [contact.id for contact in (*first, *rest)] == ids[::-1]


def test_a_contact_that_is_not_there_is_not_found(world: World) -> None:
    with world.reading() as session, pytest.raises(NotFound):
        contacts.by_public_id(session, "nowhere")


def test_the_page_of_the_contact_and_the_handlers_desk_hear_of_changes(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(STRANGER, answered_by=anna)
    world.link(call, "10042", "joris", anna)
    topics = {event.topic for event in world.rows(select(LiveEvent))}
    assert topics == {f"contact:{world.contact(call).public_id}", f"staff:{anna.public_id}"}
