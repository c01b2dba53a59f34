"""Pages and API under requests that nobody meant: no failure of ours, no traceback, none over five seconds."""

import time
from collections import Counter
from collections.abc import Callable
from random import Random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, seed, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import positive_data_acceptance

from contactcenter.staff import service as staff
from contactcenter.staff.rules import Scope
from tests.hostile.storm import ACTS, Storm
from tests.house import House

SLOWEST_SECONDS = 5.0
TELLTALES = ("Traceback (most recent call last)", "sqlalchemy", "site-packages", 'File "/')
Record = Callable[[str, object], None]


@pytest.fixture
def lived_in(house: House) -> House:
    """A house in which Joris has rung, Anna has answered and not wrapped up yet, and one call was missed."""
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    phone = house.ring(hangup="after-audio")
    anna.handles(phone)
    missed = house.ring()
    missed.is_("waiting")
    missed.hang_up()
    phone.recording_is("stored", "transcribed", "attached")
    return house


@pytest.mark.parametrize(
    ("requests", "number"),
    [(1000, 0), *(pytest.param(5000, number, marks=pytest.mark.prove) for number in range(1, 11))],
)
def test_no_request_whatsoever_makes_a_page_fail(
    lived_in: House, requests: int, number: int, record_property: Record
) -> None:
    storm = Storm(lived_in, Random(number))
    storm.look_around()
    # Chance alone may never get one of these right: what comes after them would stay unseen.
    assert [act.name for act in ACTS if not storm.goes_as_meant(act)] == [], "never went well"
    answers: Counter[int] = Counter()
    slowest = 0.0
    for one in range(requests):
        if one % 200 == 0:
            storm.look_around()
        began = time.monotonic()
        answer = storm.blow()
        took = time.monotonic() - began
        slowest, answers[answer.status_code] = max(slowest, took), answers[answer.status_code] + 1
        assert answer.status_code < 500, (number, one, answer.request.method, answer.request.url.path)
        assert took < SLOWEST_SECONDS, (number, one, answer.request.method, answer.request.url.path)
        text = answer.text if "audio" not in answer.headers.get("content-type", "") else ""
        assert not [telltale for telltale in TELLTALES if telltale in text], (number, one, answer.request.url.path)
    assert {200, 303, 403, 404, 422} <= set(answers)
    record_property("answers", dict(sorted(answers.items())))
    record_property("slowest seconds", round(slowest, 2))


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as-described", "against-it"])
@pytest.mark.parametrize(
    ("examples", "number"),
    [(60, 0), *(pytest.param(2500, number, marks=pytest.mark.prove) for number in range(1, 3))],
)
def test_the_api_does_what_its_description_says(
    house: House, examples: int, number: int, mode: GenerationMode, record_property: Record
) -> None:
    with house.parts.db.writing() as session:
        token = staff.make_token(session, house.clock(), f"crm-{mode.value}-{number}", [Scope.CUSTOMERS_WRITE])
    schema = schemathesis.openapi.from_url(f"{house.url}/api/v1/openapi.json")
    operation = schema["/api/v1/customers/{relation_number}"]["PUT"]
    answers: Counter[int] = Counter()

    @seed(number)
    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(generation_mode=mode))
    def asked(case: "Case[Any]") -> None:
        began = time.monotonic()
        answer = case.call(headers={"Authorization": f"Bearer {token}"})
        assert time.monotonic() - began < SLOWEST_SECONDS
        answers[answer.status_code] += 1
        # A schema can't say what a telephone number or an IBAN is: what fits it may still be refused in words.
        case.validate_response(answer, excluded_checks=[positive_data_acceptance])

    asked()
    record_property("answers", dict(sorted(answers.items())))
