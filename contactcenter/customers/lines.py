"""Lines of an import file as customers. A mistake names its line and column, and never repeats what stands there.

CSV: UTF-8 with or without a byte order mark, comma or semicolon, a first line with the names of the columns:
relation_number, name, street, postcode, town, country, language, licence_provider, collection_method,
bank_account, payment_method, contract_from, contract_until, standing, and for a person person_reference,
person_name, person_language, authorised_for, authorised_until, numbers, attested, addresses. Only relation_number
and name must be there. One line per person: the lines of a customer follow each other and repeat its columns.
Several numbers or addresses in one cell are separated by |; `attested` is yes or no and goes for all numbers of
the line; dates are written like 2026-11-30. Dated rows (licences, invoices) come by JSONL only: there each line
is one customer as the API takes it.
"""

import csv
import io
import json
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from pydantic import ValidationError

from contactcenter.customers.incoming import MOST_PERSONS, CustomerIn, complaints, read

CUSTOMER_COLUMNS = tuple(name for name in CustomerIn.model_fields if name not in ("persons", "rows"))
PERSON_COLUMNS = {
    "person_reference": "reference",
    "person_name": "name",
    "person_language": "language",
    "authorised_for": "authorised_for",
    "authorised_until": "authorised_until",
    "numbers": "numbers",
    "attested": "attested",
    "addresses": "addresses",
}
COLUMNS = (*CUSTOMER_COLUMNS, *PERSON_COLUMNS)
# An empty cell of these means "not said"; of the others it means "empty".
NOT_SAID_WHEN_EMPTY = {"country", "language", "standing", "authorised_for"}
DATES = {"contract_from", "contract_until", "authorised_until"}
YES_OR_NO = {"yes": True, "ja": True, "true": True, "1": True, "no": False, "nee": False, "false": False, "0": False}
LONGEST_LINE = 1_000_000  # bytes of a line of JSONL; characters of a row of CSV, whose cells may hold line ends
WIDEST_HEADER = 100


@dataclass(frozen=True)
class Mistake:
    """What is wrong where. `column` is a column's name or the path of a field; empty for the line as a whole."""

    line: int
    column: str
    reason: str

    def __str__(self) -> str:
        """One line for a reader."""
        return f"line {self.line}: {self.column + ': ' if self.column else ''}{self.reason}"


@dataclass(frozen=True)
class Record:
    """One customer and the line on which it begins."""

    line: int
    customer: CustomerIn


@dataclass
class _Group:
    """The lines of one customer in a CSV file."""

    line: int
    cells: dict[str, str]
    persons: list[tuple[int, dict[str, Any]]] = field(default_factory=list)


def records_of_jsonl(stream: IO[bytes]) -> Iterator[Record | Mistake]:
    """Customers of a file with one JSON object a line; empty lines are skipped."""
    number = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        if len(line) == LONGEST_LINE and not line.endswith(b"\n"):
            yield Mistake(number, "", f"is longer than {LONGEST_LINE} bytes; send large customers by the API in parts")
            return
        text = line.removeprefix(b"\xef\xbb\xbf").strip() if number == 1 else line.strip()
        if text:
            yield from _read(number, text)


def records_of_csv(stream: IO[bytes]) -> Iterator[Record | Mistake]:
    """Customers of a CSV file, the lines of each put together."""
    first = stream.readline(LONGEST_LINE)
    delimiter = ";" if first.count(b";") > first.count(b",") else ","
    stream.seek(0)
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", errors="surrogateescape", newline="")
    try:
        yield from _customers(_Rows(text, delimiter))
    finally:
        text.detach()  # the stream is the caller's to close


class _TooLong(Exception):
    """A row is longer than anything that we take."""


class _Rows:
    """The rows of a CSV file, none of them ever longer in memory than `LONGEST_LINE`."""

    def __init__(self, text: IO[str], delimiter: str) -> None:
        self._text = text
        self._characters = 0  # of the row that is being read
        self._reader = csv.reader(self._lines(), delimiter=delimiter, strict=True)

    def __iter__(self) -> Iterator[tuple[int, list[str] | Mistake]]:
        """(line on which the row begins, its cells); what the reader chokes on ends the file."""
        while True:
            line, self._characters = self._reader.line_num + 1, 0
            try:
                cells = next(self._reader)
            except StopIteration:
                return
            except csv.Error:
                yield line, Mistake(line, "", "is no CSV; check its quotation marks")
                return
            except _TooLong:
                yield line, Mistake(line, "", f"is longer than {LONGEST_LINE} characters; check its quotation marks")
                return
            if any(cell.strip() for cell in cells):
                yield line, cells

    def _lines(self) -> Iterator[str]:
        while line := self._text.readline(LONGEST_LINE):
            self._characters += len(line)
            if self._characters >= LONGEST_LINE:
                raise _TooLong
            yield line


def _customers(read: _Rows) -> Iterator[Record | Mistake]:
    rows = iter(read)
    header = yield from _header(rows)
    group: _Group | None = None
    for line, cells in rows if header else ():
        row = cells if isinstance(cells, Mistake) else _row(line, header, cells)
        if isinstance(row, Mistake):
            yield row
            continue
        if group is not None and group.cells["relation_number"] != row["relation_number"]:
            yield from _finished(group)
            group = None
        group = group or _Group(line, {name: row[name] for name in header if name in CUSTOMER_COLUMNS})
        yield from _add_line(group, line, row)
    if group is not None:
        yield from _finished(group)


def _header(rows: Iterator[tuple[int, list[str] | Mistake]]) -> Generator[Mistake, None, list[str]]:
    """The names of the columns; empty when they are wrong, and then every mistake is named."""
    line, cells = next(rows, (1, []))
    if isinstance(cells, Mistake):
        yield cells
        return []
    header = [cell.strip().lower() for cell in cells]
    wrong = list(_header_problems(line, header))
    yield from wrong
    return [] if wrong else header


def _header_problems(line: int, header: list[str]) -> Iterator[Mistake]:
    if len(header) > WIDEST_HEADER:
        yield Mistake(line, "header", f"has {len(header)} columns; use {', '.join(COLUMNS)}, each at most once")
        return
    for name in header:
        if name not in COLUMNS or header.count(name) > 1:
            reason = "appears twice" if name in COLUMNS else f"is no column; use {', '.join(COLUMNS)}"
            yield Mistake(line, name if name.isprintable() and len(name) <= 40 else "header", reason)
    for name in ("relation_number", "name"):
        if name not in header:
            yield Mistake(line, name, "is missing; every file needs this column")


def _row(line: int, header: list[str], cells: list[str]) -> dict[str, str] | Mistake:
    if len(cells) != len(header):
        return Mistake(line, "", f"has {len(cells)} cells where the first line has {len(header)}")
    row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
    for name, cell in row.items():
        if any("\udc80" <= character <= "\udcff" for character in cell):
            return Mistake(line, name, "is not UTF-8; save the file as UTF-8")
    return row


def _add_line(group: _Group, line: int, row: dict[str, str]) -> Iterator[Mistake]:
    for name, value in group.cells.items():
        if row[name] != value:
            yield Mistake(line, name, "differs from this customer's first line; repeat it or correct one of them")
    person = {PERSON_COLUMNS[name]: value for name, value in row.items() if name in PERSON_COLUMNS}
    if any(person.values()):
        attested = person.pop("attested", "").lower()
        if attested and attested not in YES_OR_NO:
            yield Mistake(line, "attested", "is neither yes nor no")
        if len(group.persons) <= MOST_PERSONS:  # one more than may be, so that it is named, and no further ones
            group.persons.append((line, _person(person, YES_OR_NO.get(attested))))


def _person(cells: dict[str, str], attested: bool | None) -> dict[str, Any]:
    person: dict[str, Any] = _said(cells)
    if "numbers" in cells:
        mark = {} if attested is None else {"attested": attested}
        person["numbers"] = [{"number": number} | mark for number in _split(cells["numbers"])]
    if "addresses" in cells:
        person["addresses"] = [{"email": email} for email in _split(cells["addresses"])]
    return person


def _said(cells: dict[str, str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for name, cell in cells.items():
        if cell or name not in NOT_SAID_WHEN_EMPTY:
            said[name] = None if name in DATES and not cell else cell
    return said


def _split(cell: str) -> list[str]:
    return [part.strip() for part in cell.split("|") if part.strip()]


def _finished(group: _Group) -> Iterator[Record | Mistake]:
    data = _said(group.cells)
    if group.persons:
        data["persons"] = [person for _, person in group.persons]
    for found in _read(group.line, json.dumps(data)):
        yield _placed(found, group) if isinstance(found, Mistake) else found


def _placed(problem: Mistake, group: _Group) -> Mistake:
    """The line and column of a CSV file for the path of a field."""
    parts = problem.column.split(".")
    if parts[0] != "persons" or len(parts) < 3:
        return problem
    line = group.persons[int(parts[1])][0]
    columns = {path: column for column, path in PERSON_COLUMNS.items()}
    return Mistake(line, columns.get(parts[2], parts[2]), problem.reason)


def _read(line: int, text: str | bytes) -> Iterator[Record | Mistake]:
    try:
        yield Record(line, read(text))
    except ValidationError as error:
        for path, reason in complaints(error):
            yield Mistake(line, path, reason)
