"""Customers come from files, beside calls: a bad line says what is wrong with it, and then nothing is imported."""

import io
import json
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy.exc import OperationalError
from sqlmodel import func, select

from contactcenter.core.audit import Action
from contactcenter.core.db import Database
from contactcenter.core.errors import Invalid, Unavailable
from contactcenter.customers import service
from contactcenter.customers.importing import AT_ONCE, FileKind, ImportReport, import_file, import_stream
from contactcenter.customers.lines import LONGEST_LINE
from contactcenter.customers.models import Customer
from contactcenter.customers.rules import MatchKind
from contactcenter.customers.service import PutResult
from tests.calls.carrier_stand_in import carrier, new_sid, verbs
from tests.factories import BAKKERIJ_JANSEN, JORIS, World

HEADER = "relation_number,name,postcode,person_reference,person_name,numbers,attested,addresses"
DE_BOER = f"""{HEADER}
20001,Fietsen De Boer,8011 AA,els,Els de Boer,06 11111111|038-4220000,yes,els@deboer.example
20001,Fietsen De Boer,8011 AA,kees,Kees de Boer,06 22222223,,
20002,Café Noir,,,,,,
"""


def many(customers: int) -> str:
    """A file of so many customers, each with a person, a number and an address."""
    lines = (f"K{n},Klant {n},8011 AA,p,P {n},+316{20_000_000 + n},no,p{n}@klant.example" for n in range(customers))
    return "\n".join((HEADER, *lines, ""))


def imported(world: World, text: str | bytes, kind: FileKind = "csv", *, dry_run: bool = False) -> ImportReport:
    """Fleur imports a file with this text."""
    stream = io.BytesIO(text.encode() if isinstance(text, str) else text)
    return import_stream(world.db, stream, kind=kind, now=world.now, dry_run=dry_run)


def problems(report: ImportReport) -> list[tuple[int, str]]:
    """Where the mistakes are."""
    return [(problem.line, problem.column) for problem in report.problems]


def count(world: World) -> int:
    """How many customers there are."""
    return world.rows(select(func.count()).select_from(Customer))[0]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";"])
def test_a_csv_with_one_line_per_person_becomes_customers(world: World, mark: bytes, delimiter: str) -> None:
    report = imported(world, mark + DE_BOER.replace(",", delimiter).encode())
    assert (report.problems, report.customers, report.counts[PutResult.CREATED]) == ([], 2, 2)
    assert report.sentence == "2 customers: 2 created, 0 changed, 0 unchanged."
    (els,) = world.match("+31611111111").candidates
    assert (els.person_name, els.attested, els.relation_number) == ("Els de Boer", True, "20001")
    assert not world.match("+31622222223").candidates[0].attested
    assert len(world.acts(Action.CUSTOMER_IMPORTED)) == 2


def test_the_same_file_again_changes_nothing(world: World) -> None:
    imported(world, DE_BOER)
    assert imported(world, DE_BOER).counts == {
        PutResult.CREATED: 0,
        PutResult.CHANGED: 0,
        PutResult.UNCHANGED: 2,
    }


def test_a_dry_run_counts_and_keeps_nothing(world: World) -> None:
    report = imported(world, DE_BOER, dry_run=True)
    assert report.counts[PutResult.CREATED] == 2
    assert report.sentence.startswith("Dry run")
    assert count(world) == 2
    assert world.match("+31611111111").kind is MatchKind.NONE


def test_a_dry_run_says_what_the_import_then_does_and_waits_for_no_writer(world: World) -> None:
    jansen = "10042,Bakkerij J. Jansen,7311 AB,els,Els Jansen,06 11111111,yes,els@jansen.example\n"
    text = HEADER + "\n" + jansen + DE_BOER.removeprefix(HEADER + "\n")
    with world.db.writing():
        promised = imported(world, text, dry_run=True).counts
    assert promised == {PutResult.CREATED: 2, PutResult.CHANGED: 1, PutResult.UNCHANGED: 0}
    assert imported(world, text).counts == promised
    assert imported(world, text, dry_run=True).counts[PutResult.UNCHANGED] == 3


def test_what_a_broken_off_import_leaves_is_whole_and_the_same_file_does_the_rest(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_all, batches = service.put_all, iter(range(2))

    def failing(*args: Any, **named: Any) -> list[PutResult]:
        if next(batches, None) is None:
            raise OperationalError("disk full", {}, Exception())
        return put_all(*args, **named)

    monkeypatch.setattr(service, "put_all", failing)
    with pytest.raises(Unavailable, match=f"after {2 * AT_ONCE} of 100 customers"):
        imported(world, many(100))
    assert count(world) == 2 + 2 * AT_ONCE
    assert len(world.match(f"+316{20_000_000 + 2 * AT_ONCE - 1}").candidates) == 1
    monkeypatch.undo()
    counts = imported(world, many(100)).counts
    assert (counts[PutResult.CREATED], counts[PutResult.UNCHANGED]) == (100 - 2 * AT_ONCE, 2 * AT_ONCE)


def test_callers_hear_the_notice_while_thousands_of_customers_come_in(tmp_path: Path) -> None:
    seen: list[tuple[float, int]] = []
    with carrier(tmp_path) as twilio, ThreadPoolExecutor(1) as elsewhere:
        theirs = Database(twilio.parts.settings.database_url)
        stream = io.BytesIO(many(2_000).encode())
        coming = elsewhere.submit(import_stream, theirs, stream, kind="csv", now=twilio.parts.clock())
        while not coming.done():
            began = time.monotonic()
            answer = twilio.post("/twilio/voice", CallSid=new_sid("CA"))
            seen.append((time.monotonic() - began, twilio.rows(Customer)))
            assert "Gather" in verbs(answer)
        assert coming.result().counts[PutResult.CREATED] == 2_000
        theirs.close()
    assert len({written for _, written in seen if 0 < written < 2_000}) > 3  # answered in between, again and again
    assert max(seconds for seconds, _ in seen) < 5


def test_every_bad_line_is_named_and_nothing_is_imported(world: World) -> None:
    report = imported(
        world,
        f"""{HEADER}
20001,Goed,8011 AA,els,Els,06 11111111,yes,els@deboer.example
20002,,8011 AA,,,,,
20003,Drie,8011 AA,x,X,06 11111111|12,yes,
20004,Vier,8011 AA,x,X,,perhaps,nobody
20005,Vijf,8011 AA,,X,,,
20006,Zes,8011 AA
20001,Goed,8011 AA,kees,Kees,,,
""",
    )
    assert problems(report) == [
        (3, "name"),
        (4, "numbers"),
        (5, "attested"),
        (5, "addresses"),
        (6, "person_reference"),
        (7, ""),
        (8, "relation_number"),
    ]
    assert count(world) == 2
    assert str(report.problems[1]).startswith("line 4: numbers: is no telephone number")
    assert report.sentence == "Nothing was imported: 7 mistakes. Mend them and import the file again."


def test_a_reason_never_repeats_what_stands_in_the_file(world: World) -> None:
    report = imported(world, f"{HEADER}\n20001,Geheim BV,9876 ZZ,x,Zwijg,0612,misschien,zwijg@\n")
    assert len(report.problems) == 3
    for word in ("Geheim", "9876", "Zwijg", "0612", "misschien", "zwijg@"):
        assert word not in " ".join(str(problem) for problem in report.problems)


def test_lines_of_one_customer_must_agree(world: World) -> None:
    text = "relation_number,name,town,person_reference,person_name\n1,A,Zwolle,x,X\n1,A,Meppel,y,Y\n"
    assert problems(imported(world, text)) == [(3, "town")]


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", [(1, "relation_number"), (1, "name")]),
        ("relation_number,name\n", [(1, "")]),
        ("relation_number,name,birth_date,name\n1,A,x,B\n", [(1, "name"), (1, "birth_date"), (1, "name")]),
        ("name,town\nA,B\n", [(1, "relation_number")]),
        ('relation_number,name\n1,"A\n2,B\n', [(2, "")]),
        ("relation_number,name\n1,A\x00B\n", [(2, "name")]),
    ],
)
def test_a_file_that_is_no_such_csv_says_why(world: World, text: str, where: list[tuple[int, str]]) -> None:
    assert problems(imported(world, text)) == where


@pytest.mark.parametrize(
    ("rows", "where"),
    [
        (["9," + "x" * LONGEST_LINE * 20], [(2, "")]),
        (["9," * LONGEST_LINE], [(2, "")]),
        (['"x\n",' * LONGEST_LINE], [(2, "")]),
        (["x" * LONGEST_LINE * 20], [(2, "")]),
        ([f"77,Groot,p{n},P" for n in range(20_000)], [(2, "persons")]),
    ],
    ids=["a long cell", "many cells", "many lines in one row", "a long line", "many persons"],
)
def test_a_file_without_end_costs_little_and_says_why(
    world: World, rows: list[str], where: list[tuple[int, str]]
) -> None:
    text = "\n".join(["relation_number,name,person_reference,person_name", *rows])
    stream = io.BytesIO(text.encode())
    del text, rows
    tracemalloc.start()
    report = import_stream(world.db, stream, kind="csv", now=world.now)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert problems(report) == where
    assert most < 64 * 1024 * 1024


def test_a_header_without_end_is_one_mistake(world: World) -> None:
    report = imported(world, "relation_number" + ",name" * 50_000 + "\n1,A\n")
    assert problems(report) == [(1, "header")]
    assert "50001 columns" in report.problems[0].reason


def test_a_file_in_another_encoding_names_the_line_and_column(world: World) -> None:
    text = "relation_number,name\n1,Koffie\n2,Café\n".encode("latin-1")
    report = imported(world, text)
    assert problems(report) == [(3, "name")]
    assert "UTF-8" in report.problems[0].reason


def test_an_empty_cell_empties_a_field_but_a_missing_column_leaves_it(world: World) -> None:
    imported(world, "relation_number,name,street\n10042,Bakkerij Jansen,\n")
    (jansen,) = world.rows(select(Customer).where(Customer.relation_number == "10042"))
    assert (jansen.street, jansen.town, jansen.country) == ("", "Apeldoorn", "NL")


def test_jsonl_brings_dated_rows_too_and_names_the_field(world: World) -> None:
    good = json.dumps(BAKKERIJ_JANSEN | {"relation_number": "20042"})
    bad = json.dumps({"relation_number": "20043", "name": "X", "rows": [{"kind": "invoices"}]})
    assert problems(imported(world, f"{good}\n\n{bad}\nnonsense\n", "jsonl")) == [
        (3, "rows.0.reference"),
        (3, "rows.0.on"),
        (3, "rows.0.title"),
        (4, ""),
    ]
    assert imported(world, f"\ufeff{good}\n", "jsonl").counts[PutResult.CREATED] == 1


def test_a_stream_that_cannot_go_back_is_taken_too(world: World) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe: BinaryIO = Pipe(DE_BOER.encode())
    assert import_stream(world.db, pipe, kind="csv", now=world.now).counts[PutResult.CREATED] == 2


def test_the_kind_comes_from_the_name_of_the_file(world: World, tmp_path: Path) -> None:
    file = tmp_path / "customers.CSV"
    file.write_text(DE_BOER)
    assert import_file(world.db, file, now=world.now).customers == 2
    with pytest.raises(Invalid, match=r"\.csv and \.jsonl"):
        import_file(world.db, tmp_path / "customers.xlsx", now=world.now)
    with pytest.raises(Invalid, match="can't be read"):
        import_file(world.db, tmp_path / "gone.csv", now=world.now)


def test_thousands_of_lines_show_progress_and_arrive_whole(world: World) -> None:
    shown: list[float] = []
    stream = io.BytesIO(many(4_000).encode())
    report = import_stream(world.db, stream, kind="csv", now=world.now, progress=shown.append)
    assert report.counts[PutResult.CREATED] == 4_000
    assert world.match("+31620003999").candidates[0].relation_number == "K3999"
    assert len(world.match(JORIS).candidates) == 1
    assert shown == sorted(shown)
    assert (shown[-1], len(shown) > 10) == (1.0, True)
