"""Forms that nobody thought of, signed and unsigned: no failure of ours, no row for what is not signed."""

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, example, given, seed, settings
from hypothesis import strategies as st

from contactcenter.carrier.signature import PATTERNS
from tests.calls.carrier_stand_in import ACCOUNT, FORM, LINE, PUBLIC, TOKEN, Carrier, carrier, sign
from tests.hostile.tables import counts, names

PATHS = (
    "voice",
    "key?attempt=1",
    "key?attempt=99",
    "heard?attempt=2",
    "heard?attempt=x",
    "keyed",
    "wait",
    "hold",
    "agent",
    "conference",
    "status",
    "dialled",
    "recording",
    "fallback",
    "nowhere",
)
# What comes often enough to get past the first checks, and what never should.
USUAL: dict[str, list[str]] = {
    "AccountSid": [ACCOUNT],
    "CallSid": [f"CA{number:032x}" for number in range(3)],
    "ConferenceSid": [f"CF{number:032x}" for number in range(3)],
    "RecordingSid": [f"RE{number:032x}" for number in range(3)],
    "FriendlyName": ["A" * 22],
    "call": ["A" * 22],
    "To": [LINE, "+31207654321", "sip:<script>@evil.example"],
    "From": ["+31612345678", "anonymous", "", "client:agent_1", "sip:x@evil.example"],
    "Digits": ["1", "2", "9", "*", "w1"],
    "CallStatus": ["ringing", "completed", "failed"],
    "RecordingStatus": ["in-progress", "completed", "absent", "failed"],
    "StatusCallbackEvent": ["participant-join", "participant-leave", "conference-end", "x"],
    "RecordingStartTime": ["Mon, 02 Nov 2026 11:00:00 +0000", "31 Dec 9999 23:59:59 -2359"],
}
EVIL = "evil.example"
ORDINARY = [(name, usual[0]) for name, usual in USUAL.items()]


def values(name: str) -> st.SearchStrategy[str]:
    """Mostly what fits, sometimes what the pattern lets through, sometimes anything."""
    usual = st.sampled_from(USUAL.get(name, [""]))
    fitting = st.from_regex(PATTERNS[name], fullmatch=True) if name in PATTERNS else st.text(max_size=20)
    return st.one_of(usual, usual, fitting, st.text(max_size=40))


@st.composite
def forms(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Pairs: whole events with a change or two, or any known and unknown fields, some of them twice."""
    if draw(st.booleans()):
        whole = {name: draw(st.sampled_from(usual)) for name, usual in USUAL.items()}
        changed = draw(st.lists(st.sampled_from(list(PATTERNS)), max_size=2))
        return list((whole | {name: draw(values(name)) for name in changed}).items())
    chosen = draw(st.lists(st.sampled_from([*PATTERNS, "CallerName", "Caller", ""]), max_size=14))
    return [(name, draw(values(name))) for name in chosen]


@st.composite
def requests(draw: st.DrawFn) -> dict[str, Any]:
    """One webhook; half of them are rightly signed."""
    webhook = rightly_signed(draw(st.sampled_from(PATHS)), draw(forms()))
    if not draw(st.booleans()):
        webhook |= {"signature": draw(st.text("aZ9+/=", max_size=28)), "signed": False}
    webhook["kind"] = draw(st.sampled_from([FORM] * 6 + ["", "application/json", "multipart/form-data; boundary=x"]))
    webhook["host"] = draw(st.sampled_from([None, EVIL]))
    return webhook


def rightly_signed(to: str, pairs: list[tuple[str, str]]) -> dict[str, Any]:
    """One webhook as the carrier signs it, as far as a text can be signed."""
    path, body = f"/twilio/{to}", urlencode(pairs, errors="surrogatepass").encode()
    signature = sign(TOKEN, PUBLIC + path, pairs) if _plain(pairs) else ""
    return {"path": path, "body": body, "signature": signature, "kind": FORM, "host": None, "signed": True}


def _plain(pairs: list[tuple[str, str]]) -> bool:
    return not any(0xD800 <= ord(each) <= 0xDFFF for pair in pairs for text in pair for each in text)


def send(twilio: Carrier, sent: dict[str, Any]) -> int:
    """Send it; its status, after a look at what no answer may have."""
    headers = {"content-type": sent["kind"], "x-twilio-signature": sent["signature"]}
    if sent["host"]:
        headers |= {"host": sent["host"], "x-forwarded-host": sent["host"]}
    began = time.monotonic()
    answer = twilio.http.post(sent["path"], content=sent["body"], headers=headers)
    assert answer.status_code < 500
    assert time.monotonic() - began < 5
    assert EVIL not in answer.text + str(answer.headers)
    return answer.status_code


@pytest.mark.parametrize(
    ("examples", "number"),
    [(120, 0), *(pytest.param(5000, number, marks=pytest.mark.prove) for number in range(1, 5))],
)
def test_whatever_comes_is_answered_and_what_is_not_signed_leaves_no_row(
    tmp_path: Path, examples: int, number: int, record_property: Callable[[str, object], None]
) -> None:
    answers: Counter[int] = Counter()
    with carrier(tmp_path) as twilio:
        tables = names(twilio.parts.db)

        @seed(number)
        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(requests())
        @example(rightly_signed("voice", ORDINARY))
        @example(rightly_signed("status", ORDINARY))
        @example(rightly_signed("status", ORDINARY) | {"signature": "", "signed": False})
        @example(rightly_signed("status", ORDINARY[:1]))
        def asked(sent: dict[str, Any]) -> None:
            before = counts(twilio.parts.db, tables)
            status = send(twilio, sent)
            answers[status] += 1
            if not sent["signed"] or status >= 400:
                assert counts(twilio.parts.db, tables) == before

        asked()
    assert {200, 204, 403, 422} <= set(answers)
    record_property("answers", dict(sorted(answers.items())))
