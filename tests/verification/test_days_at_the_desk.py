"""Whatever happens in which order: nothing opens without a level that holds in that instant, and nothing is forgotten.

A Hypothesis state machine over calls, links, evidence, transfers, revocations, marks, broken glass and the clock. What
it expects is computed anew from what the rules did, not from the rows of the product.
"""

import shutil
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from sqlalchemy.engine import make_url
from sqlmodel import col, func, select

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import AuditEntry
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.customers import correcting
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.staff.rules import Role
from contactcenter.verification import approvals, codes, corrections, door, flags
from contactcenter.verification import service as verification
from contactcenter.verification.models import Approval, Disclosure, Evidence, Verification
from contactcenter.verification.rules import ApprovalReason, EvidenceKind, EvidenceOutcome, GlassReason, Level
from tests.chance import play, to_be_reached
from tests.factories import JORIS, PRIYA, RIGHT_ANSWERS, STRANGER, World
from tests.verification import acts
from tests.verification.lines import LEVELS, PEOPLE, PERSONS, QUARTER, Held, Line

CHANGED = {  # with a number of six digits that no other correction has
    Kind.PHONE_NUMBERS: {"new": "+31670{:06}"},
    Kind.EMAIL_ADDRESSES: {"new": "new-{:06}@elsewhere.example"},
    Kind.NAME_AND_ADDRESS: {"street": "Kade {:06}", "postcode": "7311 AB", "town": "Amsterdam"},
    Kind.BANK_ACCOUNT: {"iban": "NL02 ABNA 0123 4567 89"},
}


class Desks(RuleBasedStateMachine):
    """Anna and Bram take calls about two customers; Dirk supervises."""

    company: World
    reached: Counter[str]

    @initialize(number=st.integers(0, 2**16))
    def morning(self, number: int) -> None:
        self.folder = TemporaryDirectory()
        path = Path(self.folder.name) / "company.sqlite3"
        shutil.copy(make_url(self.company.db.url).database or "", path)
        self.world = World(Database(f"sqlite:///{path}"), members=dict(self.company.members))
        self.world.hire("Dirk", Role.SUPERVISOR)
        self.chance, self.lines, self.seen_disclosures = Random(number), list[Line](), 0
        self.levels: dict[int, tuple[int, int]] = {}
        self.log = (0, 0, 0)
        self.glass: dict[tuple[str, str], datetime] = {}
        self.shut: set[str] = set()
        self.corrected: set[str] = set()

    def teardown(self) -> None:
        """Close what was opened."""
        if hasattr(self, "world"):
            self.world.db.close()
            self.folder.cleanup()

    # --- calls ---

    def line(self, which: int, **wanted: object) -> Line | None:
        """One of the calls, with these properties."""
        fitting = [one for one in self.lines if all(getattr(one, key) == value for key, value in wanted.items())]
        return fitting[which % len(fitting)] if fitting else None

    @rule(agent=st.sampled_from(PEOPLE), caller=st.sampled_from([JORIS, PRIYA, STRANGER, None]), ours=st.booleans())
    def somebody_is_on_the_line(self, agent: str, caller: str | None, *, ours: bool) -> None:
        if len(self.lines) >= 4 or self.line(0, handler=agent, live=True):
            return
        ours = ours and self.chance.random() < 0.3
        direction = Direction.OUTBOUND if ours else Direction.INBOUND
        contact = self.world.call(caller, answered_by=self.world.members[agent], direction=direction)
        line = Line(contact, agent, inbound=not ours)
        if caller in (JORIS, PRIYA):
            line.customer, line.person = ("10042", "joris") if caller == JORIS else ("10077", "priya")
        self.lines.append(line)
        self.recognise(line)

    def recognise(self, line: Line) -> None:
        with suppress(Problem):
            acts.recognise(self.world, self.world.members[line.handler], line.contact)
        with self.world.reading() as session:
            newest = (
                select(Evidence).where(Evidence.kind == EvidenceKind.KNOWN_NUMBER).order_by(col(Evidence.id).desc())
            )
            found = session.exec(newest).first()
            if found is not None and found.at == self.world.now and found.outcome is EvidenceOutcome.HOLDS:
                line.held.append(Held("known-number", self.world.now, line.turn, line.link))

    @rule(which=st.integers(0, 99), whom=st.sampled_from(PERSONS))
    def the_agent_links(self, which: int, whom: tuple[str, str]) -> None:
        line = self.line(which, live=True)
        if line and (line.customer, line.person) != whom:
            self.world.link(line.contact, *whom, self.world.members[line.handler])
            line.customer, line.person = whom
            line.link, line.questions, line.codes, line.revoked = line.link + 1, [], [], False
            self.recognise(line)

    @rule(which=st.integers(0, 99))
    def the_call_is_handed_on(self, which: int) -> None:
        if line := self.line(which, live=True):
            to = next(name for name in PEOPLE if name != line.handler)
            if self.line(0, handler=to, live=True):
                return
            self.world.hand_on(line.contact, self.world.members[line.handler], self.world.members[to])
            line.handler, line.turn, line.questions, line.revoked = to, line.turn + 1, [], False
            self.recognise(line)

    @rule(which=st.integers(0, 99))
    def they_hang_up(self, which: int) -> None:
        if line := self.line(which, live=True):
            self.world.hang_up(line.contact)
            line.live = False

    @rule(minutes=st.sampled_from([1, 5, 11, 16, 31]))
    def time_passes(self, minutes: int) -> None:
        self.world.travel(minutes=minutes)

    # --- evidence ---

    @rule(which=st.integers(0, 99))
    def a_question_is_drawn(self, which: int) -> None:
        if line := self.line(which):
            with suppress(Problem):
                asked = acts.ask(self.world, self.world.members[line.handler], line.contact)
                line.revoked = False
                if asked not in line.questions:
                    line.questions.append(asked)

    @rule(which=st.integers(0, 99), how=st.sampled_from(["right", "right", "right", "wrong", "declined"]))
    def it_is_answered(self, which: int, how: str) -> None:
        line = self.line(which)
        if not line or not line.questions:
            return
        asked = line.questions[-1]
        said = {"right": RIGHT_ANSWERS.get(asked.key, "?"), "wrong": "geen idee", "declined": None}[how]
        with suppress(Problem):
            outcome = acts.answer(self.world, self.world.members[line.handler], line.contact, asked, said)
            if outcome is EvidenceOutcome.HOLDS:
                self.holds(line, asked.key)

    def holds(self, line: Line, key: str) -> None:
        line.held.append(Held(key, self.world.now, line.turn, line.link))
        Desks.reached[f"{key} holds"] += 1

    @rule(which=st.integers(0, 99), kind=st.sampled_from([EvidenceKind.CODE_BY_EMAIL, EvidenceKind.CODE_BY_TEXT]))
    def a_code_is_sent(self, which: int, kind: EvidenceKind) -> None:
        if line := self.line(which):
            with suppress(Problem), self.world.writing() as session:
                viewer = self.world.members[line.handler]
                begun = verification.ensure(session, self.world.now, viewer, line.contact)
                sending = codes.make(session, self.world.now, begun, kind)
                codes.arrived(session, self.world.now, sending.public_id)
                line.codes.append(sending.code)
                assert not [new for new in self.corrected if new in sending.to], "a code to what was corrected lately"

    @rule(which=st.integers(0, 99))
    def the_application_fetches_one(self, which: int) -> None:
        line = self.line(which)
        if line and line.customer and line.person:
            with suppress(Problem), self.world.writing() as session:
                line.codes.append(codes.fetch(session, self.world.now, line.customer, line.person))

    @rule(which=st.integers(0, 99), right=st.booleans())
    def a_code_is_read_out(self, which: int, *, right: bool) -> None:
        line = self.line(which)
        if not line or not line.codes:
            return
        said = self.chance.choice(line.codes) if right else "000001"
        viewer = self.world.members[line.handler]
        with suppress(Problem):
            with self.world.writing() as session:
                outcome = codes.read_out(session, self.world.now, viewer, line.contact, said)
                door.disclose(session, self.world.now, viewer, contact_id=line.contact)
                newest = session.exec(select(Evidence).order_by(col(Evidence.id).desc())).first()
            if outcome is EvidenceOutcome.HOLDS and newest is not None:
                self.holds(line, newest.kind.value)

    @rule(which=st.integers(0, 99), grant=st.booleans())
    def dirk_is_asked(self, which: int, *, grant: bool) -> None:
        line = self.line(which)
        if not line:
            return
        with suppress(Problem):
            with self.world.writing() as session:
                viewer = self.world.members[line.handler]
                begun = verification.ensure(session, self.world.now, viewer, line.contact)
                words = "The caller has no papers at hand."
                approvals.ask(session, self.world.now, begun, ApprovalReason.CANT_ANSWER, words)
            asked = self.world.rows(select(Approval))[-1]
            with self.world.writing() as session:
                dirk = self.world.members["Dirk"]
                approvals.decide(session, self.world.now, dirk, asked.public_id, grant=grant)
            if grant:
                self.holds(line, "approval")

    @rule(agent=st.sampled_from(PEOPLE), whom=st.sampled_from(PERSONS[:2]), code=st.booleans(), vouched=st.booleans())
    def somebody_rings_and_proves_who_they_are(
        self, agent: str, whom: tuple[str, str], *, code: bool, vouched: bool
    ) -> None:
        wish = self.chance.choice([None, *CHANGED])
        self.somebody_is_on_the_line(agent, JORIS if whom[1] == "joris" else None, ours=False)
        line = self.line(0, handler=agent, live=True)
        if line is None:
            return
        which = [one for one in self.lines if one.live].index(line)
        self.the_agent_links(which, whom)
        which = self.lines.index(line)
        if code or wish:
            self.a_code_is_sent(which, EvidenceKind.CODE_BY_EMAIL)
            self.a_code_is_read_out(which, right=True)
        if vouched:
            self.dirk_is_asked(which, grant=True)
        for _ in range(2):
            self.a_question_is_drawn(which)
            self.it_is_answered(which, "right")
        self.a_kind_is_asked_for(which, agent, Kind.INVOICES)
        if wish is not None:
            self.something_is_corrected(which, wish)

    # --- corrections ---

    @rule(which=st.integers(0, 99), kind=st.sampled_from(list(CHANGED)))
    def something_is_corrected(self, which: int, kind: Kind) -> None:
        if line := self.line(which):
            viewer, new = self.world.members[line.handler], self.chance.randrange(10**6)
            with self.world.reading() as session:
                before = [one.model_dump() for one in session.exec(select(Verification).order_by(col(Verification.id)))]
                made = corrections.offered(session, self.world.now, viewer, line.contact)
            with suppress(Problem), self.world.writing() as session:
                form = {name: written.format(new) for name, written in CHANGED[kind].items()}
                wanted, turn = correcting.read(kind, form), made.turn if made else 0
                corrections.correct(session, self.world.now, viewer, line.contact, wanted, turn)
                assert line.live, "corrected after the call"
                assert line.inbound, "corrected on a call that we made"
                assert line.customer not in self.shut, "corrected although it is marked"
                assert line.best(self.world.now) >= (2 if kind is Kind.NAME_AND_ADDRESS else 3), "corrected too early"
                Desks.reached[f"{kind.value} corrected"] += 1
            after = self.world.rows(select(Verification).order_by(col(Verification.id)))
            assert [one.model_dump() for one in after] == before, "a correction changed a level"
            self.corrected.add(f"{new:06}")

    # --- what opens, and what shuts ---

    @rule(which=st.integers(0, 99), agent=st.sampled_from(PEOPLE), kind=st.sampled_from(list(Kind)))
    def a_kind_is_asked_for(self, which: int, agent: str, kind: Kind) -> None:
        if line := self.line(which):
            with suppress(Problem):
                acts.reveal(self.world, self.world.members[agent], line.contact, kind)
                Desks.reached[f"{kind.value} revealed"] += 1

    @rule(which=st.integers(0, 99))
    def dirk_revokes(self, which: int) -> None:
        if line := self.line(which):
            with self.world.writing() as session:
                contact = self.world.contact(line.contact)
                verification.revoke(session, self.world.now, self.world.members["Dirk"], contact)
            line.held, line.questions, line.revoked = [], [], True

    @rule(relation_number=st.sampled_from(["10042", "10077"]), agent=st.sampled_from(PEOPLE))
    def glass_is_broken(self, relation_number: str, agent: str) -> None:
        with suppress(Problem), self.world.writing() as session:
            customer = session.exec(select(Customer).where(Customer.relation_number == relation_number)).one()
            viewer, words = self.world.members[agent], "The account does damage and nobody answers."
            door.break_glass(session, self.world.now, viewer, customer.id, GlassReason.DAMAGE, words)
            self.glass[agent, relation_number] = self.world.now
            Desks.reached["glass"] += 1

    @rule(relation_number=st.sampled_from(["10042", "10077"]))
    def a_mark_shuts_it_or_is_lifted(self, relation_number: str) -> None:
        with self.world.writing() as session:
            dirk = self.world.members["Dirk"]
            customer = session.exec(select(Customer).where(Customer.relation_number == relation_number)).one()
            if relation_number in self.shut:
                for one in flags.in_force(session, self.world.now, customer.id):
                    flags.lift(session, self.world.now, dirk, one.public_id)
                self.shut.discard(relation_number)
            elif self.chance.random() < 0.1:
                until = (self.world.now + timedelta(days=30)).date()
                flags.shut(session, self.world.now, dirk, customer.id, "Nothing is told to anybody.", until)
                self.shut.add(relation_number)

    # --- what holds all the time ---

    @invariant()
    def it_holds(self) -> None:
        if hasattr(self, "world"):
            self.every_disclosure_was_justified()
            self.the_log_only_grows()
            self.levels_rise_by_evidence()
            self.nobody_else_sees_anything()

    def every_disclosure_was_justified(self) -> None:
        numbers = {one.id: one.relation_number for one in self.world.rows(select(Customer))}
        for row in self.world.rows(select(Disclosure).where(col(Disclosure.id) > self.seen_disclosures)):
            self.seen_disclosures = row.id
            who = next(name for name, member in self.world.members.items() if member.id == row.staff_id)
            customer = numbers[row.customer_id or 0]
            assert customer not in self.shut, "disclosed although it is marked"
            if row.break_glass_id is not None:
                assert self.world.now - self.glass[who, customer or ""] <= QUARTER
                continue
            line = next(one for one in self.lines if one.contact == row.contact_id)
            kind = Kind(row.what)
            assert line.live, "opened after the call"
            assert line.handler == who, "opened for somebody else"
            assert line.customer == customer, "opened for another customer"
            needed = next((level for level, kinds in LEVELS.items() if kind in kinds), 2)
            assert needed <= row.level <= line.best(self.world.now), f"{kind} at {row.level}, {line}"
            assert line.inbound, "opened on a call that nobody had asked for"
            assert line.person != "marieke" or kind in (Kind.RELATION_NUMBER, Kind.INVOICES), "beyond the mandate"
            Desks.reached[f"opened at {needed}"] += 1

    def the_log_only_grows(self) -> None:
        with self.world.reading() as session:
            counted = [
                session.exec(select(func.count()).select_from(table)).one() for table in (AuditEntry, Disclosure)
            ]
            counted.append(session.exec(select(func.count()).select_from(Evidence)).one())
        assert all(now >= before for now, before in zip(counted, self.log, strict=True))
        self.log = (counted[0], counted[1], counted[2])

    def levels_rise_by_evidence(self) -> None:
        for row in self.world.rows(select(Verification)):
            mine = select(Evidence).where(Evidence.verification_id == row.id)
            count = len([one for one in self.world.rows(mine) if one.outcome is EvidenceOutcome.HOLDS])
            level, before = self.levels.get(row.id, (int(Level.UNKNOWN), 0))
            inherited = row.id not in self.levels and row.follows_id is not None and row.level <= Level.RECOGNISED
            assert row.level <= level or count > before or inherited, "a level rose by nothing"
            assert row.level >= level, "a level fell"
            self.levels[row.id] = (int(row.level), count)

    def nobody_else_sees_anything(self) -> None:
        for line in self.lines:
            for name in PEOPLE:
                viewer = self.world.members[name]
                if line.customer is None:
                    continue
                shown = acts.opened(self.world, viewer, line.contact)
                allowed = name == line.handler and line.customer not in self.shut and not line.revoked
                assert not shown or allowed, f"{name} sees {shown} of {line}"
                untrained = replace(viewer, trained=False)
                assert not acts.opened(self.world, untrained, line.contact)


@pytest.mark.timeout(3600)
@pytest.mark.parametrize(
    ("number", "examples", "length"),
    [
        pytest.param(1, 25, 40, id="a few days"),
        *(pytest.param(number, 300, 60, marks=pytest.mark.prove, id=f"seed {number}") for number in range(2, 6)),
    ],
)
def test_nothing_opens_without_a_level_that_holds_in_that_instant(
    company: World, number: int, examples: int, length: int, record_property: Callable[[str, object], None]
) -> None:
    Desks.company, Desks.reached = company, Counter()
    play(Desks, number, examples=examples, length=length)
    missed = [name for name in to_be_reached(BY_CHANCE, examples) if not Desks.reached[name]]
    assert missed == [], Desks.reached
    record_property("reached", dict(Desks.reached))


BY_CHANCE = (
    "opened at 1",
    "opened at 2",
    "glass",
    "invoices revealed",
    "approval holds",
    "code-by-email holds",
    "name-and-address corrected",
)
