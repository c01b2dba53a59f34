"""The API by which the customer's own application fetches a code that they read out in a call (P06)."""

from typing import Any

from pydantic import Field, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactcenter.core.api import RELATION_NUMBER, body_of, invalid, json_body, refusals
from contactcenter.core.web import Site, site_of
from contactcenter.customers.incoming import Incoming, Key, complaints
from contactcenter.staff.rules import Scope
from contactcenter.staff.service import require_token
from contactcenter.verification import codes
from contactcenter.verification.rules import CODE_LASTS

LARGEST_BODY = 1_000
PATH = "/api/v1/customers/{relation_number}/verification-codes"


class CodeWanted(Incoming):
    """Who is logged in to the application."""

    person: Key = Field(description="The sender's own key of the person, as in `persons[].reference`.")


async def make_code(request: Request) -> Response:
    """201 with a code of six digits for the person who is logged in; it counts once, for ten minutes."""
    site, relation_number = site_of(request), str(request.path_params["relation_number"])
    try:
        authorization = request.headers.get("authorization", "")
        await run_in_threadpool(require_token, site.db, authorization, Scope.VERIFICATION_CODES)
        wanted = CodeWanted.model_validate_json(
            await json_body(request, LARGEST_BODY, "A request for a code holds one short field.")
        )
        made = await run_in_threadpool(_make, site, relation_number, wanted.person)
    except ValidationError as error:
        return invalid(complaints(error))
    return JSONResponse(made, 201, headers={"Cache-Control": "no-store"})


def operations() -> dict[str, Any]:
    """What this slice adds to the OpenAPI document."""
    schema = CodeWanted.model_json_schema(ref_template="#/components/schemas/{model}")
    code = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "expires_at": {"type": "string", "format": "date-time"}},
        "required": ["code", "expires_at"],
    }
    answer = {"description": "A code to read out", "content": {"application/json": {"schema": code}}}
    operation = {
        "operationId": "makeVerificationCode",
        "summary": "Make a one-time code that the logged-in person reads out in a telephone call.",
        "security": [{"token": []}],
        "parameters": [RELATION_NUMBER],
        "requestBody": body_of("CodeWanted"),
        "responses": {"201": answer, **refusals(401, 404, 413, 415, 422, 429)},
    }
    return {"paths": {PATH: {"post": operation}}, "schemas": {"CodeWanted": schema}}


def _make(site: Site, relation_number: str, person: str) -> dict[str, str]:
    now = site.clock()
    with site.db.writing() as session:
        code = codes.fetch(session, now, relation_number, person)
    return {"code": code, "expires_at": (now + CODE_LASTS).isoformat()}
