"""What is written about a contact: the note, the transcript, and a summary that a person makes theirs (P10, P17)."""

from dataclasses import asdict
from datetime import UTC, datetime

import pytest
from sqlmodel import select

from contactcenter.contacts import service as contacts
from contactcenter.contacts.models import Contact
from contactcenter.contacts.rules import ContactKind, Outcome
from contactcenter.core.audit import Action
from contactcenter.core.errors import Invalid, NotFound
from contactcenter.notes import service as notes
from contactcenter.notes import summaries
from contactcenter.notes.drafter import Origin
from contactcenter.notes.drafting import DraftLine
from contactcenter.notes.models import Summary, SummaryState, Transcript
from contactcenter.notes.said import Segment
from contactcenter.notes.said import Transcript as Said
from contactcenter.notes.service import Words
from contactcenter.staff.access import Member
from tests.factories import JORIS, World

SAID = Said(
    "nl",
    "whisper",
    "base",
    (Segment(0, 1.0, 2.0, "Mijn factuur klopt niet.", 0.9), Segment(1, 2.5, 3.0, "Ik kijk het na.", 0.9)),
)
DRAFT = (DraftLine("Mijn factuur klopt niet.", 1.0, 0),)
SID = "RE" + "0" * 32


def heard(world: World, contact_id: int) -> None:
    """The pipeline attaches what was said and a draft of the summary."""
    with world.writing() as session:
        notes.attach_transcript(session, world.now, contact_id, SID, SAID, ["caller", "agent"])
        summaries.attach_draft(session, world.now, contact_id, DRAFT)


def read(world: World, viewer: Member, contact_id: int) -> Words:
    """The words that this member may read."""
    with world.reading() as session:
        words = notes.read(session, world.now, viewer, contact_id)
    assert words is not None
    return words


def confirm(world: World, viewer: Member, contact_id: int, text: str) -> None:
    """This member confirms the summary."""
    with world.writing() as session:
        summaries.confirm(session, world.now, contact_id, viewer, text)


def awaiting(world: World, member: Member | None = None) -> list[int]:
    """The contacts whose summary is still to be confirmed."""
    with world.reading() as session:
        return [contact.id for contact in summaries.awaited(session, member.id if member else None)]


@pytest.fixture
def anna(world: World) -> Member:
    """Anna is at the desk."""
    return world.members["Anna"]


@pytest.fixture
def call(world: World, anna: Member) -> int:
    """Joris rings, and Anna answers."""
    return world.call(JORIS, answered_by=anna)


def test_a_note_is_replaced_while_it_is_typed_and_stays_its_writers(world: World, anna: Member, call: int) -> None:
    bram = world.members["Bram"]
    with world.writing() as session:
        notes.write_note(session, world.now, call, anna.id, "Factuur?", "Belt over")
        notes.write_note(session, world.now, call, anna.id, " Factuur? ", "Belt over mei")
        notes.write_note(session, world.now, call, anna.id, "Factuur?", "Belt over mei")
        notes.write_note(session, world.now, call, bram.id, "", "Overgenomen")
    found = read(world, anna, call).notes
    assert [(note.writer, note.question, note.text) for note in found] == [
        ("Anna", "Factuur?", "Belt over mei"),
        ("Bram", "", "Overgenomen"),
    ]
    assert len(world.acts(Action.NOTE_WRITTEN)) == 3


def test_a_note_that_is_too_long_is_refused(world: World, anna: Member, call: int) -> None:
    with world.writing() as session, pytest.raises(Invalid, match="too long"):
        notes.write_note(session, world.now, call, anna.id, "x" * 301, "")


def test_a_draft_confirmed_as_it_is_counts_as_unedited(world: World, anna: Member, call: int) -> None:
    heard(world, call)
    words = read(world, anna, call)
    assert words.summary is not None
    assert (words.summary.state, words.summary_text) == (SummaryState.DRAFT, "Mijn factuur klopt niet.")
    assert words.summary.lines == (DraftLine("Mijn factuur klopt niet.", 1.0, 0),)
    confirm(world, anna, call, "Mijn factuur klopt niet.\r\n")
    words = read(world, anna, call)
    assert words.summary is not None
    assert (words.summary.state, words.summary.edited, words.confirmed_by) == (SummaryState.CONFIRMED, False, "Anna")
    with world.reading() as session:
        assert summaries.confirmed_unedited(session, world.now) == (1, 1)


def test_an_edited_or_handwritten_summary_is_marked_as_edited(world: World, anna: Member, call: int) -> None:
    other = world.call(JORIS, answered_by=anna)
    heard(world, call)
    confirm(world, anna, call, "Factuur van mei klopt niet; nagekeken.")
    confirm(world, anna, other, "Vroeg naar de openingstijden.")
    with world.reading() as session:
        assert summaries.confirmed_unedited(session, world.now) == (0, 2)


def test_a_draft_never_overwrites_what_a_person_confirmed(world: World, anna: Member, call: int) -> None:
    confirm(world, anna, call, "Met de hand geschreven.")
    heard(world, call)
    words = read(world, anna, call)
    assert words.summary is not None
    assert (words.summary.state, words.summary_text) == (SummaryState.CONFIRMED, "Met de hand geschreven.")
    assert words.summary.draft_lines is None


def test_only_who_handled_the_call_confirms_and_only_words(world: World, anna: Member, call: int) -> None:
    with pytest.raises(NotFound):
        confirm(world, world.members["Bram"], call, "Niet van mij.")
    with pytest.raises(Invalid, match="some words"):
        confirm(world, anna, call, "  ")


def test_attaching_twice_keeps_one_transcript(world: World, anna: Member, call: int) -> None:
    heard(world, call)
    heard(world, call)
    (transcript,) = read(world, anna, call).transcripts
    assert (transcript.language, transcript.roles) == ("nl", ["caller", "agent"])
    assert transcript.segments[1]["text"] == "Ik kijk het na."
    assert len(world.acts(Action.TRANSCRIPT_ATTACHED)) == 1


def test_a_handled_call_waits_for_its_summary_also_after_it_is_closed(world: World, anna: Member, call: int) -> None:
    missed = world.call(JORIS)
    world.hang_up(missed, missed=True)
    assert awaiting(world) == []
    world.hang_up(call)
    with world.writing() as session:
        contact = session.get_one(Contact, call)
        notes.write_note(session, world.now, call, anna.id, "Factuur?", "")
        contacts.close(
            session,
            world.now,
            contact,
            anna.id,
            outcome=Outcome.SOLVED,
            kind=ContactKind.INVOICE,
            follow_up_on=None,
        )
    assert (awaiting(world), awaiting(world, anna), awaiting(world, world.members["Bram"])) == ([call], [call], [])
    heard(world, call)
    assert awaiting(world) == [call]
    confirm(world, anna, call, "Factuur uitgelegd.")
    assert awaiting(world) == []


def test_with_the_recording_go_transcript_draft_and_citations(world: World, anna: Member, call: int) -> None:
    heard(world, call)
    with world.writing() as session:
        notes.destroy_derived(session, call, SID)
    assert world.rows(select(Transcript)) == []
    assert world.rows(select(Summary)) == []


def test_a_confirmed_summary_stays_without_its_citations(world: World, anna: Member, call: int) -> None:
    heard(world, call)
    confirm(world, anna, call, "Factuur uitgelegd.")
    with world.writing() as session:
        notes.destroy_derived(session, call, SID)
    (summary,) = world.rows(select(Summary))
    assert (summary.text, summary.draft_lines) == ("Factuur uitgelegd.", None)
    assert world.rows(select(Transcript)) == []


def test_words_are_for_whom_the_door_opens_them(world: World, anna: Member, call: int) -> None:
    with world.writing() as session:
        notes.write_note(session, world.now, call, anna.id, "Factuur?", "kanarie")
    bram = world.members["Bram"]
    with world.reading() as session:
        assert notes.read(session, world.now, bram, call) is None
        assert notes.questions(session, world.now, bram, [call]) == {}
        assert notes.questions(session, world.now, anna, [call]) == {call: "Factuur?"}
        assert summaries.states(session, [call]) == {}


def test_who_hears_not_all_of_a_call_reads_no_line_of_a_machine_that_rests_on_the_rest() -> None:
    said = (
        Segment(0, 1.0, 3.0, "Mijn factuur van de bakkerij klopt niet.", 0.9),
        Segment(0, 5.0, 8.0, "De laatste bestelling was van de molen.", 0.9),
    )
    lines = (
        DraftLine("De factuur van de bakkerij klopt niet.", 1.0, 0, cites=((0, 1.0),)),
        DraftLine("De factuur van de molen klopt niet.", 1.0, 0, cites=((0, 1.0),)),
        DraftLine("De laatste bestelling was van de molen.", 5.0, 0, cites=((0, 5.0),)),
    )
    summary = Summary(
        contact_id=1,
        state=SummaryState.CONFIRMED,
        draft_lines=[asdict(line) for line in lines],
        draft_origin=asdict(Origin("small", 1, "Draft.", ((0, 1.0), (0, 5.0)))),
        text="\n".join([*(line.text for line in lines), "Monteur komt."]),
    )
    transcript = Transcript(
        contact_id=1,
        recording_sid=SID,
        language="nl",
        engine="scribe",
        model="fixed",
        segments=[asdict(one) for one in said],
        roles=["caller", "agent"],
        made_at=datetime(2026, 11, 2, 11, 0, tzinfo=UTC),
    )
    left = Words((), summary, None, (), (transcript,)).leaving_out(lambda _, start, __: start == 5.0)
    assert left.summary is not None
    assert [line.text for line in left.summary.lines] == [lines[0].text]
    assert left.summary.text == f"{lines[0].text}\nMonteur komt."
