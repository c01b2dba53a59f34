"""Twilio's own program for Node signs as we check, reads what the simulator signs, and takes our softphone tokens."""

import json
import random
import subprocess
from pathlib import Path
from typing import Any

from contactcenter.carrier.signature import signature_of
from contactcenter.carrier.twilio import TOKEN_SECONDS, TwilioCarrier
from contactcenter.settings import load
from contactcenter.simulator.signing import sign
from tests.simulator.desk import ACCOUNT, APPLICATION, KEY, KEY_SECRET, TOKEN, Desk
from tools.node import NODE, witness

Pairs = list[tuple[str, str]]
HERE = Path(__file__).parent
PAYLOADS = 400
NAMES = ("CallSid", "From", "To", "Digits", "CallToken", "AddOns", "a", "A", "aB", "Ab", "_", "0", "é", "FromCity")
LETTERS = (
    "",
    "",
    " ",
    "0",
    "9",
    "+",
    "&",
    "=",
    "%",
    "%20",
    "?",
    "#",
    "/",
    "a",
    "Z",
    "é",
    "Ĳ",
    "ß",
    "日",
    "'",
    '"',
    "\n",
)
URLS = (
    "https://calls.veldwijk.example/twilio/voice",
    "https://calls.veldwijk.example:8443/twilio/key?attempt=1",
    "http://127.0.0.1:8000/twilio/heard?attempt=12",
    "https://user:secret@calls.veldwijk.example/twilio/conference?a=&b=%20c",
)


def ask_node(**question: Any) -> dict[str, Any]:
    """The answer of Twilio's own program."""
    witness("twilio/package.json")  # says what to do when it is not installed
    answer = subprocess.run(
        [NODE, "signer.js"], cwd=HERE, input=json.dumps(question), capture_output=True, text=True, check=True
    )
    found: dict[str, Any] = json.loads(answer.stdout)
    return found


def payload(chance: random.Random) -> dict[str, Any]:
    """One made-up webhook: blanks, odd characters, names that come twice, in any order."""
    names = [*chance.sample(NAMES, chance.randrange(len(NAMES))), *chance.choices(NAMES, k=chance.randrange(4))]
    pairs = [(name, "".join(chance.choices(LETTERS, k=chance.randrange(6)))) for name in names]
    return {"token": chance.choice(("first", "t€st", "a" * 32)), "url": chance.choice(URLS), "pairs": pairs}


def test_our_signature_is_the_one_that_twilios_own_program_expects() -> None:
    chance = random.Random(20261102)
    webhooks = [payload(chance) for _ in range(PAYLOADS)]
    webhooks.append({"token": TOKEN, "url": URLS[0], "pairs": [("From", "+31612345678"), ("CallerName", "Joris 🥐")]})
    ours = [signature_of(one["token"], one["url"], one["pairs"]) for one in webhooks]
    told = ask_node(webhooks=[one | {"sent": sent} for one, sent in zip(webhooks, ours, strict=True)])
    assert told["signatures"] == ours
    assert all(told["valid"])
    assert any(len(set(map(tuple, one["pairs"]))) < len(one["pairs"]) for one in webhooks)
    assert any(len(dict(one["pairs"])) < len(set(map(tuple, one["pairs"]))) for one in webhooks)


def test_the_simulator_signs_as_twilio_does() -> None:
    chance = random.Random(31)
    webhooks = [payload(chance) for _ in range(PAYLOADS)]
    signed = [sign(one["url"], one["pairs"], one["token"]) for one in webhooks]
    assert ask_node(webhooks=webhooks)["signatures"] == signed


def test_twilios_own_program_takes_every_webhook_of_a_simulated_call(desk: Desk) -> None:
    sid = desk.ring(hangup=0.5)
    desk.product.await_("status", CallSid=sid, CallStatus="completed")
    sent = webhooks_of(desk)
    assert len(sent) >= 2
    assert all(ask_node(webhooks=sent)["valid"])
    altered = [one | {"pairs": [*one["pairs"], ("Digits", "9")]} for one in sent]
    assert not any(ask_node(webhooks=altered)["valid"])


def webhooks_of(desk: Desk) -> list[dict[str, Any]]:
    """What the simulator sent to the product, as it was signed."""
    return [
        {"token": TOKEN, "url": one.url, "pairs": one.params, "sent": one.signature} for one in desk.product.received
    ]


def test_a_softphones_token_says_what_twilios_own_program_would_say(tmp_path: Path) -> None:
    settings = load(
        database_url=f"sqlite:///{tmp_path / 'unused.db'}",
        twilio_account_sid=ACCOUNT,
        twilio_auth_token=TOKEN,
        twilio_api_key_sid=KEY,
        twilio_api_key_secret=KEY_SECRET,
        twilio_application_sid=APPLICATION,
    )
    twilio = TwilioCarrier(settings)
    token = twilio.softphone_token("agent_7").token
    twilio.close()
    wish = {"token": token, "account": ACCOUNT, "key": KEY, "secret": KEY_SECRET, "application": APPLICATION}
    [[ours, theirs]] = ask_node(tokens=[wish | {"identity": "agent_7", "ttl": TOKEN_SECONDS}])["tokens"]
    assert ours["header"] == theirs["header"]
    changing = {"jti", "iat", "exp", "nbf"}
    without = [{name: said for name, said in one["payload"].items() if name not in changing} for one in (ours, theirs)]
    assert without[0] == without[1]
    assert abs(ours["payload"]["exp"] - theirs["payload"]["exp"]) <= 60
