"""Stories of this folder happen in a small company, with a recording place for those that listen."""

from tests.desks import anna, call, dirk
from tests.factories import company, world

__all__ = ["anna", "call", "company", "dirk", "world"]
