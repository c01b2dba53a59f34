"""The API of customers for other servers: one PUT, with a token, as often as they like (P24)."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactcenter.core.api import RELATION_NUMBER, body_of, invalid, json_body, refusals
from contactcenter.core.audit import Actor
from contactcenter.core.errors import Invalid, Problem
from contactcenter.core.web import Site, site_of
from contactcenter.customers import service
from contactcenter.customers.incoming import CustomerIn, complaints, read
from contactcenter.customers.rules import Origin
from contactcenter.customers.service import PutResult
from contactcenter.staff.rules import Scope
from contactcenter.staff.service import require_token

LARGEST_BODY = 2_000_000
TOO_LARGE = f"A customer may take {LARGEST_BODY} bytes; send its rows in several requests."
SCOPE = Scope.CUSTOMERS_WRITE


async def put_customer(request: Request) -> Response:
    """Create or change the customer of this relation number: 201 when it is new, else 200."""
    site = site_of(request)
    try:
        await run_in_threadpool(require_token, site.db, request.headers.get("authorization", ""), SCOPE)
        body = await json_body(request, LARGEST_BODY, TOO_LARGE)
        data = _read(body, request.path_params["relation_number"])
    except ValidationError as error:
        return invalid(complaints(error))
    result = await run_in_threadpool(_put, site, data)
    status = 201 if result is PutResult.CREATED else 200
    return JSONResponse({"relation_number": data.relation_number, "result": result.value}, status)


def operations() -> dict[str, Any]:
    """What this slice adds to the OpenAPI document: (paths, schemas), made from the model that reads the body."""
    schema = CustomerIn.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["required"] = [name for name in schema["required"] if name != "relation_number"]  # the address has it
    schemas = schema.pop("$defs", {}) | {"CustomerIn": schema}
    answer = {"description": "What it did", "content": {"application/json": {"schema": _answer_schema()}}}
    operation = {
        "operationId": "putCustomer",
        "summary": "Create or change a customer with its persons, numbers, addresses and dated rows.",
        "security": [{"token": []}],
        "parameters": [RELATION_NUMBER],
        "requestBody": body_of("CustomerIn"),
        "responses": {"200": answer, "201": answer, **refusals(400, 401, 413, 415, 422)},
    }
    return {"paths": {"/api/v1/customers/{relation_number}": {"put": operation}}, "schemas": schemas}


def _answer_schema() -> dict[str, Any]:
    results = [result.value for result in PutResult]
    properties = {"relation_number": {"type": "string"}, "result": {"type": "string", "enum": results}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _read(body: bytes, relation_number: str) -> CustomerIn:
    try:
        sent = from_json(body, allow_inf_nan=False)
    except ValueError:
        raise Problem("The body is no JSON in UTF-8.") from None
    if isinstance(sent, dict) and "relation_number" not in sent:
        sent["relation_number"] = relation_number
        body = to_json(sent)  # again as JSON: strictly read, dates and vocabularies have only that form
    data = read(body)
    if data.relation_number != relation_number:
        raise Invalid("relation_number: differs from the one in the address; send the same, or leave it out.")
    return data


def _put(site: Site, data: CustomerIn) -> PutResult:
    with site.db.writing() as session:
        return service.put(session, site.clock(), data, origin=Origin.IMPORT, actor=Actor.API)
