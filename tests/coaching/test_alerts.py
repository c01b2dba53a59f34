"""Alerts on what employees said: raised by machine, judged by a person who did not handle the call (P05, P08, P12)."""

from datetime import timedelta

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.contacts.rules import Direction
from contactcenter.core.audit import Action
from contactcenter.notes import alerts, cuts
from contactcenter.notes.alerting import Judgement, SpokenKind
from contactcenter.notes.models import CallReading, SpokenAlert
from contactcenter.notes.passages import Passage
from contactcenter.recordings import service as recordings
from contactcenter.recordings.models import Recording
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff.rules import Role
from tests.coaching.acts import recorded, verified
from tests.coaching.said import AGENT, ASKS, CALLER, said
from tests.desks import signed_in
from tests.factories import JORIS, World

BREACH = {"judgement": "breach", "comment": "She asked for it; we talk about it on 06 12345678."}


@pytest.fixture
def alert(world: World, call: int) -> str:
    """Anna asked Joris for his password; the path of the alert."""
    recorded(world, call)
    said(world, call, (CALLER, 5, "Ik kom er niet in."), (AGENT, 20, ASKS), (CALLER, 80, "Tot ziens."))
    world.hang_up(call)
    return f"/spoken-alerts/{only(world).public_id}"


def only(world: World) -> SpokenAlert:
    """The alert as it stands."""
    (found,) = world.rows(select(SpokenAlert))
    return found


def opened(browser: TestClient, alert: str) -> None:
    """Somebody opens the words to judge by them."""
    assert browser.post(f"{alert}/open").status_code == 303


def test_an_alert_is_raised_once_and_holds_no_words(world: World, call: int, alert: str) -> None:
    found = only(world)
    assert (found.kind, found.start, found.judged_at) == (SpokenKind.PASSWORD_ASKED, 20, None)
    with world.writing() as session:
        alerts.read_again(session, world.now + timedelta(days=1), found.recording_sid, ())
    assert only(world) == found
    assert [one.detail for one in world.acts(Action.SPOKEN_ALERT_RAISED)] == ["password-asked"]
    assert "wachtwoord" not in repr(found)


def test_it_is_judged_once_by_words_that_were_opened_for_it(world: World, dirk: TestClient, alert: str) -> None:
    assert alert in dirk.get("/spoken-alerts").text
    assert "wachtwoord even" not in dirk.get(alert).text
    assert dirk.post(alert, data=BREACH).status_code == 409
    opened(dirk, alert)
    page = dirk.get(alert).text
    assert "wachtwoord even" in page
    assert "Ik kom er niet in." in page
    assert "Tot ziens." not in page
    assert dirk.post(alert, data={"judgement": "breach"}).status_code == 422
    assert dirk.post(alert, data={}).status_code == 422
    assert dirk.post(alert, data=BREACH).status_code == 204
    assert dirk.post(alert, data=BREACH).status_code == 409
    assert only(world).judgement is Judgement.BREACH
    assert only(world).comment == "She asked for it; we talk about it on [phone]."
    assert [one.detail for one in world.acts(Action.SPOKEN_ALERT_JUDGED)] == ["breach"]


def test_nobody_judges_their_own_call(world: World, dirk: TestClient) -> None:
    own = world.call(JORIS, answered_by=world.member("Dirk"))
    recorded(world, own)
    said(world, own, (AGENT, 20, ASKS))
    alert = f"/spoken-alerts/{only(world).public_id}"
    assert "Your judgement" not in dirk.get(alert).text
    assert dirk.post(alert, data={"judgement": "no-breach"}).status_code == 409
    assert only(world).judged_at is None


def test_the_agent_sees_a_judgement_and_answers_once_and_colleagues_nothing(
    world: World, dirk: TestClient, alert: str
) -> None:
    anna, bram = signed_in(world, "Anna"), signed_in(world, "Bram")
    assert anna.get(alert).status_code == 404
    answer = {"words": "I meant the word on the letter."}
    assert anna.post(f"{alert}/answer", data=answer).status_code == 404
    opened(dirk, alert)
    dirk.post(alert, data=BREACH)
    assert "She asked for it" in anna.get(alert).text
    assert alert in anna.get("/spoken-alerts").text
    assert bram.get(alert).status_code == 404
    assert alert not in bram.get("/spoken-alerts").text
    assert bram.post(f"{alert}/answer", data=answer).status_code == 404
    assert bram.post(alert, data=BREACH).status_code == 404
    assert anna.post(f"{alert}/answer", data=answer).status_code == 204
    assert anna.post(f"{alert}/answer", data=answer).status_code == 409
    assert "the word on the letter" in dirk.get(alert).text


def test_who_is_not_trained_or_opened_it_for_training_reads_nothing(world: World, alert: str) -> None:
    world.hire("Henk", Role.SUPERVISOR, trained=False)
    henk = signed_in(world, "Henk")
    assert henk.post(f"{alert}/open").status_code == 422
    assert henk.post(alert, data={"judgement": "no-breach"}).status_code == 404
    world.hire("Inge", Role.SUPERVISOR)
    inge = signed_in(world, "Inge")
    contact = world.contact(only(world).contact_id).public_id
    assert inge.post(f"/contacts/{contact}/open", data={"purpose": "training"}).status_code == 204
    assert "wachtwoord even" not in inge.get(alert).text


def test_with_the_recording_goes_what_nobody_judged_and_all_words_of_the_rest(
    world: World, dirk: TestClient, call: int, alert: str
) -> None:
    opened(dirk, alert)
    dirk.post(alert, data=BREACH)
    with world.writing() as session:
        recordings.refuse(session, world.now, call, NotRecorded.STOPPED)
    assert (only(world).judgement, only(world).comment) == (Judgement.BREACH, "")
    assert dirk.get(alert).status_code == 200
    assert len(world.rows(select(CallReading))) == 1


def test_unjudged_it_goes_with_the_recording(world: World, call: int, alert: str) -> None:
    with world.writing() as session:
        recordings.refuse(session, world.now, call, NotRecorded.STOPPED)
    assert world.rows(select(SpokenAlert)) == []


def test_the_list_is_filtered(world: World, dirk: TestClient, alert: str) -> None:
    for query, shown in (
        ("kind=password-asked", True),
        ("kind=account-asked", False),
        ("state=waiting", True),
        ("state=breach", False),
        ("kind=nonsense&state=nonsense", True),
    ):
        assert (alert in dirk.get(f"/spoken-alerts?{query}").text) is shown, query


def test_an_account_number_is_an_alert_when_we_called(world: World) -> None:
    ours = world.call(JORIS, answered_by=world.members["Anna"], direction=Direction.OUTBOUND)
    recorded(world, ours)
    said(world, ours, (AGENT, 20, "Kunt u mij uw rekeningnummer geven?"))
    assert only(world).kind is SpokenKind.ACCOUNT_ASKED


def test_told_before_the_level_is_a_hint_and_after_it_is_none(world: World, call: int) -> None:
    recorded(world, call)
    verified(world, call, seconds=40)
    said(world, call, (AGENT, 10, "Uw adres is Molenstraat 12."), (AGENT, 70, "Uw adres is Molenstraat 12."))
    assert (only(world).kind, only(world).start) == (SpokenKind.TOLD_EARLY, 10)


def test_nobody_knows_what_was_told_when_without_the_start_of_the_recording(world: World, call: int) -> None:
    recorded(world, call)
    with world.writing() as session:
        session.exec(select(Recording)).one().started_at = None
    said(world, call, (AGENT, 10, "Uw adres is Molenstraat 12."))
    assert world.rows(select(SpokenAlert)) == []


def test_what_lay_in_a_passage_that_is_cut_goes_with_it(world: World, dirk: TestClient, call: int, alert: str) -> None:
    sid = only(world).recording_sid
    opened(dirk, alert)
    dirk.post(alert, data=BREACH)
    with world.writing() as session:
        cuts.take_out(session, world.now, call, sid, [Passage(18, 30)])
    assert (only(world).judgement, only(world).comment) == (Judgement.BREACH, "")


def test_unjudged_it_goes_with_the_passage(world: World, call: int, alert: str) -> None:
    with world.writing() as session:
        cuts.take_out(session, world.now, call, only(world).recording_sid, [Passage(18, 30)])
    assert world.rows(select(SpokenAlert)) == []
