"""The demo: made-up customers, known logins and simulated telephones, all in one process on 127.0.0.1."""

from contactcenter.demo.instance import run

__all__ = ["run"]
