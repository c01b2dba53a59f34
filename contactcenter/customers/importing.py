"""Taking customers over from a file: read and checked whole first, then written, some customers at a time.

Two passes, so that a file of any length is checked without holding the database, and a file with a bad line changes
nothing. Each transaction is short and gives way, so that calls are taken meanwhile; one that breaks off leaves whole
customers, and the same file again does the rest.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, Literal

from contactcenter.core.audit import Actor
from contactcenter.core.db import DATABASE_AWAY, Database
from contactcenter.core.errors import Invalid, Unavailable
from contactcenter.customers import service
from contactcenter.customers.incoming import CustomerIn
from contactcenter.customers.lines import Mistake, Record, records_of_csv, records_of_jsonl
from contactcenter.customers.rules import Origin
from contactcenter.customers.service import PutResult

FileKind = Literal["csv", "jsonl"]
ShowProgress = Callable[[float], None]  # the share that is done, 0..1
READERS: dict[FileKind, Callable[[IO[bytes]], Iterator[Record | Mistake]]] = {
    "csv": records_of_csv,
    "jsonl": records_of_jsonl,
}
MOST_PROBLEMS = 1000
AT_ONCE, MOST_ENTRIES = 25, 200  # customers, and rows of theirs, of one transaction (some 50 ms)
TELL_EVERY = 500


@dataclass
class ImportReport:
    """What an import did, or would do; with problems it did nothing."""

    dry_run: bool
    customers: int = 0
    counts: dict[PutResult, int] = field(default_factory=lambda: dict.fromkeys(PutResult, 0))
    problems: list[Mistake] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        """The report in one sentence."""
        if self.problems:
            more = " or more" if len(self.problems) >= MOST_PROBLEMS else ""
            return f"Nothing was imported: {len(self.problems)}{more} mistakes. Mend them and import the file again."
        counts = ", ".join(f"{self.counts[result]} {result.value}" for result in PutResult)
        return f"{'Dry run, nothing kept: ' if self.dry_run else ''}{self.customers} customers: {counts}."


def import_file(
    db: Database,
    path: Path,
    *,
    now: datetime,
    kind: FileKind | None = None,
    dry_run: bool = False,
    progress: ShowProgress | None = None,
) -> ImportReport:
    """Import a .csv or .jsonl file. Raises `Invalid` when it can't be opened or is neither."""
    chosen = kind or _kind_of(path)
    try:
        with path.open("rb") as stream:
            return import_stream(db, stream, kind=chosen, now=now, dry_run=dry_run, progress=progress)
    except OSError as error:
        raise Invalid(f"The file can't be read ({error.strerror}); check its path and rights.") from None


def import_stream(
    db: Database,
    stream: IO[bytes],
    *,
    kind: FileKind,
    now: datetime,
    dry_run: bool = False,
    progress: ShowProgress | None = None,
) -> ImportReport:
    """Import what `stream` holds; it is read twice, so one that can't go back is read into memory."""
    source = stream if stream.seekable() else io.BytesIO(stream.read())
    size = max(1, source.seek(0, io.SEEK_END))

    def tell(begun: float) -> None:
        if progress is not None:
            progress(min(1.0, begun + 0.5 * source.tell() / size))

    report = _checked(source, kind, dry_run, tell)
    if not report.problems:
        _write(db, source, kind, now, report, tell)
        if progress is not None:
            progress(1.0)
    return report


def _checked(source: IO[bytes], kind: FileKind, dry_run: bool, tell: Callable[[float], None]) -> ImportReport:
    report = ImportReport(dry_run)
    seen: set[str] = set()
    source.seek(0)
    for found in READERS[kind](source):
        if isinstance(found, Mistake):
            report.problems.append(found)
        elif found.customer.relation_number in seen:
            reason = "was in an earlier line already; put all lines of one customer together"
            report.problems.append(Mistake(found.line, "relation_number", reason))
        else:
            seen.add(found.customer.relation_number)
            report.customers += 1
        if len(report.problems) >= MOST_PROBLEMS:
            break
        if report.customers % TELL_EVERY == 0:
            tell(0.0)
    report.problems.sort(key=lambda problem: problem.line)
    if not seen and not report.problems:
        report.problems.append(Mistake(1, "", "holds no customers; check that this is the right file"))
    return report


def _write(
    db: Database, source: IO[bytes], kind: FileKind, now: datetime, report: ImportReport, tell: Callable[[float], None]
) -> None:
    done = 0
    put = _would_put if report.dry_run else _put
    source.seek(0)
    for batch in _batches(READERS[kind](source)):
        try:
            results = put(db, now, batch)
        except DATABASE_AWAY:
            raise Unavailable(
                f"The database failed after {done} of {report.customers} customers; import the same file again: "
                "those that are in stay as they are."
            ) from None
        for result in results:
            report.counts[result] += 1
        done += len(batch)
        tell(0.5)


def _would_put(db: Database, now: datetime, batch: list[CustomerIn]) -> list[PutResult]:
    with db.reading() as session:
        return service.would_put(session, now, batch, origin=Origin.IMPORT)


def _put(db: Database, now: datetime, batch: list[CustomerIn]) -> list[PutResult]:
    with db.writing() as session, session.no_autoflush:
        results = service.put_all(session, now, batch, origin=Origin.IMPORT, actor=Actor.IMPORT)
    db.give_way()
    return results


def _batches(found: Iterator[Record | Mistake]) -> Iterator[list[CustomerIn]]:
    """Customers of one transaction each: a large one goes alone."""
    batch: list[CustomerIn] = []
    entries = 0
    for each in found:
        if isinstance(each, Mistake):
            raise Invalid("The file changed while it was read; import it again.")
        if batch and (len(batch) == AT_ONCE or entries + each.customer.entries > MOST_ENTRIES):
            yield batch
            batch, entries = [], 0
        batch.append(each.customer)
        entries += each.customer.entries
    if batch:
        yield batch


def _kind_of(path: Path) -> FileKind:
    kinds: dict[str, FileKind] = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
    if path.suffix.lower() not in kinds:
        raise Invalid("Only .csv and .jsonl files can be imported; rename the file to what it is.")
    return kinds[path.suffix.lower()]
