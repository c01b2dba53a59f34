"""Fixtures of the browser stories."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.windows import WIDE_LIGHT, Look, Window, browsing, open_window
from tests.house import JORIS, House, Telephone

Opens = Callable[..., Window]
Rings = Callable[..., Telephone]


@pytest.fixture(scope="module")
def browser(house: House) -> Iterator[Browser]:
    """One browser per file. A day has passed since earlier stories: no wrap-up waits at the desk any more."""
    house.clock.travel(hours=25)
    with browsing() as opened:
        yield opened


@contextmanager
def watched(house: House, browser: Browser) -> Iterator[Opens]:
    """Opens windows; in the end none may have logged an error, broken the policy, or asked anybody else."""
    windows: list[Window] = []

    def opened(login: str | None = None, look: Look = WIDE_LIGHT) -> Window:
        windows.append(open_window(browser, house, login, look))
        return windows[-1]

    yield opened
    for window in windows:
        window.context.close()
    assert [complaint for window in windows for complaint in window.complaints] == []
    assert [address for window in windows for address in window.elsewhere] == []


@pytest.fixture
def opens(house: House, browser: Browser) -> Iterator[Opens]:
    """Windows of one story."""
    with watched(house, browser) as opened:
        yield opened


@pytest.fixture
def rings(house: House) -> Iterator[Rings]:
    """Lets telephones ring, with talk at the pace of life; whatever becomes of a story, nobody waits after it."""
    phones: list[Telephone] = []

    def rung(caller: str = JORIS, **how: Any) -> Telephone:
        phones.append(house.ring(caller, **({"speed": 1} | how)))
        return phones[-1]

    yield rung
    for phone in phones:
        phone.hang_up()
