"""A policy is a readable text; one that would weaken what the product promises is refused in a sentence (P06)."""

import pytest

from contactcenter.core.errors import Invalid
from contactcenter.verification.policy import NATURES, Strength
from contactcenter.verification.policy_text import digest, read, shipped
from contactcenter.verification.rules import EvidenceKind

TEXT = shipped()


def test_the_shipped_policy_weighs_every_kind_of_evidence() -> None:
    policy = read(TEXT)
    assert set(policy.counts) == set(NATURES)
    assert {kind.value for kind in EvidenceKind if kind is not EvidenceKind.ASKED} <= set(NATURES)
    assert (policy.title, policy.digest) == ("As shipped", digest(TEXT))
    assert policy.strength("known-number") is Strength.WEAK
    assert policy.strength("no such thing") is Strength.OFF


@pytest.mark.parametrize(
    ("was", "becomes", "said"),
    [
        ('known-number = "weak"', 'known-number = "strong"', "known-number may count as weak at most"),
        ('postcode = "weak"', 'postcode = "strong"', "postcode may count as weak at most"),
        ('device-id = "strong"', 'device-id = "possession"', "device-id may count as strong at most"),
        ('code-by-email = "possession"', 'code-by-email = "weak"', "is proof of possession"),
        ('device-id = "strong"', 'birth-date = "strong"', "birth-date is no kind of evidence"),
        ('device-id = "strong"', 'device-id = "very"', "counts.device-id"),
        ("classes = 2", "classes = 1", "verified.classes"),
        ("strong = 1", "strong = 0", "verified.strong"),
        ("possession = 1", "possession = 0", "strongly-verified.possession"),
        ("wrong-answers = 3", "wrong-answers = 4", "limits.wrong-answers"),
        ("pass-minutes = 30", "pass-minutes = 31", "limits.pass-minutes"),
        ("number-days = 30", "number-days = 29", "limits.number-days"),
        ("number-days = 30", "numberdays = 30", "limits.number"),
        ("classes = 2", "classes = two", "is no TOML"),
        ('title = "As shipped"', f'title = "{"x" * 20_000}"', "at most 20000"),
    ],
)
def test_a_policy_that_is_none_or_too_weak_is_refused_with_its_place(was: str, becomes: str, said: str) -> None:
    assert was in TEXT
    with pytest.raises(Invalid, match=said):
        read(TEXT.replace(was, becomes, 1))


def test_a_policy_may_be_stricter() -> None:
    stricter = TEXT.replace("wrong-answers = 3", "wrong-answers = 2").replace('call-back = "possession"', "")
    policy = read(stricter)
    assert (policy.wrong_answers, policy.strength("call-back")) == (2, Strength.OFF)
    assert policy.digest != digest(TEXT)
