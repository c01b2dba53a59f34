"""A simulator and a small product, freshly started for every test."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace

import httpx2
import pytest
from starlette.applications import Starlette
from twilio.rest import Client

from contactcenter.simulator import NumberConfig, SimulatorConfig, create_simulator
from contactcenter.simulator.config import Limits
from tests.patience import PATIENCE
from tests.simulator.desk import (
    ACCOUNT,
    APPLICATION,
    KEY,
    KEY_SECRET,
    LINE,
    TOKEN,
    Desk,
    LocalHttpClient,
    Product,
    served,
)

Open = Callable[..., AbstractContextManager[Desk]]


@contextmanager
def _opened(**changes: object) -> Iterator[Desk]:
    product = Product()

    def make(base: str) -> Starlette:
        product.base = base
        app = create_simulator(replace(_config(base), **changes))  # type: ignore[arg-type]  # named fields of it
        app.router.routes.extend(product.routes())
        return app

    with served(make) as address, httpx2.Client(base_url=address, timeout=PATIENCE) as http:
        yield Desk(address, product, http, Client(ACCOUNT, TOKEN, http_client=LocalHttpClient(address)))


def _config(base: str) -> SimulatorConfig:
    number = NumberConfig(f"{base}/twilio/voice", f"{base}/twilio/status", f"{base}/twilio/fallback")
    return SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        api_key_sid=KEY,
        api_key_secret=KEY_SECRET,
        application_sid=APPLICATION,
        product_url=base,
        numbers={LINE: number},
        speed=20,
        notice_speed=20,
        agent_status_callback=f"{base}/twilio/status",
        limits=Limits(processing_seconds=0.05),
    )


@pytest.fixture
def open_desk() -> Open:
    """Opens a desk with other settings."""
    return _opened


@pytest.fixture
def desk() -> Iterator[Desk]:
    """A desk at twenty times the pace of life."""
    with _opened() as opened:
        yield opened
