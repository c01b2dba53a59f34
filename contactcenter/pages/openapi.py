"""The API's own description, OpenAPI 3.1, put together from what the slices offer."""

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from contactcenter import __version__
from contactcenter.customers import api as customers
from contactcenter.verification import api as verification


async def openapi(_request: Request) -> Response:
    """What the API takes and answers."""
    return JSONResponse(document())


def document() -> dict[str, Any]:
    """The OpenAPI document."""
    parts = [customers.operations(), verification.operations()]
    return {
        "openapi": "3.1.0",
        "info": {"title": "contactcenter", "version": __version__},
        "paths": {path: operation for part in parts for path, operation in part["paths"].items()},
        "components": {
            "schemas": {name: schema for part in parts for name, schema in part["schemas"].items()},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
        },
    }
