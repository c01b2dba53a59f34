"""The API of customers: a token, JSON, as often as one likes; mistakes are named by their path (P24)."""

import json
import secrets
from typing import Any

import pytest
from httpx2 import Response
from sqlmodel import func, select

from contactcenter.core.audit import Action
from contactcenter.customers.api import LARGEST_BODY
from contactcenter.customers.models import Customer
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Scope
from tests.desks import served
from tests.factories import BAKKERIJ_JANSEN, World

DE_BOER: dict[str, Any] = {
    "name": "Fietsen De Boer",
    "persons": [{"reference": "els", "name": "Els de Boer", "numbers": [{"number": "06 11111111"}]}],
}


def token(world: World, scope: Scope = Scope.CUSTOMERS_WRITE) -> str:
    """A token that Fleur made."""
    with world.writing() as session:
        return staff.make_token(session, world.now, f"crm-{secrets.token_hex(4)}", [scope])


def put(world: World, body: Any, *, number: str = "20001", **headers: str) -> Response:
    """The CRM sends a customer."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    defaults = {"content-type": "application/json"}
    if "authorization" not in headers:
        defaults["authorization"] = f"Bearer {token(world)}"
    sent = defaults | {name.replace("_", "-"): value for name, value in headers.items()}
    return served(world).put(f"/api/v1/customers/{number}", content=content, headers=sent)


def test_a_customer_is_created_then_unchanged_then_changed(world: World) -> None:
    assert (put(world, DE_BOER).status_code, put(world, DE_BOER).status_code) == (201, 200)
    changed = put(world, DE_BOER | {"town": "Zwolle"})
    assert changed.json() == {"relation_number": "20001", "result": "changed"}
    assert world.match("+31611111111").candidates[0].relation_number == "20001"
    assert [act.detail for act in world.acts(Action.CUSTOMER_PUT)][2:] == ["created", "changed"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer cct_wrong", "Basic YTpi"])
def test_without_a_token_nothing_is_taken(world: World, authorization: str) -> None:
    answer = put(world, DE_BOER, authorization=authorization)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(world.rows(select(Customer))) == 2


def test_a_token_for_something_else_is_no_key(world: World) -> None:
    assert put(world, DE_BOER, authorization=f"Bearer {token(world, Scope.METRICS_READ)}").status_code == 401


@pytest.mark.parametrize(
    ("body", "status", "path"),
    [
        (b"{", 400, None),
        (b'{"name": "\xe9"}', 400, None),
        (b"[" * 5000, 400, None),
        (b"[]", 422, ""),
        (b"null", 422, ""),
        (b"{}", 422, "name"),
        (DE_BOER | {"relation_number": "20002"}, 422, None),
        (DE_BOER | {"iban": "NL91ABNA0417164300"}, 422, "iban"),
        (DE_BOER | {"bank_account": "NL91ABNA0417164301"}, 422, "bank_account"),
        (DE_BOER | {"persons": [{"reference": "els"}]}, 422, "persons.0.name"),
        (DE_BOER | {"name": 5}, 422, "name"),
    ],
)
def test_a_mistake_is_named_and_nothing_of_it_is_repeated(
    world: World, body: Any, status: int, path: str | None
) -> None:
    answer = put(world, body)
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    problem = answer.json()
    assert problem["status"] == status
    if path is not None:
        assert [error["path"] for error in problem["errors"]] == [path]
    assert "NL91ABNA041716430" not in answer.text
    assert len(world.rows(select(Customer))) == 2


@pytest.mark.parametrize(
    "headers",
    [{"content_type": "text/plain"}, {"content_type": "application/xml"}, {"content_encoding": "gzip"}],
)
def test_only_plain_json_is_taken(world: World, headers: dict[str, str]) -> None:
    assert put(world, DE_BOER, **headers).status_code == 415


def test_a_body_without_end_is_cut_off(world: World) -> None:
    assert put(world, b" " * (LARGEST_BODY + 1)).status_code == 413


def test_an_odd_relation_number_in_the_address_is_refused(world: World) -> None:
    assert put(world, DE_BOER, number="20%20001").status_code == 422
    assert world.rows(select(func.count()).select_from(Customer)) == [2]


def test_no_browser_can_read_customers_by_the_api(world: World) -> None:
    assert served(world).get("/api/v1/customers/10042").status_code in (404, 405)


def test_the_openapi_document_describes_what_is_really_taken(world: World) -> None:
    document = served(world).get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1")
    schema = document["components"]["schemas"]["CustomerIn"]
    assert schema["additionalProperties"] is False
    assert set(BAKKERIJ_JANSEN) <= set(schema["properties"])
    assert "$ref" in json.dumps(document["paths"])
    assert "#/$defs/" not in json.dumps(document)


def test_the_description_asks_for_no_more_than_the_api_does(world: World) -> None:
    described = served(world).get("/api/v1/openapi.json").json()["components"]["schemas"]["CustomerIn"]
    assert described["required"] == ["name"]
    assert put(world, {"name": "Fietsen De Boer"}).status_code == 201
