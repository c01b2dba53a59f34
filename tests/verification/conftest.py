"""Stories of this folder happen in a small company."""

from tests.factories import migrated, world

__all__ = ["migrated", "world"]
