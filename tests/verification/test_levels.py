"""No order and no repetition of evidence lifts a level without what it takes (P06)."""

from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.customers.rules import CLASS_OF, FieldClass, Kind
from contactcenter.verification.rules import EvidenceKind, EvidenceOutcome, Item, Level, authorised, level_of, opens
from tests.factories import MONDAY

items = st.builds(
    Item,
    st.sampled_from(EvidenceKind),
    st.sampled_from(EvidenceOutcome),
    st.sampled_from(["postcode", "licence-count", "last-order"]),
)


@settings(deadline=None)
@given(st.lists(items, max_size=12))
def test_a_level_needs_its_items_whatever_the_order(given_items: list[Item]) -> None:
    level = level_of(tuple(given_items))
    holding = [item for item in given_items if item.outcome is EvidenceOutcome.HOLDS]
    asked = {item.fact for item in holding if item.kind is EvidenceKind.ASKED}
    known = any(item.kind is EvidenceKind.KNOWN_NUMBER for item in holding)
    assert (level >= Level.RECOGNISED) == bool(asked or known)
    assert (level >= Level.VERIFIED) == (bool(asked) and len(asked) + known >= 2)
    assert level_of(tuple(reversed(given_items))) is level
    assert level_of(tuple(given_items * 3)) is level


@settings(deadline=None)
@given(st.lists(items, max_size=8), items)
def test_more_evidence_never_lowers_a_level(given_items: list[Item], more: Item) -> None:
    assert level_of((*given_items, more)) >= level_of(tuple(given_items))


def test_below_the_second_level_only_the_relation_number_opens() -> None:
    opened = [kind for kind in Kind if opens(Level.RECOGNISED, CLASS_OF[kind], inbound=True)]
    assert opened == [Kind.RELATION_NUMBER]
    assert not any(opens(Level.UNKNOWN, each, inbound=True) for each in FieldClass)


def test_a_call_that_we_make_opens_nothing_financial() -> None:
    assert not opens(Level.VERIFIED, FieldClass.FINANCIAL, inbound=False)


def test_a_mandate_covers_what_it_names_until_its_last_day() -> None:
    today = MONDAY.date()
    assert authorised("all", None, Kind.INVOICES, today)
    assert authorised("invoices", today, Kind.INVOICES, today)
    assert not authorised("invoices", today.replace(day=1), Kind.INVOICES, today)
    assert authorised("financial", None, Kind.INVOICES, today)
    assert not authorised("invoices", None, Kind.BANK_ACCOUNT, today)
