"""No order and no repetition of evidence lifts a level without what it takes (P06)."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.customers.rules import Kind
from contactcenter.verification.policy import NATURES, Policy, Strength
from contactcenter.verification.policy_text import read, shipped
from contactcenter.verification.questions import FACTS, About
from contactcenter.verification.rules import (
    SAID,
    EvidenceKind,
    EvidenceOutcome,
    Item,
    Level,
    NumberDoubt,
    authorised,
    doubt_about_number,
    level_of,
    value_of,
)
from tests.factories import MONDAY

POLICY = read(shipped())
HOLDS, FAILS, DECLINED = EvidenceOutcome.HOLDS, EvidenceOutcome.FAILS, EvidenceOutcome.DECLINED
OTHERS = [kind for kind in EvidenceKind if kind is not EvidenceKind.ASKED]


def items_of(outcome: st.SearchStrategy[EvidenceOutcome]) -> st.SearchStrategy[Item]:
    """Any evidence at all."""
    asked = st.builds(Item, st.just(EvidenceKind.ASKED), outcome, st.sampled_from(sorted(FACTS)))
    return asked | st.builds(Item, st.sampled_from(OTHERS), outcome)


items = items_of(st.sampled_from(EvidenceOutcome))
some = st.lists(items, max_size=7)


def asked(fact: str, outcome: EvidenceOutcome = HOLDS) -> Item:
    """An answer to this question."""
    return Item(EvidenceKind.ASKED, outcome, fact)


def given_by(kind: EvidenceKind) -> Item:
    """Evidence of another kind, and it holds."""
    return Item(kind, HOLDS)


def counting(found: list[Item]) -> set[str]:
    """Keys of what holds."""
    return {item.key for item in found if item.outcome is HOLDS}


def matters(keys: set[str]) -> set[About]:
    """What they are about."""
    return {NATURES[key].about for key in keys}


@settings(deadline=None, max_examples=500)
@given(some, some)
def test_a_level_needs_its_items_whatever_the_order_or_how_often(own: list[Item], before: list[Item]) -> None:
    level = level_of(POLICY, own, before)
    keys = counting(own + before)
    said = any(item.outcome is HOLDS and item.kind in SAID for item in own)
    strong = {key for key in keys if POLICY.counts[key] is not Strength.WEAK}
    proofs = {key for key in keys if POLICY.counts[key] is Strength.POSSESSION}
    if level >= Level.VERIFIED:
        assert said
        assert len(matters(keys)) >= 2
        assert strong
    if level is Level.STRONG:
        assert proofs
        assert len(keys - {"approval"}) >= 3
    assert (level is Level.UNKNOWN) == (not keys - {"approval"})
    assert level_of(POLICY, own[::-1], before[::-1]) is level
    assert level_of(POLICY, own * 3, before * 2) is level


@settings(deadline=None)
@given(some, some, items)
def test_more_evidence_never_lowers_a_level(own: list[Item], before: list[Item], more: Item) -> None:
    level = level_of(POLICY, own, before)
    assert level_of(POLICY, [*own, more], before) >= level
    assert level_of(POLICY, own, [*before, more]) >= level


@settings(deadline=None)
@given(some, some)
def test_what_a_colleague_found_never_counts_alone(own: list[Item], before: list[Item]) -> None:
    silent = [item for item in own if item.kind not in SAID]
    assert level_of(POLICY, silent, before) <= Level.RECOGNISED


@settings(deadline=None)
@given(st.lists(items_of(st.sampled_from([FAILS, DECLINED, EvidenceOutcome.DOUBTFUL]))))
def test_what_does_not_hold_counts_for_nothing(found: list[Item]) -> None:
    assert level_of(POLICY, found) is Level.UNKNOWN


@pytest.mark.parametrize("fact", [key for key in FACTS if FACTS[key].printed])
def test_what_stands_on_an_invoice_is_not_enough_with_a_number_that_can_be_forged(fact: str) -> None:
    assert level_of(POLICY, [given_by(EvidenceKind.KNOWN_NUMBER), asked(fact)]) is Level.RECOGNISED


@pytest.mark.parametrize("fact", [key for key in FACTS if not FACTS[key].printed])
def test_a_known_number_and_something_only_the_customer_knows_verify(fact: str) -> None:
    assert level_of(POLICY, [given_by(EvidenceKind.KNOWN_NUMBER), asked(fact)]) is Level.VERIFIED
    assert level_of(POLICY, [asked(fact)]) is Level.RECOGNISED


def test_two_answers_about_one_matter_are_one() -> None:
    billing = [asked("last-invoice-month"), asked("last-invoice-amount")]
    assert level_of(POLICY, billing) is Level.RECOGNISED
    assert level_of(POLICY, [*billing, asked("device-id")]) is Level.VERIFIED


def test_a_text_to_the_telephone_that_calls_adds_no_other_matter() -> None:
    number, code = given_by(EvidenceKind.KNOWN_NUMBER), given_by(EvidenceKind.CODE_BY_TEXT)
    assert level_of(POLICY, [number, code]) is Level.RECOGNISED
    assert level_of(POLICY, [number, code, asked("postcode")]) is Level.VERIFIED


@pytest.mark.parametrize("proof", ["code-by-email", "code-by-text", "portal-code", "call-back"])
def test_the_third_level_is_possession_on_top_of_the_second(proof: str) -> None:
    proven = given_by(EvidenceKind(proof))
    assert level_of(POLICY, [proven, asked("postcode")]) is Level.VERIFIED
    assert level_of(POLICY, [proven, asked("postcode"), asked("last-mutation")]) is Level.STRONG
    assert level_of(POLICY, [asked("postcode"), asked("last-mutation"), asked("device-id")]) is Level.VERIFIED


def test_a_colleagues_approval_verifies_only_with_an_answer_and_never_strongly() -> None:
    approved, known = given_by(EvidenceKind.APPROVAL), given_by(EvidenceKind.KNOWN_NUMBER)
    assert level_of(POLICY, [approved]) is Level.UNKNOWN
    assert level_of(POLICY, [approved, known]) is Level.RECOGNISED
    assert level_of(POLICY, [approved, asked("postcode")]) is Level.VERIFIED
    with_code = [approved, asked("postcode"), given_by(EvidenceKind.CODE_BY_EMAIL)]
    assert level_of(POLICY, with_code) is Level.VERIFIED


def test_what_a_policy_leaves_out_counts_for_nothing() -> None:
    without = replace(POLICY, counts={**POLICY.counts, "device-id": Strength.OFF})
    assert level_of(without, [given_by(EvidenceKind.KNOWN_NUMBER), asked("device-id")]) is Level.RECOGNISED
    assert level_of(without, [asked("device-id")]) is Level.UNKNOWN


def test_a_question_is_worth_what_it_would_bring() -> None:
    known = [given_by(EvidenceKind.KNOWN_NUMBER)]
    assert value_of(POLICY, known, [], asked("device-id")) > value_of(POLICY, known, [], asked("postcode")) > 0
    assert value_of(POLICY, [asked("last-invoice-month")], [], asked("last-invoice-amount")) == 0
    verified = [*known, asked("device-id"), asked("postcode"), given_by(EvidenceKind.CODE_BY_EMAIL)]
    assert level_of(POLICY, verified) is Level.STRONG
    assert value_of(POLICY, verified, [], asked("last-mutation")) == 0


def policy_of(days: int) -> Policy:
    """The shipped policy, where a number counts after so many days."""
    return replace(POLICY, number_days=days)


@pytest.mark.parametrize(
    ("shared", "known_days", "proven", "doubt"),
    [
        (False, 30, True, None),
        (False, 29, True, NumberDoubt.LATELY),
        (False, 30, False, NumberDoubt.UNPROVEN),
        (True, 3000, True, NumberDoubt.SHARED),
    ],
)
def test_a_number_counts_when_it_is_one_persons_for_long_and_proven(
    shared: bool, known_days: int, proven: bool, doubt: NumberDoubt | None
) -> None:
    assert doubt_about_number(policy_of(30), shared=shared, known_days=known_days, proven=proven) is doubt


def test_a_mandate_covers_what_it_names_until_its_last_day() -> None:
    today = MONDAY.date()
    assert authorised("all", None, Kind.INVOICES, today)
    assert authorised("invoices", today, Kind.INVOICES, today)
    assert not authorised("invoices", today.replace(day=1), Kind.INVOICES, today)
    assert authorised("financial", None, Kind.INVOICES, today)
    assert not authorised("invoices", None, Kind.BANK_ACCOUNT, today)
