"""Listening: who, what for, for how long, and what is on record of it; and the webhook that begins it all (P02)."""

import io
import re
import wave
from collections.abc import Callable, Iterator

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.contacts.models import Contact
from contactcenter.core.audit import Action, AuditEntry
from contactcenter.core.inbox import InboxEvent
from contactcenter.core.live import LiveEvent
from contactcenter.recordings import overview, service
from contactcenter.recordings.models import Playback, Recording
from contactcenter.recordings.playback import Span, span_of
from contactcenter.recordings.rules import LISTENERS, Listener, RecordingState, listening_refusal
from contactcenter.verification.rules import Purpose
from tests.calls.carrier_stand_in import sign
from tests.desks import all_the_way
from tests.recordings.workplace import PASSWORD, Story, Workplace
from tests.simulator.desk import ACCOUNT, TOKEN

Visitor = Callable[[str], TestClient]


@pytest.fixture
def visitor(place: Workplace) -> Iterator[Visitor]:
    """Browsers of people who have signed in."""
    app = create_app(place.parts)
    opened: list[TestClient] = []

    def sign_in(login: str) -> TestClient:
        english = {"accept-language": "en"}
        browser = TestClient(app, place.settings.public_url, headers=english, follow_redirects=False)
        assert browser.post("/sign-in", data={"login": login, "password": PASSWORD}).status_code == 303
        all_the_way(place.db)
        opened.append(browser)
        return browser

    yield sign_in
    for browser in opened:
        browser.close()
    app.state.site.jobs.close()


def ask(browser: TestClient, story: Story, purpose: str) -> int:
    """Ask to listen; the answer's status."""
    return browser.post(f"/contacts/{story.contact}/open", data={"purpose": purpose}).status_code


def confirms(place: Workplace, story: Story, browser: TestClient) -> None:
    """Confirm, as the second person, what waits about the only hold."""
    with place.db.reading() as session:
        (waiting,) = overview.recording_view(session, story.contact_id, place.clock()).holds[0].waiting
    assert browser.post(f"/holds/steps/{waiting.public_id}", data={"accept": "1"}).status_code == 303


def granted(place: Workplace) -> str:
    """The path of the newest grant."""
    with place.db.reading() as session:
        return f"/playback/{session.exec(select(Playback)).all()[-1].public_id}"


def test_who_handled_the_call_hears_both_sides_of_it(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().done(), visitor("anna")
    assert ask(anna, story, "replay-by-handler") == 303
    answer = anna.get(f"{granted(place)}/audio")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "audio/wav"
    assert answer.headers["cache-control"] == "no-store"
    with wave.open(io.BytesIO(answer.content)) as sound:
        assert (sound.getnchannels(), sound.getnframes()) == (2, 24_000)


def test_a_player_seeks_by_ranges_that_fit_together(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().record(seconds=20).arrive(seconds=20).keep(), visitor("anna")
    ask(anna, story, "replay-by-handler")
    path = f"{granted(place)}/audio"
    whole = anna.get(path).content
    for asked, start, end in (
        ("bytes=0-43", 0, 44),
        ("bytes=65530-131080", 65_530, 131_081),
        ("bytes=300000-", 300_000, len(whole)),
        ("bytes=-1000", len(whole) - 1000, len(whole)),
        ("bytes=0-999999999", 0, len(whole)),
    ):
        answer = anna.get(path, headers={"range": asked})
        assert answer.content == whole[start:end]
        if end - start < len(whole):
            assert answer.status_code == 206
            assert answer.headers["content-range"] == f"bytes {start}-{end - 1}/{len(whole)}"


def test_a_range_beyond_the_end_and_a_head_request(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().done(), visitor("anna")
    ask(anna, story, "replay-by-handler")
    path = f"{granted(place)}/audio"
    beyond = anna.get(path, headers={"range": "bytes=99999999-"})
    assert (beyond.status_code, beyond.content) == (416, b"")
    assert beyond.headers["content-range"] == "bytes */96044"
    head = anna.head(path)
    assert (head.status_code, head.content, head.headers["content-length"]) == (200, b"", "96044")
    assert head.headers["accept-ranges"] == "bytes"


def test_the_waveform_comes_with_roles(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().done(), visitor("anna")
    ask(anna, story, "replay-by-handler")
    body = anna.get(f"{granted(place)}/peaks").json()
    assert (body["channels"], body["roles"], body["per_second"]) == (2, ["caller", "agent"], 20)
    assert len(body["peaks"][0]) == 60


@pytest.mark.parametrize(
    ("login", "purpose", "why"),
    [
        ("bram", "replay-by-handler", "handled yourself"),
        ("anna", "training", "Your role"),
        ("carla", "replay-by-handler", "Your role"),
        ("dirk", "dispute", "no open dispute"),
        ("eva", "privacy-request", "no open privacy request"),
        ("eva", "service", "Your role"),
        ("eva", "simulation", "Your role"),
    ],
)
def test_a_refusal_explains_itself_and_is_on_record(
    place: Workplace, visitor: Visitor, login: str, purpose: str, why: str
) -> None:
    story, browser = place.call().done(), visitor(login)
    answer = browser.post(f"/contacts/{story.contact}/open", data={"purpose": purpose})
    assert answer.status_code == 422
    assert why in answer.text
    with place.db.reading() as session:
        playback = session.exec(select(Playback)).one()
        acts = [one.action for one in session.exec(select(AuditEntry))]
    assert playback.refused is not None
    assert acts[-1] is Action.RECORDING_PLAY_REFUSED
    assert browser.get(f"/playback/{playback.public_id}/audio").status_code == 404


def test_a_dispute_opens_with_its_hold_and_closes_with_its_release(place: Workplace, visitor: Visitor) -> None:
    story, dirk = place.call().done(), visitor("dirk")
    form = {"kind": "dispute", "reference": "D-17", "review_on": "2026-12-01"}
    assert dirk.post(f"/contacts/{story.contact}/hold", data=form).status_code == 303
    assert ask(dirk, story, "dispute") == 422, "one person alone opens nothing"
    eva = visitor("eva")
    confirms(place, story, eva)
    assert ask(dirk, story, "dispute") == 303
    with place.db.reading() as session:
        hold = overview.recording_view(session, story.contact_id, place.clock()).holds[0]
    assert dirk.post(f"/holds/{hold.public_id}/release").status_code == 303
    assert ask(dirk, story, "dispute") == 303
    confirms(place, story, eva)
    assert ask(dirk, story, "dispute") == 422


@pytest.mark.parametrize(
    "form",
    [
        {},
        {"kind": "grudge", "reference": "D-17", "review_on": "2026-12-01"},
        {"kind": "dispute", "reference": "D-17", "review_on": "soon"},
        {"kind": "dispute", "reference": "D-17", "review_on": "2020-01-01"},
        {"kind": "dispute", "reference": "Joris is boos", "review_on": "2026-12-01"},
    ],
)
def test_a_hold_that_can_not_be_read_is_refused(place: Workplace, visitor: Visitor, form: dict[str, str]) -> None:
    story, dirk = place.call(), visitor("dirk")
    assert dirk.post(f"/contacts/{story.contact}/hold", data=form).status_code == 422


def test_a_grant_lasts_thirty_minutes_and_is_only_its_viewers(place: Workplace, visitor: Visitor) -> None:
    story, anna, dirk = place.call().done(), visitor("anna"), visitor("dirk")
    ask(anna, story, "replay-by-handler")
    path = f"{granted(place)}/audio"
    assert dirk.get(path).status_code == 404
    place.clock.travel(minutes=30)
    assert anna.get(path).status_code == 200
    place.clock.travel(seconds=1)
    assert anna.get(path).status_code == 404
    assert anna.get("/playback/AAAAAAAAAAAAAAAAAAAAAA/audio").status_code == 404


def test_what_is_due_is_unplayable_before_any_sweep_ran(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().done(), visitor("anna")
    with place.db.writing() as session:
        session.exec(select(Recording)).one().retain_until = place.clock()
    assert ask(anna, story, "replay-by-handler") == 422
    assert story.row().wrapped_key is not None


def test_a_grant_dies_with_the_recording(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().done(), visitor("anna")
    ask(anna, story, "replay-by-handler")
    path = f"{granted(place)}/audio"
    with place.db.writing() as session:
        service.turn_away(session, place.clock(), service.by_public_id(session, story.row().public_id))
    assert anna.get(path).status_code == 404


def test_a_damaged_recording_says_so_and_streams_nothing(place: Workplace, visitor: Visitor) -> None:
    story, anna = place.call().done(), visitor("anna")
    ask(anna, story, "replay-by-handler")
    (place.folder / "vault" / (story.row().object_key or "")).unlink()
    assert anna.get(f"{granted(place)}/audio").status_code == 410


def test_every_listen_is_shown_with_name_purpose_and_first_stream(place: Workplace, visitor: Visitor) -> None:
    story, anna, carla = place.call().done(), visitor("anna"), visitor("carla")
    ask(carla, story, "training")
    first = place.clock.travel(minutes=1)
    carla.get(f"{granted(place)}/audio", headers={"range": "bytes=0-10"})
    place.clock.travel(minutes=1)
    carla.get(f"{granted(place)}/audio", headers={"range": "bytes=0-10"})
    ask(anna, story, "training")
    with place.db.reading() as session:
        listens = overview.recording_view(session, story.contact_id, place.clock()).listens
    assert [(one.name, one.purpose, one.refused, one.first_streamed_at) for one in listens] == [
        ("Anna", Purpose.TRAINING, "role", None),
        ("Carla", Purpose.TRAINING, None, first),
    ]


def test_who_reads_the_contact_sees_the_first_listening_at_once(place: Workplace, visitor: Visitor) -> None:
    story, carla = place.call().done(), visitor("carla")
    ask(carla, story, "training")

    def told() -> int:
        with place.db.reading() as session:
            return len(session.exec(select(LiveEvent).where(LiveEvent.topic == f"contact:{story.contact}")).all())

    before = told()
    carla.get(f"{granted(place)}/audio", headers={"range": "bytes=0-10"})
    assert told() == before + 1
    carla.get(f"{granted(place)}/audio", headers={"range": "bytes=11-20"})
    assert told() == before + 1


def test_a_contact_that_does_not_exist_and_a_role_that_never_listens_look_the_same(
    place: Workplace, visitor: Visitor
) -> None:
    story = place.call().done()
    nowhere = visitor("anna").post("/contacts/AAAAAAAAAAAAAAAAAAAAAA/open", data={"purpose": "training"})
    never = visitor("fleur").post(f"/contacts/{story.contact}/open", data={"purpose": "training"})
    assert nowhere.status_code == never.status_code == 404


def test_the_words_of_a_contact_without_recording_open_for_a_purpose_too(place: Workplace, visitor: Visitor) -> None:
    story = place.call(heard_notice=False)
    assert ask(visitor("carla"), story, "training") == 303
    with place.db.reading() as session:
        assert session.exec(select(Playback)).all() == []


def test_every_role_and_purpose_is_decided() -> None:
    roles = ("agent", "coach", "supervisor", "privacy-officer", "admin")
    allowed = {
        (purpose, role)
        for purpose in Purpose
        for role in roles
        if listening_refusal(purpose, Listener(role, True, True, True, True)) is None
    }
    assert allowed == {(purpose, role) for purpose, known in LISTENERS.items() for role in known}
    assert all(
        listening_refusal(purpose, Listener(role, True, True, True, True, trained=False)) == "untrained"
        for purpose in Purpose
        for role in roles
    )


def test_a_failed_recording_is_tried_again_by_button_and_an_alert_is_seen(place: Workplace, visitor: Visitor) -> None:
    place.call().done()
    story, eva = place.call().record().arrive(), visitor("eva")
    place.simulator.misbehaviour.set({"media": {"fault": "redirect-foreign"}})
    story.keep()
    retry = f"/recordings/{story.row().public_id}/retry"
    page = eva.get("/operations").text
    buttons = set(re.findall(r'hx-post="(/(?:alerts|recordings)/[^"]+)"', page))
    (seen,) = buttons - {retry}
    assert buttons == {retry, seen}
    assert "A recording failed for good." in page
    assert "writes, reads and deletes" in page
    assert eva.post(seen).status_code == 303
    assert eva.post(retry).status_code == 303
    assert story.state is RecordingState.ARRIVED
    assert eva.post(retry).status_code == 409
    assert [button for button in (seen, retry) if button in eva.get("/operations").text] == []


@pytest.mark.parametrize(
    ("header", "span"),
    [
        (None, Span(0, 100, 100)),
        ("bytes=0-0", Span(0, 1, 100)),
        ("bytes=99-", Span(99, 100, 100)),
        ("bytes=100-", None),
        ("bytes=-0", None),
        ("bytes=-1000", Span(0, 100, 100)),
        ("bytes=5-2", Span(0, 100, 100)),
        ("bytes=-", Span(0, 100, 100)),
        ("bytes=0-1,5-6", Span(0, 100, 100)),
        ("lines=1-2", Span(0, 100, 100)),
        ("bytes=" + "9" * 200 + "-", Span(0, 100, 100)),
    ],
)
def test_ranges_are_read_as_the_standard_says(header: str | None, span: Span | None) -> None:
    assert span_of(header, 100) == span


def webhook(place: Workplace, story: Story, **changes: str) -> dict[str, str]:
    """A signed callback about the recording of a call."""
    return {
        "AccountSid": ACCOUNT,
        "ConferenceSid": story.conference_sid,
        "RecordingSid": story.sid,
        "RecordingUrl": "https://elsewhere.example.com/steal-credentials",
        "RecordingStatus": "completed",
        "RecordingDuration": "3",
        "RecordingChannels": "2",
        "RecordingStartTime": "Mon, 02 Nov 2026 10:59:00 +0000",
        **changes,
    }


def call_back(place: Workplace, browser: TestClient, form: dict[str, str], token: str = TOKEN) -> int:
    """Send it as the carrier does."""
    signature = sign(token, f"{place.settings.public_url}/twilio/recording", list(form.items()))
    return browser.post("/twilio/recording", data=form, headers={"x-twilio-signature": signature}).status_code


def test_a_signed_callback_makes_a_recording_once(place: Workplace, visitor: Visitor) -> None:
    story, browser = place.call().record(), visitor("anna")
    assert call_back(place, browser, webhook(place, story, RecordingStatus="in-progress")) == 204
    assert call_back(place, browser, webhook(place, story)) == 204
    assert call_back(place, browser, webhook(place, story)) == 204
    row = story.row()
    assert (row.state, row.carrier_seconds) == (RecordingState.ARRIVED, 3.0)
    assert row.started_at is not None
    assert row.started_at.minute == 59
    with place.db.reading() as session:
        assert {one.key for one in session.exec(select(InboxEvent))} == {
            f"{story.sid}:recording-in-progress",
            f"{story.sid}:recording-completed",
        }
        assert session.get_one(Contact, story.contact_id).id == row.contact_id


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"AccountSid": "AC" + "0" * 32}, 403),
        ({"RecordingSid": "RE../../etc/passwd"}, 422),
        ({"RecordingSid": ""}, 422),
        ({"RecordingStatus": "exploded"}, 422),
        ({"RecordingDuration": "three"}, 422),
        ({"RecordingChannels": "7"}, 422),
        ({"ConferenceSid": ""}, 422),
    ],
)
def test_a_callback_that_is_odd_leaves_no_row(
    place: Workplace, visitor: Visitor, changes: dict[str, str], status: int
) -> None:
    story, browser = place.call().record(), visitor("anna")
    assert call_back(place, browser, webhook(place, story, **changes)) == status
    with place.db.reading() as session:
        assert session.exec(select(Recording)).all() == []
        assert session.exec(select(InboxEvent)).all() == []


def test_a_callback_with_another_signature_is_refused(place: Workplace, visitor: Visitor) -> None:
    story, browser = place.call().record(), visitor("anna")
    assert call_back(place, browser, webhook(place, story), token="somebody-else") == 403
    with place.db.reading() as session:
        assert session.exec(select(Recording)).all() == []
