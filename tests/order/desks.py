"""The part of the state machine that happens at the desks: each act succeeds exactly when the rows say that it may."""

from collections import Counter
from datetime import timedelta
from random import Random
from typing import ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule
from sqlmodel import col, select

from contactcenter.contacts.models import Contact
from contactcenter.recordings.models import Hold, HoldProposal
from contactcenter.recordings.rules import HoldKind
from contactcenter.verification.rules import Purpose
from tests.order import allowed
from tests.order.switchboard import OnTheLine, Switchboard

AGENTS = ("anna", "bram")
BUTTONS = ("hold", "unhold", "pause", "resume", "stop-recording", "end")
LISTENERS = sorted(allowed.LISTENERS)
SOME = st.integers(0, 1000)
REFUSED = {"answer": {409}, "button": {404, 409}, "close": {404, 409}, "listen": {422}}


class Desks(RuleBasedStateMachine):
    """Everybody at the desks of a switchboard. `reached` counts what was done, and what was refused."""

    reached: ClassVar[Counter[str]] = Counter()
    board: Switchboard
    order: Random

    def any_call(self, which: int, *places: str) -> OnTheLine | None:
        there = [call for call in self.board.calls if not places or call.place in places]
        return there[which % len(there)] if there else None

    def answers(self, agent: str, call: OnTheLine) -> bool:
        row, staff_id = self.board.row(call), self.board.staff(agent).id
        with self.board.place.db.reading() as session:
            may = allowed.answer(session, row, staff_id)
        return self.done("answer", self.board.on_call(agent, call, "answer"), may)

    def done(self, act: str, status: int, may: bool) -> bool:
        """Whether it was done, which must be whether it may be."""
        assert status in ({204} if may else REFUSED[act]), (act, status, may)
        type(self).reached[f"{act} {'done' if may else 'refused'}"] += 1
        return may

    @rule(which=SOME, agent=st.sampled_from(AGENTS), button=st.sampled_from(BUTTONS))
    def a_button_is_pressed(self, which: int, agent: str, button: str) -> None:
        if call := self.any_call(which):
            self.presses(agent, call, button)

    def presses(self, agent: str, call: OnTheLine, button: str) -> None:
        may = allowed.press(self.board.row(call), self.board.staff(agent).id, button)
        done = self.done("button", self.board.on_call(agent, call, button), may)
        call.objected |= done and button == "stop-recording"
        if done and button == "end" and call.place == "room":
            self.board.hang_up(call)

    @rule(which=SOME, agent=st.sampled_from(AGENTS))
    def somebody_closes_the_wrap_up(self, which: int, agent: str) -> None:
        if call := self.any_call(which):
            self.closes(call, agent)

    def closes(self, call: OnTheLine, agent: str) -> None:
        words = {"outcome": "solved", "kind": "question", "question": "Which laptop?"}
        contact, staff_id = self.contact_of(call), self.board.staff(agent).id
        with self.board.place.db.reading() as session:
            may = allowed.close(session, self.board.now, contact, staff_id)
        self.done("close", self.board.act(agent, f"/contacts/{contact.public_id}/close", **words).status_code, may)

    @rule(which=SOME, who=st.sampled_from(LISTENERS), purpose=st.sampled_from(Purpose))
    def somebody_listens(self, which: int, who: str, purpose: Purpose) -> None:
        if call := self.any_call(which):
            self.listens(call, who, purpose)

    def listens(self, call: OnTheLine, who: str, purpose: Purpose) -> None:
        contact, staff_id = self.contact_of(call), self.board.staff(who).id
        with self.board.place.db.reading() as session:
            may = allowed.listen(session, self.board.now, contact, who, staff_id, purpose)
            sound = allowed.audible(session, contact.id)
        status = self.board.act(who, f"/contacts/{contact.public_id}/open", purpose=purpose).status_code
        assert self.board.look(who, f"/contacts/{contact.public_id}").status_code == 200
        if self.done("listen", status, may) and sound:
            self.hears(who, staff_id, len(sound))
            type(self).reached[f"listen for {purpose}"] += 1

    def hears(self, who: str, staff_id: int, recordings: int) -> None:
        with self.board.place.db.reading() as session:
            grant = allowed.newest_grant(session, staff_id)
        heard = self.board.look(who, f"/playback/{grant}/audio")
        assert (heard.status_code, heard.content[:4], recordings) == (200, b"RIFF", 1)
        type(self).reached["heard"] += 1

    @rule(which=SOME, kind=st.sampled_from(HoldKind), released=st.booleans())
    def eva_places_a_hold(self, which: int, kind: HoldKind, *, released: bool) -> None:
        if call := self.any_call(which):
            self.holds(call, kind)
            if released:
                self.eva_releases_a_hold(-1)

    def holds(self, call: OnTheLine, kind: HoldKind) -> None:
        review = f"{self.board.now + timedelta(days=90):%Y-%m-%d}"
        path = f"/contacts/{self.contact_of(call).public_id}/hold"
        assert self.board.act("eva", path, kind=kind, reference="D-1", review_on=review).status_code == 204
        self.dirk_confirms()
        type(self).reached["held"] += 1

    @rule(which=SOME)
    def eva_releases_a_hold(self, which: int) -> None:
        with self.board.place.db.reading() as session:
            standing = select(Hold.public_id).where(col(Hold.released_at).is_(None)).order_by(col(Hold.id))
            holds = session.exec(standing).all()
        if holds:
            assert self.board.act("eva", f"/holds/{holds[which % len(holds)]}/release").status_code == 204
            self.dirk_confirms()
            type(self).reached["released"] += 1

    def dirk_confirms(self) -> None:
        """What Eva proposed about holds."""
        with self.board.place.db.reading() as session:
            waiting = session.exec(select(HoldProposal.public_id).where(col(HoldProposal.decided_at).is_(None))).all()
        for one in waiting:
            assert self.board.act("dirk", f"/holds/steps/{one}", accept="1").status_code == 204

    def contact_of(self, call: OnTheLine) -> Contact:
        with self.board.place.db.reading() as session:
            return self.board.contact(session, call)

    def everybody_listens(self, call: OnTheLine) -> None:
        """Each for every purpose that is theirs."""
        for who, purposes in allowed.LISTENERS.items():
            for purpose in sorted(purposes):
                self.listens(call, who, purpose)
