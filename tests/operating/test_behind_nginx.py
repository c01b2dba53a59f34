"""The product behind a real nginx with TLS, by the example in deploy/; the simulator is the carrier."""

import ssl
import threading
from collections.abc import Iterator

import httpx2
import pytest

from tests.calls.carrier_stand_in import sign
from tests.house import JORIS
from tests.operating.installation import serving
from tests.operating.proxy import NAME, certificate, nginx
from tests.operating.rehearsal import LINE, SECRET, TOKEN, Rehearsal, carrying, ring, settings_of, talk, watch
from tests.patience import until
from tools.ports import free_port


@pytest.fixture(scope="module")
def rehearsal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Rehearsal]:
    """Product, worker, carrier and nginx, each a process of its own."""
    folder = tmp_path_factory.mktemp("rehearsal")
    ports = {"https": free_port(), "http": free_port(), "product": free_port(), "carrier": free_port()}
    trusted = certificate(folder)
    environment = settings_of(folder, f"https://{NAME}:{ports['https']}", ports["product"], ports["carrier"])
    with serving(environment), nginx(folder, **ports), carrying(environment, "--trust", str(trusted), "--speed", "30"):
        trust = ssl.create_default_context(cafile=str(trusted))
        carrier = f"https://{NAME}:{ports['https']}"  # its telephones are reached through nginx as well
        yield Rehearsal(environment["CONTACTCENTER_PUBLIC_URL"], carrier, environment, trust)


def test_a_call_goes_from_ring_to_stored_recording_over_tls(rehearsal: Rehearsal) -> None:
    heard: list[str] = []
    opened, seen = threading.Event(), threading.Event()
    window = threading.Thread(target=watch, args=(rehearsal, heard, opened, seen), daemon=True)
    window.start()
    assert opened.wait(10)
    with rehearsal.signed_in("anna") as anna:
        anna.post("/available", data={"available": "1"})
        sid = ring(rehearsal)
        until(lambda: "event: queue" in heard, "Anna's page is told at once: the stream is not held back")
        call = until(lambda: rehearsal.call(sid, "waiting"), "the call waits")
        assert anna.post(f"/calls/{call.public_id}/answer", headers={"hx-request": "true"}).status_code == 204
        seen.set()
        assert talk(rehearsal, anna, call.public_id) > 10
        window.join(20)
    assert until(lambda: rehearsal.call(sid, "ended"), "the call ends").ending == "answered"
    kept = until(lambda: [one for one in rehearsal.recordings() if one.stored_at], "the recording is stored")
    assert kept[0].wrapped_key is not None


FIELDS = [
    ("AccountSid", "AC" + SECRET),
    ("CallSid", "CA" + "5" * 32),
    ("CallStatus", "ringing"),
    ("From", JORIS),
    ("To", LINE),
]


@pytest.mark.parametrize(
    "headers",
    [{}, {"Host": "evil.example"}, {"X-Forwarded-Host": "evil.example"}, {"X-Forwarded-Proto": "http"}],
    ids=["plain", "host", "forwarded-host", "forwarded-proto"],
)
def test_a_signature_holds_whatever_the_headers_say(rehearsal: Rehearsal, headers: dict[str, str]) -> None:
    signature = sign(TOKEN, f"{rehearsal.url}/twilio/status", FIELDS)
    with rehearsal.client() as http:
        answer = http.post("/twilio/status", data=dict(FIELDS), headers={"X-Twilio-Signature": signature, **headers})
    assert answer.status_code == 204  # signed; the call itself is unknown


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Original-URL", "Forwarded"])
def test_a_signature_over_a_foreign_address_is_refused_whatever_the_headers_say(
    rehearsal: Rehearsal, header: str
) -> None:
    signature = sign(TOKEN, "https://evil.example/twilio/status", FIELDS)
    value = {"Forwarded": "host=evil.example;proto=https"}.get(header, "evil.example")
    with rehearsal.client() as http:
        headers = {"X-Twilio-Signature": signature, header: value}
        answer = http.post("/twilio/status", data=dict(FIELDS), headers=headers)
    assert answer.status_code == 403
    assert "evil.example" not in answer.text


def test_an_office_behind_one_address_signs_in_and_a_flood_is_told_to_wait(rehearsal: Rehearsal) -> None:
    office = httpx2.HTTPTransport(verify=rehearsal.trust or True, local_address="127.0.0.2")  # others still sign in
    with rehearsal.client(transport=office) as http:
        assert {http.get("/sign-in").status_code for _ in range(100)} == {200}
        answers = [http.post("/sign-in", data={"login": "anna"}).status_code for _ in range(100)]
    assert 429 not in answers[:40]
    assert answers.count(429) > 20


def test_the_proxy_keeps_large_bodies_metrics_and_plain_http_away(rehearsal: Rehearsal) -> None:
    with rehearsal.client() as http:
        assert http.post("/twilio/status", content=b"x" * 100_000).status_code == 413
        assert http.put("/api/v1/customers/1", content=b"x" * 3_000_000).status_code == 413
        assert http.get("/metrics").status_code == 404
        page = http.get("/sign-in")
    assert page.headers["strict-transport-security"] == "max-age=31536000"
    assert "server" not in page.headers or "/" not in page.headers["server"]
