"""P10: of each call a short summary is made by hand: a person writes it, or edits and confirms a marked draft."""

from sqlmodel import select

from contactcenter.notes.models import Summary, SummaryState
from contactcenter.recordings import retention
from contactcenter.recordings.models import Recording
from tests.house import House


def test_a_draft_cites_its_seconds_and_waits_for_a_person(house: House) -> None:
    phone = house.ring(hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(phone)
    outcome = phone.recording_is("attached")
    assert outcome["summary"]["state"] == "draft"
    lines = outcome["summary"]["lines"]
    assert lines
    said = [segment["start"] for segment in outcome["transcript"]["segments"]]
    assert all(line["start"] in said for line in lines)
    anna.closes(phone.contact)
    assert phone.contact in anna.get("/contacts?awaiting=1") or phone.contact in anna.get("/contacts")
    anna.post(f"/contacts/{phone.contact}/summary", text="Customer may use a second laptop; explained how.")
    with house.look() as session:
        recording = session.exec(select(Recording).where(Recording.public_id == outcome["recording"]["id"])).one()
        summary = session.exec(select(Summary).where(Summary.contact_id == recording.contact_id)).one()
    assert summary.state is SummaryState.CONFIRMED
    assert summary.edited
    assert summary.confirmed_by is not None


def test_a_confirmed_summary_outlives_the_recording_as_a_note(house: House) -> None:
    phone = house.ring(hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(phone)
    phone.recording_is("attached")
    anna.closes(phone.contact)
    anna.post(f"/contacts/{phone.contact}/summary", text="Agreed that the second laptop may be added.")
    house.clock.travel(days=32)
    parts = house.parts
    retention.sweep(parts.db, parts.vault, parts.carrier, house.clock(), force=True)
    with house.look() as session:
        kept = session.exec(select(Summary).where(Summary.text == "Agreed that the second laptop may be added.")).one()
    assert kept.draft_lines is None


def test_an_agent_who_did_not_handle_the_call_cannot_confirm(house: House) -> None:
    phone = house.ring(hangup="after-audio")
    anna = house.agent("anna")
    anna.handles(phone)
    bram = house.agent("bram")
    bram.post(f"/contacts/{phone.contact}/summary", (403, 404, 409, 422), text="Not mine.")
    anna.closes(phone.contact)
