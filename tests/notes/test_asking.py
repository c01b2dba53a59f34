"""Whether an employee asks for what is never asked, measured over made sentences; and when they tell too early."""

import re

import pytest

from contactcenter.customers.rules import Kind
from contactcenter.notes.alerting import Changes, Heard, Known, SpokenKind, Spotted, changes, spotted
from contactcenter.notes.asking import asks
from contactcenter.notes.asking_forms import Asked
from contactcenter.notes.said import Segment
from tests.notes.made_asks import Made, made

CALLER, AGENT = 0, 1
ROLES = ("caller", "agent")


def shut(_kind: Kind, _second: float) -> bool:
    """Nothing was opened in this call."""
    return False


def found(one: Made) -> bool:
    """Whether any sentence of it is taken for asking."""
    said = re.findall(r"[^.?!]+[.?!]*", one.text)
    return any(asked is one.thing for sentence in said for asked, _ in asks(sentence, one.language))


@pytest.mark.parametrize("thing", list(Asked))
@pytest.mark.parametrize("language", ["nl", "en"])
def test_who_asks_is_found_and_who_only_speaks_of_it_is_not(language: str, thing: Asked) -> None:
    sentences = list(made(language, thing, seed=11))
    asking, right = sum(one.asks for one in sentences), sum(one.asks and found(one) for one in sentences)
    wrong = sum(found(one) and not one.asks for one in sentences)
    assert right / asking >= 0.9
    assert right / (right + wrong) >= 0.95


def call(
    *lines: tuple[int, float, str], outbound: bool = False, roles: tuple[str, ...] = ROLES, language: str = "nl"
) -> list[Spotted]:
    """A call of lines (channel, second, text) in which nothing was opened; what is found in it."""
    segments = [Segment(channel, start, start + 2, text, 0.9) for channel, start, text in lines]
    return [*spotted(Heard(segments, roles, language, outbound, shut))]


def test_a_question_over_two_breaths_is_one_question() -> None:
    said = call((AGENT, 4, "Mag ik dan nog even"), (CALLER, 5.5, "Ja hoor."), (AGENT, 7, "uw wachtwoord van u hebben"))
    assert said == [Spotted(SpokenKind.PASSWORD_ASKED, 7)]


def test_what_a_caller_asks_is_no_alert() -> None:
    assert call((CALLER, 4, "Wat is mijn wachtwoord?"), (AGENT, 7, "Daar vragen wij nooit naar.")) == []


def test_where_nobody_knows_who_speaks_nothing_is_looked_for() -> None:
    assert call((CALLER, 4, "Wat is uw wachtwoord?"), roles=()) == []


def test_a_mention_that_is_answered_with_a_password_was_a_question() -> None:
    assert call((AGENT, 4, "En dan het wachtwoord"), (CALLER, 8, "Dat is [password].")) == [
        Spotted(SpokenKind.PASSWORD_ASKED, 4)
    ]
    assert call((AGENT, 4, "En dan het wachtwoord"), (CALLER, 40, "Dat is [password].")) == []


def test_an_account_number_may_be_asked_by_whom_the_customer_called() -> None:
    line = (AGENT, 4.0, "Could you give me your account number?")
    assert call(line, language="en") == []
    assert call(line, language="en", outbound=True) == [Spotted(SpokenKind.ACCOUNT_ASKED, 4)]


def test_what_is_told_before_the_level_is_a_hint() -> None:
    assert call((AGENT, 4, "Uw adres is nog steeds [address].")) == [
        Spotted(SpokenKind.TOLD_EARLY, 4, Kind.NAME_AND_ADDRESS)
    ]
    assert call((AGENT, 4, "Het openstaande bedrag is 120 euro.")) == [Spotted(SpokenKind.TOLD_EARLY, 4, Kind.INVOICES)]
    assert call((AGENT, 4, "Dat is dan [phone], toch?")) == [Spotted(SpokenKind.TOLD_EARLY, 4, Kind.PHONE_NUMBERS)]


@pytest.mark.parametrize(
    "text",
    [
        "Wat is uw adres?",
        "Kunt u zeggen wat uw adres is?",
        "U kunt ons bereiken op [phone].",
        "Ons adres is [address].",
    ],
)
def test_asking_and_what_is_ours_tell_nothing_of_the_customer(text: str) -> None:
    assert call((AGENT, 4, text)) == []


def test_who_repeats_what_the_caller_said_tells_nothing() -> None:
    assert call((CALLER, 2, "Ik ben [phone]."), (AGENT, 4, "[phone], dank u wel.")) == []


def test_what_was_opened_by_then_may_be_told() -> None:
    segments = [Segment(AGENT, at, at + 2, "Uw adres is [address].", 0.9) for at in (4.0, 60.0)]
    heard = Heard(segments, ROLES, "nl", outbound=False, is_open=lambda _kind, second: second > 30)
    assert [one.start for one in spotted(heard)] == [4.0]


def test_another_reading_keeps_what_was_judged_and_what_is_still_there() -> None:
    asked = SpokenKind.PASSWORD_ASKED
    known = [
        Known(1, Spotted(asked, 4), judged=True),
        Known(2, Spotted(asked, 50), judged=False),
        Known(3, Spotted(asked, 90), judged=False),
    ]
    now_found = [Spotted(asked, 52), Spotted(asked, 120)]
    assert changes(known, now_found) == Changes(new=(Spotted(asked, 120),), moved=((2, 52),), gone=frozenset({3}))
    assert changes(known[:1], [Spotted(asked, 5)]) == Changes((), (), frozenset())
