"""What the shipped audio says: the prompts that callers hear and the demo conversations. make_audio.py speaks it.

A line is what is written down; `spoken` is given where a synthesiser needs it in other letters (numbers, addresses).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["nl", "en"]
CALLER, AGENT = 0, 1


@dataclass(frozen=True)
class Line:
    """Something one party says; `pause` is the silence before it, in seconds (below zero: it starts too early)."""

    channel: int
    text: str
    spoken: str | None = None
    pause: float = 0.5


@dataclass(frozen=True)
class HoldMusic:
    """Music that the caller hears, on the agent's channel."""

    seconds: float
    pause: float = 0.6


@dataclass(frozen=True)
class Conversation:
    name: str
    kind: Literal["question", "outage", "complaint", "invoice"]
    language: Language
    caller: str
    title: dict[Language, str]
    voices: tuple[str, str]  # of the caller, of the agent; names from make_audio.VOICES
    lines: tuple[Line | HoldMusic, ...]


# --- prompts

PROMPTS_VERSION = "2026-11"
STATEMENT_VERSION = "2021-06+transcription"
NAMES = {"notice": ["recording", "transcription"]}  # the processing that a prompt names
PROMPT_VOICES: dict[Language, str] = {"nl": "nl-woman", "en": "en-heart"}

_NUMBERS: dict[Language, list[str]] = {
    "nl": ["één", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"],
    "en": ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine"],
}

PROMPTS: dict[str, dict[Language, str]] = {
    "notice": {
        "nl": "Welkom. Dit gesprek kan worden opgenomen, en daarna door onze eigen computer worden uitgeschreven, "
        "om u te helpen en voor training. Wilt u dat niet? Toets dan 9.",
        "en": "Welcome. This call may be recorded, and then transcribed by our own computer, "
        "to help with your question and for training. If you do not want that, press 9.",
    },
    "notice-unrecorded": {
        "nl": "Welkom. Dit gesprek wordt niet opgenomen.",
        "en": "Welcome. This call is not being recorded.",
    },
    "language-choice": {  # each in the other language: it is for whom the file's own language does not suit
        "nl": "For English, press 2.",
        "en": "Voor Nederlands, toets 1.",
    },
    "objection-kept": {
        "nl": "Wij nemen dit gesprek niet op. U houdt uw plaats in de rij.",
        "en": "We do not record this call. You keep your place.",
    },
    "relation-number": {
        "nl": "Toets uw relatienummer in, en daarna het hekje. Heeft u het niet bij de hand? Wacht dan even.",
        "en": "Please key in your relation number, and then the hash key. If you do not have it at hand, just wait.",
    },
    "waiting": {
        "nl": "Al onze medewerkers zijn in gesprek. Een ogenblik geduld.",
        "en": "All our colleagues are busy. Please hold.",
    },
    **{
        f"position-{place}": {
            "nl": f"U bent nummer {_NUMBERS['nl'][place - 1]} in de rij.",
            "en": f"You are number {_NUMBERS['en'][place - 1]} in the queue.",
        }
        for place in range(1, 10)
    },
    "position-many": {
        "nl": "Er zijn meer dan negen mensen voor u.",
        "en": "More than nine people are before you.",
    },
    "closed": {
        "nl": "Wij zijn nu gesloten. Belt u ons morgen terug.",
        "en": "We are closed now. Please call again tomorrow.",
    },
    "unavailable": {
        "nl": "Er is nu niemand vrij. Belt u ons later terug.",
        "en": "Nobody is free at the moment. Please call again later.",
    },
    "technical-problem": {
        "nl": "Wij hebben een technisch probleem. Belt u ons later terug.",
        "en": "We have a technical problem. Please call again later.",
    },
    "goodbye": {"nl": "Dank u wel, en tot ziens.", "en": "Thank you, and goodbye."},
    "recording-stopped": {
        "nl": "De opname is gestopt en wordt vernietigd.",
        "en": "The recording has been stopped and will be destroyed.",
    },
}

# --- demo conversations: callers of a company, Veldwijk, that sells encrypted file storage

CONVERSATIONS: tuple[Conversation, ...] = (
    Conversation(
        name="question_nl",
        kind="question",
        language="nl",
        caller="Joris Jansen, Bakkerij Jansen",
        title={"nl": "Vraag: een map delen met de boekhouder", "en": "Question: sharing a folder with the accountant"},
        voices=("nl-man", "nl-woman"),
        lines=(
            Line(AGENT, "Goedemorgen, u spreekt met Sanne van Veldwijk. Waar kan ik u mee helpen?", pause=1.2),
            Line(CALLER, "Goedemorgen, u spreekt met Joris Jansen van Bakkerij Jansen."),
            Line(CALLER, "Ik wil een map delen met mijn boekhouder, maar hij krijgt geen uitnodiging.", pause=0.4),
            Line(AGENT, "Dat is vervelend. Ik zoek het even voor u op. Welk adres heeft u ingevuld?"),
            Line(
                CALLER,
                "Het adres is joris@example.nl. En mijn nummer is 0612345678.",
                spoken="Het adres is joris, apenstaartje, example, punt en el. "
                "En mijn nummer is, nul, zes, één, twee, drie, vier, vijf, zes, zeven, acht.",
                pause=0.8,
            ),
            Line(AGENT, "Dank u wel. Een ogenblik geduld, ik zet u even in de wacht."),
            HoldMusic(6.0),
            Line(AGENT, "Bedankt voor het wachten, meneer Jansen. De uitnodiging stond nog in de wachtrij.", pause=0.8),
            Line(
                AGENT, "Ik heb hem nu opnieuw verstuurd. Uw boekhouder moet hem binnen een uur bevestigen.", pause=0.4
            ),
            Line(CALLER, "Kan hij dan alleen die map zien, of ook mijn andere bestanden?"),
            Line(AGENT, "Alleen die map. Alle andere bestanden blijven versleuteld, ook voor ons."),
            Line(CALLER, "Heel goed. Dank u wel voor uw hulp."),
            Line(AGENT, "Graag gedaan. Tot ziens, meneer Jansen."),
        ),
    ),
    Conversation(
        name="outage_en",
        kind="outage",
        language="en",
        caller="Priya Shah, Harbour Dental",
        title={"nl": "Storing: bestanden synchroniseren niet", "en": "Outage: files do not synchronise"},
        voices=("en-emma", "en-michael"),
        lines=(
            Line(AGENT, "Good afternoon, Veldwijk support, this is Tom. How can I help you?", pause=1.2),
            Line(CALLER, "Hello Tom, this is Priya Shah from Harbour Dental."),
            Line(
                CALLER,
                "Since nine o'clock this morning none of our files will synchronise. "
                "Every computer in the practice shows a red cross.",
                pause=0.4,
            ),
            Line(AGENT, "I am sorry to hear that. Can you still open files that were already on the computer?"),
            Line(
                CALLER,
                "Yes, the old ones open, but new X-rays do not arrive in the treatment rooms. "
                "We have patients waiting.",
                pause=0.7,
            ),
            Line(AGENT, "I understand. Let me look at the status of your server.", pause=0.4),
            Line(
                AGENT,
                "I can see it now. One of our storage servers in Amsterdam has been failing since ten to nine. "
                "Our engineers are working on it.",
                pause=2.0,
            ),
            Line(CALLER, "How long will that take?"),
            Line(AGENT, "We expect it to be solved within one hour. Nothing has been lost."),
            Line(CALLER, "And what should we do with the new X-rays until then?", pause=0.6),
            Line(
                AGENT,
                "Please save them on the local disk. They will be uploaded as soon as the connection is back. "
                "I have registered the outage, and you will get a message when it is over.",
            ),
            Line(CALLER, "All right. Thank you for being clear about it."),
            Line(AGENT, "Thank you for calling, Miss Shah. Goodbye."),
            Line(CALLER, "Goodbye.", pause=0.3),
        ),
    ),
    Conversation(
        name="complaint_en",
        kind="complaint",
        language="en",
        caller="Daniel Brooks, Brooks and Lane Solicitors",
        title={"nl": "Klacht: tweemaal niet teruggebeld", "en": "Complaint: twice not called back"},
        voices=("en-george", "en-heart"),
        lines=(
            Line(AGENT, "Good morning, this is Emma at Veldwijk. What can I do for you?", pause=1.2),
            Line(CALLER, "Good morning. My name is Daniel Brooks, of Brooks and Lane Solicitors."),
            Line(
                CALLER,
                "I want to make a complaint. Your colleague promised twice that somebody would call me back, "
                "and nobody did.",
                pause=0.4,
            ),
            Line(AGENT, "I am very sorry, Mister Brooks. May I ask what the first call was about?"),
            Line(
                CALLER,
                "It was about a deleted folder with contracts. I called on Monday, and again on Wednesday. "
                "Both times I had to tell the whole story from the beginning.",
                pause=0.6,
            ),
            Line(AGENT, "I can see both calls here, so you do not have to tell it again.", pause=0.6),
            Line(CALLER, "That would be a nice change.", pause=0.2),
            Line(
                AGENT,
                "The folder was restored this morning. I will register your complaint, "
                "and my manager will answer it in writing within five working days.",
                pause=0.8,
            ),
            Line(CALLER, "And will somebody call me this time?"),
            Line(
                AGENT,
                "Yes. I will call you back myself, on Thursday the third of December, before noon. "
                "On which number can I reach you?",
            ),
            Line(
                CALLER,
                "On 020 7946 0123.",
                spoken="On, zero two zero, seven nine four six, zero one two three.",
                pause=0.6,
            ),
            Line(AGENT, "Thank you. You will hear from me on Thursday. Goodbye, Mister Brooks."),
            Line(CALLER, "Goodbye.", pause=0.3),
        ),
    ),
    Conversation(
        name="invoice_nl",
        kind="invoice",
        language="nl",
        caller="Marieke de Boer, Hoveniersbedrijf de Boer",
        title={"nl": "Factuur: een herinnering voor een betaalde rekening", "en": "Invoice: reminder of a paid bill"},
        voices=("nl-woman", "nl-man"),
        lines=(
            Line(AGENT, "Goedemiddag, u spreekt met Peter van Veldwijk. Wat kan ik voor u doen?", pause=1.2),
            Line(CALLER, "Goedemiddag, met Marieke de Boer. Ik heb een herinnering gekregen voor een factuur."),
            Line(CALLER, "Maar ik heb die rekening drie weken geleden al betaald.", pause=0.4),
            Line(AGENT, "Ik kijk het voor u na. Van welke rekening heeft u betaald?"),
            Line(
                CALLER,
                "Van NL91 ABNA 0417 1643 00.",
                spoken="Van en el, negen, één, aa, bee, en, aa, nul, vier, één, zeven, één, zes, vier, drie, nul, nul.",
                pause=1.0,
            ),
            Line(AGENT, "Dank u. Ik zie uw betaling hier nog niet staan. Welk bedrag was het?"),
            Line(CALLER, "Het was honderdtwintig euro, voor het hele jaar."),
            Line(
                AGENT,
                "Dan vraag ik het na bij onze administratie. U hoeft nu niets te betalen.",
                pause=0.8,
            ),
            Line(CALLER, "Goed, maar wanneer hoor ik dan iets van u?"),
            Line(AGENT, "Ik bel u terug op donderdag drie december, voor vijf uur. Mag ik uw nummer?"),
            Line(
                CALLER,
                "Ja, dat is 0612345678.",
                spoken="Ja, dat is nul, zes, één, twee, drie, vier, vijf, zes, zeven, acht.",
                pause=0.6,
            ),
            Line(AGENT, "Dat heb ik genoteerd. Dank u wel, en tot donderdag."),
            Line(CALLER, "Dank u wel, tot ziens.", pause=0.3),
        ),
    ),
    Conversation(
        name="question_en",
        kind="question",
        language="en",
        caller="Liam Carter, Carter Cycles",
        title={"nl": "Korte vraag: een nieuwe laptop", "en": "Short question: a new laptop"},
        voices=("en-puck", "en-emma"),
        lines=(
            Line(AGENT, "Good morning, Veldwijk, you are speaking with Sarah.", pause=1.2),
            Line(CALLER, "Hi Sarah, this is Liam Carter from Carter Cycles."),
            Line(CALLER, "I bought a new laptop. Can I use Veldwijk Drive on it as well as on the old one?", pause=0.4),
            Line(AGENT, "Yes, you can. Your licence covers three devices, and you are using two of them."),
            Line(CALLER, "Great. And how do I get my files on it?", pause=0.4),
            Line(
                AGENT,
                "Install the program, log in with your e-mail address, and enter your recovery key. "
                "Then everything arrives by itself.",
            ),
            Line(CALLER, "That sounds easy. Thanks very much."),
            Line(AGENT, "You are welcome. Have a nice day."),
        ),
    ),
)
