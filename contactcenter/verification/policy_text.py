"""Reads the text of a policy, and refuses one that would be weaker than what the program promises (P06).

`policy.toml` is the one we ship. Every mistake gets a sentence that names its place.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from contactcenter.core.errors import Invalid
from contactcenter.verification.policy import NATURES, Policy, Strength

SHIPPED = Path(__file__).with_name("policy.toml")
LONGEST = 20_000
ORDER = tuple(Strength)


class _Part(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, hide_input_in_errors=True)


class _Verified(_Part):
    classes: Annotated[int, Field(ge=2, le=5)]
    strong: Annotated[int, Field(ge=1, le=5)]


class _StronglyVerified(_Part):
    possession: Annotated[int, Field(ge=1, le=3)]


class _Limits(_Part):
    wrong_answers: Annotated[int, Field(alias="wrong-answers", ge=1, le=3)]
    questions_in_a_contact: Annotated[int, Field(alias="questions-in-a-contact", ge=2, le=10)]
    questions_in_a_day: Annotated[int, Field(alias="questions-in-a-day", ge=2, le=20)]
    pass_minutes: Annotated[int, Field(alias="pass-minutes", ge=5, le=30)]
    number_days: Annotated[int, Field(alias="number-days", ge=30, le=3650)]


class _Text(_Part):
    title: Annotated[str, Field(min_length=1, max_length=80)]
    counts: dict[str, Literal["off", "weak", "strong", "possession"]]
    verified: _Verified
    strongly_verified: Annotated[_StronglyVerified, Field(alias="strongly-verified")]
    limits: _Limits


def shipped() -> str:
    """The text of the policy that the package brings."""
    return SHIPPED.read_text(encoding="utf-8")


@lru_cache(maxsize=8)
def read(text: str) -> Policy:
    """The policy that a text describes. Raises `Invalid` that names every mistake and what would be too weak."""
    if len(text) > LONGEST:
        raise Invalid(f"A policy is a text of at most {LONGEST} characters.")
    try:
        given = _Text.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise Invalid(f"The policy is no TOML: {error}.") from None
    except ValidationError as error:
        places = [(".".join(str(part) for part in each["loc"]), each["msg"]) for each in error.errors()]
        raise Invalid("The policy can't be used. " + " ".join(f"{place}: {said}." for place, said in places)) from None
    _refuse_weakening(given.counts)
    return Policy(
        title=given.title,
        digest=digest(text),
        counts={key: Strength(strength) for key, strength in given.counts.items()},
        classes=given.verified.classes,
        strong=given.verified.strong,
        possession=given.strongly_verified.possession,
        wrong_answers=given.limits.wrong_answers,
        questions_in_a_contact=given.limits.questions_in_a_contact,
        questions_in_a_day=given.limits.questions_in_a_day,
        pass_lasts=timedelta(minutes=given.limits.pass_minutes),
        number_days=given.limits.number_days,
    )


def digest(text: str) -> str:
    """The hash by which a version of a policy is known: SHA-256, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _refuse_weakening(counts: Mapping[str, str]) -> None:
    unknown = sorted(counts.keys() - NATURES.keys())
    if unknown:
        raise Invalid(f"counts: {', '.join(unknown)} is no kind of evidence; known are {', '.join(sorted(NATURES))}.")
    for key, said in counts.items():
        most = NATURES[key].most
        if ORDER.index(Strength(said)) > ORDER.index(most):
            raise Invalid(f"counts: {key} may count as {most} at most, not as {said}.")
        if most is Strength.POSSESSION and said in (Strength.WEAK, Strength.STRONG):
            raise Invalid(f"counts: {key} is proof of possession; it counts as that, or is off.")
