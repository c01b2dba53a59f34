"""The day that a promise names: from its words and the moment at which it was made, and nothing where it can't be."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contactcenter.notes.days import FURTHEST, named_days, nearest_day

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MONDAY = datetime(2026, 11, 23, 10, 0, tzinfo=AMSTERDAM)


def day(text: str, language: str = "nl", said: datetime = MONDAY) -> date | None:
    return nearest_day(text, language, said, 0, 0)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("Ik bel u vandaag nog terug", (11, 23)),
        ("Ik bel u morgen terug", (11, 24)),
        ("Dan bel ik u morgenochtend", (11, 24)),
        ("overmorgen hoort u van ons", (11, 25)),
        ("Ik bel u vanmiddag", (11, 23)),
        ("Ik bel u terug op donderdag", (11, 26)),
        ("Ik bel u maandag terug", (11, 30)),
        ("Ik bel u vóór vrijdag terug", (11, 26)),
        ("Ik bel u voor vrijdag terug", (11, 26)),
        ("uiterlijk vrijdag voor twaalf uur", (11, 27)),
        ("aanstaande vrijdagmiddag", (11, 27)),
        ("volgende week dinsdag", (12, 1)),
        ("dinsdag volgende week", (12, 1)),
        ("volgende week hoort u van ons", (12, 4)),
        ("begin volgende week", (12, 1)),
        ("deze week nog", (11, 27)),
        ("eind van de week", (11, 27)),
        ("na het weekend", (11, 30)),
        ("aan het einde van de maand", (11, 30)),
        ("binnen twee dagen", (11, 25)),
        ("binnen twee tot drie dagen", (11, 26)),
        ("binnen 2 à 3 werkdagen", (11, 26)),
        ("binnen vijf werkdagen", (11, 30)),
        ("over een week", (11, 30)),
        ("over twee weken", (12, 7)),
        ("over een maand", (12, 23)),
        ("binnen een half uur", (11, 23)),
        ("binnen het uur", (11, 23)),
        ("binnen vierentwintig uur", (11, 24)),
        ("op 3 december", (12, 3)),
        ("op donderdag drie december, voor vijf uur", (12, 3)),
        ("donderdag de derde december", (12, 3)),
        ("voor donderdag 3 december", (12, 2)),
        ("op 3-12", (12, 3)),
        ("uiterlijk 03/12/2026", (12, 3)),
        ("op eenentwintig december", (12, 21)),
    ],
)
def test_dutch_words_name_their_day(text: str, on: tuple[int, int]) -> None:
    assert day(text) == date(2026, *on)


@pytest.mark.parametrize(
    ("text", "on"),
    [
        ("I will call you back today", (11, 23)),
        ("I'll call you tomorrow morning", (11, 24)),
        ("the day after tomorrow", (11, 25)),
        ("on Thursday", (11, 26)),
        ("by Friday", (11, 27)),
        ("before Friday", (11, 26)),
        ("next Tuesday", (12, 1)),
        ("Tuesday next week", (12, 1)),
        ("next week", (12, 4)),
        ("by the end of the week", (11, 27)),
        ("after the weekend", (11, 30)),
        ("within two days", (11, 25)),
        ("in two to three days", (11, 26)),
        ("within five working days", (11, 30)),
        ("in a week", (11, 30)),
        ("in 48 hours", (11, 25)),
        ("within half an hour", (11, 23)),
        ("on Thursday the third of December, before noon", (12, 3)),
        ("Thursday, December 3rd", (12, 3)),
        ("the twenty-first of December", (12, 21)),
        ("on 3/12", (12, 3)),
    ],
)
def test_english_words_name_their_day(text: str, on: tuple[int, int]) -> None:
    assert day(text, "en") == date(2026, *on)


@pytest.mark.parametrize(
    "text",
    [
        "over 99999999 dagen",
        "over 9999 dagen",
        "binnen 9999 maanden",
        "binnen 9999 uur",
        "op 31 februari",
        "op 99-99",
        "op 0 mei",
        "3 december 2040",
        "donderdag 1 december",  # a Tuesday that year: one of the two was misheard
        "Goedemorgen",
        "goede morgen",
        "'s morgens bellen",
        "24/7 bereikbaar",
        "vorige vrijdag",
        "sinds maandag",
        "in 2024 verlengd",
        "binnen 2-3",
        "",
    ],
)
def test_what_cannot_be_or_is_no_day_ahead_names_none(text: str) -> None:
    assert day(text) is None


def test_another_language_names_no_day() -> None:
    assert day("morgen früh", "de") is None


def test_a_year_ends_and_a_leap_day_waits_for_its_year() -> None:
    new_years_eve = datetime(2026, 12, 31, 16, 0, tzinfo=AMSTERDAM)
    assert day("Ik bel u morgen", said=new_years_eve) == date(2027, 1, 1)
    assert day("op 2 januari", said=new_years_eve) == date(2027, 1, 2)
    assert day("maandag", said=new_years_eve) == date(2027, 1, 4)
    assert day("over een maand", said=datetime(2027, 1, 31, 9, 0, tzinfo=AMSTERDAM)) == date(2027, 2, 28)
    assert day("op 29 februari", said=new_years_eve) is None
    assert day("op 29 februari", said=datetime(2027, 12, 31, 9, 0, tzinfo=AMSTERDAM)) == date(2028, 2, 29)


def test_hours_are_real_ones_when_the_clock_changes() -> None:
    before_winter = datetime(2026, 10, 24, 23, 30, tzinfo=AMSTERDAM)  # the night has 25 hours
    assert day("over 24 uur", said=before_winter) == date(2026, 10, 25)
    before_summer = datetime(2026, 3, 28, 23, 30, tzinfo=AMSTERDAM)  # the night has 23
    assert day("over 24 uur", said=before_summer) == date(2026, 3, 30)
    assert day("over een uur", said=before_winter) == date(2026, 10, 25)


def test_the_day_beside_the_promise_counts_not_another_that_is_mentioned() -> None:
    text = "Ik bel u vandaag terug over uw afspraak van vrijdag"
    assert nearest_day(text, "nl", MONDAY, 0, len("Ik bel u")) == date(2026, 11, 23)
    text = "Ik heb het vandaag besproken en bel u vrijdag"
    assert nearest_day(text, "nl", MONDAY, text.index("bel"), text.index("bel") + 5) == date(2026, 11, 27)


WORDS = st.sampled_from(
    [
        "over",
        "binnen",
        "voor",
        "op",
        "3",
        "99999999",
        "31",
        "0",
        "-1",
        "dagen",
        "uur",
        "maanden",
        "werkdagen",
        "week",
        "volgende",
        "eind",
        "vrijdag",
        "thursday",
        "december",
        "februari",
        "twee",
        "the",
        "of",
        "next",
        "before",
        "within",
        "hours",
        "12/13",
        "1/1/99",
        "2026",
        "0000",
        "²",
        "٣",
        "één",
    ]
)


@given(st.lists(WORDS, max_size=8).map(" ".join) | st.text(max_size=60), st.sampled_from(["nl", "en", "xx"]))
@example("op 1-1-0000 within ٣ days", "nl")
@settings(deadline=None)
def test_whatever_is_said_no_text_raises_and_no_day_is_past_or_far(text: str, language: str) -> None:
    for said in (MONDAY, datetime(9999, 12, 30, 23, 0, tzinfo=AMSTERDAM)):
        for one in named_days(text, language, said):
            assert said.date() <= one.on
            assert one.on.toordinal() - said.date().toordinal() <= FURTHEST.days
