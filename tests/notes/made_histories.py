"""Made histories: what customers ask at a support desk, each question in several people's words (nl, en)."""

import random
import re
from collections.abc import Callable, Mapping

EARLIER = 9  # contacts of a made customer, one of them with the same question
QUESTIONS = {
    "nl": [
        [
            "Kan niet inloggen na vakantie",
            "Aanmelden lukt niet meer",
            "Weet zijn wachtwoord niet meer",
            "Account geblokkeerd bij inloggen",
        ],
        [
            "Boekhouder krijgt geen uitnodiging",
            "Wil een map delen met externe",
            "Gedeelde map is niet zichtbaar voor collega",
            "Uitnodiging voor gast komt niet aan",
        ],
        [
            "Alleen-lezen instellen voor gast",
            "Collega mag alleen meelezen",
            "Rechten op een map beperken",
            "Hoe geef ik iemand leesrechten",
        ],
        [
            "Map synchroniseert niet op tweede computer",
            "Rood kruis bij alle bestanden",
            "Wijzigingen komen niet aan op laptop",
            "Bestanden worden niet bijgewerkt",
        ],
        [
            "Bestand per ongeluk verwijderd",
            "Map met contracten is verdwenen",
            "Kan een gewist document terug",
            "Offerte kwijt, graag terugzetten",
        ],
        [
            "Hoe installeer ik op nieuwe laptop",
            "Nieuwe computer gekocht, programma erop zetten",
            "Installatie mislukt op de pc van de receptie",
            "Overzetten naar ander apparaat",
        ],
        [
            "Alles is erg traag",
            "Openen van bestanden duurt heel lang",
            "Programma hangt steeds",
            "Langzaam sinds maandag",
        ],
        [
            "Twee licenties erbij",
            "Wil extra gebruiker toevoegen",
            "Nieuwe collega moet er ook in",
            "Uitbreiden met drie plaatsen",
        ],
        [
            "Licentie van vertrokken medewerker vrijmaken",
            "Oud-collega eruit halen",
            "Gebruiker verwijderen en licentie teruggeven",
            "Minder licenties nodig",
        ],
        ["Wil het contract opzeggen", "Per wanneer kan ik stoppen", "Abonnement beëindigen", "Opzegging bevestigen"],
        [
            "Tot wanneer loopt ons contract",
            "Contract verlengen met een jaar",
            "Looptijd van de overeenkomst",
            "Wanneer moet ik verlengen",
        ],
        [
            "Herinnering gekregen maar al betaald",
            "Aanmaning klopt niet, rekening is voldaan",
            "Betaling nog niet verwerkt",
            "Waarom een herinnering, geld is overgemaakt",
        ],
        [
            "Bedrag is dubbel afgeschreven",
            "Twee keer geïncasseerd",
            "Automatische incasso dubbel uitgevoerd",
            "Geld terug van dubbele afschrijving",
        ],
        [
            "Factuur van mei is te hoog",
            "Bedrag op de rekening klopt niet",
            "Waarom betaal ik meer dan vorig jaar",
            "Prijs op factuur hoger dan afgesproken",
        ],
        [
            "Factuur nog eens toesturen",
            "Kopie van de rekening gevraagd",
            "Heeft de factuur niet ontvangen",
            "Rekening van april graag per mail",
        ],
        [
            "Wij zijn verhuisd, nieuw adres doorgeven",
            "Adreswijziging kantoor",
            "Post gaat naar oude adres",
            "Vestigingsadres aanpassen",
        ],
        [
            "Andere contactpersoon doorgeven",
            "Nieuwe beheerder voor ons account",
            "Contactpersoon is uit dienst",
            "Wie staat er als aanspreekpunt",
        ],
        [
            "Twee keer niet teruggebeld",
            "Zouden bellen maar niets gehoord",
            "Wacht nog steeds op antwoord",
            "Klacht: niemand belt terug",
        ],
        [
            "Niemand kan bij de bestanden",
            "Ligt de dienst eruit",
            "Hele kantoor heeft geen verbinding",
            "Is er een storing",
        ],
        [
            "Welke gegevens hebben jullie van mij",
            "Verzoek om inzage",
            "Wil gegevens laten wissen",
            "AVG-verzoek van een medewerker",
        ],
    ],
    "en": [
        ["Cannot log in after holiday", "Signing in fails", "Forgot the password", "Account locked out"],
        [
            "Accountant gets no invitation",
            "Wants to share a folder with an outsider",
            "Shared folder is not visible to a colleague",
            "Invite for guest does not arrive",
        ],
        [
            "Make a folder read only for guest",
            "Colleague may only look, not change",
            "Limit permissions on a folder",
            "How do I give someone read access",
        ],
        [
            "Folder does not sync on second computer",
            "Red cross on all files",
            "Changes do not arrive on laptop",
            "Files are not up to date",
        ],
        [
            "Deleted a file by mistake",
            "Folder with contracts disappeared",
            "Can a removed document come back",
            "Quote is lost, please restore",
        ],
        [
            "How do I install on a new laptop",
            "Bought a computer, put the program on it",
            "Installation fails on the reception pc",
            "Move to another device",
        ],
        ["Everything is very slow", "Opening files takes ages", "Program freezes all the time", "Slow since Monday"],
        ["Two more licences", "Wants to add a user", "New colleague needs access too", "Extend with three seats"],
        [
            "Free the licence of someone who left",
            "Take a former colleague out",
            "Remove user and return licence",
            "Fewer licences needed",
        ],
        ["Wants to cancel the contract", "When can we stop", "Terminate the subscription", "Confirm our cancellation"],
        [
            "How long does our contract run",
            "Renew the contract for a year",
            "Term of the agreement",
            "When must we renew",
        ],
        [
            "Got a reminder but paid already",
            "Overdue notice is wrong, bill was settled",
            "Payment not processed yet",
            "Why a reminder, money was transferred",
        ],
        [
            "Amount was debited twice",
            "Charged twice this month",
            "Direct debit collected double",
            "Money back of double charge",
        ],
        [
            "Invoice of May is too high",
            "Amount on the bill is wrong",
            "Why do we pay more than last year",
            "Price on invoice higher than agreed",
        ],
        [
            "Send the invoice again",
            "Copy of the bill please",
            "Did not receive the invoice",
            "Bill of April by e-mail please",
        ],
        [
            "We moved, new address",
            "Change of address of the office",
            "Post goes to our old address",
            "Correct the visiting address",
        ],
        [
            "Another contact person",
            "New administrator for our account",
            "Contact person left the company",
            "Who is our named contact",
        ],
        [
            "Twice not called back",
            "Somebody would call, heard nothing",
            "Still waiting for an answer",
            "Complaint: nobody calls back",
        ],
        ["Nobody can open files", "Is the service down", "Whole office has no connection", "Is there an outage"],
        [
            "Which data do you have about me",
            "Request for access to my data",
            "Wants personal data erased",
            "GDPR request of an employee",
        ],
    ],
}

Finder = Callable[[str, Mapping[int, str], str], list[int]]


def right_first(language: str, seed: int, find: Finder, rounds: int = 300) -> float:
    """The share of made customers of whom the contact with the same question comes first."""
    chance = random.Random(seed)
    right = 0
    for _ in range(rounds):
        asked = chance.sample(QUESTIONS[language], EARLIER)
        question, same = chance.sample(asked[0], 2)
        texts = [same, *(chance.choice(other) for other in asked[1:])]
        order = chance.sample(range(EARLIER), EARLIER)
        right += find(question, {i: texts[i] for i in order}, language)[:1] == [0]
    return right / rounds


def by_words(question: str, earlier: Mapping[int, str], language: str) -> list[int]:
    """What counting the words in common finds: the plain way to compare with."""
    asked = set(re.findall(r"\w+", question.lower()))
    shared = {key: len(asked & set(re.findall(r"\w+", text.lower()))) for key, text in earlier.items()}
    return sorted((key for key in shared if shared[key]), key=lambda key: -shared[key])
