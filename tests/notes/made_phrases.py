"""The phrases of which sentences are made: words for digits and letters, carriers, questions, and what must stay."""

from contactcenter.notes.finds import Kind

LANGUAGES = ("nl", "en")


def _words(nl: str, en: str) -> dict[str, list[str]]:
    return {"nl": nl.split(), "en": en.split()}


def _phrases(nl: str, en: str) -> dict[str, list[str]]:
    return {"nl": nl.split("|"), "en": en.split("|")}


DIGITS = _words(
    "nul een twee drie vier vijf zes zeven acht negen",
    "zero one two three four five six seven eight nine",
)
TEENS = _words(
    "tien elf twaalf dertien veertien vijftien zestien zeventien achttien negentien",
    "ten eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen nineteen",
)
TENS = _words(
    "twintig dertig veertig vijftig zestig zeventig tachtig negentig",
    "twenty thirty forty fifty sixty seventy eighty ninety",
)
WORDS = _words(
    "zonnebloem Welkom Zomer fietsbel Tulp klaproos",
    "sunflower Welcome Summer bicycle Tulip poppy",
)
_NL_ALPHABET = (
    "Anton Bernhard Cornelis Dirk Eduard Ferdinand Gerard Hendrik Izaak Johan Karel Lodewijk Maria Nico "
    "Otto Pieter Quotiënt Rudolf Simon Teunis Utrecht Victor Willem Xantippe Ypsilon Zacharias "
)
_EN_ALPHABET = (
    "Alpha Bravo Charlie Delta Echo Foxtrot Golf Hotel India Juliet Kilo Lima Mike November Oscar Papa "
    "Quebec Romeo Sierra Tango Uniform Victor Whiskey X-ray Yankee Zulu "
)
ALPHABET = {
    language: dict(zip("abcdefghijklmnopqrstuvwxyz", words, strict=True))
    for language, words in _words(_NL_ALPHABET, _EN_ALPHABET).items()
}
BEFORE = _phrases(
    "Goedemorgen, |Even kijken, |||Ja hoor, |Met Wim de Boer. |Eh, |Natuurlijk. ",
    "Good morning, |Let me see, |||Sure, |This is Wim de Boer. |Uh, |Of course. ",
)
AFTER = _phrases(
    ".|, alstublieft.| en ik hoor het graag.|. Dank u wel.|, dat klopt zo.|. Tot morgen dan.",
    ".|, please.| and I hope that helps.|. Thank you very much.|, that is right.|. See you.",
)
HUM = _phrases(
    "Ja.|Oké.|Mm-hm, ja.|Ja, en dan?|Genoteerd.|Ga door.",
    "Yes.|Okay.|Right.|Yes, and then?|Got it.|Go on.",
)

_CARRIERS = """
IBAN nl: mijn rekeningnummer is {} | u mag het overmaken naar {}
IBAN nl: het staat op {} | de IBAN is {} | ik betaal altijd van {}
IBAN en: my account number is {} | you may transfer it to {} | the IBAN is {} | I always pay from {}
card nl: mijn creditcard is {} | ik betaalde met kaart {} | het kaartnummer is {} | er staat op: {}
card en: my credit card is {} | I paid with card {} | the card number is {} | it says: {}
BSN nl: mijn BSN is {} | mijn burgerservicenummer is {} | op de loonstrook staat BSN {}
BSN en: my BSN is {} | my citizen service number is {} | my social security number, {}
phone nl: mijn nummer is {} | u kunt me bereiken op {} | bel me maar op {} | dat is {} | mijn vrouw heeft {}
phone en: my number is {} | you can reach me on {} | call me on {} | that is {} | my wife has {}
e-mail nl: mijn e-mailadres is {} | mail het naar {} | stuur de factuur naar {} | het is {}
e-mail en: my e-mail address is {} | mail it to {} | send the invoice to {} | it is {}
address nl: mijn postcode is {} | ik woon op {} | het adres is {} | stuur het naar {}
address en: my postcode is {} | I live at {} | the address is {} | send it to postal code {}
password nl: mijn wachtwoord is {} | het wachtwoord van de server is {}
password nl: het wachtwoord luidt {} | ik heb als wachtwoord: {} | mijn oude wachtwoord was {}
password en: my password is {} | the password for the server is {}
password en: the password reads {} | I have as password: {} | my old password was {}
code nl: in de app staat {}
code nl: de code is {} | de code die ik per sms kreeg is {} | mijn pincode is {}
code nl: ik kreeg code {} | de verificatiecode: {} | ik heb een sms gekregen met {} | de eenmalige code, dat is {}
code en: the app says {}
code en: the code is {} | the code that I got by text is {} | my PIN is {}
code en: I got code {} | the verification code: {} | I got a text message with {} | the one-time code, that's {}
"""

_QUESTIONS = """
IBAN nl: Wat is uw rekeningnummer?
IBAN en: What is your account number?
card nl: Wat is het kaartnummer?
card en: What is the card number?
BSN nl: Mag ik uw BSN?
BSN en: May I have your BSN?
phone nl: Op welk nummer kan ik u bereiken?
phone en: What number can I reach you on?
e-mail nl: Wat is uw e-mailadres?
e-mail en: What is your e-mail address?
address nl: Wat is uw postcode? | Mag ik uw adres?
address en: What is your postcode? | May I have your address?
password nl: Wat is uw wachtwoord? | Wat is het wachtwoord daarvan?
password en: What is your password? | What's the password for it?
code nl: Wilt u de code voorlezen? | Welke code ziet u in de sms?
code en: Could you read the code to me? | Which code do you see in the text message?
"""

_NEAR = """
nl: Factuur {n9} van {d}-03-2026 staat nog open.
nl: Het bedrag is {n4},50 euro, om {h}:30 uur.
nl: Ordernummer {n9} is onderweg.
nl: Uw relatienummer is {n9}.
nl: We hebben {d} licenties en {e} gebruikers.
nl: De code werkt niet meer na {d} minuten.
nl: Ik ben mijn wachtwoord vergeten.
nl: Mijn wachtwoord is verlopen.
nl: Het wachtwoord is niet goed, zegt hij.
nl: Ik krijg foutcode {n4} op het scherm.
nl: Ticket {n9} is gesloten.
nl: Ik bel u op {d} maart 2026 terug.
nl: In 2024 en 2025 betaalde ik {n4} euro.
nl: Dat kost € {n4} per jaar.
nl: Versie {d}.{e}.2 staat op {e} computers.
nl: De map is {n4} MB groot.
nl: Wij hebben ISO 9001 EN 27001.
nl: Kijk even op www.example.com om {h} uur.
nl: De code van het artikel kost {n4} euro.
nl: Een of twee vragen.
nl: Een wachtwoord is minimaal {d} tekens lang.
nl: De server is in 2019 geplaatst, met {n4} GB.
nl: Om {h} uur {e} komt de monteur langs.
nl: Ik heb {n4} op de lijst staan, en {d} niet.
nl: Dossier {n9} gaat over {d} werkplekken.
nl: Wat is het wachtwoord? Dat weet ik niet.
en: Invoice {n9} of {d}-03-2026 is still open.
en: The amount is {n4}.50 euros, at {h}:30.
en: Order number {n9} is on its way.
en: Your relation number is {n9}.
en: We have {d} licences and {e} users.
en: The code no longer works after {d} minutes.
en: I forgot my password.
en: My password is expired.
en: The password is not right, it says.
en: I get error code {n4} on the screen.
en: Ticket {n9} is closed.
en: I will call you on {d} March 2026.
en: In 2024 and 2025 I paid {n4} euros.
en: It costs € {n4} a year.
en: Version {d}.{e}.2 is on {e} computers.
en: The folder is {n4} MB.
en: We have ISO 9001 and 27001.
en: Please look at harbour dot com at {h}.
en: The discount code gives {d} percent.
en: One or two questions.
en: A password is at least {d} characters.
en: The server was placed in 2019, with {n4} GB.
en: At {h} o'clock the engineer comes by.
en: I have {n4} on the list, and {d} not.
en: Case {n9} is about {d} desks.
en: What is your password? I don't know that.
"""


def _by_kind(table: str) -> dict[tuple[Kind, str], list[str]]:
    """Phrases by class and language, from lines `class language: phrase | phrase`."""
    found: dict[tuple[Kind, str], list[str]] = {}
    for line in table.strip().splitlines():
        name, phrases = line.split(": ", 1)
        kind, language = name.split()
        found.setdefault((Kind(kind), language), []).extend(phrases.split(" | "))
    return found


CARRIERS = _by_kind(_CARRIERS)
QUESTIONS = _by_kind(_QUESTIONS)
NEAR = {
    language: [line[4:] for line in _NEAR.strip().splitlines() if line.startswith(language)] for language in LANGUAGES
}
