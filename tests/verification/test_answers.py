"""What a caller says counts, not how the agent spells it; and several guesses at once are no answer."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contactcenter.verification import answers


@pytest.mark.parametrize("said", ["7311 AB", "7311ab", " 73 11 a b ", "7311-AB", "zeven drie een een A B"])
def test_a_postcode_in_any_spelling(said: str) -> None:
    assert answers.same_code("7311 AB", said)


@pytest.mark.parametrize("said", ["7311 AC", "7311", "AB", "", "7311 AB 7311 AC"])
def test_another_postcode_is_wrong(said: str) -> None:
    assert not answers.same_code("7311 AB", said)


@pytest.mark.parametrize("said", ["12", "twaalf", "Twelve", "12 licenties", "ik denk twaalf", "012"])
def test_a_count_in_digits_and_words(said: str) -> None:
    assert answers.same_count("12", said)


@pytest.mark.parametrize("said", ["11", "11 of 12", "1 2", "twaalfhonderd", "", "geen idee"])
def test_another_count_or_two_of_them_is_wrong(said: str) -> None:
    assert not answers.same_count("12", said)


@pytest.mark.parametrize(
    "said", ["864", "864,00", "€ 864", "864.00 euro", "EUR 864,-", "864 euro", "864 euro en 0 cent"]
)
def test_an_amount_in_any_notation(said: str) -> None:
    assert answers.same_amount("EUR 864.00", said)


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("1.250,50", 125050),
        ("1,250.50", 125050),
        ("4,800.00", 480000),
        ("twaalf euro", 1200),
        ("12 euro 5", 1205),
        ("€ 0,5", 50),
        ("864 865", None),
        ("", None),
        ("veel", None),
    ],
)
def test_amounts_are_read_to_the_cent(text: str, cents: int | None) -> None:
    assert answers.cents(text) == cents


@pytest.mark.parametrize(
    "said",
    ["oktober", "October", "okt.", "10", "tien", "oktober 2026", "10-2026", "2026-10", "15/10/2026"],
)
def test_a_month_by_name_or_number(said: str) -> None:
    assert answers.same_month("2026-10-15", said)


@pytest.mark.parametrize("said", ["november", "oktober 2025", "oktober november", "9 10", "10 11", "2026", "", "13"])
def test_another_month_or_two_of_them_is_wrong(said: str) -> None:
    assert not answers.same_month("2026-10-15", said)


@pytest.mark.parametrize("said", ["vier extra licenties", "4 extra licenties", "extra licenties", "Licenties, vier"])
def test_a_subject_by_its_telling_words(said: str) -> None:
    assert answers.same_phrase("Vier extra licenties", said)


@pytest.mark.parametrize(
    "said", ["", "de", "licenties", "een printer", "licenties printer kabel telefoon extra scherm"]
)
def test_a_subject_missed_or_heaped_up_is_wrong(said: str) -> None:
    assert not answers.same_phrase("Vier extra licenties", said)


def test_diacritics_and_joined_words_make_no_difference() -> None:
    assert answers.same_phrase("Café Réné", "cafe rene")
    assert answers.same_phrase("Soft Ware", "software")


@settings(deadline=None)
@given(said=st.text(max_size=60), on=st.dates(min_value=date(1990, 1, 1), max_value=date(2080, 1, 1)))
def test_nothing_that_can_be_typed_breaks_a_comparison(said: str, on: date) -> None:
    for same, expected in (
        (answers.same_code, "7311 AB"),
        (answers.same_count, "12"),
        (answers.same_amount, "864,00"),
        (answers.same_month, on.isoformat()),
        (answers.same_phrase, "Vier extra licenties"),
    ):
        assert same(expected, said) in (True, False)
        assert not same(expected, "")
