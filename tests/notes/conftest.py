"""Stories of this folder happen in a small company."""

from tests.desks import anna, call, dirk
from tests.factories import company, world

__all__ = ["anna", "call", "company", "dirk", "world"]
