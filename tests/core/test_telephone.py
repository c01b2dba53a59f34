"""Telephone numbers as carriers send them and people write them."""

import pytest

from contactcenter.core.telephone import CallerKind, national, read_caller, to_e164


@pytest.mark.parametrize("sent", ["anonymous", "Restricted", "UNAVAILABLE", "", "+266696687", "7378742833"])
def test_a_withheld_caller_has_no_number(sent: str) -> None:
    assert read_caller(sent).kind is CallerKind.WITHHELD
    assert read_caller(sent).e164 is None


@pytest.mark.parametrize(
    "sent",
    [
        "sip:joris@bakkerij.example",
        "client:agent_1",
        "+",
        "12",
        "+31612345678;ext=5",
        "0612345678",  # national: of whose nation?
        "0031612345678",
        "31612345678",
        "+31 6 12345678",
        "+310612345678",  # it has no such number; taking the 0 out would make it Joris's
        "+31800FLOWERS",
        "+3161234٥٦٧٨",
        "+999123456789",
        "+123456",
        "+1234567890123456",
    ],
)
def test_an_odd_caller_has_no_number(sent: str) -> None:
    assert read_caller(sent).kind in (CallerKind.SIP, CallerKind.ODD)
    assert read_caller(sent).e164 is None


@pytest.mark.parametrize("written", ["+31612345678", "0612345678", "06-12345678", "06 12 34 56 78", "0031 6 12345678"])
def test_a_number_in_any_notation_is_the_same_number(written: str) -> None:
    assert to_e164(written) == "+31612345678"


@pytest.mark.parametrize("sent", ["+31612345678", " +442079460000", "+12025550123"])
def test_a_caller_with_a_number_has_it_as_it_was_sent(sent: str) -> None:
    assert read_caller(sent).kind is CallerKind.NUMBER
    assert read_caller(sent).e164 == sent.strip()


@pytest.mark.parametrize("written", ["0800-FLOWERS", "06 1234567B", "tel. 06 12345678", "06 12345678 ext 5"])
def test_letters_are_no_digits(written: str) -> None:
    assert to_e164(written) is None


def test_numbers_are_shown_in_national_notation() -> None:
    assert national("+31612345678") == "06 12345678"
    assert national("+442079460000").startswith("+44")
