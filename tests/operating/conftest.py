"""The workplace of recordings, for stories about the machine that it runs on."""

from tests.recordings.conftest import carrier, carrier_running, migrated, place

__all__ = ["carrier", "carrier_running", "migrated", "place"]
