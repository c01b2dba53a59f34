"""The simulator's routes, to run as a server of their own or inside another app."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount, Route, WebSocketRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from contactcenter.simulator import (
    control,
    live,
    rest_calls,
    rest_conferences,
    rest_messages,
    rest_numbers,
    rest_recordings,
    telephone,
)
from contactcenter.simulator.config import SimulatorConfig
from contactcenter.simulator.simulator import Simulator


class _Bound:
    """Tells the endpoints below which simulator they belong to."""

    def __init__(self, app: ASGIApp, carrier: Simulator) -> None:
        self._app, self._carrier = app, carrier

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._app({**scope, "simulator": self._carrier}, receive, send)


def routes(simulator: Simulator) -> list[BaseRoute]:
    """All routes of the carrier and the telephone page. Who takes them calls start and aclose."""
    made: list[Route | Mount | WebSocketRoute] = [
        *rest_calls.resources(),
        *rest_conferences.resources(),
        *rest_recordings.resources(),
        *rest_numbers.resources(),
        *rest_messages.resources(),
        *control.resources(),
        WebSocketRoute("/softphone/stream", live.softphone, name="simulator-softphone"),
        WebSocketRoute("/telephone/audio/{sid}", live.telephone, name="simulator-telephone-audio"),
        *telephone.resources(),
    ]
    for route in made:
        route.app = _Bound(route.app, simulator)
    return list(made)


def create_simulator(config: SimulatorConfig) -> Starlette:
    """The carrier as an app of its own; `app.state.simulator` is the Simulator in it."""
    simulator = Simulator(config)

    @asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await simulator.start()
        yield
        await simulator.aclose()

    app = Starlette(routes=routes(simulator), lifespan=lifespan)
    app.state.simulator = simulator
    return app
