"""Every text of a page is spoken in Dutch too, every kept word has words for readers, and nothing is inline."""

import ast
import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from enum import Enum
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po

from contactcenter.contacts.rules import Channel, ContactKind, ContactState, LinkedBy, Outcome, Topic
from contactcenter.core.alerts import AlertKind
from contactcenter.core.formats import filters
from contactcenter.core.i18n import LANGUAGES
from contactcenter.core.web import PACKAGE, page_environment
from contactcenter.customers.correcting import ADDED, ENDED
from contactcenter.customers.incoming import CustomerIn
from contactcenter.customers.rules import Candidate, FieldClass, Kind, MatchKind, Origin, Standing
from contactcenter.customers.writing import LISTS, PRESENT_STATE
from contactcenter.notes.acts import Act
from contactcenter.notes.drafter import NotDrafted
from contactcenter.notes.finds import Kind as Redacted
from contactcenter.pages.desk_side import known_for
from contactcenter.pages.said import Part, parts
from contactcenter.recordings.playback import SENTENCES
from contactcenter.recordings.rules import CarrierCopy, CutReason, Failure, HoldKind, NotRecorded, RecordingState
from contactcenter.settings import load
from contactcenter.staff.rules import Role
from contactcenter.verification import telling
from contactcenter.verification.corrections import REFUSALS
from contactcenter.verification.fields import CORRECTED, NotCorrected
from contactcenter.verification.policy import NATURES, Strength
from contactcenter.verification.questions import FACTS, About
from contactcenter.verification.rules import (
    ApprovalReason,
    FlagKind,
    GlassReason,
    Level,
    NumberDoubt,
    PolicyState,
    Purpose,
)
from contactcenter.verification.showing import Line, Masked, Opened

CHANGES = {name.replace("_", " ") for name in {*CustomerIn.model_fields} - LISTS - {"relation_number"}}
CHANGES |= {*ADDED.values(), *ENDED.values(), *PRESENT_STATE, "person", "person added", "person ended"}
CHANGES |= {"telephone number attested", "telephone number no longer attested"}
TEMPLATES = [path for path in sorted(PACKAGE.glob("*/templates/*.html")) if path.parts[-3] != "simulator"]
VOCABULARIES: dict[str, Iterable[Enum | str]] = {
    "kind": ContactKind,
    "act": Act,
    "not_drafted": NotDrafted,
    "topic": Topic,
    "channel": Channel,
    "state": ContactState,
    "outcome": Outcome,
    "matched": MatchKind,
    "linked": LinkedBy,
    "not_recorded": NotRecorded,
    "recording": RecordingState,
    "carrier_copy": CarrierCopy,
    "purpose": Purpose,
    "refusal": SENTENCES,
    "role": Role,
    "hold": HoldKind,
    "cut_reason": CutReason,
    "field_class": FieldClass,
    "field": Kind,
    "strength": Strength,
    "about": About,
    "corrected": CORRECTED,
    "changed": CHANGES,
    "not_corrected": NotCorrected,
    "approval": ApprovalReason,
    "glass": GlassReason,
    "flag": FlagKind,
    "evidence": NATURES,
    "policy": PolicyState,
    "level": Level,
    "standing": Standing,
    "failure": Failure,
    "alert": AlertKind,
    "fact": [*FACTS, *NumberDoubt],
    "language": LANGUAGES,
    "redacted": Redacted,
}

# Files of slices whose problems the carrier, other servers or the operator hear, in English.
NOT_ON_PAGES = {
    "calls": {"lines.py", "service.py", "webhooks.py"},
    "customers": {"api.py", "importing.py"},
    "recordings": {"webhooks.py", "vault.py", "objects.py"},
    "staff": {"service.py"},
    "verification": {"policy_text.py"},
}


def _catalogue() -> dict[str, str]:
    with (PACKAGE / "core" / "locales" / "nl.po").open("rb") as text:
        catalogue = read_po(text, locale="nl")
    found: dict[str, str] = {}
    for message in catalogue:
        first = message.id[0] if isinstance(message.id, (list, tuple)) else message.id
        forms = message.string if isinstance(message.string, (list, tuple)) else [message.string]
        found[str(first)] = str(forms[0]) if all(forms) else ""
    return found


def _texts(template: Path) -> set[str]:
    options = {"newstyle_gettext": "yes"}
    keywords = {"_": None, "gettext": None, "ngettext": (1, 2)}
    with template.open("rb") as source:
        found = list(extract("jinja2.ext:babel_extract", source, keywords=keywords, options=options))
    return {message if isinstance(message, str) else message[0] for _, message, _, _ in found}


def test_every_text_of_a_page_is_in_the_dutch_catalogue() -> None:
    dutch = _catalogue()
    missing = {text for template in TEMPLATES for text in _texts(template) if not dutch.get(text)}
    assert missing == set()


def test_the_questions_for_callers_the_refusals_and_what_is_sent_are_in_the_dutch_catalogue() -> None:
    texts = {fact.text for fact in FACTS.values()} | set(SENTENCES.values()) | set(REFUSALS.values())
    texts |= {telling.SUBJECT, telling.BODY, telling.WITHOUT_NUMBER, *telling.WHAT.values()}
    assert {text for text in texts if not _catalogue().get(text)} == set()


def test_names_of_values_in_a_dutch_text_are_those_of_the_english_one() -> None:
    for english, dutch in _catalogue().items():
        named = re.compile(r"%\((\w+)\)s")
        assert set(named.findall(english)) == set(named.findall(dutch)), english


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("vocabulary", VOCABULARIES)
def test_every_kept_word_has_words_for_readers(vocabulary: str, language: str) -> None:
    words = page_environment(language, load()).get_template("words.html").module
    said = [str(getattr(words, vocabulary)(one)) for one in VOCABULARIES[vocabulary]]
    assert all(said)
    assert len(set(said)) == len(said)


def problems_of_pages() -> Iterator[tuple[str, ast.expr]]:
    """(file, sentence) of every problem that a page may show to staff."""
    raised = {"Conflict", "Invalid", "NotAllowed", "NotFound", "TooMany", "Unavailable"}
    for folder in ("staff", "contacts", "customers", "verification", "notes", "recordings", "calls", "pages"):
        for path in sorted((PACKAGE / folder).glob("*.py")):
            if path.name not in NOT_ON_PAGES.get(folder, ()):
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in raised:
                        yield from ((f"{folder}/{path.name}", sentence) for sentence in node.args[:1])


def test_every_problem_that_a_page_shows_has_its_dutch() -> None:
    dutch = _catalogue()
    found = list(problems_of_pages())
    assert len(found) > 20
    assert [(name, ast.unparse(one)) for name, one in found if isinstance(one, ast.JoinedStr)] == []
    sentences = [(name, one.value) for name, one in found if isinstance(one, ast.Constant)]
    assert [(name, sentence) for name, sentence in sentences if not dutch.get(str(sentence))] == []


def test_no_template_holds_script_or_style_of_its_own() -> None:
    inline = re.compile(r"\sstyle=|<style|\son\w+=|<script(?![^>]*\bsrc=)|hx-on|javascript:|js:", re.IGNORECASE)
    assert [template.name for template in TEMPLATES if inline.search(template.read_text(encoding="utf-8"))] == []


def test_what_is_kept_until_midnight_is_kept_until_the_day_before() -> None:
    from_midnight = filters("nl", ZoneInfo("Europe/Amsterdam"))["last_day"]
    assert from_midnight(datetime.fromisoformat("2026-12-22T23:00:00+00:00")) == "22 dec 2026"


@pytest.mark.parametrize(
    ("language", "start", "end", "shown"),
    [
        ("nl", date(2023, 3, 1), date(2027, 2, 28), "1 mrt 2023 – 28 feb 2027"),
        ("en", date(2023, 3, 1), None, "1 Mar 2023 – …"),
        ("nl", None, date(2027, 2, 28), "… – 28 feb 2027"),
    ],
)
def test_a_contracts_term_is_written_in_the_language_of_the_page(
    language: str, start: date | None, end: date | None, shown: str
) -> None:
    card = {"kinds": {"contract-term": Opened((Line("", on=start, until=end),))}}
    page = page_environment(language, load()).get_template("card_fields.html")
    assert shown in page.render(kinds=["contract-term"], card=card)


def test_what_we_changed_is_told_in_the_language_of_the_page_and_what_a_source_wrote_as_it_is() -> None:
    rows = (Line("e-mail address added", "Anna de Wit"), Line("Licences from 8 to 12"))
    page = page_environment("nl", load()).get_template("card_fields.html")
    shown = page.render(kinds=["mutations"], card={"kinds": {"mutations": Opened(rows)}})
    assert "e-mailadres toegevoegd · Anna de Wit" in shown
    assert "Licences from 8 to 12" in shown


@pytest.mark.parametrize(("ours", "shown"), [(False, "niveau 2"), (True, "blijft dicht")])
def test_in_a_call_that_we_made_no_level_is_said_to_open_a_field(ours: bool, shown: str) -> None:
    page = page_environment("nl", load()).get_template("card_fields.html")
    card = {"kinds": {"licences": Masked(Level.VERIFIED)}}
    assert shown in page.render(kinds=["licences"], card=card, ours=ours)


@pytest.mark.parametrize(
    ("days", "language", "shown"),
    [(0, "en", "1 day"), (20, "nl", "3 weken"), (364, "en", "1 year"), (1363, "nl", "3 jaar"), (1461, "en", "4 years")],
)
def test_nobody_is_said_to_be_known_a_year_longer_than_they_are(days: int, language: str, shown: str) -> None:
    candidate = Candidate(1, 1, 1, "10042", "Bakkerij Jansen", "Joris Jansen", Origin.IMPORT, days, attested=True)
    assert known_for(candidate, language) == shown


def test_what_was_redacted_shows_as_a_chip_and_other_brackets_as_they_are() -> None:
    assert parts("naar [IBAN] of [e-mail], zei hij [lacht]") == (
        Part("naar ", False),
        Part("IBAN", True),
        Part(" of ", False),
        Part("e-mail", True),
        Part(", zei hij [lacht]", False),
    )
