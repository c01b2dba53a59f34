"""The workplace of recordings, for stories about the machine that it runs on."""

from datetime import UTC, datetime

import pytest

from tests.operating.installation import Environment, environment_of
from tests.recordings.conftest import carrier, carrier_running, migrated, place
from tests.recordings.workplace import Workplace

__all__ = ["carrier", "carrier_running", "migrated", "place"]


@pytest.fixture
def here(place: Workplace) -> Environment:
    """The workplace's settings, at the real time: processes have no other clock."""
    place.clock.now = datetime.now(UTC)
    return environment_of(place)
