"""The list as a file: the same filters, a purpose on record, no customers, no formulas (P05)."""

import csv
import io

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.coaching import export
from contactcenter.coaching.export import HEADINGS, harmless
from contactcenter.core.audit import Action
from contactcenter.staff.models import Team
from tests.coaching.acts import verified
from tests.factories import JORIS, PRIYA, World

AUDIT = {"purpose": "verification-audit"}


def rows(browser: TestClient, query: str = "") -> list[dict[str, str]]:
    """The file, read as a spreadsheet reads it."""
    answer = browser.post(f"/verifications{query}", data=AUDIT)
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.headers["content-disposition"] == 'attachment; filename="verifications.csv"'
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def test_the_file_holds_what_the_filters_name_and_is_on_record(world: World, dirk: TestClient, call: int) -> None:
    verification = verified(world, call)
    world.travel(minutes=1)
    other = world.call(PRIYA, answered_by=world.members["Bram"])
    found = rows(dirk)
    assert [one["contact"] for one in found] == [world.contact(other).public_id, world.contact(call).public_id]
    assert tuple(found[0]) == HEADINGS
    assert (found[0]["verification"], found[0]["level"]) == ("", "")
    assert (found[1]["verification"], found[1]["level"], found[1]["seconds"]) == (verification, "2", "40")
    assert "known-number:holds" in found[1]["evidence"]
    assert [one["contact"] for one in rows(dirk, "?level=2")] == [world.contact(call).public_id]
    assert [one.detail for one in world.acts(Action.VERIFICATIONS_EXPORTED)] == ["verification-audit"] * 2


def test_it_names_no_customer_and_no_agent(world: World, dirk: TestClient, call: int) -> None:
    verified(world, call)
    text = dirk.post("/verifications", data=AUDIT).text
    assert [secret for secret in ("Jansen", "Joris", "10042", JORIS, "7311", "Anna") if secret in text] == []


@pytest.mark.parametrize("purpose", ["", "service", "marketing"])
def test_without_a_purpose_there_is_no_file(world: World, dirk: TestClient, call: int, purpose: str) -> None:
    assert dirk.post("/verifications", data={"purpose": purpose}).status_code == 422
    assert world.acts(Action.VERIFICATIONS_EXPORTED) == []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_begins_a_formula(start: str) -> None:
    assert harmless(f'{start}HYPERLINK("x")') == f'\'{start}HYPERLINK("x")'
    assert harmless(f"a{start}") == f"a{start}"


def test_a_team_that_is_called_like_a_formula_stays_text(world: World, dirk: TestClient, call: int) -> None:
    for name in ("Gijs", "Hugo"):
        world.hire(name)
    with world.writing() as session:
        session.exec(select(Team).where(Team.name == "Support")).one().name = '=cmd|"/c calc"!A1, "x"'
    assert rows(dirk)[0]["handled_by"] == '\'=cmd|"/c calc"!A1, "x"'


def test_it_ends_after_so_many_rows(world: World, dirk: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "MOST_ROWS", 2)
    for _ in range(3):
        world.call(PRIYA, answered_by=world.members["Bram"])
    assert len(rows(dirk)) == 2
