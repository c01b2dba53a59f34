"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest

from tests.house import House, open_house


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running house for all stories of this process; each story brings its own call."""
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened
