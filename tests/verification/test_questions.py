"""Which question comes next: varied, never twice, never about what must not be asked (P06, P38)."""

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter.customers.models import Customer
from contactcenter.customers.rules import Kind
from contactcenter.demo import people
from contactcenter.verification.facts import known_of
from contactcenter.verification.questions import FACTS, DatedRow, EarlierCall, Known, askable, drawn, holds
from tests.factories import MONDAY, World
from tests.house import JORIS_KNOWS
from tools.screenshots import PRIYA_KNOWS

JANSEN = Known(
    postcode="7311 AB",
    licence_provider="Veldwijk Partners Oost",
    contract_from=date(2023, 3, 1),
    rows=(
        DatedRow(Kind.LICENCES, date(2023, 3, 1), "Team", "12 licences, 9 active"),
        DatedRow(Kind.LICENCES, date(2024, 3, 1), "Solo", "1 licence, 1 active"),
        DatedRow(Kind.ORDER_HISTORY, date(2025, 1, 1), "Printer"),
        DatedRow(Kind.ORDER_HISTORY, date(2026, 1, 1), "Vier extra licenties"),
        DatedRow(Kind.INVOICES, date(2026, 10, 1), "Jaar", "EUR 864.00, paid"),
        DatedRow(Kind.MUTATIONS, date(2026, 9, 1), "postcode", by_customer=True),
        DatedRow(Kind.MUTATIONS, date(2026, 9, 2), "bank account"),
        DatedRow(Kind.DEVICE_ID, date(2023, 3, 2), "Drive", "9F86-D081"),
    ),
    last_call=EarlierCall(date(2026, 10, 12), "invoice"),
)


def test_every_fact_of_a_well_known_customer_can_be_asked() -> None:
    assert set(askable(JANSEN, (), ())) == set(FACTS)


def test_nothing_is_asked_twice_and_nothing_that_was_told_in_the_contact() -> None:
    assert "postcode" not in askable(JANSEN, {"postcode"}, ())
    told = askable(JANSEN, (), {Kind.INVOICES, Kind.RELATION_NUMBER})
    assert {"last-invoice-month", "last-invoice-amount", "last-call"}.isdisjoint(told)
    assert askable(JANSEN, (), set(Kind)) == []


def test_only_what_is_known_is_asked() -> None:
    assert askable(Known(), (), ()) == []
    assert askable(Known(postcode=" - "), (), ()) == []
    rows = (DatedRow(Kind.LICENCES, date(2026, 1, 1), "x", "many"), DatedRow(Kind.INVOICES, date(2026, 1, 1), "x", "?"))
    assert askable(Known(rows=rows), (), ()) == ["last-invoice-month"]
    assert askable(Known(rows=(DatedRow(Kind.DEVICE_ID, date(2026, 1, 1), "x", "short"),)), (), ()) == []
    assert askable(Known(last_call=EarlierCall(date(2026, 10, 12), "other")), (), ()) == []


def test_the_best_questions_are_drawn_each_of_them_at_times() -> None:
    worth = {"postcode": 1, "device-id": 7, "last-mutation": 7}
    assert {drawn(worth, None, pick) for pick in range(100)} == {"device-id", "last-mutation"}
    assert drawn({}, None, 3) is None


def test_what_was_asked_last_time_is_not_asked_first_now() -> None:
    worth = {"device-id": 7, "last-mutation": 7, "postcode": 1}
    assert {drawn(worth, "device-id", pick) for pick in range(100)} == {"last-mutation"}
    assert drawn({"device-id": 7, "postcode": 1}, "device-id", 0) == "device-id"


@pytest.mark.parametrize(
    ("key", "right", "wrong"),
    [
        ("postcode", "7311ab", "7312ab"),
        ("licence-provider", "veldwijk oost", "microsoft"),
        ("licence-count", "13", "12"),
        ("last-order", "extra licenties", "printer"),
        ("last-invoice-month", "okt", "sept"),
        ("last-invoice-amount", "864", "865"),
        ("last-mutation", "ons adres", "bank account"),
        ("contract-start", "maart", "april"),
        ("active-licences", "10", "13"),
        ("device-id", "d 0 8 1", "9f86"),
        ("last-call", "in oktober, over een factuur", "oktober, storing"),
        ("last-call", "invoice, October 2026", "november, factuur"),
        ("last-call", "de rekening, 10-2026", "oktober: factuur of storing of klacht"),
        ("last-call", "oktober, factuur", "oktober"),
    ],
)
def test_a_right_answer_holds_and_a_wrong_one_does_not(key: str, right: str, wrong: str) -> None:
    assert holds(key, JANSEN, right)
    assert not holds(key, JANSEN, wrong)


def test_a_fact_that_is_gone_meanwhile_is_simply_not_right() -> None:
    assert not holds("postcode", Known(), "7311ab")


@pytest.mark.parametrize("word", ["bank", "iban", "account", "birth", "bsn", "password", "secret"])
def test_no_question_asks_for_what_must_never_be_asked(word: str) -> None:
    assert word not in " ".join(fact.text for fact in FACTS.values()).lower()


@pytest.mark.parametrize(("relation_number", "says"), [("10042", JORIS_KNOWS), ("10077", PRIYA_KNOWS)])
def test_what_callers_of_the_demo_say_holds_whatever_is_drawn(
    world: World, relation_number: str, says: Mapping[str, str]
) -> None:
    lines = (Path(people.__file__).parent / "customers.jsonl").read_text(encoding="utf-8").splitlines()
    [customer] = [one for one in map(json.loads, lines) if one["relation_number"] == relation_number]
    world.put(customer | {"relation_number": "20000"})
    [newcomer] = world.rows(select(Customer).where(Customer.relation_number == "20000"))
    with world.reading() as session:
        known = known_of(session, newcomer.id, MONDAY.date(), MONDAY)
    askable = {key for key, fact in FACTS.items() if fact.expected(known)}
    assert {key: holds(key, known, says[key]) for key in askable} == dict.fromkeys(askable, True)
