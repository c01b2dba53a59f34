"""What a line of a conversation does, by its words and by who speaks; of an unknown speaker next to nothing is told."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from contactcenter.notes.acts import Act, Speakers, act_of, promised_on, speakers
from contactcenter.notes.drafting import DraftLine, draft, owed
from contactcenter.notes.said import Segment

BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
KNOWN = Speakers(caller=0, agent=1)


def said(channel: int, start: float, text: str) -> Segment:
    return Segment(channel, start, start + 1, text, 0.9)


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Ik bel u morgen terug.", Act.PROMISE),
        ("Dan bel ik u donderdag.", Act.PROMISE),
        ("Mijn collega neemt vandaag nog contact met u op.", Act.PROMISE),
        ("U krijgt binnen vijf werkdagen een bevestiging per e-mail.", Act.PROMISE),
        ("Ik zal het voor u uitzoeken.", Act.PROMISE),
        ("We laten het u uiterlijk vrijdag weten.", Act.PROMISE),
        ("U wordt morgen teruggebeld.", Act.PROMISE),
        ("I'll call you back tomorrow.", Act.PROMISE),
        ("My manager will answer it in writing.", Act.PROMISE),
        ("You will hear from us on Thursday.", Act.PROMISE),
        ("Ik heb de uitnodiging opnieuw verstuurd.", Act.DONE),
        ("We hebben de factuur gecorrigeerd en uw adres aangepast.", Act.DONE),
        ("I have registered the outage.", Act.DONE),
        ("The folder was restored this morning.", Act.DONE),
        ("De storing is verholpen.", Act.OUTCOME),
        ("Zal ik u morgen terugbellen?", Act.SAID),
        ("Shall I call you back tomorrow?", Act.SAID),
        ("Ik bel u niet terug.", Act.SAID),
        ("I will not call you back.", Act.SAID),
        ("Heb ik uw adres aangepast?", Act.SAID),
        ("Dan krijgt u een rood kruis te zien.", Act.SAID),
        ("We expect it to be solved within one hour.", Act.PROMISE),
    ],
)
def test_what_an_agent_says(text: str, act: Act) -> None:
    assert act_of(said(1, 0, text), KNOWN) is act


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Waarom krijg ik een herinnering?", Act.QUESTION),
        ("I would like to add two users.", Act.QUESTION),
        ("Ja, het werkt weer.", Act.OUTCOME),
        ("It still doesn't work.", Act.OUTCOME),
        ("Ik zie het nu.", Act.OUTCOME),
        ("Ik bel u morgen terug.", Act.SAID),
        ("Ik heb het formulier al verstuurd.", Act.SAID),
    ],
)
def test_a_caller_asks_and_says_how_it_ended_and_promises_nothing_for_us(text: str, act: Act) -> None:
    assert act_of(said(0, 0, text), KNOWN) is act


@pytest.mark.parametrize(
    "roles", [[], ["caller"], ["agent", "agent"], ["caller", "coach"], ["agent", "caller", "coach"]]
)
def test_where_nobody_knows_who_speaks_nothing_is_told_that_depends_on_it(roles: list[str]) -> None:
    lines = draft(
        [
            said(0, 0, "Waarom krijg ik een herinnering?"),
            said(0, 5, "Ik heb uw adres aangepast."),
            said(0, 9, "Ik bel u morgen terug."),
            said(0, 12, "Ja, het werkt weer."),
        ],
        "nl",
        roles,
        BEGAN,
    )
    assert {line.act for line in lines} <= {Act.SAID, Act.OUTCOME}
    assert {line.day for line in lines} == {None}
    assert speakers(roles) == Speakers(None, None)


def test_roles_say_which_channel_is_the_agents_wherever_it_stands() -> None:
    (line,) = draft([said(0, 0, "Ik bel u morgen terug.")], "nl", ["agent", "caller"], BEGAN)
    assert (line.act, line.day) == (Act.PROMISE, "2026-11-24")


def test_a_promise_has_its_day_from_the_same_breath_or_the_next_short_one() -> None:
    promise = said(1, 4, "Ik bel u terug.")
    after = said(1, 6, "Morgen, voor twaalf uur.")
    assert promised_on(promise, [promise, after], "nl", BEGAN) == date(2026, 11, 24)
    for after in (
        said(0, 6, "Morgen, voor twaalf uur."),  # the caller says it
        said(1, 40, "Morgen, voor twaalf uur."),  # too late to belong to it
        said(
            1, 6, "Onze afdeling gaat daar pas morgen weer naar kijken want vandaag zijn ze dicht."
        ),  # about other things
    ):
        assert promised_on(promise, [promise, after], "nl", BEGAN) is None


def test_the_day_is_that_of_the_second_in_which_it_was_said() -> None:
    evening = datetime(2026, 12, 31, 23, 59, 30, tzinfo=ZoneInfo("Europe/Amsterdam"))
    (line,) = draft([said(1, 60, "Ik bel u morgen terug.")], "nl", ["caller", "agent"], evening)
    assert line.day == "2027-01-02"


def test_what_is_owed_first_is_offered_and_never_a_day_that_is_past() -> None:
    late, soon = (DraftLine("", 9, 1, Act.PROMISE, day) for day in ("2026-12-07", "2026-12-03"))
    assert owed([late, soon, DraftLine("", 1, 1)], BEGAN.date()) == soon
    assert owed([late, soon], date(2026, 12, 4)) == late
    assert owed([late], date(2026, 12, 8)) is None
    assert owed([], BEGAN.date()) is None
