"""A burst of the carrier's callbacks, each sent twice: every one is answered, and each counts once."""

import asyncio
import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from urllib.parse import urlencode

import pytest
from sqlmodel import func, select

from contactcenter.calls.models import Call
from contactcenter.calls.rules import CallState
from contactcenter.contacts.models import Contact
from contactcenter.core.inbox import InboxEvent
from contactcenter.demo import people
from tests.calls.carrier_stand_in import FORM, sign
from tests.faults.installation import Installation, installation
from tools.load import at_rate, post

RATE, CONNECTIONS = 500, 50
BEHIND = 200  # how many calls ring before the first of them ends


@pytest.mark.parametrize("calls", [100, pytest.param(2500, marks=pytest.mark.prove)])
def test_a_burst_of_callbacks_is_answered_whole_and_each_counts_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, record_property: Callable[[str, object], None], calls: int
) -> None:
    with installation(tmp_path, monkeypatch) as place:
        place.start_web()
        before = counts(place)
        answers = asyncio.run(at_rate(place.parts.settings.port, list(burst(place, calls)), CONNECTIONS, RATE))
        assert len(answers.seconds) == calls * 4
        assert answers.refused == 0
        assert [now - then for now, then in zip(counts(place), before, strict=True)] == [calls, calls, calls * 2]
        place.web.stop()
        with closing(sqlite3.connect(tmp_path / "contactcenter.db")) as file:
            assert file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        record_property("callbacks", len(answers.seconds))
        record_property("answered_a_second", round(answers.rate))
        record_property("p99_ms", round(answers.percentile(0.99)))


def counts(place: Installation) -> list[int]:
    """How many contacts, calls that are over, and events there are."""
    tables = (
        select(func.count()).select_from(Contact),
        select(func.count()).where(Call.state == CallState.ENDED),
        select(func.count()).select_from(InboxEvent),
    )
    with place.parts.db.reading() as session:
        return [session.exec(count).one() for count in tables]


def burst(place: Installation, calls: int) -> Iterator[bytes]:
    """Each call rings, and is given up a while later; everything comes twice, at the same time."""
    sids = ["CA" + secrets.token_hex(16) for _ in range(calls)]
    for number in range(calls + BEHIND):
        if number < calls:
            yield from [callback(place, "voice", sids[number], "ringing")] * 2
        if 0 <= number - BEHIND < calls:
            yield from [callback(place, "status", sids[number - BEHIND], "completed")] * 2


def callback(place: Installation, kind: str, sid: str, status: str) -> bytes:
    """One webhook, signed as the carrier does."""
    settings = place.parts.settings
    assert settings.twilio_auth_token
    fields = {
        "AccountSid": settings.twilio_account_sid or "",
        "CallSid": sid,
        "CallStatus": status,
        "Direction": "inbound",
        "From": "+31612345678",
        "To": people.ENGLISH_LINE,
    }
    token = settings.twilio_auth_token.get_secret_value()
    signature = sign(token, f"{place.url}/twilio/{kind}", list(fields.items()))
    headers = {"Content-Type": FORM, "X-Twilio-Signature": signature}
    return post(f"/twilio/{kind}", urlencode(fields).encode(), headers)
