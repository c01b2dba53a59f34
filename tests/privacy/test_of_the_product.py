"""P08, P31, P33: what the product's own lines hold, what its pages load, and what it asks."""

import re
from pathlib import Path

import pytest

from contactcenter.core import inbox
from contactcenter.core.alerts import AlertKind, raise_alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.web import PACKAGE
from contactcenter.privacy.of_the_product import foreign
from contactcenter.verification.questions import FACTS
from tests.privacy.line import Line

A_FIELD = re.compile(r"<(?:input|textarea|select)\b[^>]*>")
PASSWORD = re.compile(r"password|wachtwoord|pincode|passcode", re.IGNORECASE)


def test_lines_of_a_whole_call_hold_no_personal_data(line: Line) -> None:
    line.whole()
    line.world.put({"relation_number": "10042", "name": "Bakkerij Jansen BV"})
    found = line.finding("P31")
    assert found.count == 0
    assert found.checked > 10


@pytest.mark.parametrize("detail", ["+31655555555", "somebody@office.example", "from +31655555555 to us"])
def test_a_number_or_an_address_in_the_audit_trail_breaks_it_and_is_not_repeated(line: Line, detail: str) -> None:
    with line.world.writing() as session:
        record(session, line.world.now, Actor.SYSTEM, Action.CONTACT_CHANGED, "x", detail)
    line.breaks("P31", None)
    assert [one.id for one in line.finding("P31").offenders] == ["contact:changed"]


def test_a_number_in_the_inbox_or_an_alert_breaks_it_too(line: Line) -> None:
    with line.world.writing() as session:
        inbox.accept(session, line.world.now, "CA1:status", "status", "CA1 +31655555555")
        raise_alert(session, line.world.now, AlertKind.UNKNOWN_LINE, "+31850000099")
    line.breaks("P31", None, None, None)  # an alert is on the audit trail as well


def test_after_a_day_they_are_looked_at_no_more(line: Line) -> None:
    with line.world.writing() as session:
        record(session, line.world.now, Actor.SYSTEM, Action.CONTACT_CHANGED, "x", "+31655555555")
    line.world.travel(hours=25)
    line.keeps("P31", checked=0)


def test_our_pages_load_nothing_from_elsewhere(line: Line) -> None:
    found = line.finding("P33")
    assert found.count == 0
    assert found.checked == len([*PACKAGE.glob("*/templates/*.html"), *PACKAGE.glob("*/static/*.[cj]s*")])


@pytest.mark.parametrize(
    "text",
    [
        '<script src="https://tracker.example/a.js"></script>',
        '<img src="//pixel.example/1.gif">',
        "body { background: url('https://fonts.example/a.woff2') }",
        "@import 'https://fonts.example/a.css';",
        "document.cookie = 'visitor=1';",
    ],
)
def test_a_page_that_does_breaks_it(tmp_path: Path, text: str) -> None:
    for name in ("pages/templates/a.html", "core/static/app.css", "core/static/app.js"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("<p>url(/static/own.png) https://in.words</p>")
    assert (foreign(tmp_path).count, foreign(tmp_path).checked) == (0, 3)
    other = tmp_path / "other"
    (other / "pages" / "templates").mkdir(parents=True)
    (other / "pages" / "templates" / "a.html").write_text(text)
    assert [one.id for one in foreign(other).offenders] == ["pages/templates/a.html"]


def test_no_question_asks_for_a_password() -> None:
    assert [fact.key for fact in FACTS.values() if PASSWORD.search(f"{fact.key} {fact.text}")] == []


def test_no_field_of_our_pages_takes_a_customers_password() -> None:
    asking = {
        path.parts[-3]
        for path in PACKAGE.glob("*/templates/*.html")
        for field in A_FIELD.findall(path.read_text(encoding="utf-8"))
        if PASSWORD.search(field)
    }
    assert asking == {"staff"}  # their own
