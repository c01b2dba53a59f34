"""The carrier's signatures: on webhooks, and on the tokens of softphones."""

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import jwt

from contactcenter.simulator.config import SimulatorConfig

Params = list[tuple[str, str]]


def sign(url: str, params: Iterable[tuple[str, str]], token: str) -> str:
    """base64(HMAC-SHA1(token, url + every key and value, sorted)).

    A value that stands twice under a key counts once; see "Validating Requests" of the carrier.
    """
    text = url + "".join(key + value for key, value in sorted(set(params)))
    digest = hmac.new(token.encode(), text.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def call_token(caller: str, called: str) -> str:
    """The CallToken of an inbound call: URL-encoded JSON round a signed token that holds both numbers."""
    token = jwt.encode({"from": caller, "to": called}, secrets.token_hex(32), algorithm="HS256")
    return quote(json.dumps({"parentCallInfoToken": token, "identityHeaderTokens": []}), safe="")


class TokenRefused(Exception):
    """An access token that must not make a call; the text says why."""


@dataclass(frozen=True)
class Softphone:
    """Who an access token admits, and the parameters that the token itself adds to the call."""

    identity: str
    params: Params


def read_access_token(token: str, config: SimulatorConfig) -> Softphone:
    """Check signature, expiry, account, key and voice grant of an access token; TokenRefused otherwise."""
    claims = _verified(token, config)
    grants = claims.get("grants")
    identity = grants.get("identity") if isinstance(grants, dict) else None
    if not isinstance(grants, dict) or not isinstance(identity, str) or not _good_identity(identity):
        raise TokenRefused("The token names no identity of letters, digits and underscores.")
    voice = grants.get("voice")
    outgoing = voice.get("outgoing") if isinstance(voice, dict) else None
    if not isinstance(outgoing, dict) or outgoing.get("application_sid") != config.application_sid:
        raise TokenRefused("The token's voice grant does not name this voice application.")
    params = outgoing.get("params") or {}
    return Softphone(identity, [(str(key), str(value)) for key, value in params.items()])


def _verified(token: str, config: SimulatorConfig) -> dict[str, Any]:
    try:
        return jwt.decode(
            token,
            config.api_key_secret,
            algorithms=["HS256"],
            issuer=config.api_key_sid,
            options={"require": ["exp", "iss", "sub"]},
            subject=config.account_sid,
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenRefused("The access token has expired. Fetch a new one.") from error
    except jwt.InvalidTokenError as error:
        raise TokenRefused("The access token is not signed for this account.") from error


def _good_identity(identity: str) -> bool:
    return 0 < len(identity) <= 121 and identity.isascii() and identity.replace("_", "a").isalnum()
