"""Fixtures of the browser stories."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from tests.browser.windows import Window, browsing, open_window
from tests.house import House

Opens = Callable[..., Window]


@pytest.fixture(scope="module")
def browser(house: House) -> Iterator[Browser]:
    """One browser per file. A day has passed since earlier stories: no wrap-up waits at the desk any more."""
    house.clock.travel(hours=25)
    with browsing() as opened:
        yield opened


@pytest.fixture
def opens(house: House, browser: Browser) -> Iterator[Opens]:
    """Opens windows; afterwards none may have logged an error, broken the policy, or asked anybody else."""
    windows: list[Window] = []

    def opened(login: str | None = None, **options: object) -> Window:
        windows.append(open_window(browser, house, login, **options))
        return windows[-1]

    yield opened
    for window in windows:
        window.context.close()
    assert [complaint for window in windows for complaint in window.complaints] == []
    assert [address for window in windows for address in window.elsewhere] == []
