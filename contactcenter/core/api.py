"""What the API's endpoints share: strict JSON in, problems as problem+json out."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactcenter.core.errors import Problem, TooLarge, WrongType

PROBLEM = "application/problem+json"


async def json_body(request: Request, most: int, too_large: str) -> bytes:
    """The body of a request, at most so many bytes. Raises `WrongType`, or `TooLarge` with that sentence."""
    kind = request.headers.get("content-type", "").split(";")[0].strip().lower()
    if kind != "application/json" or request.headers.get("content-encoding", "identity") != "identity":
        raise WrongType("Send the body as application/json, not compressed.")
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > most:
            raise TooLarge(too_large)
    return body


def refusal(problem: Problem) -> Response:
    """A problem as the API says it."""
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else None
    body = _problem_body(problem.status, problem.id, problem.sentence)
    return JSONResponse(body, problem.status, headers=headers, media_type=PROBLEM)


def invalid(errors: list[tuple[str, str]]) -> Response:
    """(field path, reason) of every mistake in a body, never with a value."""
    detail = "; ".join(f"{path or 'body'}: {reason}" for path, reason in errors[:20])
    listed = [{"path": path, "reason": reason} for path, reason in errors]
    return JSONResponse(_problem_body(422, "invalid", detail) | {"errors": listed}, 422, media_type=PROBLEM)


def _problem_body(status: int, title: str, detail: str) -> dict[str, Any]:
    """RFC 9457's members."""
    return {"type": f"about:blank#{title}", "title": title, "status": status, "detail": detail}


RELATION_NUMBER = {"name": "relation_number", "in": "path", "required": True, "schema": {"type": "string"}}


def body_of(schema: str) -> dict[str, Any]:
    """A required JSON body, in OpenAPI."""
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}}
    return {"required": True, "content": content}


def refusals(*statuses: int) -> dict[str, Any]:
    """Problems as answers, in OpenAPI."""
    problem = {"description": "A problem", "content": {PROBLEM: {"schema": {"type": "object"}}}}
    return {str(status): problem for status in statuses}
