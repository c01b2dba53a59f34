"""The thirty-eight promises as data, as the command tells them, and as the documentation has them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from contactcenter.calls.prompts import catalogue
from contactcenter.cli import cli
from contactcenter.customers.rules import Kind
from contactcenter.privacy.promises import CHECKS, promises, verdicts
from contactcenter.privacy.rules import (
    NOTICES_NAMING_TRANSCRIPTION,
    STATEMENT_LISTS,
    STATEMENTS_NAMING_TRANSCRIPTION,
)
from tests.factories import STRANGER, World
from tests.privacy.line import Line

PAGE = Path(__file__).parents[2] / "docs" / "promises.md"
IDS = [f"P{number:02}" for number in range(1, 39)]


def test_there_are_thirty_eight_in_order() -> None:
    assert [one.id for one in promises()] == IDS


def test_what_is_counted_says_how_and_what_is_not_says_why() -> None:
    for one in promises():
        assert (one.id in CHECKS) == (one.compared is not None), one.id
        assert one.compared or one.missing or one.uncounted, one.id
        assert not (one.uncounted and (one.compared or one.missing)), one.id


def test_every_text_is_there_in_both_languages() -> None:
    for one in promises():
        for text in (one.sentence, one.compared, one.missing, one.uncounted):
            assert text is None or (text.en.endswith(".") and text.nl.endswith(".") and text.en != text.nl), one.id


def test_what_the_statement_does_not_say_is_ours() -> None:
    assert [one.id for one in promises() if one.source is None] == ["P17", "P33"]


def test_the_list_of_the_statement_was_written_down_twice() -> None:
    assert {kind.value for kind in Kind} == STATEMENT_LISTS


def test_somebody_read_the_notice_that_names_transcription() -> None:
    named = "transcription" in catalogue().names
    assert (catalogue().version in NOTICES_NAMING_TRANSCRIPTION) == named
    assert (catalogue().statement_version in STATEMENTS_NAMING_TRANSCRIPTION) == named


def test_nothing_is_kept_by_absence(world: World) -> None:
    with world.reading() as session:
        found = {one.promise.id: one for one in verdicts(session, world.now)}
    assert list(found) == IDS
    assert {id for id, one in found.items() if one.kept is True} == CHECKS.keys() - {"P08", "P12", "P14", "P27"}
    for one in found.values():
        assert (one.note is None) == (one.kept is not None)


def test_the_page_of_the_promises_agrees_with_what_is_counted() -> None:
    said = PAGE.read_text(encoding="utf-8")
    states = dict(re.findall(r"^\| (P\d\d) \|.*?\| ((?:kept|in part|not built)[^|]*) \|", said, re.MULTILINE))
    assert list(states) == IDS
    for one in promises():
        counts = one.compared is not None and one.missing is None
        if states[one.id].startswith("not built"):
            assert one.missing and not one.compared, one.id
        elif states[one.id].startswith("kept"):
            assert counts or one.uncounted, one.id
        else:
            assert counts or one.missing, one.id
    for name, ids in {
        "Counted": [one.id for one in promises() if one.compared and not one.missing],
        "Counted once there is one": [one.id for one in promises() if one.compared and one.missing],
        "Not countable": [one.id for one in promises() if one.uncounted],
    }.items():
        assert f"**{name}**: {', '.join(ids)}." in said


@pytest.fixture
def told(line: Line, monkeypatch: pytest.MonkeyPatch) -> World:
    """The company as commands find it."""
    monkeypatch.setenv("CONTACTCENTER_DATABASE_URL", line.world.db.url)
    monkeypatch.setenv("CONTACTCENTER_PUBLIC_URL", "https://calls.veldwijk.example")
    monkeypatch.setenv("CONTACTCENTER_LANGUAGE", "en")
    return line.world


def rows() -> tuple[int, dict[str, dict[str, Any]]]:
    """Exit status and rows of `contactcenter promises --json`."""
    done = CliRunner().invoke(cli, ["promises", "--json"])
    return done.exit_code, {row["id"]: row for row in json.loads(done.stdout)}


def test_a_program_is_told_every_promise(told: World) -> None:
    status, found = rows()
    assert (status, list(found)) == (0, IDS)
    shape = {"id", "sentence", "source", "ours", "kept", "count", "checked", "link", "note", "confirmed_as_drafted"}
    assert {frozenset(row) for row in found.values()} == {frozenset(shape)}
    assert found["P02"]["source"].startswith("om ze te kunnen terugluisteren")
    assert (found["P02"]["ours"], found["P17"]["ours"], found["P17"]["source"]) == (False, True, None)
    assert (found["P02"]["kept"], found["P02"]["count"], found["P02"]["checked"]) == (True, 0, 0)
    assert found["P02"]["link"] == "https://calls.veldwijk.example/promises/P02"
    for id in ("P11", "P12"):
        assert (found[id]["kept"], found[id]["count"], found[id]["checked"]) == (None, None, None)
        assert found[id]["note"].endswith(".")


def test_a_broken_promise_ends_the_command_with_one(told: World) -> None:
    told.call(STRANGER)
    with told.writing() as session:
        session.connection().exec_driver_sql("UPDATE contact SET started_at = '2020-01-01 00:00:00.000000'")
    status, found = rows()
    assert status == 1
    assert (found["P03"]["kept"], found["P03"]["count"], found["P03"]["checked"]) == (False, 1, 1)
    table = CliRunner().invoke(cli, ["promises"])
    assert table.exit_code == 1
    assert [line for line in table.stdout.splitlines() if line.strip().startswith("P03  broken")]
