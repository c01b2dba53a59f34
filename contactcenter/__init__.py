"""Self-hosted telephony and communications log for a support desk."""

__version__ = "0.1.0"
