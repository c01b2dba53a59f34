"""What a transcript must not keep, as speech recognition writes it; and what it must keep."""

from time import process_time

import phonenumbers
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from stdnum import iban, luhn
from stdnum.nl import bsn

from contactcenter.notes.finds import Kind
from contactcenter.notes.numerals import as_digits
from contactcenter.notes.redaction import redact, redact_segments
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
    ("nl", "BE68 5390 0754 7034 is mijn Belgische rekening.", "[IBAN] is mijn Belgische rekening."),
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
    ("nl", "Stuur maar, alstublieft. joris@bakkerijjansen.nl", "Stuur maar, alstublieft. [e-mail]"),
    ("en", "It is j o r i s dot jansen at example dot org.", "It is [e-mail]."),
    # spelled
    ("nl", "nul zes acht-en-twintig dubbel vier drie drie twee twee", "[phone]"),
    ("en", "N for Nico, L for Leo, nine one, ABNA, oh four one seven, one six four three, double oh.", "[IBAN]."),
    ("en", "Call me on oh double seven double oh nine hundred one two three.", "Call me on [phone]."),
    ("nl", "De code is Anton zeven Karel negen Quirinus twee.", "De code is [code]."),
    # codes, said in passing
    ("en", "The pin's four eight two nine.", "The pin's [code]."),
    ("en", "The password's hunter2.", "The password's [password]."),
    ("en", "I got a text saying 553 921.", "I got a text saying [code]."),
    ("nl", "Mijn oude pin was 1234 en mijn nieuwe 5678.", "Mijn oude pin was [code] en mijn nieuwe [code]."),
    ("en", "My old pin was 1234 and my new one is 5678.", "My old pin was [code] and my new one is [code]."),
    ("en", "And the three digits on the back are one two three.", "And the three digits on the back are [code]."),
    (
        "nl",
        "Welke code heeft u gekregen? Even kijken hoor. 55 39 21",
        "Welke code heeft u gekregen? Even kijken hoor. [code]",
    ),
    (
        "nl",
        "Wachtwoord is met hoofdletter B, bakker, uitroepteken, 2 4.",
        "Wachtwoord is met [password].",
    ),
    ("nl", "Mijn wachtwoord, dat is Zomer2024.", "Mijn wachtwoord, dat is [password]."),
    ("nl", "Als wachtwoord gebruik ik Zomer2024.", "Als wachtwoord gebruik ik [password]."),
    ("nl", "En uw wachtwoord? Geheim123", "En uw wachtwoord? [password]"),
    ("en", "I set my password to Sunshine22.", "I set my password to [password]."),
    ("en", "It's Sunshine22, that's my password.", "It's [password], that's my password."),
    ("en", "One-time password 482913", "One-time password [password]"),
    ("nl", "Mijn pincode is 2019.", "Mijn pincode is [code]."),
    ("nl", "Ik lees hem voor, 482913, dat is de code.", "Ik lees hem voor, [code], dat is de code."),
    # postal addresses
    ("en", "My postcode is SW1A 1AA, number 10.", "My postcode is [address], number [address]."),
    ("nl", "Ik woon aan de Kerkstraat 12 in Utrecht, 3512 ab.", "Ik woon aan de [address] in Utrecht, [address]."),
    ("nl", "Postcode twaalf vierendertig Anton Bernard, huisnummer 28 b.", "Postcode [address], huisnummer [address]."),
    ("en", "I live at 10 Church Road, SW1A 1AA London.", "I live at [address], [address] London."),
    # passwords and codes
    ("nl", "Mijn wachtwoord is Zomer2513!, denk ik.", "Mijn wachtwoord is [password], denk ik."),
    ("nl", "Het wachtwoord is Welkom met hoofdletter W twee nul uitroepteken.", "Het wachtwoord is [password]."),
    ("en", "My password is blue elephant and that fails.", "My password is [password] and that fails."),
    ("nl", "Ik kreeg een sms met de code, 4 8 1 2 0 7.", "Ik kreeg een sms met de code, [code]."),
    ("nl", "Mijn pincode is dubbel negen zesennegentig.", "Mijn pincode is [code]."),
    ("en", "The code they sent reads four eight one, two oh seven.", "The code they sent reads [code]."),
    ("en", "Code: A7K9Q2", "Code: [code]"),
    ("nl", "Vul 903441 in als code.", "Vul [code] in als code."),
    ("nl", "Gebruiker anna en wachtwoord Zomer2024 dus.", "Gebruiker anna en wachtwoord [password] dus."),
    ("nl", "Het wachtwoord? Dat is gewoon Admin123.", "Het wachtwoord? Dat is gewoon [password]."),
    ("nl", "Het is 3011, de letters zijn BX, en dan nummer 12.", "Het is [address], en dan nummer [address]."),
    ("en", "My postcode is 3011 BX and I'm at number 12.", "My postcode is [address] and I'm at number [address]."),
    ("nl", "joris, underscore, jansen, apestaartje hotmail punt com", "[e-mail]"),
]

KEPT = [
    ("nl", "Het wachtwoord is hersteld."),
    ("nl", "Wat is uw wachtwoord? Dat zeg ik liever niet."),
    ("nl", "Het wachtwoord is iets wat wij nooit vragen."),
    ("nl", "Mijn wachtwoord van Office365 doet het niet op Windows10."),
    ("nl", "Welke code was dat in 2024?"),
    ("nl", "Wat is de code van de foutmelding? E1234."),
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
    ("nl", "Ik heb mijn wachtwoord gewijzigd. Uw wachtwoord is vier dagen geldig, of het is vergeten."),
    ("nl", "Het wachtwoord is hoofdlettergevoelig. Wat is het wachtwoord? Dat weet ik niet."),
    ("nl", "De code die u krijgt is zes cijfers lang. De code kwam om 10:30 en kost 119 euro."),
    ("nl", "Foutcode 8007 bij postcode, en de code is 30 minuten geldig."),
    ("nl", "Windows 2019 DC heeft 1024 MB, in 2020 is 1500 mb erbij gekomen, volgens ISO 9001 EN."),
    ("en", "The password is required for all 25 users, and was changed last week."),
    ("en", "The code doesn't work, I have 250 users. Please enter it within 30 minutes."),
    ("en", "Please look at harbour dot com."),
    ("en", "This password is easy to guess, and the new password was typed twice."),
    ("nl", "Dit wachtwoord is makkelijk te raden. U krijgt 1500 AB-flyers."),
    ("en", "Set it up at the next sign-in. Be careful."),
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
        "[IBAN].",
        "En mijn nummer is [phone]",
        "Ja, [phone].",
        "[phone]",
        "Dank u wel.",
    ]


def lines(language: str, *spoken: tuple[int, str]) -> list[str]:
    """What is left of a call of these (channel, text)."""
    segments = [said(channel, at * 2.0, text) for at, (channel, text) in enumerate(spoken)]
    return [segment.text for segment in redact_segments(segments, language)]


def test_a_number_that_is_asked_for_in_pieces_and_read_back_leaves_nothing() -> None:
    assert lines(
        "nl",
        (1, "En de eerste vier cijfers van uw nummer?"),
        (0, "nul zes twaalf"),
        (1, "En de volgende?"),
        (0, "34 56"),
        (1, "En de laatste twee?"),
        (0, "78"),
        (1, "Dus 06 12 34 56 78."),
    ) == [
        "En de eerste vier cijfers van uw nummer?",
        "[phone]",
        "En de volgende?",
        "[phone]",
        "En de laatste twee?",
        "[phone]",
        "Dus [phone].",
    ]


def test_what_the_agent_asks_for_says_what_the_caller_answers() -> None:
    assert lines("nl", (1, "Wat is uw postcode?"), (0, "1234 AB."), (1, "En het huisnummer?"), (0, "56 a.")) == [
        "Wat is uw postcode?",
        "[address].",
        "En het huisnummer?",
        "[address].",
    ]
    assert lines("en", (1, "What is your password?"), (0, "It's sunflower 22."), (1, "Sunflower 22, thank you.")) == [
        "What is your password?",
        "It's [password].",
        "[password], thank you.",
    ]
    assert lines("nl", (1, "Wat is uw ordernummer?"), (0, "111222333.")) == ["Wat is uw ordernummer?", "111222333."]


def test_segments_are_read_in_order_of_time_and_keep_their_own() -> None:
    segments = (said(1, 3.0, "34 56 78"), said(0, 1.0, "Het is 06 12"), said(0, 5.0, "Dank u."))
    assert [(s.start, s.text) for s in redact_segments(segments, "nl")] == [
        (3.0, "[phone]"),
        (1.0, "Het is [phone]"),
        (5.0, "Dank u."),
    ]


def test_a_call_without_words_has_none_afterwards() -> None:
    assert redact_segments((), "nl") == ()


@pytest.mark.parametrize(
    "part", ["a ", "1 ", "A 1 ", "ja, ", "a.b@", "mijn wachtwoord is a b c ", "de code is 1 ", "~\n"]
)
def test_no_text_takes_long(part: str) -> None:
    began = process_time()
    redact(part * 1000, "nl")
    assert process_time() - began < 5


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


AS_HEARD = [  # what Whisper made of values that were spoken over a telephone
    (
        "IBAN",
        ["you may transfer it to NL80R for Romeo.", "A for Alpha, B for Bravo, O for Oscar 863762, O-762, please."],
    ),
    ("IBAN", ["you may transfer it to NL 24 Indija November Golf Bravo 8994 7545 899"]),
    ("IBAN", ["India November Golf Bravo, 8994, 7545."]),
    ("IBAN", ["You may transfer it to NL57-007402-8306.", "Repeat an L57-0702-8306."]),
    ("phone", ["You can reach me on zero two zero.", "020, 657, 6884", "688.", "Okay."]),
    ("e-mail", ["pre-adopt Smith at Gmail."]),
    ("e-mail", ["My email address is at nn.json at example."]),
    ("password", ["Let me see I have his password, Sunflower Sunflower, please."]),
]


@pytest.mark.parametrize(("kind", "heard"), AS_HEARD)
def test_a_value_that_was_heard_badly_goes_all_the_same(kind: str, heard: list[str]) -> None:
    said = [Segment(0, at * 2.0, at * 2.0 + 1, text, 0.9) for at, text in enumerate(heard)]
    text = " ".join(segment.text for segment in redact_segments(said, "en"))
    assert f"[{kind}]" in text
    for piece in ("863762", "762", "8994", "7545", "8306", "688", "020", "Smith", "json", "Sunflower"):
        assert piece not in text


def test_a_code_that_is_announced_again_is_followed_again() -> None:
    talk = [
        f"That is what it says, {word}."
        for word in ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
    ]
    said = ["The code is 4829.", *talk, "So the code is 4829.", "Now it spins.", "4829 and enter."]
    left = redact_segments([Segment(0, float(at), at + 0.9, text, 0.9) for at, text in enumerate(said)], "en")
    assert [one.text for one in left if "4829" in one.text] == []


@pytest.mark.parametrize("text", ["The code is 4829 I think. Yes, 4829.", "The code is 4829 I'm sure, so 4829 it is."])
def test_who_says_i_after_a_code_says_no_letter_of_it(text: str) -> None:
    left = redact(text, "en").text
    assert "4829" not in left
    assert " I" in left
