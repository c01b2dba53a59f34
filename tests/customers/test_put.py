"""What a source system sends becomes a customer, as often as it likes; what changes leaves a mutation (P24)."""

import json
from datetime import UTC, datetime
from typing import Any

import pytest
from pydantic import ValidationError
from sqlmodel import col, select

from contactcenter.core.audit import Action
from contactcenter.customers import incoming
from contactcenter.customers.models import Customer, CustomerRow, KnownAddress, KnownNumber, Person
from contactcenter.customers.rules import Kind, Origin
from contactcenter.customers.service import PutResult
from tests.factories import BAKKERIJ_JANSEN, JORIS, World

NO_ROW = {"kind": "bank-account", "reference": "x", "on": "2026-01-01", "title": "X"}


def one_person(**fields: Any) -> dict[str, Any]:
    """A customer's only person, with these fields."""
    return {"persons": [{"reference": "x", "name": "X"} | fields]}


def one_row(**fields: Any) -> dict[str, Any]:
    """A customer's only dated row, with these fields."""
    return {"rows": [{"kind": "invoices", "reference": "I1", "on": "2026-10-01", "title": "Jaar"} | fields]}


def mutations(world: World) -> list[tuple[str, bool]]:
    """Titles of what we noted as changed at Bakkerij Jansen, and whether the customer did it."""
    query = select(CustomerRow).join(Customer, col(Customer.id) == CustomerRow.customer_id)
    with world.reading() as session:
        rows = session.exec(
            query.where(
                Customer.relation_number == "10042", CustomerRow.kind == Kind.MUTATIONS, CustomerRow.reference != "M1"
            ).order_by(col(CustomerRow.id))
        )
        return [(row.title, row.by_customer) for row in rows]


def test_the_same_put_again_changes_nothing(world: World) -> None:
    world.travel(days=1)
    assert world.put(BAKKERIJ_JANSEN) is PutResult.UNCHANGED
    assert mutations(world) == []
    assert [act.detail for act in world.acts(Action.CUSTOMER_PUT)] == ["created", "created"]


def test_a_new_address_is_kept_with_a_mutation_made_by_us(world: World) -> None:
    assert world.put(BAKKERIJ_JANSEN | {"street": "Dorpsstraat 1", "postcode": "7312 BC"}) is PutResult.CHANGED
    assert sorted(mutations(world)) == [("postcode", False), ("street", False)]


def test_more_than_one_transaction_should_hold_is_refused() -> None:
    persons = [{"reference": f"p{n}", "name": "P", "addresses": [{"email": "a@b.example"}]} for n in range(400)]
    rows = [{"kind": "invoices", "reference": f"I{n}", "on": "2026-10-01", "title": "Jaar"} for n in range(1200)]
    body = {"relation_number": "1", "name": "Groot", "persons": persons, "rows": rows}
    with pytest.raises(ValidationError) as refused:
        incoming.read(json.dumps(body))
    assert "more than 2000 together" in str(incoming.complaints(refused.value))
    assert incoming.read(json.dumps(body | {"rows": rows[:-1]})).entries == incoming.MOST_ENTRIES


def test_what_the_customer_changes_is_marked_as_theirs(world: World) -> None:
    world.put(BAKKERIJ_JANSEN | {"bank_account": "NL20INGB0001234567"}, Origin.CUSTOMER)
    assert mutations(world) == [("bank account", True)]


def test_a_mutation_names_the_field_and_holds_no_value(world: World) -> None:
    world.put(BAKKERIJ_JANSEN | {"bank_account": "NL20INGB0001234567"})
    (noted,) = world.rows(select(CustomerRow).where(CustomerRow.title == "bank account"))
    assert noted.value == ""


def test_what_is_not_sent_stays_as_it_is(world: World) -> None:
    assert world.put({"relation_number": "10042", "name": "Bakkerij Jansen"}) is PutResult.UNCHANGED
    with world.reading() as session:
        jansen = session.exec(select(Customer).where(Customer.relation_number == "10042")).one()
        assert (jansen.street, jansen.bank_account) == ("Molenstraat 12", "NL91ABNA0417164300")
    assert len(world.match(JORIS).candidates) == 1


def test_a_number_that_stays_keeps_its_origin_and_date_whoever_sends_it_again(world: World) -> None:
    world.travel(days=40)
    joris = BAKKERIJ_JANSEN["persons"][0]
    numbers = [{"number": "+31 6 1234 5678"}, {"number": "055-5550123"}]
    world.put(BAKKERIJ_JANSEN | {"persons": [joris | {"numbers": numbers}]}, Origin.CUSTOMER)
    query = select(KnownNumber).join(Person).where(Person.reference == "joris").order_by(col(KnownNumber.id))
    first, second = world.rows(query)
    assert (first.e164, first.origin, first.recorded_at) == (JORIS, Origin.IMPORT, datetime(2023, 3, 1, tzinfo=UTC))
    assert (second.e164, second.origin, second.recorded_at) == ("+31555550123", Origin.CUSTOMER, world.now)


def test_an_address_that_vanished_is_ended_and_not_deleted(world: World) -> None:
    joris = BAKKERIJ_JANSEN["persons"][0]
    world.put(BAKKERIJ_JANSEN | {"persons": [joris | {"addresses": [{"email": "Post@Jansen.example"}]}]})
    found = world.rows(select(KnownAddress).order_by(col(KnownAddress.id)))
    assert [(address.email, address.ended_at is None) for address in found] == [
        ("joris@bakkerijjansen.example", False),
        ("post@jansen.example", True),
    ]
    assert ("e-mail address added", False) in mutations(world)


def test_a_person_who_vanished_is_ended_with_their_numbers(world: World) -> None:
    world.put(BAKKERIJ_JANSEN | {"persons": [BAKKERIJ_JANSEN["persons"][1]]})
    assert ("person ended", False) in mutations(world)
    (joris,) = world.rows(select(Person).where(Person.reference == "joris"))
    assert joris.ended_at == world.now


def test_licences_are_a_present_state_and_invoices_are_history(world: World) -> None:
    assert world.put(BAKKERIJ_JANSEN | {"rows": []}) is PutResult.CHANGED
    assert sorted(mutations(world)) == [("device-id", False), ("licences", False)]
    kinds = set(world.rows(select(CustomerRow.kind)))
    assert kinds == {
        Kind.INVOICES,
        Kind.ORDER_HISTORY,
        Kind.MUTATIONS,
        Kind.CORRESPONDENCE,
    }


def test_a_new_invoice_is_no_mutation(world: World) -> None:
    row = {"kind": "invoices", "reference": "I2", "on": "2026-11-01", "title": "November", "value": "EUR 5.00"}
    assert world.put(BAKKERIJ_JANSEN | {"rows": [*BAKKERIJ_JANSEN["rows"], row]}) is PutResult.CHANGED
    assert mutations(world) == []


@pytest.mark.parametrize(
    ("wrong", "path", "reason"),
    [
        ({"surname": "Jansen"}, "surname", "no field that we know"),
        ({"name": " "}, "name", "is empty"),
        ({"name": None}, "name", "takes text"),
        ({"street": "x" * 201}, "street", "200 characters at most"),
        ({"country": "Nederland"}, "country", "like NL"),
        ({"language": "Dutch"}, "language", "like nl"),
        ({"street": "Molenstraat\n12"}, "street", "control characters"),
        ({"bank_account": "NL91ABNA0417164301"}, "bank_account", "no IBAN"),
        ({"relation_number": "10 042"}, "relation_number", "takes 1 to 40 letters, digits"),
        ({"contract_until": "1999-01-01"}, "contract_until", "before contract_from"),
        ({"contract_from": 20230301}, "contract_from", "write it like 2026-05-01"),
        ({"contract_from": "1-3-2023"}, "contract_from", "write it like 2026-05-01"),
        ({"standing": "lost"}, "standing", "prospect"),
        ({"standing": "prospect"}, "source", "must be known"),
        (one_person(numbers=[{"number": "12"}]), "persons.0.numbers.0.number", "no telephone"),
        (one_person(addresses=[{"email": "x"}]), "persons.0.addresses.0.email", "no e-mail"),
        (one_person(authorised_for="gossip"), "persons.0.authorised_for", "names what"),
        ({"persons": [{"reference": "x", "name": "X"}, {"reference": "x", "name": "Y"}]}, "persons", "same reference"),
        (one_person(numbers=[{"number": JORIS, "attested": "ja"}]), "persons.0.numbers.0.attested", "true or false"),
        ({"persons": "Joris"}, "persons", "takes a list"),
        ({"persons": ["Joris"]}, "persons.0", "takes an object"),
        ({"persons": [{"name": "Joris"}]}, "persons.0.reference", "is missing"),
        ({"rows": [NO_ROW]}, "rows.0.kind", "no kind of dated rows"),
        (one_row(reference="I\0001"), "rows.0.reference", "control characters"),
        (one_row(title="J\0aar"), "rows.0.title", "control characters"),
        (one_row(value="\x1b[2J"), "rows.0.value", "control characters"),
        ({"town": "Apel\x85doorn"}, "town", "control characters"),
        (one_person(addresses=[{"email": "joris\0@x.example"}]), "persons.0.addresses.0.email", "control characters"),
        (one_person(name="Joris\0Jansen"), "persons.0.name", "control characters"),
        (one_person(authorised_for="all\0"), "persons.0.authorised_for", "control characters"),
    ],
)
def test_a_mistake_is_named_by_its_path_and_never_repeated(wrong: dict[str, Any], path: str, reason: str) -> None:
    with pytest.raises(ValidationError) as caught:
        incoming.read(json.dumps(BAKKERIJ_JANSEN | wrong))
    ((found_path, found_reason),) = incoming.complaints(caught.value)
    assert found_path == path
    assert reason in found_reason
    assert "NL91ABNA0417164301" not in str(caught.value) + found_reason
    assert "nput should" not in found_reason
    assert "tring should" not in found_reason


@pytest.mark.parametrize("text", ["{", "[]", '"Joris"', "\udcff"])
def test_what_is_no_object_at_all_is_told_so(text: str) -> None:
    with pytest.raises(ValidationError) as caught:
        incoming.read(text.encode("utf-8", "surrogateescape"))
    ((_, reason),) = incoming.complaints(caught.value)
    assert reason.startswith(("is no JSON", "takes an object"))
