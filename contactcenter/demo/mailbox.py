"""The demo's post: no letter leaves this machine; whoever is written to reads it on the telephone page."""

from contactcenter.core.mail import Letter
from contactcenter.settings import Settings
from contactcenter.simulator.simulator import Simulator


class CallersMailbox:
    """`Post` that puts every letter on the telephone page, whatever mail server the settings name."""

    present = True

    def __init__(self, simulator: Simulator, settings: Settings) -> None:
        self._simulator, self._sender = simulator, settings.company

    def check(self) -> None:
        """It is always there."""

    def send(self, letter: Letter) -> None:
        """Show the letter."""
        self._simulator.receive("mail", self._sender, letter.to, letter.subject, letter.body)
