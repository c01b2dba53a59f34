"""Calls, callbacks, answers, objections, holds, sweeps and time in any order: what must hold holds after every step.

Hypothesis chooses what happens next on the line, at the desks, at the worker and with time, and which of the carrier's
callbacks comes in now: in any order, doubled, or a day late. Each act at a desk succeeds exactly when the rows say that
it may. In the end everything is delivered and swept, each call must have become what it was, and everybody asks to hear
it. What was reached on the way is counted, so that no rule goes unheard.
"""

from collections import Counter
from collections.abc import Callable
from contextlib import ExitStack
from random import Random
from typing import ClassVar

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, precondition, rule
from sqlmodel import col, select

from contactcenter.calls.rules import CallState
from contactcenter.core import inbox
from contactcenter.recordings.models import Hold, Recording
from contactcenter.recordings.rules import HoldKind, RecordingState
from contactcenter.verification.rules import Purpose
from tests.chance import play, to_be_reached
from tests.order import allowed
from tests.order.conftest import Open
from tests.order.desks import AGENTS, BUTTONS, REFUSED, SOME, Desks
from tests.order.invariants import Seen, became, everything, hold
from tests.order.switchboard import BESIDE_SWEEPS, Event, OnTheLine, Switchboard

CALLERS = ("+31612345678", "+31644444444", "anonymous")
BY_CHANCE = {
    *(f"{act} {outcome}" for act in REFUSED for outcome in ("done", "refused")),
    *("heard", "held", "released", "objected", "unwanted", "destroyed"),
}
REACHED = BY_CHANCE | {"spared by a hold", *(f"listen for {one}" for own in allowed.LISTENERS.values() for one in own)}


class Days(Desks):
    """Some days at the switchboard."""

    switchboards: ClassVar[Open]
    steps: ClassVar[int] = 0

    def __init__(self) -> None:
        super().__init__()
        self.seen = Seen()
        self.stack = ExitStack()

    @initialize(number=st.integers(0, 2**32))
    def morning(self, number: int) -> None:
        self.board: Switchboard = self.stack.enter_context(type(self).switchboards())
        self.order = Random(number)
        self.began = self.board.place.clock()

    # --- on the line ---

    @precondition(lambda self: len(self.board.calls) < 4)
    @rule(caller=st.sampled_from(CALLERS))
    def somebody_rings(self, caller: str) -> None:
        self.board.ring(caller)

    @rule(which=SOME)
    def the_notice_is_heard_out(self, which: int) -> None:
        if call := self.any_call(which, "notice"):
            self.board.hear_out(call)

    @rule(which=SOME, key=st.sampled_from("9921530"))
    def a_key_is_pressed(self, which: int, key: str) -> None:
        if call := self.any_call(which, "notice"):
            objected, given_up = call.objected, self.board.row(call).state is CallState.ENDED  # after a month or so
            self.board.press(call, key)
            call.objected = objected if given_up else call.objected

    @rule(which=SOME)
    def an_objection_is_heard_of_late(self, which: int) -> None:
        call = self.any_call(which, "room", "over")
        if call and call.heard_out:
            self.board.press_late(call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def somebody_answers(self, which: int, agent: str) -> None:
        if (call := self.any_call(which)) and self.answers(agent, call):
            self.softphone_connects(which, agent)

    @precondition(lambda self: len(self.board.calls) < 4)
    @rule(
        caller=st.sampled_from(CALLERS),
        agent=st.sampled_from(AGENTS),
        told=st.booleans(),
        button=st.sampled_from([None, *BUTTONS]),
        ends=st.booleans(),
    )
    def somebody_rings_and_is_helped(
        self, caller: str, agent: str, *, told: bool, button: str | None, ends: bool
    ) -> None:
        call = self.board.ring(caller)
        self.board.hear_out(call)
        if self.answers(agent, call):
            self.softphone_connects(len(self.board.calls) - 1, agent)
        for event in list(call.outbox) if told else ():
            self.board.deliver(event)
        if button is not None:
            self.presses(agent, call, button)
        if ends and call.place != "over":
            self.board.hang_up(call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def somebody_answers_without_a_line(self, which: int, agent: str) -> None:
        if call := self.any_call(which):
            self.answers(agent, call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def softphone_connects(self, which: int, agent: str) -> None:
        call = self.any_call(which)
        if call and not any(agent in one.agents.values() for one in self.board.calls):
            row, staff_id = self.board.row(call), self.board.staff(agent).id
            theirs = row.state in allowed.HELD and row.claimed_by == staff_id
            assert self.board.softphone(call, agent) == (theirs and call.place == "room")

    @rule(which=SOME)
    def an_agent_is_lost(self, which: int) -> None:
        call = self.any_call(which, "room")
        if call and call.agents:
            self.board.agent_leaves(call, list(call.agents)[which % len(call.agents)])

    @rule(which=SOME)
    def the_caller_hangs_up(self, which: int) -> None:
        if call := self.any_call(which, "notice", "room"):
            self.board.hang_up(call)

    # --- the carrier's callbacks ---

    def events(self, *, new: bool) -> list[Event]:
        return [event for call in self.board.calls for event in call.outbox if (event.delivered == 0) == new]

    @rule(which=SOME, how_many=st.integers(1, 6))
    def callbacks_come_in(self, which: int, how_many: int) -> None:
        for _ in range(how_many):
            if waiting := self.events(new=True):
                self.board.deliver(waiting[which % len(waiting)])

    @rule(which=SOME)
    def a_callback_comes_again(self, which: int) -> None:
        if known := self.events(new=False):
            self.unchanged_by(lambda: self.board.deliver(known[which % len(known)]))

    @rule(which=SOME)
    def a_document_is_asked_for_again(self, which: int) -> None:
        call = self.any_call(which)
        if call:
            self.unchanged_by(lambda: self.board.post("/twilio/voice", CallSid=call.sid, From=call.caller))

    def unchanged_by(self, act: object) -> None:
        with self.board.place.db.reading() as session:
            before = everything(session)
        assert callable(act)
        act()
        with self.board.place.db.reading() as session:
            after = everything(session)
        if self.board.place.clock() - self.began > inbox.KEPT_FOR:  # the inbox forgot it: kept and told anew, no more
            before |= {name: after[name] for name in ("inbox_event", "live_event")}
        assert after == before, "a repeated event changed something"

    # --- beside ---

    @rule(name=st.sampled_from(BESIDE_SWEEPS))
    def a_sweep_runs(self, name: str) -> None:
        self.board.sweep(name)

    @rule()
    def the_worker_works(self) -> None:
        self.board.work()

    @rule(seconds=st.sampled_from([1, 20, 31, 300, 1900]))
    def a_while_passes(self, seconds: int) -> None:
        self.board.travel(seconds=seconds)

    @rule(days=st.sampled_from([1, 1, 8, 31]))
    def days_pass(self, days: int) -> None:
        self.board.travel(days=days)

    @invariant()
    def it_holds(self) -> None:
        if hasattr(self, "board"):
            type(self).steps += 1
            hold(self.board, self.seen)

    def teardown(self) -> None:
        try:
            if hasattr(self, "board"):
                self.evening()
        finally:
            self.stack.close()

    def evening(self) -> None:
        """Everybody hangs up, the carrier tells all it has to tell, and the worker does what is left."""
        for call in self.board.calls:
            if call.place != "over":
                self.board.hang_up(call)
        last = self.events(new=True)
        self.order.shuffle(last)
        for event in last:
            self.board.deliver(event)
        for name in ("calls", "wrap-ups", "remnants"):
            self.board.work()
            self.board.sweep(name)
            self.board.travel(minutes=31)
        hold(self.board, self.seen)
        for call in self.board.calls:
            assert self.board.row(call).state is CallState.ENDED
            became(self.board, call)
            type(self).reached["objected"] += call.objected
        if self.board.calls:
            recorded = [call for call in self.board.calls if call.recording] or self.board.calls
            self.a_dispute(self.order.choice(recorded))
        self.a_month_later()

    def a_dispute(self, call: OnTheLine) -> None:
        """Who handled the call closes it, there may be a hold or two, and everybody asks to hear it."""
        for agent in AGENTS:
            self.closes(call, agent)
        for kind in HoldKind:
            if self.order.random() < 0.7:
                self.holds(call, kind)
        self.everybody_listens(call)

    def a_month_later(self) -> None:
        """What is due is destroyed, unless a hold stands."""
        self.board.travel(days=40)
        self.board.sweep("retention")
        hold(self.board, self.seen)
        with self.board.place.db.reading() as session:
            held = set(session.exec(select(Hold.contact_id).where(col(Hold.released_at).is_(None))))
            for recording in session.exec(select(Recording)):
                spared = recording.state is RecordingState.ATTACHED and recording.contact_id in held
                type(self).reached["spared by a hold" if spared else recording.state.value] += 1


def never_reached(of: set[str]) -> list[str]:
    """Which of these never happened since the counting began."""
    return sorted(one for one in of if not Days.reached[one])


def test_an_ordinary_day_reaches_everything_that_chance_is_to_find(open_switchboard: Open) -> None:
    Days.switchboards, Days.reached = staticmethod(open_switchboard), Counter()
    day = Days()
    try:
        day.morning(number=1)
        disputed, objected = 0, 1
        day.somebody_rings_and_is_helped(CALLERS[0], "anna", told=True, button="hold", ends=False)
        day.somebody_answers_without_a_line(disputed, "bram")
        day.a_button_is_pressed(disputed, "bram", "end")
        day.the_caller_hangs_up(disputed)
        day.callbacks_come_in(0, 9)
        day.the_worker_works()
        for _ in range(2):
            day.somebody_closes_the_wrap_up(disputed, "anna")
        day.somebody_rings_and_is_helped(CALLERS[1], "bram", told=True, button="stop-recording", ends=True)
        day.callbacks_come_in(0, 9)
        day.somebody_rings_and_is_helped(CALLERS[2], "bram", told=True, button=None, ends=True)
        day.somebody_listens(disputed, "dirk", Purpose.DISPUTE)
        for call, kind, released in (
            (disputed, HoldKind.DISPUTE, False),
            (disputed, HoldKind.PRIVACY_REQUEST, False),
            (objected, HoldKind.DISPUTE, True),
        ):
            day.eva_places_a_hold(call, kind, released=released)
        day.everybody_listens(day.board.calls[disputed])
        day.it_holds()
    finally:
        day.teardown()
    assert never_reached(REACHED) == []


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("number", "examples", "length"),
    [
        pytest.param(1, 20, 30, id="a few days"),
        *(pytest.param(number, 150, 50, marks=pytest.mark.prove, id=f"seed {number}") for number in range(2, 10)),
    ],
)
def test_whatever_comes_in_which_order(
    open_switchboard: Open, number: int, examples: int, length: int, record_property: Callable[[str, object], None]
) -> None:
    Days.switchboards, Days.steps, Days.reached = staticmethod(open_switchboard), 0, Counter()
    play(Days, number, examples=examples, length=length)
    assert never_reached(to_be_reached(BY_CHANCE, examples)) == [], Days.reached
    record_property("examples", examples)
    record_property("reached", dict(Days.reached))
    record_property("steps", Days.steps)
