"""The API of customers for other servers: one PUT, with a token, as often as they like (P24)."""

from typing import Any

from pydantic import ValidationError
from pydantic_core import from_json, to_json
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactcenter import __version__
from contactcenter.core.audit import Actor
from contactcenter.core.errors import Invalid, Problem
from contactcenter.core.web import Site, site_of
from contactcenter.customers import service
from contactcenter.customers.incoming import CustomerIn, complaints, read
from contactcenter.customers.rules import Origin
from contactcenter.customers.service import PutResult
from contactcenter.staff.rules import Scope
from contactcenter.staff.service import token_allows

LARGEST_BODY = 2_000_000
PROBLEM = "application/problem+json"


class Unauthorised(Problem):
    """No token, or one that doesn't carry the scope."""

    status = 401
    id = "unauthorised"


class WrongType(Problem):
    """The body is something else than JSON."""

    status = 415
    id = "wrong-type"


class TooLarge(Problem):
    """The body is larger than anything that we take."""

    status = 413
    id = "too-large"


async def put_customer(request: Request) -> Response:
    """Create or change the customer of this relation number: 201 when it is new, else 200."""
    site = site_of(request)
    try:
        await run_in_threadpool(_require_token, site, request.headers.get("authorization", ""))
        body = await _json_body(request)
        data = _read(body, request.path_params["relation_number"])
    except ValidationError as error:
        return _invalid(error)
    except Problem as problem:
        return _refusal(problem)
    result = await run_in_threadpool(_put, site, data)
    status = 201 if result is PutResult.CREATED else 200
    return JSONResponse({"relation_number": data.relation_number, "result": result.value}, status)


async def openapi(_request: Request) -> Response:
    """What the API takes and answers, as OpenAPI 3.1."""
    return JSONResponse(document())


def document() -> dict[str, Any]:
    """The OpenAPI document, made from the model that reads the body."""
    schema = CustomerIn.model_json_schema(ref_template="#/components/schemas/{model}")
    schema["required"] = [name for name in schema["required"] if name != "relation_number"]  # the address has it
    schemas = schema.pop("$defs", {}) | {"CustomerIn": schema}
    problem = {"description": "A problem", "content": {PROBLEM: {"schema": {"type": "object"}}}}
    answer = {"description": "What it did", "content": {"application/json": {"schema": _answer_schema()}}}
    refusals = {str(status): problem for status in (400, 401, 413, 415, 422)}
    operation = {
        "operationId": "putCustomer",
        "summary": "Create or change a customer with its persons, numbers, addresses and dated rows.",
        "security": [{"token": []}],
        "parameters": [{"name": "relation_number", "in": "path", "required": True, "schema": {"type": "string"}}],
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/CustomerIn"}}},
        },
        "responses": {"200": answer, "201": answer, **refusals},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "contactcenter", "version": __version__},
        "paths": {"/api/v1/customers/{relation_number}": {"put": operation}},
        "components": {"schemas": schemas, "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}}},
    }


def _answer_schema() -> dict[str, Any]:
    results = [result.value for result in PutResult]
    properties = {"relation_number": {"type": "string"}, "result": {"type": "string", "enum": results}}
    return {"type": "object", "properties": properties, "required": list(properties)}


def _require_token(site: Site, authorization: str) -> None:
    scheme, _, token = authorization.partition(" ")
    with site.db.reading() as session:
        if scheme.lower() != "bearer" or not token_allows(session, token.strip(), Scope.CUSTOMERS_WRITE):
            raise Unauthorised(f"Send a token with the scope {Scope.CUSTOMERS_WRITE} as `Authorization: Bearer ...`.")


async def _json_body(request: Request) -> bytes:
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType("Send the customer as application/json, not compressed.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise TooLarge(f"A customer may take {LARGEST_BODY} bytes; send its rows in several requests.")
    return body


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


def _invalid(error: ValidationError) -> Response:
    errors = [{"path": path, "reason": reason} for path, reason in complaints(error)]
    detail = "; ".join(f"{each['path'] or 'body'}: {each['reason']}" for each in errors[:20])
    return JSONResponse(_body(422, "invalid", detail) | {"errors": errors}, 422, media_type=PROBLEM)


def _refusal(problem: Problem) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
    body = _body(problem.status, problem.id, problem.sentence)
    return JSONResponse(body, problem.status, headers=headers, media_type=PROBLEM)


def _body(status: int, title: str, detail: str) -> dict[str, Any]:
    return {"type": f"about:blank#{title}", "title": title, "status": status, "detail": detail}
