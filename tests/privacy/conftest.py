"""Stories of this folder happen in a small company with a line."""

from collections.abc import Iterator

import pytest

from tests.factories import World, company, world
from tests.privacy.line import Line, open_line

__all__ = ["company", "world"]


@pytest.fixture
def line(world: World) -> Iterator[Line]:
    """The company's line, and Eva, the privacy officer."""
    with open_line(world) as opened:
        yield opened
