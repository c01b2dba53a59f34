"""Text messages through our adapter and the simulated carrier: what comes, what is refused, what is only late."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.carrier.port import CarrierProblem, Trouble
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.settings import load
from tests.simulator.conftest import Open
from tests.simulator.desk import ACCOUNT, TOKEN, Desk

NOOR, CODE = "+31655555555", "Uw code is 402 917"


@pytest.fixture
def house(open_desk: Open, tmp_path: Path) -> Iterator[tuple[Desk, TwilioCarrier]]:
    """The carrier, and our adapter to it."""
    with open_desk() as desk:
        adapter = our_adapter(tmp_path, desk.base, "Veldwijk")
        yield desk, adapter
        adapter.close()


def our_adapter(folder: Path, address: str, sender: str | None) -> TwilioCarrier:
    """The product's side."""
    settings = load(
        database_url=f"sqlite:///{folder / 'unused.db'}",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_api_url=address,
        twilio_text_from=sender,
    )
    return TwilioCarrier(settings)


def test_a_text_comes_to_the_telephone(house: tuple[Desk, TwilioCarrier]) -> None:
    desk, ours = house
    ours.send_text(NOOR, CODE)
    (shown,) = desk.http.get("/simulator/received").json()["received"]
    assert (shown["way"], shown["sender"], shown["to"], shown["body"]) == ("text", "Veldwijk", NOOR, CODE)


def test_who_declined_gets_none_until_they_take_texts_again(house: tuple[Desk, TwilioCarrier]) -> None:
    desk, ours = house
    desk.http.post("/simulator/texts", json={"number": NOOR, "declined": True})
    with pytest.raises(CarrierProblem, match="This number has declined our text messages") as refused:
        ours.send_text(NOOR, CODE)
    assert refused.value.trouble is Trouble.REFUSED
    desk.http.post("/simulator/texts", json={"number": NOOR, "declined": False})
    ours.send_text(NOOR, CODE)


@pytest.mark.parametrize(("status", "trouble"), [(429, Trouble.LATER), (503, Trouble.LATER), (404, Trouble.GONE)])
def test_what_goes_wrong_says_neither_number_nor_code(
    house: tuple[Desk, TwilioCarrier], caplog: pytest.LogCaptureFixture, status: int, trouble: Trouble
) -> None:
    desk, ours = house
    desk.http.post("/simulator/misbehaviour", json={"rest": {"status": status, "match": "/Messages"}})
    with caplog.at_level(logging.INFO), pytest.raises(CarrierProblem) as refused:
        ours.send_text(NOOR, CODE)
    assert refused.value.trouble is trouble
    with pytest.raises(CarrierProblem, match="can't send a text message to this number"):
        ours.send_text("0655555555", CODE)
    said = f"{refused.value} {caplog.text}"
    assert "655555555" not in said
    assert "402" not in said


def test_a_carrier_that_never_answers_is_left_after_five_seconds(house: tuple[Desk, TwilioCarrier]) -> None:
    desk, ours = house
    desk.http.post("/simulator/misbehaviour", json={"rest": {"status": 0, "match": "/Messages"}})
    began = time.monotonic()
    with pytest.raises(CarrierProblem, match="did not answer") as left:
        ours.send_text(NOOR, CODE)
    assert left.value.trouble is Trouble.LATER
    assert time.monotonic() - began < 20, "it waited for an answer"


def test_without_a_sender_or_a_carrier_it_says_what_to_set(tmp_path: Path) -> None:
    nameless = our_adapter(tmp_path, "http://127.0.0.1:9", None)
    for ours, setting in ((nameless, "TWILIO_TEXT_FROM"), (AbsentCarrier(), "TWILIO_ACCOUNT_SID")):
        with pytest.raises(CarrierProblem, match=setting):
            ours.send_text(NOOR, CODE)
    nameless.close()
