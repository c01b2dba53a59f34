"""A flood at the sign-in: callers are answered all the same, and nobody can lock a colleague out."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import cast

import httpx2
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from contactcenter.serving import web_config
from contactcenter.staff import routes
from contactcenter.staff import service as staff
from contactcenter.staff.rules import FAILURES_ALLOWED, Role
from tests.calls.carrier_stand_in import PUBLIC, TOKEN, Carrier, carrier, new_sid, sign
from tests.factories import PASSWORD
from tests.simulator.desk import served

Record = Callable[[str, object], None]
OUTSIDE, INSIDE = "203.0.113.5", "192.0.2.7"


@pytest.fixture
def twilio(tmp_path: Path) -> Iterator[Carrier]:
    """The product with Anna among its staff."""
    with carrier(tmp_path) as opened:
        with opened.parts.db.writing() as session:
            now = opened.parts.clock()
            staff.add(session, now, login="anna", name="Anna", role=Role.AGENT, password=PASSWORD)
        yield opened


def calls(twilio: Carrier, client: httpx2.Client, number: int) -> tuple[list[int], list[float]]:
    """So many calls come in; the statuses of the answers, and their seconds."""
    statuses, seconds = [], []
    for _ in range(number):
        fields = twilio.fields(CallSid=new_sid("CA"))
        signature = sign(TOKEN, f"{PUBLIC}/twilio/voice", list(fields.items()))
        began = time.monotonic()
        answer = client.post("/twilio/voice", data=fields, headers={"x-twilio-signature": signature})
        seconds.append(time.monotonic() - began)
        statuses.append(answer.status_code)
    return statuses, sorted(seconds)


def p99(seconds: list[float]) -> float:
    """The time that all but one of a hundred stay under."""
    return seconds[int(len(seconds) * 0.99) - 1]


@pytest.mark.parametrize(("number", "crowd"), [(60, 8), pytest.param(2000, 32, marks=pytest.mark.prove)])
def test_every_caller_is_answered_while_outsiders_flood_the_sign_in(
    twilio: Carrier, number: int, crowd: int, record_property: Record
) -> None:
    over = threading.Event()
    refused: Counter[int] = Counter()

    def guess(who: int) -> None:
        with httpx2.Client(base_url=address, timeout=60) as outsider:
            tries = 0
            while not over.is_set():
                tries += 1
                login = "anna" if tries % 2 else f"outsider-{who}-{tries}"
                refused[outsider.post("/sign-in", data={"login": login, "password": "x" * 20}).status_code] += 1

    app = cast(Starlette, twilio.http.app)
    with served(lambda _: app) as address, httpx2.Client(base_url=address, timeout=60) as client:
        alone = calls(twilio, client, number)[1]
        with ThreadPoolExecutor(crowd) as outsiders:
            guesses = [outsiders.submit(guess, who) for who in range(crowd)]
            try:
                statuses, flooded = calls(twilio, client, number)
            finally:
                over.set()
        assert [one.exception() for one in guesses] == [None] * crowd
    assert set(statuses) == {200}
    assert set(refused) == {403}
    record_property("sign-ins refused meanwhile", refused[403])
    record_property("p99 of a webhook in the flood / alone", round(p99(flooded) / p99(alone), 1))


def sign_in(app: Starlette, source: str, password: str, **headers: str) -> int:
    """Anna's login from this address; the status of the answer."""
    client = TestClient(app, base_url=PUBLIC, client=(source, 4711), follow_redirects=False)
    return client.post("/sign-in", data={"login": "anna", "password": password}, headers=headers).status_code


def test_an_outsider_locks_nobody_out_not_even_in_the_name_of_their_address(
    twilio: Carrier, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "REFUSED_WAITS", 0.0)  # many tries, one after the other
    config = web_config(cast(Starlette, twilio.http.app), twilio.parts.settings)
    config.load()
    app = cast(Starlette, config.loaded_app)
    for _ in range(FAILURES_ALLOWED * 3):
        assert sign_in(app, OUTSIDE, "a guessed password") == 403
    for name in ("x-forwarded-for", "x-real-ip", "forwarded", "true-client-ip", "client-ip"):
        for _ in range(FAILURES_ALLOWED):
            assert sign_in(app, OUTSIDE, "a guessed password", **{name: INSIDE}) == 403
    assert sign_in(app, OUTSIDE, PASSWORD) == 403
    assert sign_in(app, INSIDE, PASSWORD) == 303
