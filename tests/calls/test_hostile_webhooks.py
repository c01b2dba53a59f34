"""Webhooks that are forged, altered, replayed, foreign or malformed: refused, without a row."""

from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from contactcenter.calls.models import Call
from contactcenter.contacts.models import Contact
from contactcenter.core.alerts import Alert
from contactcenter.core.inbox import InboxEvent
from contactcenter.serving import web_config
from tests.calls.carrier_stand_in import ACCOUNT, PUBLIC, SECOND_TOKEN, TOKEN, Carrier, carrier, new_sid, sign, verbs

ROUTES = (
    "voice",
    "key?attempt=1",
    "heard?attempt=1",
    "wait",
    "hold",
    "agent",
    "conference",
    "status",
    "dialled",
    "recording",
)


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    with carrier(tmp_path) as opened:
        yield opened


def nothing_was_kept(twilio: Carrier) -> bool:
    return twilio.rows(InboxEvent) == twilio.rows(Call) == twilio.rows(Contact) == 0


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


def test_moving_the_border_between_name_and_value_keeps_the_signature_and_is_refused_all_the_same(
    twilio: Carrier,
) -> None:
    pairs = list(twilio.fields().items())
    signature = sign(TOKEN, f"{PUBLIC}/twilio/voice", pairs)
    sid = dict(pairs)["CallSid"]
    moved = [("CallSidC", sid[1:]) if name == "CallSid" else (name, value) for name, value in pairs]
    assert sign(TOKEN, f"{PUBLIC}/twilio/voice", moved) == signature
    assert twilio.send("/twilio/voice", moved, signature=signature).status_code == 422
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
    assert twilio.post("/twilio/voice", CallerName="x" * 70_000).status_code == 403
    many = [*twilio.fields().items(), *((f"Extra{number}", "") for number in range(2000))]
    assert twilio.send("/twilio/voice", many).status_code == 403
    assert nothing_was_kept(twilio)


def test_odd_characters_are_taken_as_they_are(twilio: Carrier) -> None:
    assert twilio.post("/twilio/voice", CallerName="Zoë 🥐 \u202e <script>").status_code == 200


def test_spoofed_hosts_change_nothing(twilio: Carrier) -> None:
    pairs = list(twilio.fields().items())
    headers = {
        "x-twilio-signature": sign(TOKEN, f"{PUBLIC}/twilio/voice", pairs),
        "host": "evil.example",
        "x-forwarded-host": "evil.example",
        "x-forwarded-proto": "http",
    }
    answer = twilio.http.post("/twilio/voice", data=dict(pairs), headers=headers)
    assert answer.status_code == 200
    assert "evil.example" not in answer.text


def test_without_a_token_the_endpoints_do_not_exist(tmp_path: Path) -> None:
    with carrier(tmp_path, twilio_auth_token=None) as twilio:
        for route in ROUTES:
            assert twilio.post(f"/twilio/{route}").status_code == 404
        assert nothing_was_kept(twilio)


def test_a_replayed_webhook_hears_the_same_and_changes_nothing(twilio: Carrier) -> None:
    first = twilio.post("/twilio/voice")
    again = twilio.post("/twilio/voice")
    assert first.text == again.text
    assert verbs(first) == ["Gather", "Redirect"]
    assert twilio.rows(Call) == twilio.rows(Contact) == 1


def test_a_call_to_a_number_that_is_not_ours_hears_an_apology(twilio: Carrier) -> None:
    answer = twilio.post("/twilio/voice", To="+31207654321")
    assert answer.status_code == 200
    assert verbs(answer) == ["Say", "Say", "Hangup"]
    assert twilio.rows(Contact) == 0
    assert twilio.rows(Alert) == 1


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
