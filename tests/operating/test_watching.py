"""What watches the installation is told the truth, and nothing about anybody."""

import json
import re
from collections.abc import Iterator

import pytest
import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.compose import Ports
from contactcenter.compose import migrated as started
from contactcenter.core import logs
from contactcenter.recordings import service
from contactcenter.recordings.rules import NotRecorded
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Scope
from contactcenter.sweeps import ALL_SWEEPS
from tests.calls.carrier_stand_in import sign
from tests.recordings.workplace import SAID, Workplace
from tests.simulator.desk import ACCOUNT, TOKEN

FIGURE = re.compile(r"(?m)^(contactcenter_\w+(?:\{[^}]*\})?) (\S+)$")


@pytest.fixture
def site(place: Workplace) -> Iterator[TestClient]:
    """The web side, as something outside asks it."""
    app = create_app(place.parts)
    yield TestClient(app, place.settings.public_url)
    app.state.site.jobs.close()


def figures(place: Workplace, site: TestClient) -> dict[str, float]:
    """What Prometheus reads, by name and labels."""
    with place.db.writing() as session:
        token = staff.make_token(session, place.clock(), "prometheus", [Scope.METRICS_READ])
    answer = site.get("/metrics", headers={"authorization": f"Bearer {token}"})
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    assert SAID not in answer.text
    assert not re.search(r"\+\d{6,}|CA[0-9a-f]{32}|RE[0-9a-f]{32}", answer.text)
    return {name: float(value) for name, value in FIGURE.findall(answer.text)}


def test_figures_are_for_who_has_a_token_of_their_own_scope(place: Workplace, site: TestClient) -> None:
    with place.db.writing() as session:
        foreign = staff.make_token(session, place.clock(), "crm", [Scope.CUSTOMERS_WRITE])
    assert site.get("/metrics").status_code == 401
    assert site.get("/metrics", headers={"authorization": f"Bearer {foreign}"}).status_code == 401
    assert figures(place, site)


def test_figures_tell_of_recordings_webhooks_and_timers(place: Workplace, site: TestClient) -> None:
    place.call().done()
    objected = place.call().done()
    with place.db.writing() as session:
        service.refuse(session, place.clock(), objected.contact_id, NotRecorded.OBJECTED)
    fields = {"AccountSid": ACCOUNT, "CallSid": "CA" + "7" * 32, "RecordingSid": "RE" + "7" * 32}
    fields["RecordingStatus"] = "in-progress"
    url = f"{place.settings.public_url}/twilio/recording"
    signature = sign(TOKEN, url, list(fields.items()))
    assert site.post("/twilio/recording", data=fields, headers={"x-twilio-signature": signature}).status_code == 204
    assert site.post("/twilio/recording", data=fields, headers={"x-twilio-signature": "forged"}).status_code == 403
    place.clock.travel(days=40)
    found = figures(place, site)
    assert found['contactcenter_recordings{state="attached"}'] == 1
    assert found['contactcenter_recordings{state="unwanted"}'] == 1
    assert found['contactcenter_webhook_answers_total{route="twilio-recording",status="204"}'] == 1
    assert found['contactcenter_webhook_answers_total{route="twilio-recording",status="403"}'] == 1
    assert found['contactcenter_webhook_seconds_count{route="twilio-recording"}'] == 2
    assert 9 * 86_400 < found["contactcenter_oldest_due_seconds"] < 11 * 86_400
    expected = {"waiting_calls", "dead_letters", "jobs_waiting", "live_streams", "calls_last_day"}
    assert expected <= {name.removeprefix("contactcenter_").partition("{")[0] for name in found}
    assert found['contactcenter_sweep_last_success_timestamp_seconds{sweep="retention"}'] == 0


def test_every_sweep_has_its_figure(place: Workplace, site: TestClient) -> None:
    figure = "contactcenter_sweep_last_success_timestamp_seconds"
    assert {f'{figure}{{sweep="{sweep.name}"}}' for sweep in ALL_SWEEPS} == {
        name for name in figures(place, site) if name.startswith(figure)
    }


def test_ready_names_a_ledger_that_cannot_be_written(place: Workplace, site: TestClient) -> None:
    started(place.settings).close()
    ledger = place.settings.ledger_file
    ledger.rename(ledger.with_suffix(".aside"))
    assert site.get("/readyz").json()["ledger"] == "can't be written"
    ledger.mkdir()
    assert site.get("/readyz").json()["ledger"] == "can't be written"


def test_ready_names_what_is_not(place: Workplace, site: TestClient) -> None:
    started(place.settings).close()
    answer = site.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {
        "state": "degraded",
        "database": "ok",
        "key": "ok",
        "ledger": "ok",
        "vault": "ok",
        "worker": "not seen for a minute",
    }
    (place.folder / "vault").rename(place.folder / "gone")
    place.clock.travel(minutes=1)
    assert site.get("/readyz").json()["vault"] == "does not write, read and delete"


def test_ready_without_a_key_and_without_a_database(place: Workplace) -> None:
    app = create_app(Ports(place.settings, place.db, place.clock, place.carrier, None))
    site = TestClient(app, place.settings.public_url)
    assert site.get("/readyz").json()["key"] == "there is none"
    (place.folder / "contactcenter.db").write_bytes(b"this is no database any more" * 200)
    place.db.close()
    answer = site.get("/readyz")
    assert (answer.status_code, answer.json()["state"]) == (503, "not ready")
    assert str(place.folder) not in answer.text
    app.state.site.jobs.close()


def test_a_line_of_the_log_names_request_route_and_contact_and_no_path(
    place: Workplace, capsys: pytest.CaptureFixture[str]
) -> None:
    usual = structlog.get_config()
    logs.set_up()
    try:
        app = create_app(place.parts, more=[Route("/contacts/{contact}/broken", _broken, name="broken")])
        site = TestClient(app, place.settings.public_url, raise_server_exceptions=False)
        assert site.get("/contacts/AAAAAAAAAAAAAAAAAAAAAA/broken").status_code == 500
        site.post("/twilio/recording", data={"a": "b"}, headers={"x-twilio-signature": "forged"})
        app.state.site.jobs.close()
    finally:
        structlog.configure(**usual)
    failed, refused = (json.loads(line) for line in capsys.readouterr().err.splitlines() if line.startswith("{"))
    assert (failed["event"], failed["error"]) == ("request-failed", "RuntimeError")
    assert (failed["route"], failed["contact"]) == ("broken", "A" * 22)
    assert (refused["event"], refused["route"]) == ("webhook-refused", "twilio-recording")
    assert len({failed["request"], refused["request"]}) == 2
    assert SAID not in json.dumps([failed, refused])


async def _broken(_request: Request) -> Response:
    raise RuntimeError(SAID)
