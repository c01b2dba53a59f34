"""Structured logs without personal data: events, ids and words from vocabularies; never a path, a number, a name."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from typing import Any

import structlog

QUIET = ("httpx2", "httpcore2", "twilio", "dbos", "apscheduler", "alembic", "uvicorn.access")
request_scope: ContextVar[MutableMapping[str, Any] | None] = ContextVar("request_scope", default=None)


def set_up() -> None:
    """One line per event on standard error, JSON unless a person looks; libraries only from warnings on, since they
    write addresses."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    looked_at = sys.stderr.isatty()
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            name_request,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.dev.ConsoleRenderer() if looked_at else structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )


def name_request(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Add the name of the request's route, and the contact that it is about."""
    scope = request_scope.get()
    if scope is None:
        return event
    if (route := scope.get("route")) is not None:
        event["route"] = route.name
    if (contact := scope.get("path_params", {}).get("contact")) is not None:
        event.setdefault("contact", contact)
    return event
