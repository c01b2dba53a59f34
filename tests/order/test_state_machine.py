"""Calls, callbacks, answers, objections, holds, sweeps and time in any order: what must hold holds after every step.

Hypothesis chooses what happens next on the line, at the desks, at the worker and with time, and which of the carrier's
callbacks comes in now: in any order, doubled, or a day late. In the end everything is delivered and swept, and each
call must have become what it was.
"""

from collections.abc import Callable
from contextlib import ExitStack
from random import Random
from typing import ClassVar

import pytest
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlmodel import select

from contactcenter.calls.rules import CallState
from contactcenter.recordings.models import Hold
from tests.order.conftest import Open
from tests.order.invariants import Seen, became, everything, hold
from tests.order.switchboard import BESIDE_SWEEPS, Event, OnTheLine, Switchboard

CALLERS = ("+31612345678", "+31644444444", "anonymous")
AGENTS = ("anna", "bram")
BUTTONS = ("hold", "unhold", "pause", "resume", "stop-recording", "end")
PURPOSES = {"anna": "replay", "carla": "training", "dirk": "audit", "eva": "privacy-request"}
SOME = st.integers(0, 1000)


class Days(RuleBasedStateMachine):
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

    # --- on the line ---

    def any_call(self, which: int, *places: str) -> OnTheLine | None:
        there = [call for call in self.board.calls if not places or call.place in places]
        return there[which % len(there)] if there else None

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
            self.board.press(call, key)

    @rule(which=SOME)
    def an_objection_is_heard_of_late(self, which: int) -> None:
        call = self.any_call(which, "room", "over")
        if call and call.heard_out:
            self.board.press_late(call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def somebody_answers(self, which: int, agent: str) -> None:
        if (call := self.any_call(which)) and self.board.on_call(agent, call, "answer") == 204:
            self.softphone_connects(which, agent)

    @precondition(lambda self: len(self.board.calls) < 4)
    @rule(caller=st.sampled_from(CALLERS), agent=st.sampled_from(AGENTS), ends=st.booleans())
    def somebody_rings_and_is_helped(self, caller: str, agent: str, ends: bool) -> None:
        call = self.board.ring(caller)
        self.board.hear_out(call)
        if self.board.on_call(agent, call, "answer") == 204:
            self.softphone_connects(len(self.board.calls) - 1, agent)
        if ends:
            self.board.hang_up(call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def somebody_answers_without_a_line(self, which: int, agent: str) -> None:
        if call := self.any_call(which):
            self.board.on_call(agent, call, "answer")

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def softphone_connects(self, which: int, agent: str) -> None:
        call = self.any_call(which)
        if call and not any(agent in one.agents.values() for one in self.board.calls):
            self.board.softphone(call, agent)

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
            assert everything(session) == before, "a repeated event changed something"

    # --- at the desks ---

    @rule(which=SOME, agent=st.sampled_from(AGENTS), button=st.sampled_from(BUTTONS))
    def a_button_is_pressed(self, which: int, agent: str, button: str) -> None:
        if call := self.any_call(which):
            done = self.board.on_call(agent, call, button) == 204
            call.objected |= done and button == "stop-recording"
            if done and button == "end" and call.place == "room":
                self.board.hang_up(call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def somebody_closes_the_wrap_up(self, which: int, agent: str) -> None:
        if call := self.any_call(which):
            words = {"outcome": "solved", "kind": "question", "question": "Which laptop?"}
            self.board.act(agent, f"/contacts/{self.contact_of(call)}/close", **words)

    @rule(which=SOME, who=st.sampled_from(sorted(PURPOSES)))
    def somebody_listens(self, which: int, who: str) -> None:
        if call := self.any_call(which):
            contact = self.contact_of(call)
            self.board.act(who, f"/contacts/{contact}/open", purpose=PURPOSES[who])
            assert self.board.look(who, f"/contacts/{contact}").status_code in (200, 404)

    @rule(which=SOME, kind=st.sampled_from(["dispute", "privacy-request"]))
    def eva_places_a_hold(self, which: int, kind: str) -> None:
        if call := self.any_call(which):
            review = f"{self.board.now.replace(year=self.board.now.year + 1, month=1, day=5):%Y-%m-%d}"
            path = f"/contacts/{self.contact_of(call)}/hold"
            self.board.act("eva", path, kind=kind, reference="D-1", review_on=review)

    @rule(which=SOME)
    def eva_releases_a_hold(self, which: int) -> None:
        with self.board.place.db.reading() as session:
            holds = [one.public_id for one in session.exec(select(Hold))]
        if holds:
            assert self.board.act("eva", f"/holds/{holds[which % len(holds)]}/release").status_code == 204

    def contact_of(self, call: OnTheLine) -> str:
        with self.board.place.db.reading() as session:
            return self.board.contact(session, call).public_id

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


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("number", "examples", "length"),
    [
        pytest.param(1, 20, 30, id="a few days"),
        *(pytest.param(number, 250, 50, marks=pytest.mark.prove, id=f"seed {number}") for number in range(2, 18)),
    ],
)
def test_whatever_comes_in_which_order(
    open_switchboard: Open, number: int, examples: int, length: int, record_property: Callable[[str, object], None]
) -> None:
    Days.switchboards, Days.steps = staticmethod(open_switchboard), 0
    chosen = settings(
        max_examples=examples,
        stateful_step_count=length,
        deadline=None,
        database=None,
        print_blob=False,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.generate, Phase.shrink),
    )
    run_state_machine_as_test(seed(number)(Days), settings=chosen)
    record_property("examples", examples)
    record_property("steps", Days.steps)
