"""What becomes of a verification and what stands out in it, by rules without a database."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from contactcenter.coaching.rules import Found, Mark, Result, Seen, marks_of, may_name, position, result_of
from contactcenter.verification.rules import EvidenceOutcome, Level
from tests.factories import MONDAY

HOLDS, FAILS = Found("postcode", EvidenceOutcome.HOLDS), Found("postcode", EvidenceOutcome.FAILS)
DECLINED = Found("last-order", EvidenceOutcome.DECLINED)
PLAIN = Seen(Level.VERIFIED, MONDAY, MONDAY + timedelta(seconds=40), evidence=[HOLDS])


@pytest.mark.parametrize(
    ("level", "evidence", "revoked", "result"),
    [
        (Level.VERIFIED, [HOLDS], False, Result.VERIFIED),
        (Level.STRONG, [FAILS, HOLDS], False, Result.VERIFIED),
        (Level.STRONG, [HOLDS], True, Result.REVOKED),
        (Level.RECOGNISED, [FAILS, DECLINED], False, Result.WRONG),
        (Level.RECOGNISED, [DECLINED], False, Result.DECLINED),
        (Level.UNKNOWN, [], False, Result.UNFINISHED),
    ],
)
def test_a_verification_has_one_result(level: Level, evidence: list[Found], revoked: bool, result: Result) -> None:
    assert result_of(replace(PLAIN, level=level, evidence=evidence, revoked=revoked)) is result


def test_nothing_stands_out_in_a_plain_one() -> None:
    assert marks_of(PLAIN) == frozenset()


@pytest.mark.parametrize(("seconds", "fast"), [(0, True), (9.9, True), (10, False), (600, False)])
def test_who_is_verified_in_less_than_ten_seconds_stands_out(seconds: float, fast: bool) -> None:
    seen = replace(PLAIN, reached_at=MONDAY + timedelta(seconds=seconds))
    assert (Mark.FAST in marks_of(seen)) is fast
    assert Mark.FAST not in marks_of(replace(seen, level=Level.RECOGNISED))


@pytest.mark.parametrize(("hours", "near"), [(-25, False), (-24, True), (0, True), (24, True), (25, False)])
def test_glass_counts_within_a_day(hours: float, near: bool) -> None:
    seen = replace(PLAIN, broken=[MONDAY + timedelta(hours=hours)])
    assert (Mark.GLASS in marks_of(seen)) is near


def test_wrong_answers_and_second_persons_stand_out() -> None:
    assert marks_of(replace(PLAIN, evidence=[FAILS, HOLDS], approved=True)) == {Mark.FAILED, Mark.APPROVED}


def test_agents_are_named_only_after_consent_and_assessment() -> None:
    today = date(2026, 11, 23)
    yesterday, tomorrow = date(2026, 11, 22), date(2026, 11, 24)
    assert may_name(yesterday, today, today)
    assert not may_name(None, None, today)
    assert not may_name(yesterday, None, today)
    assert not may_name(None, yesterday, today)
    assert not may_name(yesterday, tomorrow, today)


def test_a_moment_has_a_second_within_the_recording_only() -> None:
    assert position(MONDAY + timedelta(seconds=3.26), MONDAY, 10) == 3.3
    assert position(MONDAY, MONDAY, 10) == 0
    assert position(MONDAY - timedelta(seconds=1), MONDAY, 10) is None
    assert position(MONDAY + timedelta(seconds=11), MONDAY, 10) is None
    assert position(MONDAY, None, 10) is None
