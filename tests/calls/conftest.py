"""Some stories of this folder happen in a small company instead of a running house."""

from tests.factories import company, world

__all__ = ["company", "world"]
