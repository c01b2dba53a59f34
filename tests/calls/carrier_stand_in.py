"""Webhooks as the carrier signs them, by a signer of our own, against the product in this process."""

import base64
import hashlib
import hmac
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode
from xml.etree import ElementTree

import httpx2
from sqlmodel import SQLModel, select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.calls import lines
from contactcenter.compose import Ports, migrated, ports
from contactcenter.core.clock import Clock, system_clock
from contactcenter.core.keys import MasterKey
from contactcenter.settings import load

PUBLIC = "https://calls.veldwijk.example"
ACCOUNT, TOKEN, SECOND_TOKEN = "AC" + "1" * 32, "first-token", "second-token"
LINE = "+31850000001"
FORM = "application/x-www-form-urlencoded"


def new_sid(prefix: str) -> str:
    """A SID as the carrier makes them."""
    return prefix + secrets.token_hex(16)


@dataclass
class Carrier:
    """Sends webhooks to the product, signed unless told otherwise."""

    http: TestClient
    parts: Ports
    sid: str = field(default_factory=lambda: new_sid("CA"))
    began: dict[str, int] = field(default_factory=dict)  # rows by table, when the story began

    def fields(self, **changes: str) -> dict[str, str]:
        """The fields of a call that rings, with changes."""
        usual = {
            "AccountSid": ACCOUNT,
            "ApiVersion": "2010-04-01",
            "CallSid": self.sid,
            "CallStatus": "ringing",
            "Direction": "inbound",
            "From": "+31612345678",
            "To": LINE,
            "CallerName": "",
            "FromCity": "",
        }
        return usual | changes

    def post(self, path: str, *, token: str = TOKEN, signature: str | None = None, **changes: str) -> httpx2.Response:
        """One webhook."""
        pairs = list(self.fields(**changes).items())
        return self.send(path, pairs, token=token, signature=signature)

    def send(
        self, path: str, pairs: list[tuple[str, str]], *, token: str = TOKEN, signature: str | None = None
    ) -> httpx2.Response:
        """One webhook with exactly these pairs."""
        signed = signature if signature is not None else sign(token, PUBLIC + path, pairs)
        headers = {b"x-twilio-signature": signed.encode("latin-1"), b"content-type": FORM.encode()}
        return self.http.post(path, content=urlencode(pairs), headers=headers)

    def rows(self, table: type[SQLModel]) -> int:
        """How many rows a table has."""
        with self.parts.db.reading() as session:
            return len(session.exec(select(table)).all())


def sign(token: str, url: str, pairs: list[tuple[str, str]]) -> str:
    """The signature as the carrier documents it."""
    text = url + "".join(name + value for name, value in sorted(pairs))
    return base64.b64encode(hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()).decode()


def verbs(answer: httpx2.Response) -> list[str]:
    """The names of the verbs of an answer, in order."""
    return [verb.tag for verb in ElementTree.fromstring(answer.text)]


@contextmanager
def carrier(
    folder: Path, *, clock: Clock = system_clock, database_url: str | None = None, **more: object
) -> Iterator[Carrier]:
    """The product on a fresh database with one line, and a carrier that calls it."""
    chosen: dict[str, object] = {
        "database_url": database_url or f"sqlite:///{folder / 'story.db'}",
        "vault_url": str(folder / "vault"),
        "public_url": PUBLIC,
        "master_key": MasterKey.generate(),
        "twilio_account_sid": ACCOUNT,
        "twilio_auth_token": TOKEN,
        "twilio_auth_token_secondary": SECOND_TOKEN,
        "twilio_api_url": "http://127.0.0.1:9",  # nobody listens there: REST calls fail at once
    }
    settings = load(**(chosen | more))
    db = migrated(settings)
    with db.writing() as session:
        lines.add(session, LINE, name="Helpdesk", team="Support", language="nl", second_language="en")
    db.close()
    parts = ports(settings, clock=clock)
    with TestClient(create_app(parts), base_url=PUBLIC) as http:
        yield Carrier(http, parts)
    parts.db.close()
