"""After the whole suite: nobody's number, name, password or words in logs, job tables and temporary files.

The stories are about few people, so what may not lie about is known. Each process of a run searches its own folder,
the process that was started searches what every test logged; a find fails the run. What a customer's data is kept in,
tables of ours and sealed recordings, is no place to search, and neither are the files that stories hand over.
"""

import re
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from contactcenter.core.db import metadata
from contactcenter.migrations.tables import MODULES

TELLTALE = re.compile(
    rb"612345678|06 1234 ?5678|622222222|633333333|644444444"
    rb"|Joris|Jansen|Priya|Harbour Dental|Molenstraat|NL91 ?ABNA|bakkerijjansen"
    rb"|veldwijk-demo-2026|a long enough password|a-long-password|koelcel van bakkerij|second laptop"
)
WITHOUT_PEOPLE = ("alert", "audit_entry", "inbox_event", "live_event")  # tables of ours that may name nobody
HANDED_OVER = (".csv", ".jsonl", "/password")  # what stories import, and the files of --password-file
TEXTS = re.compile(rb'"text": ?"((?:[^"\\]|\\.)*)"')  # of words that lie one by one in JSON
DIGITS = (
    b"zero one two three four five six seven eight nine".split(),
    b"nul een twee drie vier vijf zes zeven acht negen".split(),
)
BETWEEN = bytes(each for each in range(256) if not bytes([each]).isalnum())
LARGEST = 20 * 2**20
MOST_SHOWN = 20
assert MODULES  # so that all tables of ours are known


class Canaries:
    """What one process found."""

    def __init__(self, config: pytest.Config) -> None:
        self.config = config
        self.found: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Search what was logged; only the process that was started, which gets all reports."""
        if not hasattr(self.config, "workerinput"):
            for name, text in report.sections:
                if TELLTALE.search(text.encode()):
                    self.found.append(f"{name} of {report.nodeid}")

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Search this process's own folder, and fail the run for anything found."""
        factory: Any = getattr(self.config, "_tmp_path_factory", None)
        base: Path | None = getattr(factory, "_basetemp", None)
        if base is not None and (hasattr(self.config, "workerinput") or self.config.getoption("numprocesses") == 0):
            self.found += searched(base)
        if hasattr(self.config, "workeroutput"):
            self.config.workeroutput["canaries"] = self.found
        elif self.found and session.exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        """Take over what a process of xdist found."""
        self.found += getattr(node, "workeroutput", {}).get("canaries", [])

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say where."""
        if self.found:
            terminalreporter.section("personal data where none belongs", red=True)
            for place in self.found[:MOST_SHOWN]:
                terminalreporter.write_line(place)


def pytest_configure(config: pytest.Config) -> None:
    """Search after every run."""
    config.pluginmanager.register(Canaries(config))


def searched(folder: Path, telltale: "re.Pattern[bytes]" = TELLTALE) -> list[str]:
    """Files and tables below `folder` in which something lies that belongs elsewhere."""
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or str(path).endswith(HANDED_OVER) or path.stat().st_size > LARGEST:
            continue
        if path.name.endswith(("-wal", "-shm", "-journal")):
            continue  # of a database, which is read as a whole
        content = path.read_bytes()
        if content.startswith(b"SQLite format 3"):
            with suppress(sqlite3.DatabaseError):  # damaged on purpose: nobody reads it any more
                found += [f"{path}: table {table}" for table in tables_with(path, telltale)]
        elif any(telltale.search(reading) for reading in readings(content)):
            found.append(str(path))
    return found


def readings(content: bytes) -> tuple[bytes, ...]:
    """A content as it is, and its words as they were said, where each of them lies alone among its times."""
    return content, b" ".join(TEXTS.findall(content))


def left_in(folder: Path, values: Iterable[str]) -> list[str]:
    """Where below `folder` one of these values can be read, in whatever form: any file, its free pages and its log."""
    forms = {form: value for value in values for form in forms_of(value)}
    found = []
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        content = path.read_bytes()
        if content.startswith(b"SQLite format 3"):  # long rows lie in pieces: as they were written, besides
            with closing(sqlite3.connect(path)) as database:
                content += "\n".join(database.iterdump()).encode()
        read = [_squeezed(reading) for reading in readings(content)]
        found += [f"{path.name}: {value}" for form, value in forms.items() if any(form in one for one in read)]
    return sorted({*found})


def forms_of(value: str) -> set[bytes]:
    """A value without what may stand between its letters and digits: these as they are, or said (en, nl)."""
    bare = _squeezed(value.encode())
    said = [b"".join(words[each - 48] if 48 <= each < 58 else bytes([each]) for each in bare) for words in DIGITS]
    return {bare, *said}


def _squeezed(content: bytes) -> bytes:
    return content.lower().translate(None, BETWEEN)


def tables_with(database: Path, telltale: "re.Pattern[bytes]") -> Iterator[str]:
    """Tables of jobs, and of ours that may name nobody, in which there is such a thing."""
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as connection:
        listed = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in listed if name not in metadata.tables or name in WITHOUT_PEOPLE]
        for name in names:
            rows = connection.execute(f'SELECT * FROM "{name}"').fetchall()
            if any(telltale.search(reading) for reading in readings(repr(rows).encode())):
                yield name
