"""Fixtures of other folders that these stories are told with."""

from tests.recordings.conftest import carrier, carrier_running, migrated, place

__all__ = ["carrier", "carrier_running", "migrated", "place"]
