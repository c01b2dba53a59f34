"""Webhooks that are forged, altered, replayed, foreign or malformed: refused, without a row in any table."""

from collections.abc import Iterator
from itertools import permutations
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from twilio.request_validator import RequestValidator

from contactcenter.serving import web_config
from tests.calls.carrier_stand_in import (
    ACCOUNT,
    FORM,
    PUBLIC,
    SECOND_TOKEN,
    TOKEN,
    Carrier,
    carrier,
    new_sid,
    sign,
    verbs,
)
from tests.hostile.tables import contents, counts, names

ROUTES = (
    "voice",
    "key?attempt=1",
    "heard?attempt=1",
    "keyed",
    "wait",
    "hold",
    "agent",
    "conference",
    "status",
    "dialled",
    "recording",
)


EVIL = "evil.example"


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Carrier]:
    with carrier(tmp_path_factory.mktemp("hostile")) as made:
        yield made


@pytest.fixture
def twilio(opened: Carrier) -> Carrier:
    """The carrier, with a call of its own for each story."""
    opened.sid = new_sid("CA")
    opened.began = rows(opened)
    return opened


def rows(twilio: Carrier) -> dict[str, int]:
    """How many rows every table has."""
    return counts(twilio.parts.db, names(twilio.parts.db))


def more_rows(twilio: Carrier) -> dict[str, int]:
    """How many rows came since the story began, by table."""
    return {name: number - twilio.began[name] for name, number in rows(twilio).items() if number != twilio.began[name]}


def nothing_was_kept(twilio: Carrier) -> bool:
    """Whether every table of the database has the rows with which the story began, and no other."""
    return more_rows(twilio) == {}


@pytest.mark.parametrize("route", ROUTES)
def test_unsigned_and_forged_webhooks_are_refused_everywhere(twilio: Carrier, route: str) -> None:
    for signature in ("", "x", "é", sign("other-token", f"{PUBLIC}/twilio/{route}", list(twilio.fields().items()))):
        answer = twilio.post(f"/twilio/{route}", signature=signature)
        assert answer.status_code == 403
    assert nothing_was_kept(twilio)


def test_the_second_token_is_taken_while_tokens_change(twilio: Carrier) -> None:
    assert twilio.post("/twilio/voice", token=SECOND_TOKEN).status_code == 200


def test_an_altered_field_is_noticed(twilio: Carrier) -> None:
    pairs = list(twilio.fields().items())
    signature = sign(TOKEN, f"{PUBLIC}/twilio/voice", pairs)
    altered = [(name, "+31699999999" if name == "From" else value) for name, value in pairs]
    assert twilio.send("/twilio/voice", altered, signature=signature).status_code == 403
    assert nothing_was_kept(twilio)


def altered_yet_signed(twilio: Carrier) -> dict[str, list[tuple[str, str]]]:
    """Other forms that have the signature of the usual one: its name, its pairs."""
    pairs = list(twilio.fields(ForwardedFrom="+31699999999").items())
    fields = dict(pairs)

    def without(gone: str, **instead: str) -> list[tuple[str, str]]:
        return list(({name: value for name, value in pairs if name != gone} | instead).items())

    sid = fields["CallSid"]
    return {
        "the border between a name and its value": without("CallSid", **{f"CallSid{sid[0]}": sid[1:]}),
        "a name that swallows its value": without("From", **{f"From{fields['From']}": ""}),
        "a value that swallows the next field": without(
            "From", ForwardedFrom=f"{fields['ForwardedFrom']}From{fields['From']}"
        ),
        "a pair that comes twice": [*pairs, ("CallSid", sid)],
        "a field without a name": [*pairs, ("", "")],
    }


@pytest.mark.parametrize(
    "how",
    [
        "the border between a name and its value",
        "a name that swallows its value",
        "a value that swallows the next field",
        "a pair that comes twice",
        "a field without a name",
    ],
)
def test_what_is_altered_within_one_signature_is_refused_although_the_sdk_says_yes(twilio: Carrier, how: str) -> None:
    url = f"{PUBLIC}/twilio/voice"
    usual = list(twilio.fields(ForwardedFrom="+31699999999").items())
    signature = RequestValidator(TOKEN).compute_signature(url, dict(usual))
    altered = altered_yet_signed(twilio)[how]
    assert RequestValidator(TOKEN).validate(url, dict(altered), signature)
    assert twilio.send("/twilio/voice", altered, signature=signature).status_code == 422
    assert nothing_was_kept(twilio)


def test_a_signature_for_another_port_is_refused_although_the_sdk_says_yes(twilio: Carrier) -> None:
    pairs = twilio.fields()
    for address in (f"{PUBLIC}:443", f"{PUBLIC.replace('https', 'http')}:80", f"{PUBLIC}:8443"):
        signature = sign(TOKEN, f"{address}/twilio/voice", list(pairs.items()))
        assert twilio.send("/twilio/voice", list(pairs.items()), signature=signature).status_code == 403
    ported = sign(TOKEN, f"{PUBLIC}:443/twilio/voice", list(pairs.items()))
    assert RequestValidator(TOKEN).validate(f"{PUBLIC}/twilio/voice", pairs, ported)
    assert nothing_was_kept(twilio)


def test_a_body_whose_hash_the_query_names_is_refused_although_the_sdk_says_yes(twilio: Carrier) -> None:
    body = "CallSid=" + twilio.sid
    path = "/twilio/voice?bodySHA256=" + RequestValidator(TOKEN).compute_hash(body)
    signature = sign(TOKEN, PUBLIC + path, [])
    assert RequestValidator(TOKEN).validate(PUBLIC + path, body, signature)
    for kind in ("application/json", FORM):
        headers = {"content-type": kind, "x-twilio-signature": signature}
        assert twilio.http.post(path, content=body, headers=headers).status_code == 403
    assert nothing_was_kept(twilio)


def test_a_body_hash_in_the_query_does_not_stand_for_the_form(twilio: Carrier) -> None:
    path = "/twilio/voice?bodySHA256=" + "0" * 64
    signature = sign(TOKEN, PUBLIC + path, [])
    assert twilio.send(path, list(twilio.fields().items()), signature=signature).status_code == 403
    assert nothing_was_kept(twilio)


def test_another_account_is_refused(twilio: Carrier) -> None:
    assert twilio.post("/twilio/voice", AccountSid="AC" + "2" * 32).status_code == 403
    assert nothing_was_kept(twilio)


@pytest.mark.parametrize(
    ("name", "value"),
    [("CallSid", "CA1"), ("CallSid", ""), ("CallSid", "CA" + "g" * 32), ("AccountSid", ACCOUNT + "0"), ("To", "")],
)
def test_signed_but_absurd_values_are_refused(twilio: Carrier, name: str, value: str) -> None:
    assert twilio.post("/twilio/voice", **{name: value}).status_code in (403, 422)
    assert nothing_was_kept(twilio)


def test_a_repeated_field_is_refused(twilio: Carrier) -> None:
    pairs = [*twilio.fields().items(), ("CallSid", new_sid("CA"))]
    assert twilio.send("/twilio/voice", pairs).status_code == 422
    assert nothing_was_kept(twilio)


def test_a_query_that_is_not_ours_is_refused(twilio: Carrier) -> None:
    for query in ("attempt=1&x=2", "attempt=-1", "attempt=999", "attempt=%31"):
        assert twilio.post(f"/twilio/heard?{query}").status_code == 422
    assert nothing_was_kept(twilio)


def test_wrong_content_types_and_large_bodies_are_refused(twilio: Carrier) -> None:
    for kind in ("application/json", "multipart/form-data; boundary=x", "text/plain", ""):
        answer = twilio.http.post(
            "/twilio/voice", content=b"{}", headers={"content-type": kind, "x-twilio-signature": "x"}
        )
        assert answer.status_code == 403
    for size in (70_000, 50 * 2**20):
        assert twilio.post("/twilio/voice", CallerName="x" * size).status_code == 403
    many = [*twilio.fields().items(), *((f"Extra{number}", "") for number in range(2000))]
    assert twilio.send("/twilio/voice", many).status_code == 403
    assert nothing_was_kept(twilio)


def test_odd_characters_are_taken_as_they_are(twilio: Carrier) -> None:
    assert twilio.post("/twilio/voice", CallerName="Zoë 🥐 \u202e <script>").status_code == 200


@pytest.mark.parametrize("name", ["From", "To", "CallSid", "Digits"])
@pytest.mark.parametrize("odd", ["\0", "\r\nX-Injected: 1", "\x1b[2J"])
def test_control_characters_in_what_is_read_are_refused(twilio: Carrier, name: str, odd: str) -> None:
    assert twilio.post("/twilio/voice", **{name: twilio.fields().get(name, "1") + odd}).status_code == 422
    assert nothing_was_kept(twilio)


@pytest.mark.parametrize("body", [b"CallSid=%ED%A0%80", b"CallSid=%C0%80", b"CallSid=\xff", b"%", b"&" * 300, b"=&=&="])
def test_bytes_that_are_no_text_are_refused(twilio: Carrier, body: bytes) -> None:
    headers = {"content-type": FORM, "x-twilio-signature": "x"}
    assert twilio.http.post("/twilio/voice", content=body, headers=headers).status_code == 403
    assert nothing_was_kept(twilio)


@pytest.mark.parametrize(
    "moment",
    [
        "1 Jan 2026 10:00:00 +99999999999999999",
        "1 Jan 2026 99999999999999:0:0",
        "31 Dec 9999 23:59:59 -2359",
        "Mon, 99 Foo 0",
        "::::",
    ],
)
def test_an_absurd_moment_of_a_recording_is_no_moment(twilio: Carrier, moment: str) -> None:
    began = {"RecordingSid": new_sid("RE"), "RecordingStatus": "in-progress", "RecordingStartTime": moment}
    assert twilio.post("/twilio/recording", **began).status_code == 204


@pytest.mark.parametrize(
    ("route", "fields"),
    [
        ("recording", {"RecordingSid": "RE" + "1" * 32, "RecordingStatus": "completed", "RecordingChannels": "9"}),
        ("recording", {"RecordingSid": "RE" + "1" * 32, "RecordingStatus": "completed", "RecordingDuration": "9" * 9}),
        ("recording", {"RecordingSid": "../" + "1" * 31, "RecordingStatus": "completed"}),
        ("recording", {"RecordingSid": "RE" + "1" * 32, "RecordingStatus": "exploded"}),
        ("status", {"CallStatus": "completed", "SequenceNumber": "9" * 40}),
        ("conference", {"StatusCallbackEvent": "x" * 61, "ConferenceSid": "CF" + "1" * 32, "FriendlyName": "A" * 22}),
        ("conference", {"StatusCallbackEvent": "participant-join", "ConferenceSid": "CF", "FriendlyName": "A" * 22}),
        ("agent", {"call": "'; DROP TABLE call; --", "From": "client:agent_1"}),
        ("key?attempt=1", {"Digits": "1" * 33}),
    ],
)
def test_signed_events_with_absurd_values_are_refused(twilio: Carrier, route: str, fields: dict[str, str]) -> None:
    assert twilio.post(f"/twilio/{route}", **fields).status_code == 422
    assert nothing_was_kept(twilio)


SPOOFED = {
    "host": EVIL,
    "x-forwarded-host": EVIL,
    "x-forwarded-proto": "http",
    "x-forwarded-for": "127.0.0.1",
    "x-forwarded-prefix": f"//{EVIL}",
    "x-original-url": f"https://{EVIL}/",
    "forwarded": f"host={EVIL};proto=http",
    "origin": PUBLIC,
}


@pytest.mark.parametrize("route", ROUTES)
def test_spoofed_hosts_change_nothing(twilio: Carrier, route: str) -> None:
    event = {"StatusCallbackEvent": "participant-join", "ConferenceSid": new_sid("CF"), "FriendlyName": "A" * 22}
    more = {"Digits": "1", "call": "A" * 22, "RecordingSid": new_sid("RE"), "RecordingStatus": "absent"}
    pairs = twilio.fields(**event, **more)
    signature = sign(TOKEN, f"{PUBLIC}/twilio/{route}", list(pairs.items()))
    answer = twilio.http.post(f"/twilio/{route}", data=pairs, headers=SPOOFED | {"x-twilio-signature": signature})
    assert answer.status_code in (200, 204)
    assert EVIL not in answer.text + str(answer.headers)


@pytest.mark.parametrize(
    "path", ["/", "/sign-in/", "/desk", "/contacts/", "/static", "/static/", "/api/v1/openapi.json/", "/twilio/voice/"]
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_no_answer_sends_anybody_to_a_host_that_the_request_names(twilio: Carrier, method: str, path: str) -> None:
    answer = twilio.http.request(method, path, headers=SPOOFED, follow_redirects=False)
    assert answer.status_code < 500
    assert EVIL not in answer.text + str(answer.headers)


def test_without_a_token_the_endpoints_do_not_exist(tmp_path: Path) -> None:
    with carrier(tmp_path, twilio_auth_token=None) as twilio:
        twilio.began = rows(twilio)
        for route in ROUTES:
            assert twilio.post(f"/twilio/{route}").status_code == 404
        assert nothing_was_kept(twilio)


def test_a_replayed_webhook_hears_the_same_and_changes_nothing(twilio: Carrier) -> None:
    first = twilio.post("/twilio/voice")
    again = twilio.post("/twilio/voice")
    assert first.text == again.text
    assert verbs(first) == ["Gather", "Redirect"]
    added = more_rows(twilio)
    assert (added["call"], added["contact"], added["inbox_event"]) == (1, 1, 1)


def test_a_call_to_a_number_that_is_not_ours_hears_an_apology(twilio: Carrier) -> None:
    answer = twilio.post("/twilio/voice", To="+31207654321")
    assert answer.status_code == 200
    assert verbs(answer) == ["Say", "Say", "Hangup"]
    added = more_rows(twilio)
    assert (added.get("contact"), added["alert"]) == (None, 1)


@pytest.mark.parametrize("route", ["wait", "hold"])
def test_a_caller_whom_we_do_not_know_hears_an_apology_while_waiting(twilio: Carrier, route: str) -> None:
    answer = twilio.post(f"/twilio/{route}", CallSid=new_sid("CA"))
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/xml")
    assert verbs(answer)[-1] == "Hangup"


def test_what_a_trusted_proxy_forwards_has_no_part_in_the_signature(twilio: Carrier) -> None:
    settings = twilio.parts.settings.model_copy(update={"trusted_proxies": "192.0.2.1"})
    config = web_config(cast(Starlette, twilio.http.app), settings)
    config.load()
    forwarded = {"x-forwarded-for": "203.0.113.5", "x-forwarded-proto": "http", "x-forwarded-host": "evil.example"}
    proxied = TestClient(
        config.loaded_app, base_url="http://127.0.0.1:8000", client=("192.0.2.1", 4), headers=forwarded
    )
    assert verbs(Carrier(proxied, twilio.parts).post("/twilio/voice")) == ["Gather", "Redirect"]


def test_the_fallback_needs_no_signature_and_no_database(twilio: Carrier) -> None:
    assert verbs(twilio.http.get("/twilio/fallback")) == ["Say", "Say", "Hangup"]


def test_a_whole_call_replayed_in_any_order_leaves_every_table_as_it_is(twilio: Carrier) -> None:
    room = {"ConferenceSid": new_sid("CF"), "FriendlyName": "A" * 22, "StatusCallbackEvent": "participant-join"}
    sound = {"RecordingSid": new_sid("RE"), "RecordingStatus": "completed", "RecordingDuration": "3"}
    events = [
        ("voice", {}),
        ("key?attempt=1", {"Digits": "9"}),
        ("heard?attempt=1", {}),
        ("conference", room | {"SequenceNumber": "1"}),
        ("status", {"CallStatus": "completed", "SequenceNumber": "2"}),
        ("recording", sound),
    ]
    for route, fields in events:
        assert twilio.post(f"/twilio/{route}", **fields).status_code in (200, 204)
    before = contents(twilio.parts.db)
    for order in list(permutations(events))[::60]:
        for route, fields in order:
            assert twilio.post(f"/twilio/{route}", **fields).status_code in (200, 204)
    assert contents(twilio.parts.db) == before
