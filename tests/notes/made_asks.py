"""Made sentences in which an employee asks for a password or an account number, and in which they only speak of it.

Frames times openings times endings, drawn with a seed; written before the patterns were looked at again.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass

from contactcenter.notes.asking_forms import Asked

THINGS = {
    ("nl", Asked.PASSWORD): ("wachtwoord", "paswoord", "wacht woord", "password"),
    ("nl", Asked.ACCOUNT): ("rekeningnummer", "IBAN", "bankrekeningnummer", "IBAN nummer"),
    ("en", Asked.PASSWORD): ("password", "pass word"),
    ("en", Asked.ACCOUNT): ("account number", "IBAN", "bank account number", "bank details"),
}
OPENINGS = {
    "nl": ("", "Goed, ", "Prima. ", "Dank u wel. ", "Dan kijk ik even mee. ", "Oké, en ", "Voor de zekerheid: "),
    "en": ("", "Right, ", "Great. ", "Thank you. ", "Let me have a look. ", "Okay, and ", "Just to be sure: "),
}
ASKED = {
    "nl": (
        "wat is uw {}?",
        "wat was uw {} ook alweer?",
        "mag ik uw {}?",
        "mag ik dan nog even uw {} van u noteren?",
        "kunt u mij uw {} geven?",
        "kunt u uw {} voor mij spellen?",
        "wilt u uw {} even doorgeven?",
        "zou u mij kunnen vertellen wat uw {} is?",
        "ik heb uw {} nodig om verder te gaan",
        "dan heb ik alleen nog uw {} nodig",
        "geeft u mij uw {} maar",
        "noem maar even uw {}",
        "ik zou graag uw {} weten",
        "en uw {}?",
        "uw {} graag",
        "het {} alstublieft",
        "welk {} gebruikt u?",
        "hoe luidt uw {}?",
        "ik moet u nog vragen naar uw {}",
        "kan je me je {} zeggen",
        "wilt u het {} nog eens herhalen?",
        "zeg maar wat uw {} is",
    ),
    "en": (
        "what is your {}?",
        "what's the {} again?",
        "may I have your {}?",
        "can I just take your {} please?",
        "could you give me your {}?",
        "would you spell your {} for me?",
        "can you tell me your {}",
        "could you please confirm your {}",
        "I need your {} to go on",
        "then I'll only need your {}",
        "please give me your {}",
        "just tell me the {}",
        "I'd like to know your {}",
        "and your {}?",
        "your {} please",
        "which {} do you use?",
        "how do you spell your {}?",
        "I have to ask for your {}",
        "let me have your {} then",
        "would you mind telling me your {}?",
    ),
}
SPOKEN_OF = {
    "nl": (
        "wij vragen nooit naar uw {}",
        "u hoeft mij uw {} niet te geven",
        "geef nooit uw {} aan iemand door",
        "een medewerker zal u nooit om uw {} vragen",
        "bent u uw {} vergeten?",
        "u kunt uw {} zelf wijzigen in de applicatie",
        "heeft u uw {} onlangs gewijzigd?",
        "kunt u proberen om uw {} opnieuw in te stellen?",
        "kan ik uw {} voor u laten herstellen?",
        "ik stuur u een link om uw {} te veranderen",
        "ik kan uw {} hier niet zien",
        "ik heb uw {} niet nodig",
        "bewaar uw {} goed",
        "kunt u mij zeggen of u uw {} heeft aangepast?",
        "kunt u aangeven wanneer uw {} voor het laatst is gewijzigd?",
        "wat is er gebeurd met uw {}?",
        "lukt het met het nieuwe {}?",
        "dan vult u daar uw {} in",
        "waar ziet u het veld voor het {}?",
        "mag ik vragen of uw {} nog klopt?",
        "als iemand naar uw {} vraagt is dat een oplichter",
        "uw {} staat niet in ons systeem",
    ),
    "en": (
        "we will never ask for your {}",
        "you don't have to give me your {}",
        "never give your {} to anyone",
        "no employee will ask you for your {}",
        "have you forgotten your {}?",
        "you can change your {} yourself",
        "did you change your {} lately?",
        "could you try to set a new {}?",
        "can I help you reset your {}?",
        "I'm sending you a link to change your {}",
        "I can't see your {} here",
        "I don't need your {}",
        "keep your {} safe",
        "can you tell me if you changed your {}?",
        "could you tell me when your {} was changed?",
        "what happened with your {}?",
        "is the new {} working?",
        "then you enter your {} there",
        "where do you see the field for the {}?",
        "I need you to change your {}",
        "anyone who asks for your {} is a scammer",
        "your {} is not in our system",
    ),
}


@dataclass(frozen=True)
class Made:
    """A sentence, and whether it asks for what it speaks of."""

    text: str
    language: str
    thing: Asked
    asks: bool


def made(language: str, thing: Asked, seed: int, count: int = 200) -> Iterator[Made]:
    """As many sentences of each kind, the same for the same seed."""
    chance = random.Random(f"{seed} {language} {thing}")
    for asks, frames in ((True, ASKED[language]), (False, SPOKEN_OF[language])):
        for _ in range(count):
            words = chance.choice(OPENINGS[language]) + chance.choice(frames).format(
                chance.choice(THINGS[language, thing])
            )
            yield Made(_written(words, chance), language, thing, asks)


def _written(words: str, chance: random.Random) -> str:
    """As a recogniser writes it: mostly with capitals and stops, sometimes without any."""
    if chance.random() < 0.2:
        return words.lower().replace("?", "").replace(".", "")
    return words[0].upper() + words[1:] + ("" if words.endswith("?") else ".")
