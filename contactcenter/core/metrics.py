"""What is measured of requests: names of routes, statuses and seconds; never an address, a number or a path."""

import secrets
import time
from http import HTTPStatus

import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from contactcenter.core.logs import request_scope

WEBHOOK = "twilio-"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0)  # seconds; the carrier gives up after 15
log = structlog.get_logger()


class Metrics:
    """The counters of one web process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.answers = Counter(
            "contactcenter_webhook_answers", "Webhooks answered.", ["route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "contactcenter_webhook_seconds", "Seconds to answer.", ["route"], buckets=BUCKETS, registry=self.registry
        )


class Measured:
    """Gives every request an id that its log lines carry, and measures webhooks."""

    def __init__(self, app: ASGIApp, metrics: Metrics) -> None:
        self.app, self.metrics = app, metrics

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, and look at what came of it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        status = HTTPStatus.INTERNAL_SERVER_ERROR.value

        async def send_and_note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        token = request_scope.set(scope)
        began = time.perf_counter()
        try:
            with structlog.contextvars.bound_contextvars(request=secrets.token_hex(6)):
                await self._answered(scope, receive, send_and_note)
        finally:
            request_scope.reset(token)
            self._measure(scope, status, time.perf_counter() - began)

    async def _answered(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await self.app(scope, receive, send)
        except Exception as error:
            log.error("request-failed", error=type(error).__name__)
            raise

    def _measure(self, scope: Scope, status: int, seconds: float) -> None:
        name = getattr(scope.get("route"), "name", None) or ""
        if name.startswith(WEBHOOK):
            self.metrics.answers.labels(name, str(status)).inc()
            self.metrics.seconds.labels(name).observe(seconds)
