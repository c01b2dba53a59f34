"""Stories of this folder happen in a small company."""

from tests.factories import company, world

__all__ = ["company", "world"]
