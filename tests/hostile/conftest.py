"""Fixtures of other folders that these stories are told with."""

from tests.factories import company, world
from tests.recordings.conftest import carrier, carrier_running, migrated, place

__all__ = ["carrier", "carrier_running", "company", "migrated", "place", "world"]
