"""The same events of one call, in every order: the same final state. And what each order must not do, by name."""

import itertools
from collections.abc import Callable, Iterable, Iterator

import pytest

from tests.order.invariants import Seen, became, final_state, hold
from tests.order.switchboard import Event, OnTheLine, Switchboard

Story = Callable[[Switchboard], OnTheLine]
Record = Callable[[str, object], None]


def answers(switchboard: Switchboard, call: OnTheLine, login: str) -> None:
    """This agent answers and comes on the line."""
    assert switchboard.on_call(login, call, "answer") == 204
    assert switchboard.softphone(call, login)


def answered(switchboard: Switchboard) -> OnTheLine:
    """Joris rings, Anna answers, they talk, Joris hangs up; the carrier has told nothing of it yet."""
    call = switchboard.ring()
    switchboard.hear_out(call)
    answers(switchboard, call, "anna")
    switchboard.hang_up(call)
    return call


def dropped_and_answered_again(switchboard: Switchboard) -> OnTheLine:
    """Anna is lost in the middle of it; once that is known Bram answers, and Joris hangs up."""
    call = switchboard.ring()
    switchboard.hear_out(call)
    answers(switchboard, call, "anna")
    switchboard.agent_leaves(call, next(iter(call.agents)))
    for event in call.outbox:
        switchboard.deliver(event)
    answers(switchboard, call, "bram")
    switchboard.hang_up(call)
    return call


def objected(switchboard: Switchboard) -> OnTheLine:
    """Joris objects in the notice, and is helped all the same."""
    call = switchboard.ring()
    switchboard.press(call, "9")
    answers(switchboard, call, "anna")
    switchboard.hang_up(call)
    return call


def stopped(switchboard: Switchboard) -> OnTheLine:
    """Joris says aloud that he objects, before the carrier has told that Anna is there."""
    call = switchboard.ring()
    switchboard.hear_out(call)
    answers(switchboard, call, "anna")
    assert switchboard.on_call("anna", call, "stop-recording") == 204
    call.objected = True
    switchboard.hang_up(call)
    return call


def missed(switchboard: Switchboard) -> OnTheLine:
    """Nobody answers."""
    call = switchboard.ring()
    switchboard.hear_out(call)
    switchboard.hang_up(call)
    return call


def waiting(call: OnTheLine, left_out: Iterable[str]) -> list[Event]:
    """What the carrier has still to tell, but for events of these names."""
    return [event for event in call.outbox if not event.delivered and event.name not in left_out]


def orders(events: int, every: int) -> Iterator[tuple[int, ...]]:
    """All orders of so many events, or every so many-th of them."""
    return itertools.islice(itertools.permutations(range(events)), 0, None, every)


def in_every_order(switchboard: Switchboard, story: Story, left_out: Iterable[str], every: int) -> int:
    """Tell the story once for each order, and compare what became of it; how many orders it were."""
    states: list[object] = []
    for order in orders(len(waiting(story_told := story(switchboard), left_out)), every):
        call = story_told if not states else story(switchboard)
        told = waiting(call, left_out)
        for number in order:
            switchboard.deliver(told[number])
        for event in waiting(call, ()):
            switchboard.deliver(event)
        switchboard.work()
        states.append(final_state(switchboard, call))
        assert states[-1] == states[0], [told[number].name for number in order]
        became(switchboard, call)
    hold(switchboard, Seen())
    assert len(states) >= 4
    return len(states)


OF_LITTLE_WEIGHT = ("recording-in-progress", "conference-end")


def few(story: Story, left_out: Iterable[str], every: int) -> object:
    return pytest.param(story, left_out, every, id=story.__name__)


def many(story: Story, left_out: Iterable[str], every: int, name: str) -> object:
    return pytest.param(story, left_out, every, id=name, marks=pytest.mark.prove)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("story", "left_out", "every"),
    [
        few(answered, (*OF_LITTLE_WEIGHT, "leg-completed"), 5),
        few(dropped_and_answered_again, OF_LITTLE_WEIGHT, 180),
        few(objected, OF_LITTLE_WEIGHT, 180),
        few(stopped, OF_LITTLE_WEIGHT, 1260),
        few(missed, (), 1),
        many(answered, OF_LITTLE_WEIGHT, 5, "answered, every fifth of all orders"),
        many(dropped_and_answered_again, OF_LITTLE_WEIGHT, 7, "dropped, every seventh of all orders"),
        many(objected, OF_LITTLE_WEIGHT, 7, "objected, every seventh of all orders"),
        many(stopped, OF_LITTLE_WEIGHT, 7, "stopped, every seventh of all orders"),
    ],
)
def test_in_whatever_order_the_carrier_tells_it_the_same_became_of_the_call(
    switchboard: Switchboard, story: Story, left_out: Iterable[str], every: int, record_property: Record
) -> None:
    record_property("orders", in_every_order(switchboard, story, left_out, every))
