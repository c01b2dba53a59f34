"""A simulator beside a small product, as the simulator's own tests have it."""

from tests.simulator.conftest import desk

__all__ = ["desk"]
