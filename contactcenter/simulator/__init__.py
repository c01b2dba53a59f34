"""The telephone carrier as a running app: it stands in for Twilio in demo, development and tests.

It imports nothing of the product and is reached over HTTP only: it calls our webhooks with its own
signature, executes the TwiML that they answer, and offers the REST resources that the official SDK uses.
Everything lives in memory. What a field means follows the carrier's documentation.
"""

from contactcenter.simulator.app import create_simulator, routes
from contactcenter.simulator.config import Caller, NumberConfig, SimulatorConfig, Telephone
from contactcenter.simulator.simulator import CallRequest, Simulator

__all__ = [
    "CallRequest",
    "Caller",
    "NumberConfig",
    "Simulator",
    "SimulatorConfig",
    "Telephone",
    "create_simulator",
    "routes",
]
