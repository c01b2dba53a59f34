"""The list of verifications as a file for a spreadsheet: for a purpose, on record, without customers (P05)."""

import csv
import io
from collections.abc import Iterator
from enum import StrEnum

from sqlmodel import Session

from contactcenter.coaching.listing import Audited, Wanted, audited
from contactcenter.coaching.naming import Naming

MOST_ROWS = 10_000
HEADINGS = ("started_at", "contact", "verification", "handled_by", "level", "result", "evidence", "seconds", "marks")
FORMULA = ("=", "+", "-", "@", "\t", "\r")  # with these a spreadsheet takes a cell for a formula


class ExportPurpose(StrEnum):
    """What a file is made for."""

    AUDIT = "verification-audit"
    DISPUTE = "dispute"
    PRIVACY_REQUEST = "privacy-request"


def export(session: Session, wanted: Wanted, naming: Naming) -> str:
    """The contacts that the filters name as CSV (RFC 4180), newest first, one row a verification; at most 10,000 rows.

    Handlers are named, or not, as on the page.
    """
    written = io.StringIO()
    sheet = csv.writer(written)
    sheet.writerow(HEADINGS)
    for count, row in enumerate(_rows(session, wanted, naming)):
        if count == MOST_ROWS:
            break
        sheet.writerow([harmless(cell) for cell in row])
    return written.getvalue()


def harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _rows(session: Session, wanted: Wanted, naming: Naming) -> Iterator[list[str]]:
    after: str | None = None
    while True:
        found, after = audited(session, wanted, naming, after)
        for one in found:
            yield from _of_contact(one)
        if after is None:
            return


def _of_contact(one: Audited) -> Iterator[list[str]]:
    began = one.started_at.isoformat()
    if not one.lines:
        yield [began, one.public_id, "", one.who or "", "", "", "", "", " ".join(one.marks)]
    for line in one.lines:
        yield [
            began,
            one.public_id,
            line.public_id,
            line.who or "",
            str(int(line.level)),
            line.result.value,
            " ".join(f"{each.key}:{each.outcome.value}" for each in line.evidence),
            "" if line.seconds is None else f"{line.seconds:.0f}",
            " ".join([*line.marks, *one.marks]),
        ]
