"""What two people, or one person twice, do about the same caller at the same moment: it is done once."""

from collections.abc import Callable
from zoneinfo import ZoneInfo

import pytest
from sqlmodel import col, select

from contactcenter.calls import lines, outbound
from contactcenter.calls.models import Call, Command
from contactcenter.calls.rules import Verb
from contactcenter.core.db import Database
from contactcenter.core.errors import Conflict, TooMany
from contactcenter.core.keys import MasterKey
from contactcenter.core.mail import NoPost
from contactcenter.customers import correcting
from contactcenter.customers.models import KnownNumber
from contactcenter.customers.rules import Kind
from contactcenter.staff.access import Member
from contactcenter.staff.rules import Role
from contactcenter.verification import (
    approvals,
    call_backs,
    codes,
    corrections,
    passes,
    service,
    telling,
)
from contactcenter.verification.messages import Messengers
from contactcenter.verification.models import Approval, Correction, CorrectionNotice, Evidence, Question, Verification
from contactcenter.verification.rules import ApprovalReason, EvidenceKind, EvidenceOutcome, Level, Way
from tests.factories import BAKKERIJ_JANSEN, JORIS, World
from tests.postgresql.test_at_once import at_once
from tests.verification.acts import answer_rightly, recognise
from tests.verification.letters import Texts
from tests.verification.test_corrections import NEW_NUMBER, verify

KEY, LINE = MasterKey.parse(MasterKey.generate()), "+31850000001"


@pytest.fixture
def world(db: Database) -> World:
    """The company on PostgreSQL."""
    made = World(db)
    for name in ("Anna", "Bram"):
        made.hire(name)
    made.hire("Dirk", Role.SUPERVISOR)
    made.put(BAKKERIJ_JANSEN)
    return made


def verified(world: World, level: Level = Level.VERIFIED) -> int:
    """Joris is on the line with Anna, and is verified."""
    call = world.call(JORIS, answered_by=world.members["Anna"])
    verify(world, world.members["Anna"], call, level)
    return call


def evidence(world: World, kind: EvidenceKind) -> list[EvidenceOutcome]:
    return [one.outcome for one in world.rows(select(Evidence).where(Evidence.kind == kind).order_by(col(Evidence.id)))]


def test_two_agents_who_call_back_at_once_call_once(world: World) -> None:
    call = verified(world)
    with world.writing() as session:
        lines.add(session, LINE, name="Helpdesk", team="Support", language="nl")
        call_backs.ask(session, world.now, world.members["Anna"], KEY, call, Kind.LICENCES)
    world.hang_up(call)
    with world.reading() as session:
        (request,) = call_backs.asked_of(session, world.now, world.members["Bram"])

    def press(who: Member) -> Callable[[], None]:
        def act() -> None:
            with world.writing() as session:
                outbound.call_back(session, world.now, who, request.public_id)

        return act

    anna, bram = press(world.members["Anna"]), press(world.members["Bram"])
    outcomes = at_once(anna, bram, anna, bram)
    assert [type(one) for one in outcomes if one] == [Conflict] * 2, outcomes
    assert len(world.rows(select(Call))) == 1
    assert len(world.rows(select(Command).where(Command.verb == Verb.CALL_OUT))) == 1
    world.travel(minutes=31)  # what a colleague took is anybody's again, but not while they call
    assert [type(one) for one in at_once(anna, bram) if one] == [Conflict]
    assert len(world.rows(select(Call))) == 1


def test_two_forms_of_a_correction_at_once_change_one_thing(world: World) -> None:
    call, anna = verified(world, Level.STRONG), world.members["Anna"]

    def sends(new: str) -> Callable[[], None]:
        def act() -> None:
            with world.writing() as session:
                wanted = correcting.read(Kind.PHONE_NUMBERS, {"old": JORIS, "new": new})
                corrections.correct(session, world.now, anna, call, wanted, 0)

        return act

    outcomes = at_once(sends(NEW_NUMBER), sends(NEW_NUMBER), sends("+31656666666"))
    assert len(world.rows(select(Correction))) == 1
    added = world.rows(select(KnownNumber.e164).where(col(KnownNumber.ended_at).is_(None)))
    assert len(added) == 1
    assert {type(one) for one in outcomes if one} <= {Conflict}


@pytest.mark.parametrize("turn", range(4))
def test_a_vouching_and_a_revocation_at_once_leave_no_pass(world: World, turn: int) -> None:
    anna, dirk = world.members["Anna"], world.members["Dirk"]
    call = world.call(None, answered_by=anna)
    world.link(call, "10042", "joris", anna)
    with world.writing() as session:
        begun = service.ensure(session, world.now, anna, call)
        approvals.ask(session, world.now, begun, ApprovalReason.OTHER, "He lost his papers.")
    answer_rightly(world, anna, call)
    (asked,) = world.rows(select(Approval))

    def vouch() -> None:
        with world.writing() as session:
            approvals.decide(session, world.now, dirk, asked.public_id, grant=True)

    def revoke() -> None:
        with world.writing() as session:
            service.revoke(session, world.now, dirk, world.contact(call))

    at_once(*((vouch, revoke) if turn % 2 else (revoke, vouch)))
    with world.reading() as session:
        assert passes.readable_pass(session, world.now, anna, world.contact(call)) is None
    assert [one.ended_at for one in world.rows(select(Verification))] == [world.now]


def test_a_code_that_is_read_out_twice_at_once_counts_once(world: World) -> None:
    call, anna = verified(world), world.members["Anna"]
    with world.writing() as session:
        begun = service.ensure(session, world.now, anna, call)
        made = codes.make(session, world.now, begun, EvidenceKind.CODE_BY_EMAIL)
        codes.arrived(session, world.now, made.public_id)

    def read() -> EvidenceOutcome:
        with world.writing() as session:
            return codes.read_out(session, world.now, anna, call, made.code)

    outcomes = at_once(*[read] * 4)
    assert outcomes.count(EvidenceOutcome.HOLDS) == 1
    assert sum(isinstance(one, Conflict) for one in outcomes) == 3
    assert evidence(world, EvidenceKind.CODE_BY_EMAIL) == [EvidenceOutcome.HOLDS]


def test_of_many_wrong_answers_at_once_three_count_and_end_the_asking(world: World) -> None:
    acts = []
    for number in range(6):
        agent = world.hire(f"Agent {number}")
        call = world.call(None, answered_by=agent)
        world.link(call, "10042", "joris", agent)
        with world.writing() as session:
            begun = service.ensure(session, world.now, agent, call)
            asked = Question(verification_id=begun.id, fact="licence-provider", drawn_at=world.now)
            session.add(asked)
            session.flush()

            def answer(agent: Member = agent, question: str = asked.public_id) -> EvidenceOutcome:
                with world.writing() as session:
                    return service.answer(session, world.now, agent, question, "Somebody Else BV")

            acts.append(answer)
    outcomes = at_once(*acts)
    assert outcomes.count(EvidenceOutcome.FAILS) == 3, outcomes
    assert sum(isinstance(one, TooMany) for one in outcomes) == 3
    assert evidence(world, EvidenceKind.ASKED) == [EvidenceOutcome.FAILS] * 3


def test_the_same_question_answered_at_once_counts_once(world: World) -> None:
    anna = world.members["Anna"]
    call = world.call(JORIS, answered_by=anna)
    recognise(world, anna, call)
    with world.writing() as session:
        begun = service.ensure(session, world.now, anna, call)
        asked = Question(verification_id=begun.id, fact="postcode", drawn_at=world.now)
        session.add(asked)
        session.flush()
        question = asked.public_id

    def answers(said: str) -> Callable[[], EvidenceOutcome]:
        def act() -> EvidenceOutcome:
            with world.writing() as session:
                return service.answer(session, world.now, anna, question, said)

        return act

    outcomes = at_once(*(answers(f"{number} AB") for number in ("1000", "2000", "7311", "3000")))
    assert sum(isinstance(one, EvidenceOutcome) for one in outcomes) == 1, outcomes
    assert len(evidence(world, EvidenceKind.ASKED)) == 1


def test_two_workers_that_tell_of_a_correction_at_once_keep_it_once(world: World) -> None:
    call, anna, texts = verified(world, Level.STRONG), world.members["Anna"], Texts()
    with world.writing() as session:
        wanted = correcting.read(Kind.BANK_ACCOUNT, {"iban": "NL02 ABNA 0123 4567 89"})
        corrections.correct(session, world.now, anna, call, wanted, 0)

    def sweep() -> None:
        messengers = Messengers(NoPost(), texts, "Veldwijk")
        telling.tell(world.db, world.now, messengers, ZoneInfo("UTC"), lambda _session, _contact: LINE)

    assert at_once(sweep, sweep, sweep) == [None] * 3
    kept = [(one.way, one.sent) for one in world.rows(select(CorrectionNotice).order_by(col(CorrectionNotice.id)))]
    assert sorted(kept) == [(Way.EMAIL, False), (Way.TEXT, True)]


def test_two_codes_asked_for_at_once_are_three_an_hour_at_most(world: World) -> None:
    call, anna = verified(world), world.members["Anna"]
    with world.writing() as session:
        begun = service.ensure(session, world.now, anna, call)

    def make() -> str:
        with world.writing() as session:
            return codes.make(session, world.now, begun, EvidenceKind.CODE_BY_EMAIL).code

    outcomes = at_once(*[make] * 8)
    assert sum(isinstance(one, str) for one in outcomes) == 3
    assert sum(isinstance(one, TooMany) for one in outcomes) == 5
