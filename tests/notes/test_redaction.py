"""What a transcript must not keep, as speech recognition writes it; and what it must keep."""

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.nl import bsn

from contactcenter.notes.numerals import as_digits
from contactcenter.notes.redaction import Kind, redact, redact_segments
from contactcenter.notes.said import Segment

GONE = [
    # account numbers
    ("nl", "Mijn rekening is NL91 ABNA 0417 1643 00 en dat klopt.", "Mijn rekening is [IBAN] en dat klopt."),
    ("nl", "NL91ABNA0417164300.", "[IBAN]."),
    ("nl", "Dat is NL 91 A.B.N.A. 0417.1643.00, ja.", "Dat is [IBAN], ja."),
    ("nl", "n l negen een a b n a nul vier een zeven een zes vier drie nul nul", "[IBAN]"),
    ("nl", "Het is NL20 INGB 0001 2345 68.", "Het is [IBAN]."),  # one digit misheard
    ("en", "My account is GB82 WEST 1234 5698 7654 32, thanks.", "My account is [IBAN], thanks."),
    ("en", "It is DE89 3704 0044 0532 0130 00 in Berlin.", "It is [IBAN] in Berlin."),
    # cards
    ("en", "The card is 4111 1111 1111 1111, until March.", "The card is [card], until March."),
    ("en", "four one one one, one one one one, one one one one, one one one one", "[card]"),
    ("nl", "5500-0000-0000-0004", "[card]"),
    ("nl", "Mijn creditcard is 4111 1111 1111 1112.", "Mijn creditcard is [card]."),  # misheard
    # citizen numbers
    ("nl", "Mijn BSN is 111222333.", "Mijn BSN is [BSN]."),
    ("nl", "Mijn burgerservicenummer is 123 456 789.", "Mijn burgerservicenummer is [BSN]."),  # misheard
    ("nl", "Dat is een een een, twee twee twee, drie drie drie.", "Dat is [BSN]."),
    # telephone numbers
    ("nl", "Mijn nummer is 0612345678.", "Mijn nummer is [phone]."),
    ("nl", "06 12 34 56 78 of 06-12345678 of 06.1234.5678", "[phone] of [phone] of [phone]"),
    ("nl", "Bel 020 123 45 67 maar.", "Bel [phone] maar."),
    ("nl", "nul zes twaalf vierendertig zesenvijftig achtenzeventig", "[phone]"),
    ("nl", "nul zes, dubbel vier, drie drie, twee twee, een een", "[phone]"),
    ("nl", "En mijn nummer is no. 6123-4-5-6-7-8.", "En mijn nummer is no. [phone]."),
    ("en", "Call me on oh six, one two three four five six seven eight.", "Call me on [phone]."),
    ("en", "It is +31 (0)6 12345678.", "It is [phone]."),
    ("en", "It is plus 44 20 7946 0958 in London.", "It is [phone] in London."),
    ("en", "0031 6 1234 5678", "[phone]"),
    # addresses
    ("nl", "Mail naar joris@bakkerijjansen.nl alstublieft.", "Mail naar [e-mail] alstublieft."),
    ("nl", "joris punt jansen apenstaartje bakkerij streepje jansen punt nl", "[e-mail]"),
    ("nl", "Het adres is Joris, Appenstartiaxempel.nl", "Het adres is [e-mail]"),
    ("en", "priya dot shah at harbour dash dental dot co dot uk", "[e-mail]"),
    ("en", "Write to priya.shah@harbour-dental.example, please.", "Write to [e-mail], please."),
]

KEPT = [
    ("nl", "Factuur 2026-0034 van 12-03-2026 over 1.234,50 euro, om 10:30 uur."),
    ("nl", "Factuurnummer 202600345 staat nog open."),
    ("nl", "Het bedrag van 1.234.567,89 is op 12 maart 2026 betaald."),
    ("nl", "Ik bel u op 12-03-2026, 10 uur 30 terug."),
    ("nl", "Ik bel u op 12 3 2026 terug, tussen 10 en 12."),
    ("nl", "Dat kost € 123.456.782 per jaar."),
    ("nl", "Een ogenblik, ik heb een of twee vragen, ten eerste over de tien licenties."),
    ("nl", "Ticket 20261203456 en bestelling 111222333 zijn gesloten."),
    ("nl", "Relatienummer 100234567 heeft 25 gebruikers en 13 licenties."),
    ("nl", "In 2024, 2025 en 2026 betaalde u 119 euro."),
    ("en", "Invoice 20260034512 of 03/12/2026 for 12,345.67 euros at 9.30."),
    ("en", "One or two users, ten licences, three computers, at nine o'clock."),
    ("en", "Please look at www.example.com at ten."),
    ("en", "Version 18.1.0 came on 2026-11-22."),
    ("en", "Your reference number is 0612345678."),
    ("en", "Error 80070005 at 12:30:45."),
]


@pytest.mark.parametrize(("language", "said", "kept"), GONE)
def test_personal_numbers_and_addresses_go(language: str, said: str, kept: str) -> None:
    assert redact(said, language).text == kept


@pytest.mark.parametrize(("language", "said"), KEPT)
def test_amounts_dates_times_and_references_stay(language: str, said: str) -> None:
    assert redact(said, language).text == said


@pytest.mark.parametrize(("language", "said", "kept"), GONE)
def test_redacting_again_changes_nothing(language: str, said: str, kept: str) -> None:
    assert redact(kept, language).text == kept


def test_a_find_says_what_it_was_and_where_it_stood() -> None:
    said = "Bel nul zes twaalf 34 56 78 of mail joris@example.nl"
    redacted = redact(said, "nl")
    assert [(find.kind, said[find.start : find.end]) for find in redacted.finds] == [
        (Kind.PHONE, "nul zes twaalf 34 56 78"),
        (Kind.EMAIL, "joris@example.nl"),
    ]


def test_a_text_in_a_third_language_is_redacted_too() -> None:
    assert redact("Meine Nummer ist 06 12345678, DE89 3704 0044 0532 0130 00.", "de").text == (
        "Meine Nummer ist [phone], [IBAN]."
    )


def said(channel: int, start: float, text: str) -> Segment:
    """Words of one breath."""
    return Segment(channel, start, start + 1, text, 0.9)


def test_a_number_said_in_two_breaths_goes_although_the_agent_hums_in_between() -> None:
    segments = (
        said(0, 1.0, "Mijn rekening is NL91 ABNA"),
        said(1, 3.0, "Ja."),
        said(0, 4.0, "0417 1643 00."),
        said(0, 6.0, "En mijn nummer is 06 12 34"),
        said(1, 8.0, "Ja, 34."),
        said(0, 9.0, "56 78"),
        said(0, 10.0, "Dank u wel."),
    )
    assert [s.text for s in redact_segments(segments, "nl")] == [
        "Mijn rekening is [IBAN]",
        "Ja.",
        "En mijn nummer is [phone]",
        "Ja, 34.",
        "Dank u wel.",
    ]


def test_the_numbers_of_two_speakers_are_never_put_together() -> None:
    segments = (said(0, 1.0, "06 12 34"), said(1, 2.0, "56 78"))
    assert redact_segments(segments, "nl") == segments
    assert redact_segments((), "nl") == ()


def test_number_words_are_read_up_to_ninety_nine_in_both_languages() -> None:
    assert as_digits("nul één twaalf drieëndertig negenennegentig dubbel vier", "nl").text == "0 1 12 33 99 44"
    assert as_digits("zero twelve thirty three ninety-nine double oh twenty", "en").text == "0 12 33 99 00 20"
    assert as_digits("achter de zeesluis, eendracht, tenor", "nl").text == "achter de zeesluis, eendracht, tenor"


WORDS = {
    "nl": ["nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"],
    "en": ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}
separators = st.sampled_from(["", " ", "-", ". ", ", "])


@st.composite
def spoken(draw: st.DrawFn, digits: str) -> tuple[str, str]:
    """(language, digits in groups, some of them as words) as it may come from speech recognition."""
    language = draw(st.sampled_from(["nl", "en"]))
    written = []
    for digit in digits:
        if digit.isdigit() and draw(st.integers(0, 3)) == 0:
            written.append(f" {WORDS[language][int(digit)]} ")
        else:
            written.append(digit + draw(separators))
    return language, "".join(written).strip(" ,.-")


@given(st.data(), st.integers(0, 10**10 - 1), st.sampled_from(["ABNA", "INGB", "RABO", "TRIO"]))
def test_every_dutch_account_number_goes(data: st.DataObject, number: int, bank: str) -> None:
    account = iban.calc_check_digits(f"NL00{bank}{number:010}")
    language, said = data.draw(spoken(f"NL{account}{bank}{number:010}"))
    assert redact(f"Het is {said}", language).text == "Het is [IBAN]"


@given(st.data(), st.integers(4 * 10**14, 6 * 10**14 - 1))
def test_every_card_goes(data: st.DataObject, number: int) -> None:
    card = f"{number}{luhn.calc_check_digit(str(number))}"
    language, said = data.draw(spoken(card))
    assert redact(f"Nummer {said}", language).text == "Nummer [card]"


@given(st.data(), st.integers(10**6, 10**8 - 1))
def test_every_citizen_number_goes(data: st.DataObject, number: int) -> None:
    check = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), f"{number:08}", strict=True)) % 11
    citizen = f"{number:08}{check}"
    assume(bsn.is_valid(citizen))
    language, said = data.draw(spoken(citizen))
    assert redact(f"Ja {said}", language).text in ("Ja [BSN]", "Ja [phone]")


@given(st.data(), st.integers(10**7, 10**8 - 1))
def test_every_mobile_number_goes(data: st.DataObject, number: int) -> None:
    mobile = f"06{number}"
    assume(phonenumbers.is_valid_number(phonenumbers.parse(mobile, "NL")))
    language, said = data.draw(spoken(mobile))
    assert redact(f"Ja {said}", language).text == "Ja [phone]"


@given(st.text(max_size=200), st.sampled_from(["nl", "en", "xx"]))
def test_any_text_at_all_comes_through_and_stays_the_same_the_second_time(text: str, language: str) -> None:
    redacted = redact(text, language)
    assert redacted.finds or redacted.text == text
    assert all(0 <= find.start < find.end <= len(text) for find in redacted.finds)
