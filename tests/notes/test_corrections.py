"""A transcript is corrected by who heard the call: redacted anew; what was said before is kept and goes with it."""

import re

import pytest
from sqlmodel import col, select
from starlette.testclient import TestClient

from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action
from contactcenter.notes import alerts, corrections, cuts, service, summaries
from contactcenter.notes.acts import Act
from contactcenter.notes.corrected import kept_corrections, with_line, without_values
from contactcenter.notes.drafter import Origin
from contactcenter.notes.drafting import DraftLine, draft
from contactcenter.notes.models import LineCorrection, SpokenAlert, Summary, Transcript
from contactcenter.notes.passages import Passage
from contactcenter.notes.said import Segment, Word
from contactcenter.recordings import service as recordings
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff.rules import Role
from tests.coaching.acts import recorded
from tests.coaching.said import AGENT, CALLER, said
from tests.desks import signed_in
from tests.factories import World

SAID = (
    (CALLER, 2.0, "Mijn licencie werkt niet op de nieuwe laptop."),
    (AGENT, 8.0, "Dat zoek ik voor u op, een ogenblik."),
    (CALLER, 14.0, "U kunt mij bellen op nul zes een twee"),
    (CALLER, 18.0, "en dan vier vijf zessen acht."),
)


@pytest.fixture
def page(world: World, call: int) -> str:
    """Joris called, and what he said is written down; the path of the page on which it is corrected."""
    recorded(world, call)
    said(world, call, *SAID)
    return f"/transcripts/{written(world).public_id}"


def written(world: World) -> Transcript:
    """The transcript as it stands."""
    (found,) = world.rows(select(Transcript))
    return found


def texts(world: World) -> list[str]:
    """What its lines say."""
    return [one.text for one in written(world).said]


def values(world: World) -> list[tuple[float, float]]:
    """The seconds of values, which training hears as silence."""
    with world.reading() as session:
        return service.seconds_of_values(session, written(world).recording_sid) or []


def seen(browser: TestClient, page: str, text: str) -> str:
    """What the form of the line with this text carries."""
    found = re.search(rf'name="seen" value="(\w+)">(?:(?!</form>).)*{re.escape(text)}', browser.get(page).text, re.S)
    assert found
    return found[1]


def corrects(browser: TestClient, page: str, before: str, text: str) -> int:
    """Somebody corrects the line with these words; the status."""
    return browser.post(page, data={"seen": seen(browser, page, before), "text": text}).status_code


def test_a_line_is_corrected_and_what_it_said_before_is_shown(world: World, anna: TestClient, page: str) -> None:
    assert corrects(anna, page, "Mijn licencie", "Mijn licentie werkt niet op de nieuwe laptop.") == 204
    assert texts(world)[0] == "Mijn licentie werkt niet op de nieuwe laptop."
    assert written(world).said[0].confidence == 1.0
    shown = anna.get(page).text
    assert "<del>Mijn licencie werkt niet op de nieuwe laptop.</del>" in shown
    assert "Anna" in shown
    assert len(world.acts(Action.TRANSCRIPT_CORRECTED)) == 1
    assert "licentie" not in repr(world.acts(Action.TRANSCRIPT_CORRECTED))
    contact = world.rows(select(Contact.public_id))[0]
    shown = anna.get(f"/contacts/{contact}").text
    assert "1 regel met de hand verbeterd" in shown
    assert page in shown


def test_the_same_words_change_nothing(world: World, anna: TestClient, page: str) -> None:
    assert corrects(anna, page, "Dat zoek ik", "Dat zoek  ik voor u op, een ogenblik.\n") == 204
    assert world.rows(select(LineCorrection)) == []


@pytest.mark.parametrize("text", ["", " ", "...", "x" * 2001])
def test_a_line_without_words_is_refused(world: World, anna: TestClient, page: str, text: str) -> None:
    assert corrects(anna, page, "Dat zoek ik", text) == 422
    assert texts(world)[1] == SAID[1][2]


def test_a_form_that_was_read_before_another_change_is_refused(world: World, anna: TestClient, page: str) -> None:
    form = {"seen": seen(anna, page, "Dat zoek ik"), "text": "Dat zoek ik op."}
    assert anna.post(page, data=form).status_code == 204
    assert anna.post(page, data=form | {"text": "Iets anders."}).status_code == 409
    assert texts(world)[1] == "Dat zoek ik op."


def test_a_call_that_changes_while_it_is_redacted_anew_is_left_as_it_is(
    world: World, anna: TestClient, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = {"seen": seen(anna, page, "Dat zoek ik"), "text": "Dat zoek ik op."}
    other = {"seen": seen(anna, page, "Mijn licencie"), "text": "Mijn licentie werkt niet."}

    def meanwhile(*asked: object) -> object:
        monkeypatch.setattr(corrections, "with_line", with_line)
        assert anna.post(page, data=other).status_code == 204  # nobody waits for the first
        return with_line(*asked)  # type: ignore[arg-type]  # as it was asked

    monkeypatch.setattr(corrections, "with_line", meanwhile)
    assert anna.post(page, data=form).status_code == 409
    assert texts(world)[:2] == ["Mijn licentie werkt niet.", SAID[1][2]]
    assert anna.post(page, data=form).status_code == 204


def test_what_is_typed_is_redacted_also_over_several_lines(world: World, anna: TestClient, page: str) -> None:
    assert corrects(anna, page, "zessen acht", "drie vier vijf zes zeven acht.") == 204
    assert texts(world)[2:] == ["U kunt mij bellen op [phone]", "[phone]."]
    everything = repr(world.tables())
    assert "zes zeven" not in everything
    assert "een twee" not in everything


def test_a_number_that_was_half_there_goes_from_what_was_said_before() -> None:
    assert without_values("bel 06 1234", "bel [phone]") == "…"
    assert without_values("mijn pas woord is zonnebloem", "[password]") == "…"
    assert without_values("bel [phone] van jan", "mail [e-mail]") == "[phone] …"
    assert without_values("dat was in 2023", "dat was in 2024") == "dat was in 2023"
    assert without_values("bel [phone], kamer 4", "bel [phone], kamer 5") == "bel [phone], kamer 4"


def test_who_an_alert_is_about_does_not_undo_it_by_other_words_and_a_supervisor_who_listened_does(
    world: World, call: int, anna: TestClient
) -> None:
    recorded(world, call)
    said(world, call, (AGENT, 2.0, "Mag ik uw wachtwoord van u hebben?"), (CALLER, 8.0, "Dat zeg ik liever niet."))
    page = f"/transcripts/{written(world).public_id}"
    with world.writing() as session:
        alerts.read(session, world.now, written(world).recording_sid, None)
    assert corrects(anna, page, "Mag ik uw wachtwoord", "Mag ik uw relatienummer van u hebben?") == 204
    assert [one.start for one in world.rows(select(SpokenAlert))] == [2.0]
    for near, left in (((), [2.0]), ((Passage(30.0, 40.0),), [2.0]), ((Passage(1.0, 6.0),), [])):
        with world.writing() as session:
            alerts.read_again(session, world.now, written(world).recording_sid, near)
        assert [one.start for one in world.rows(select(SpokenAlert))] == left


def test_a_value_of_a_call_from_before_such_seconds_were_kept_stays_silent(
    world: World, anna: TestClient, page: str
) -> None:
    corrects(anna, page, "zessen acht", "drie vier vijf zes zeven acht.")
    with world.writing() as session:
        session.exec(select(Transcript)).one().values = None
    silent = values(world)
    assert silent
    assert corrects(anna, page, "[phone].", "Dat hoeft niet.") == 204
    assert set(silent) <= set(values(world))


def test_a_value_that_a_correction_found_never_sounds_again(world: World, anna: TestClient, page: str) -> None:
    corrects(anna, page, "zessen acht", "drie vier vijf zes zeven acht.")
    silent = values(world)
    assert silent
    corrects(anna, page, "U kunt mij bellen op", "U kunt mij bellen op mijn nummer")
    corrects(anna, page, "[phone].", "dat nummer dus.")
    assert "[phone]" not in " ".join(texts(world))
    assert set(silent) <= set(values(world))


def test_a_machines_draft_goes_with_a_word_that_redaction_takes_out_of_another_line(
    world: World, call: int, anna: TestClient
) -> None:
    recorded(world, call)
    secret = "Dat is zonnebloem, voor de gedeelde map met facturen van maart."
    said(world, call, (AGENT, 2.0, "Wat is uw wacht woord van de gedeelde map?"), (CALLER, 8.0, secret))
    page = f"/transcripts/{written(world).public_id}"
    line = DraftLine(secret.replace(",", ""), 8.0, CALLER, Act.QUESTION, None, ((CALLER, 8.0),))
    with world.writing() as session:
        summaries.attach_draft(session, world.now, call, [line], Origin("small", 1, "Draft.", ((CALLER, 8.0),)))
    corrects(anna, page, "Wat is uw wacht woord", "Wat is uw wachtwoord van de gedeelde map?")
    assert "[password]" in texts(world)[1]
    assert "zonnebloem" not in repr(world.tables())


def test_a_draft_and_the_alerts_follow(world: World, call: int, anna: TestClient, page: str) -> None:
    with world.writing() as session:
        lines = draft(written(world).said, "nl", ["caller", "agent"], world.now)
        summaries.attach_draft(session, world.now, call, lines)
    corrects(anna, page, "Mijn licencie", "Mijn licentie werkt niet op de nieuwe laptop.")
    corrects(anna, page, "Dat zoek ik", "Mag ik uw wachtwoord van u hebben?")
    (summary,) = world.rows(select(Summary))
    assert "licentie" in summary.draft_text
    assert "licencie" not in summary.draft_text
    assert [one.start for one in world.rows(select(SpokenAlert))] == [8.0]


def test_a_machines_draft_stays_while_what_it_rests_on_does(
    world: World, call: int, anna: TestClient, page: str
) -> None:
    origin = Origin("small", 1, "Draft.", ((CALLER, 2.0), (AGENT, 8.0)))
    line = DraftLine("De licencie werkt niet op de laptop.", 2.0, CALLER, Act.QUESTION, None, ((CALLER, 2.0),))
    with world.writing() as session:
        summaries.attach_draft(session, world.now, call, [line], origin)
    corrects(anna, page, "Dat zoek ik", "Dat zoek ik graag voor u op, een ogenblik.")
    (summary,) = world.rows(select(Summary))
    assert (summary.lines, summary.origin) == ((line,), origin)
    corrects(anna, page, "Mijn licencie", "Mijn licencie werkt wel, maar niet op de nieuwe laptop.")
    (summary,) = world.rows(select(Summary))
    assert summary.origin is None
    assert summary.draft_text.startswith("Mijn licencie werkt wel, maar niet op de nieuwe laptop.")


def test_colleagues_the_untrained_and_who_reads_for_training_correct_nothing(
    world: World, anna: TestClient, dirk: TestClient, call: int, page: str
) -> None:
    form = {"seen": seen(anna, page, "Dat zoek ik"), "text": "Dat zoek ik op."}
    world.hire("Ko", Role.SUPERVISOR, trained=False)
    for browser in (signed_in(world, "Bram"), signed_in(world, "Ko"), dirk):
        assert browser.get(page).status_code == 404
        assert browser.post(page, data=form).status_code == 404
    contact = world.contact(call).public_id
    assert dirk.post(f"/contacts/{contact}/open", data={"purpose": "training"}).status_code == 204
    assert dirk.post(page, data=form).status_code == 404
    assert dirk.post(f"/contacts/{contact}/open", data={"purpose": "verification-audit"}).status_code == 204
    assert dirk.post(page, data=form).status_code == 204
    world.hire("Carla", Role.COACH)
    carla = signed_in(world, "Carla")
    assert carla.post(f"/contacts/{contact}/open", data={"purpose": "training"}).status_code == 204
    assert carla.get(page).status_code == 404


def test_past_its_time_nobody_corrects_it(world: World, anna: TestClient, page: str) -> None:
    with world.writing() as session:
        session.exec(select(Recording)).one().retain_until = world.now
    assert anna.get(page).status_code == 404


def test_what_was_said_before_goes_with_the_recording(world: World, call: int, anna: TestClient, page: str) -> None:
    corrects(anna, page, "Mijn licencie", "Mijn licentie werkt niet.")
    with world.writing() as session:
        recordings.refuse(session, world.now, call, NotRecorded.STOPPED)
    assert world.rows(select(LineCorrection)) == []


def test_what_was_said_before_goes_with_a_passage(world: World, call: int, anna: TestClient, page: str) -> None:
    corrects(anna, page, "Mijn licencie", "Mijn licentie werkt niet.")
    corrects(anna, page, "Dat zoek ik", "Dat zoek ik op.")
    with world.writing() as session:
        cuts.take_out(session, world.now, call, written(world).recording_sid, [Passage(0, 4)])
    assert [one.start for one in world.rows(select(LineCorrection).order_by(col(LineCorrection.id)))] == [8.0]


def test_another_listening_keeps_what_a_person_corrected(world: World, anna: TestClient, page: str) -> None:
    corrects(anna, page, "Mijn licencie", "Mijn licentie werkt niet.")
    with world.reading() as session:
        by_hand = corrections.corrected(session, session.exec(select(Transcript)).one())
    assert [one.text for one in by_hand] == ["Mijn licentie werkt niet."]
    again = [Segment(CALLER, 2.2, 4.8, "Mijn licensie werkt", 0.9), Segment(CALLER, 14.2, 17, "Bel mij maar.", 0.9)]
    assert [one.text for one in kept_corrections(again, by_hand)] == ["Mijn licentie werkt niet.", "Bel mij maar."]


def test_only_the_same_words_of_the_same_speaker_give_way() -> None:
    by_hand = [Segment(CALLER, 10, 14, "by hand", 1.0)]
    kept = [Segment(AGENT, 10, 14, "another speaker", 0.9), Segment(CALLER, 13.5, 18, "the next line", 0.9)]
    gone = [Segment(CALLER, 9, 11.5, "a part", 0.9), Segment(CALLER, 11.5, 13, "another part", 0.9)]
    assert [*kept_corrections([*gone, *kept], by_hand)] == [by_hand[0], *kept]


def test_a_short_correction_takes_no_long_line_with_it() -> None:
    words = tuple(Word(float(at), at + 0.8, f" woord{at}", 0.9) for at in range(28))
    long = Segment(AGENT, 0.0, 28.0, "".join(word.text for word in words), 0.9, words)
    by_hand = Segment(AGENT, 12.0, 12.4, "Ja hoor.", 1.0)
    before, middle, after = kept_corrections([long], [by_hand])
    assert middle == by_hand
    assert "woord10" in before.text
    assert "woord14" in after.text


def test_nobody_silences_a_line_by_typing_a_class(world: World, anna: TestClient, page: str) -> None:
    assert corrects(anna, page, "Dat zoek ik", "[code] tot ziens.") == 422
    assert world.rows(select(LineCorrection)) == []


def test_long_calls_are_corrected_a_hundred_lines_at_once(world: World, call: int, anna: TestClient) -> None:
    recorded(world, call)
    said(world, call, *((CALLER, float(at), f"Regel nummer {at} van dit gesprek.") for at in range(150)))
    page = f"/transcripts/{written(world).public_id}"
    first, second = anna.get(page).text, anna.get(f"{page}?page=1").text
    assert (first.count("<textarea"), second.count("<textarea")) == (100, 50)
    assert anna.get(f"{page}?page=99").text.count("<textarea") == 50
    assert anna.get(f"{page}?page=-1").text.count("<textarea") == 100
