"""P03, P10, P12, P14: contacts against links and the carrier's events, conversations against what was written."""

from datetime import timedelta

import pytest
from sqlmodel import select

from contactcenter.calls import service as calls
from contactcenter.calls.models import Leg
from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, Direction, Outcome
from contactcenter.core import inbox
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.errors import NotFound
from contactcenter.customers.rules import Kind
from contactcenter.notes import service as notes
from contactcenter.notes import summaries
from contactcenter.notes.drafting import DraftLine
from contactcenter.privacy.promises import verdict_of
from contactcenter.privacy.rules import State
from contactcenter.verification.models import CallBack, CallBackTry, OneTimeCode, Question
from contactcenter.verification.rules import EvidenceKind, Level
from tests.factories import JORIS, STRANGER, World
from tests.privacy.line import Line, corrected, shown, verified


def test_a_contact_may_be_nobodys_for_fourteen_days(line: Line) -> None:
    world, stranger = line.world, line.world.call(STRANGER)
    world.call(JORIS)
    world.hang_up(stranger, missed=True)
    world.travel(days=13)
    line.keeps("P03", checked=2)
    world.travel(days=2)
    line.breaks("P03", world.contact(stranger).public_id)
    world.link(stranger, "10077", "priya", world.members["Anna"])
    line.keeps("P03", checked=2)


def test_a_link_that_was_undone_lately_leaves_another_fourteen_days(line: Line) -> None:
    world, joris = line.world, line.world.call(JORIS)
    world.travel(days=20)
    with world.writing() as session:
        contacts.unlink(session, world.now, session.get_one(Contact, joris), "carrier")
    line.keeps("P03", checked=1)
    world.travel(days=15)
    line.breaks("P03", world.contact(joris).public_id)


def test_the_column_that_finds_unmatched_contacts_quickly_is_not_believed(line: Line) -> None:
    world, stranger = line.world, line.world.call(STRANGER)
    with world.writing() as session:
        session.connection().exec_driver_sql("UPDATE contact SET linked = true")
    world.travel(days=15)
    line.breaks("P03", world.contact(stranger).public_id)


def test_every_call_that_the_carrier_told_us_of_has_a_contact(line: Line) -> None:
    line.hang_up(line.ring())
    line.keeps("P03", checked=2)


def test_a_call_to_a_number_that_we_do_not_know_as_ours_breaks_it(line: Line) -> None:
    sid = "CA" + "f" * 32
    with line.world.writing() as session:  # as the webhook does: the event is kept, whatever comes of it
        inbox.accept(session, line.world.now, f"{sid}:voice", "voice", sid)
        with pytest.raises(NotFound):
            calls.arrive(session, line.world.now, sid=sid, sent_from=JORIS, to="+31850000099", can_record=True)
    line.breaks("P03", None)
    assert [one.id for one in line.finding("P03").offenders] == [sid]


def test_a_call_of_the_carriers_list_that_stays_unknown_breaks_it_once(line: Line) -> None:
    with line.world.writing() as session:
        raise_alert(session, line.world.now, AlertKind.CALL_WITHOUT_CONTACT, "CA" + "e" * 32)
    line.breaks("P03", None)
    line.world.travel(days=31)
    line.keeps("P03", checked=0)


def test_a_call_that_was_told_and_listed_counts_once_and_one_that_is_known_not_at_all(line: Line) -> None:
    known, sid = line.ring(), "CA" + "f" * 32
    line.hear(known)
    line.answer(known)
    legs = line.world.rows(select(Leg.sid))
    assert len(legs) == 2
    with line.world.writing() as session:
        inbox.accept(session, line.world.now, f"{sid}:voice", "voice", sid)
        for named in (*legs, sid):
            raise_alert(session, line.world.now, AlertKind.CALL_WITHOUT_CONTACT, named)
    line.breaks("P03", None)
    assert [one.id for one in line.finding("P03").offenders] == [sid]


def test_a_call_that_was_connected_needs_a_confirmed_summary_within_a_day(line: Line) -> None:
    world, anna = line.world, line.world.members["Anna"]
    sid, _ = line.talk()
    line.hang_up(sid)
    line.hang_up(line.ring(STRANGER))  # missed
    world.travel(hours=23)
    line.keeps("P10", checked=0)
    world.travel(hours=2)
    line.breaks("P10", line.contact(sid))
    call = world.rows(select(Contact.id).where(Contact.public_id == line.contact(sid)))[0]
    with world.writing() as session:
        summaries.attach_draft(session, world.now, call, [DraftLine("Licence extended.", 1.0, 0)])
    line.breaks("P10", line.contact(sid))
    with world.writing() as session:
        summaries.confirm(session, world.now, call, anna, "Licence extended.")
    line.keeps("P10", checked=1)
    with world.writing() as session:  # it should have been impossible
        session.connection().exec_driver_sql("UPDATE summary SET text = ''")
    line.breaks("P10", line.contact(sid))


def test_the_share_that_was_confirmed_as_drafted_is_told(line: Line) -> None:
    world, anna = line.world, line.world.members["Anna"]
    for text in ("Licence extended.", "Licence extended by a year."):
        call = world.call(JORIS, answered_by=anna)
        world.hang_up(call)
        with world.writing() as session:
            summaries.attach_draft(session, world.now, call, [DraftLine("Licence extended.", 1.0, 0)])
            summaries.confirm(session, world.now, call, anna, text)
    assert line.finding("P10").share == (1, 2)
    world.travel(days=31)
    assert line.finding("P10").share == (0, 0)


def ours(world: World) -> int:
    """A call that we make, for no request."""
    return world.call(JORIS, answered_by=world.members["Anna"], direction=Direction.OUTBOUND)


def state(world: World, id: str) -> State:
    with world.reading() as session:
        return verdict_of(session, world.now, id).state


@pytest.mark.parametrize("id", ["P12", "P14"])
def test_as_long_as_we_make_no_calls_nothing_is_concluded(line: Line, id: str) -> None:
    line.world.hang_up(line.world.call(JORIS, answered_by=line.world.members["Anna"]))
    assert state(line.world, id) is State.NOTHING_YET


def test_a_question_on_a_call_that_we_make_breaks_it(line: Line) -> None:
    world, call = line.world, ours(line.world)
    line.keeps("P12", checked=1)
    asked = Question(verification_id=verified(world, call, Level.RECOGNISED), fact="postcode", drawn_at=world.now)
    with world.writing() as session:
        session.add(asked)
    line.breaks("P12", world.contact(call).public_id)


def test_a_code_on_a_call_that_we_make_breaks_it(line: Line) -> None:
    world, call = line.world, ours(line.world)
    with world.writing() as session:
        link = contacts.active_link(session, call)
        assert link is not None and link.person_id is not None
        asked = OneTimeCode(
            kind=EvidenceKind.CODE_BY_EMAIL,
            customer_id=link.customer_id,
            person_id=link.person_id,
            contact_id=call,
            code_hash="hash",
            made_at=world.now,
        )
        session.add(asked)
    line.breaks("P12", world.contact(call).public_id)


def test_a_correction_on_a_call_that_we_make_breaks_it(line: Line) -> None:
    world, call = line.world, ours(line.world)
    line.keeps("P12", checked=1)
    corrected(world, call, verified(world, call, Level.STRONG, EvidenceKind.CALL_BACK))
    line.breaks("P12", world.contact(call).public_id)


@pytest.mark.parametrize("what", ["bank-account", "relation-number"])
def test_anything_opened_on_a_call_that_nobody_asked_for_breaks_it(line: Line, what: str) -> None:
    world, call = line.world, ours(line.world)
    with world.writing() as session:
        session.add(shown(world, call, what))
    line.breaks("P12", world.contact(call).public_id)


@pytest.mark.parametrize(
    ("named", "opened", "said", "hours", "broken"),
    [
        (Kind.LICENCES, Kind.LICENCES, True, 0, False),
        (Kind.LICENCES, Kind.LICENCES, True, 72, False),
        (Kind.LICENCES, Kind.LICENCES, True, 73, True),
        (Kind.LICENCES, Kind.LICENCES, False, 0, True),
        (Kind.LICENCES, Kind.CONTRACT_TERM, True, 0, True),
        (Kind.INVOICES, Kind.INVOICES, True, 0, True),
    ],
)
def test_on_a_call_back_only_what_was_asked_for_in_72_hours_opens_after_its_word(
    line: Line, named: Kind, opened: Kind, said: bool, hours: int, broken: bool
) -> None:
    world, call = line.world, ours(line.world)
    made = verified(world, call, Level.VERIFIED, *([EvidenceKind.CALL_BACK] if said else []))
    with world.writing() as session:
        link = contacts.active_link(session, call)
        assert link is not None and link.person_id is not None
        request = CallBack(
            verification_id=made, customer_id=link.customer_id, person_id=link.person_id, team_id=1, kind=named,
            language="nl", word="hash", made_at=world.now - timedelta(hours=hours),
        )  # fmt: skip
        session.add(request)
        session.flush()
        session.add(
            CallBackTry(call_back_id=request.id, contact_id=call, staff_id=world.members["Anna"].id, at=world.now)
        )
        row = shown(world, call, opened.value)
        row.person_id, row.verification_id = link.person_id, made
        session.add(row)
    if broken:
        line.breaks("P12", world.contact(call).public_id)
    else:
        line.keeps("P12", checked=1)


def test_a_call_that_we_make_and_close_without_a_note_breaks_it(line: Line) -> None:
    world, call, anna = line.world, ours(line.world), line.world.members["Anna"]
    world.hang_up(call)
    with world.writing() as session:
        contact = session.get_one(Contact, call)
        contacts.close(
            session, world.now, contact, anna.id, outcome=Outcome.SOLVED, kind=ContactKind.OTHER, follow_up_on=None
        )
    line.breaks("P14", world.contact(call).public_id)
    with world.writing() as session:
        notes.write_note(session, world.now, call, anna.id, "", "Told them of the new price.")
    line.keeps("P14", checked=1)
    assert world.rows(select(Contact.direction)) == [Direction.OUTBOUND]
