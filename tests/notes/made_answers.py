"""What a machine might write of the demo's conversations: lines that are said there, and lines that are not.

Each line: the conversation, what it does, its text, and the numbers of the lines that it cites.
"""

import json
from datetime import datetime
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import contactcenter.demo
from contactcenter.notes.drafter import Conversation
from contactcenter.notes.redaction import redact_segments
from contactcenter.notes.said import Segment

CONVERSATIONS = Path(contactcenter.demo.__file__).parent / "conversations"
BEGAN = datetime(2026, 11, 23, 10, 0, tzinfo=ZoneInfo("Europe/Amsterdam"))
Line = tuple[str, str, str, list[int]]

TRUE: list[Line] = [
    ("question_nl", "question", "Klant wil een map delen met zijn boekhouder, maar die krijgt geen uitnodiging.", [3]),
    ("question_nl", "question", "De boekhouder van de klant ontvangt geen uitnodiging voor de gedeelde map.", [3]),
    ("question_nl", "done", "De uitnodiging stond nog in de wachtrij en is opnieuw verstuurd.", [7, 8]),
    ("question_nl", "done", "De uitnodiging is opnieuw verstuurd; de boekhouder moet binnen een uur bevestigen.", [8]),
    ("question_nl", "question", "Klant vraagt of de boekhouder alleen die map of ook andere bestanden kan zien.", [9]),
    ("question_nl", "outcome", "De boekhouder ziet alleen die map; andere bestanden blijven versleuteld.", [9, 10]),
    ("question_nl", "outcome", "Alle andere bestanden blijven versleuteld.", [10]),
    (
        "invoice_nl",
        "question",
        "Klant kreeg een herinnering voor een factuur die drie weken geleden al is betaald.",
        [2, 3],
    ),
    ("invoice_nl", "question", "Klant heeft een herinnering gekregen voor een betaalde factuur.", [2, 3]),
    ("invoice_nl", "question", "De rekening van honderdtwintig euro is volgens de klant al betaald.", [3, 7]),
    ("invoice_nl", "question", "Het bedrag was 120 euro voor het hele jaar.", [7]),
    (
        "invoice_nl",
        "done",
        "De betaling staat nog niet in het systeem; dit wordt nagevraagd bij de administratie.",
        [6, 8],
    ),
    ("invoice_nl", "done", "Medewerker vraagt het na bij de administratie.", [8]),
    ("invoice_nl", "outcome", "De klant hoeft nu niets te betalen.", [8]),
    ("invoice_nl", "promise", "Medewerker belt terug op donderdag drie december voor vijf uur.", [10]),
    ("invoice_nl", "promise", "Klant wordt donderdag 3 december voor vijf uur teruggebeld.", [10]),
    ("outage_en", "question", "Since nine o'clock this morning none of the files synchronise.", [3]),
    ("outage_en", "question", "Customer reports that no files synchronise since nine o'clock this morning.", [3]),
    ("outage_en", "question", "Every computer in the practice shows a red cross.", [3]),
    (
        "outage_en",
        "question",
        "Old files open, but new X-rays do not arrive in the treatment rooms; patients are waiting.",
        [5],
    ),
    ("outage_en", "question", "The customer asks what to do with new X-rays until then.", [10]),
    (
        "outage_en",
        "done",
        "A storage server in Amsterdam has been failing since ten to nine; engineers are working on it.",
        [7],
    ),
    ("outage_en", "done", "The agent registered the outage.", [11]),
    ("outage_en", "promise", "The outage is expected to be solved within one hour.", [9]),
    ("outage_en", "promise", "The customer will get a message when the outage is over.", [11]),
    (
        "outage_en",
        "done",
        "Advised to save new X-rays on the local disk; they are uploaded once the connection is back.",
        [11],
    ),
    ("outage_en", "outcome", "Nothing has been lost.", [9]),
    (
        "complaint_en",
        "question",
        "Customer complains that a colleague promised twice to call back and nobody did.",
        [3],
    ),
    ("complaint_en", "question", "Complaint: promised twice to be called back, but nobody did.", [3]),
    ("complaint_en", "question", "The calls were about a deleted folder with contracts.", [5]),
    ("complaint_en", "question", "He called on Monday and Wednesday and had to tell the whole story both times.", [5]),
    ("complaint_en", "done", "The folder was restored this morning.", [8]),
    ("complaint_en", "done", "The complaint will be registered.", [8]),
    ("complaint_en", "promise", "The manager will answer the complaint in writing within five working days.", [8]),
    ("complaint_en", "promise", "The agent will call back on Thursday the third of December before noon.", [10]),
    ("complaint_en", "promise", "The agent will call back personally on Thursday 3 December, before noon.", [10]),
]
FALSE: list[Line] = [
    ("question_nl", "question", "Klant wil zijn abonnement opzeggen.", [3]),
    ("question_nl", "question", "Klant wil een map delen met zijn advocaat en zijn accountant.", [3]),
    ("question_nl", "done", "De uitnodiging is opnieuw verstuurd.", [3]),
    ("question_nl", "done", "De uitnodiging is opnieuw verstuurd.", [99]),
    ("question_nl", "done", "De uitnodiging is opnieuw verstuurd.", []),
    ("question_nl", "promise", "Kan hij dan alleen die map zien?", [9]),
    ("question_nl", "done", "Ik wil een map delen met mijn boekhouder.", [3]),
    ("question_nl", "outcome", "De boekhouder moet hem binnen twee uur bevestigen.", [8]),
    ("question_nl", "outcome", "De boekhouder ziet de map niet meer.", [9]),
    ("question_nl", "question", "Het adres is [IBAN].", [5]),
    ("invoice_nl", "question", "De klant heeft vorige maand gebeld over een defecte router.", [2, 3]),
    ("invoice_nl", "question", "De rekening was honderdvijftig euro voor het hele jaar.", [7]),
    ("invoice_nl", "question", "De rekening was 1200 euro voor het hele jaar.", [7]),
    ("invoice_nl", "question", "De rekening was duizend euro voor het hele jaar.", [7]),
    ("invoice_nl", "promise", "Medewerker belt terug op vrijdag drie december voor vijf uur.", [10]),
    ("invoice_nl", "promise", "Medewerker belt terug op donderdag vier december voor vijf uur.", [10]),
    ("invoice_nl", "promise", "Medewerker belt morgen terug.", [10]),
    ("invoice_nl", "promise", "Wij betalen de klant het dubbele bedrag terug.", [8, 10]),
    ("invoice_nl", "promise", "Wanneer hoor ik iets van u?", [9]),
    ("invoice_nl", "outcome", "De betaling is niet geblokkeerd door de bank.", [7]),
    ("invoice_nl", "outcome", "Bezoek www.betaal-hier.example om de rekening te betalen.", [3]),
    ("invoice_nl", "outcome", "De klant is boos en dreigt met een advocaat.", [9]),
    ("outage_en", "question", "The customer wants a refund for the outage.", [3]),
    ("outage_en", "question", "Since seven o'clock this morning none of the files synchronise.", [3]),
    ("outage_en", "question", "Every computer in the practice was stolen last night.", [3]),
    ("outage_en", "promise", "The outage will be solved within two hours.", [9]),
    ("outage_en", "promise", "An engineer will visit the practice tomorrow.", [9]),
    ("outage_en", "done", "The storage server in Rotterdam was hacked.", [7]),
    ("outage_en", "done", "None of our files will synchronise.", [3]),
    ("outage_en", "outcome", "Nothing was uploaded and everything must be restored from the backup.", [11]),
    ("complaint_en", "question", "The customer threatens to sue over the folder.", [5]),
    ("complaint_en", "question", "He called on Tuesday and on Wednesday.", [5]),
    ("complaint_en", "done", "The agent refunded 500 euros.", [8]),
    ("complaint_en", "done", "The folder was destroyed by our engineers.", [8]),
    ("complaint_en", "promise", "My manager will answer it in writing within two working days.", [8]),
    ("complaint_en", "promise", "The agent will call back on Friday before noon.", [10]),
    ("complaint_en", "promise", "The agent will send a gift to apologise.", [10]),
    ("complaint_en", "promise", "Somebody will call me this time.", [9]),
]


@cache
def conversation(name: str) -> Conversation:
    """What was said, redacted as it is stored."""
    told = json.loads((CONVERSATIONS / f"{name}.json").read_text())["segments"]
    said = [Segment(t["channel"], t["start"], t["start"] + 1, t["text"], 0.9) for t in told if t["text"]]
    return Conversation(redact_segments(said, name[-2:]), name[-2:], ("caller", "agent"), BEGAN)


def answer(*lines: Line) -> str:
    """These lines as a machine answers them."""
    return json.dumps({"lines": [{"act": act, "text": text, "cites": cites} for _, act, text, cites in lines]})
