"""Every request that we make of the carrier, against the carrier's own description of its API."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import httpx2
import pytest

from contactcenter.carrier.port import Carrier, CarrierProblem
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.settings import load
from tests.simulator.desk import served
from tests.witnesses.contract import Asked, Recorder, prism

ACCOUNT, APPLICATION = "AC" + "1" * 32, "AP" + "2" * 32
CALL, ROOM, RECORDING = "CA" + "3" * 32, "CF" + "4" * 32, "RE" + "5" * 32
LINE, ANNAS_TELEPHONE = "+31850000001", "+31612345678"
US = "https://calls.veldwijk.example/twilio"
YESTERDAY = datetime(2026, 11, 1, 9, 30, tzinfo=UTC)
Act = Callable[[Carrier], object]


def _hold_and_back(twilio: Carrier) -> None:
    twilio.hold(ROOM, CALL, True, f"{US}/hold")
    twilio.hold(ROOM, CALL, False, f"{US}/hold")


VERBS: dict[str, tuple[Act, list[tuple[str, str]]]] = {
    "check": (lambda twilio: twilio.check(), [("GET", ".json")]),
    "end_call": (lambda twilio: twilio.end_call(CALL), [("POST", f"/Calls/{CALL}.json")]),
    "hold": (
        _hold_and_back,
        [("POST", f"/Conferences/{ROOM}/Participants/{CALL}.json")] * 2,
    ),
    "pause_recording": (
        lambda twilio: twilio.pause_recording(ROOM),
        [("POST", f"/Conferences/{ROOM}/Recordings/Twilio.CURRENT.json")],
    ),
    "resume_recording": (
        lambda twilio: twilio.resume_recording(ROOM),
        [("POST", f"/Conferences/{ROOM}/Recordings/Twilio.CURRENT.json")],
    ),
    "stop_recording": (
        lambda twilio: twilio.stop_recording(ROOM),
        [("POST", f"/Conferences/{ROOM}/Recordings/Twilio.CURRENT.json")],
    ),
    "dial_agent": (
        lambda twilio: twilio.dial_agent("Zm9vYmFyYmF6cXV1eDEyMw", ANNAS_TELEPHONE, LINE, f"{US}/status"),
        [("POST", "/Conferences/Zm9vYmFyYmF6cXV1eDEyMw/Participants.json")],
    ),
    "call_out": (
        lambda twilio: twilio.call_out(ANNAS_TELEPHONE, LINE, f"{US}/answered", f"{US}/placed", f"{US}/fallback"),
        [("POST", "/Calls.json")],
    ),
    "send_text": (lambda twilio: twilio.send_text(ANNAS_TELEPHONE, "402 917"), [("POST", "/Messages.json")]),
    "delete_recording": (
        lambda twilio: twilio.delete_recording(RECORDING),
        [("DELETE", f"/Recordings/{RECORDING}.json")],
    ),
    "recordings_since": (lambda twilio: list(twilio.recordings_since(YESTERDAY)), [("GET", "/Recordings.json")]),
    # The example's next page is the example again, so only the first of its calls is taken.
    "calls_since": (lambda twilio: next(twilio.calls_since(YESTERDAY)), [("GET", "/Calls.json")]),
    "connect_number": (
        lambda twilio: twilio.connect_number(LINE, f"{US}/voice", f"{US}/status", f"{US}/fallback"),
        [
            ("GET", "/IncomingPhoneNumbers.json"),
            ("POST", "/IncomingPhoneNumbers/PNaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.json"),
            ("POST", f"/Applications/{APPLICATION}.json"),
        ],
    ),
    "webhooks_of": (lambda twilio: twilio.webhooks_of(LINE), [("GET", "/IncomingPhoneNumbers.json")]),
}
WITHOUT_CONTRACT = {
    "close": "asks nothing: it gives the connections back",
    "open_media": "the description of the API leaves media out",
    "softphone_token": "is made here; test_signatures.py has Twilio's own program read it",
}


@dataclass
class Bench:
    """Our adapter, and the recorder between it and Prism."""

    twilio: TwilioCarrier
    recorder: Recorder
    url: str

    def asked(self, act: Act) -> list[Asked]:
        """What one verb asked."""
        self.recorder.asked.clear()
        act(self.twilio)
        return list(self.recorder.asked)


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    with prism() as official:
        recorder = Recorder(official)
        with served(lambda _address: recorder.app()) as address:
            twilio = _adapter(tmp_path_factory.mktemp("contract"), address)
            yield Bench(twilio, recorder, address)
            twilio.close()


def _adapter(folder: Path, address: str) -> TwilioCarrier:
    settings = load(
        database_url=f"sqlite:///{folder / 'unused.db'}",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token="a-token",
        twilio_application_sid=APPLICATION,
        twilio_text_from="Veldwijk",
        twilio_api_url=address,
    )
    return TwilioCarrier(settings)


def test_every_verb_of_the_port_is_shown_to_the_witness_or_says_why_not() -> None:
    verbs = {name for name in vars(Carrier) if not name.startswith("_")}
    assert verbs == VERBS.keys() | WITHOUT_CONTRACT.keys()


@pytest.mark.parametrize("verb", VERBS)
def test_what_a_verb_asks_is_what_twilio_describes(bench: Bench, verb: str) -> None:
    act, wanted = VERBS[verb]
    asked = bench.asked(act)
    account = f"/2010-04-01/Accounts/{ACCOUNT}"
    assert [(one.method, one.path.removeprefix(account)) for one in asked] == wanted
    for one in asked:
        assert 200 <= one.status < 300, one
        assert one.objections == (), one
        assert one.unknown == frozenset(), one


def test_what_the_official_examples_answer_is_understood(bench: Bench) -> None:
    assert bench.twilio.dial_agent("room", ANNAS_TELEPHONE, LINE, f"{US}/status").startswith("CA")
    assert [one.sid[:2] for one in bench.twilio.recordings_since(YESTERDAY)] == ["RE"]
    assert next(bench.twilio.calls_since(YESTERDAY)).sid.startswith("CA")
    assert bench.twilio.webhooks_of(LINE) is not None


def test_the_witness_notices_what_twilio_does_not_know(bench: Bench) -> None:
    with pytest.raises(CarrierProblem, match="422"):
        bench.twilio.hold("a-name-is-no-sid", CALL, True, f"{US}/hold")
    bench.recorder.asked.clear()
    path = f"/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL}.json"
    httpx2.post(bench.url + path, data={"Status": "completed", "Colour": "red"}, auth=(ACCOUNT, "a-token"))
    httpx2.post(bench.url + path, data={"Status": "red"}, auth=(ACCOUNT, "a-token"))
    assert [(one.status, one.unknown) for one in bench.recorder.asked] == [(200, {"Colour"}), (422, frozenset())]
