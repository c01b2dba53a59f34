"""Fixtures of all tests."""

from collections.abc import Iterator

import pytest

from tests.house import House, open_house

pytest_plugins = ["tests.canaries", "tests.proving"]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One running house for the stories of a file; a process can run one worker at a time, so it ends with them."""
    with open_house(tmp_path_factory.mktemp("house")) as opened:
        yield opened
