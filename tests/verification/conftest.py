"""Stories of this folder happen in a small company."""

from tests.desks import anna, call, dirk
from tests.factories import company, world
from tests.verification.letters import office

__all__ = ["anna", "call", "company", "dirk", "office", "world"]
