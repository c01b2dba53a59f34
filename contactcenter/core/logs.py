"""Structured logs without personal data: events, ids and words from vocabularies; never a path, a number, a name."""

import logging
import sys

import structlog

QUIET = ("httpx2", "httpcore2", "twilio", "dbos", "apscheduler", "alembic", "uvicorn.access")


def set_up() -> None:
    """One JSON line per event on standard error; libraries only from warnings on, since they write addresses."""
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s %(message)s")
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
    )
