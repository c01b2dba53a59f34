"""The ledger of what was destroyed: a file outside database, vault and backups, so that a restore brings nothing back.

One line of JSON for each recording that was destroyed, each contact that may not be recorded and each hold: public
ids, the carrier's name of the recording, the object's name, moments, words from vocabularies; no personal data. Lines
are only ever added. A transaction's lines are on the disk before it is committed: a crash in between leaves a line
about something that still stands, and it is destroyed at the next start.

Each line has a number and the hash of the line before, the first one of everything before it: lines of versions that
didn't number them. In the same transaction the database remembers the last line (`Head`), so that a ledger that is
older, empty or damaged is never taken for whole.
"""

import errno
import fcntl
import hashlib
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import column, insert, select, table, update
from sqlmodel import Session

from contactcenter.core.disk import flush
from contactcenter.core.errors import Unavailable

PENDING = "ledger"
SUFFIX = ".destroyed"
BEGUN = "begun"
CHAIN = ("of", "n", "prev")  # of a line: its ledger, its number, the hash of the line before
TAIL_BYTES = 64 * 1024  # in which the last whole line is found
HEADS = table("ledger_head", column("ledger"), column("lines"), column("hash"))  # core/installation.py
Line = dict[str, Any]


class LedgerUnavailable(Unavailable):
    """What is to be destroyed can't be written down, so it is not destroyed now."""

    id = "ledger-unavailable"


class LedgerDamaged(Unavailable):
    """A line is not what was written, so nobody can say what else stood there."""

    id = "ledger-damaged"


@dataclass(frozen=True)
class Head:
    """Up to where a ledger goes: its name, the number of its last line, the SHA-256 of that line (hex)."""

    ledger: str
    lines: int
    hash: str


Known = Mapping[str, Head]  # by the ledger's name


@dataclass
class Written:
    """What stands in a ledger: every whole line in its order, and the hashes of the numbered ones."""

    lines: list[Line] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)
    name: str | None = None
    installation: str | None = None

    @property
    def head(self) -> Head | None:
        """Its last numbered line."""
        return Head(self.name, len(self.hashes), self.hashes[-1]) if self.name is not None else None

    def holds(self, head: Head) -> bool:
        """Whether it is that ledger, and goes at least as far."""
        return head.ledger == self.name and self.hashes[head.lines - 1 : head.lines] == [head.hash]


def note(session: Session, now: datetime, what: str, **ids: str | None) -> None:
    """Have `what` happened to these ids written down when this transaction is committed, and before it is."""
    note_lines(session, [{"at": now.isoformat(), "what": what, **ids}])


def note_lines(session: Session, lines: list[Line]) -> None:
    """The same for lines as they stand in another ledger; they get numbers of ours."""
    session.info.setdefault(PENDING, []).extend(plain(line) for line in lines)


def plain(line: Line) -> Line:
    """A line without its place in a ledger."""
    return {name: value for name, value in line.items() if name not in CHAIN}


def moment(line: Line) -> datetime:
    """When a line was written."""
    return datetime.fromisoformat(line["at"])


def known_to(session: Session) -> Known:
    """The ledgers that a database knows of, with their last lines at its last word."""
    return {head.ledger: head for head in (Head(*row) for row in session.execute(select(HEADS)))}


def remember(session: Session, head: Head) -> None:
    """Let the database know up to where a ledger goes."""
    values = {"lines": head.lines, "hash": head.hash}
    if head.ledger in known_to(session):
        session.execute(update(HEADS).where(HEADS.c.ledger == head.ledger).values(values))
    else:
        session.execute(insert(HEADS).values({"ledger": head.ledger, **values}))


class Ledger:
    """One file of lines, written by every process of a machine, one at a time: lines are one write at its end."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self, session: Session) -> None:
        """Write the lines of a transaction that is about to be committed, durably, and let it know of them."""
        lines = session.info.pop(PENDING, [])
        if lines:
            remember(session, self.add(lines, known_to(session)))

    def add(self, lines: list[Line], known: Known) -> Head:
        """Write lines, durably; the last one. `known` is what the database knows. Raises `LedgerUnavailable`."""
        try:
            return self._append(lines, known)
        except OSError as error:
            raise LedgerUnavailable(
                f"The ledger of what was destroyed can't be written ({error.strerror}), so nothing was destroyed or "
                "held; make room, or correct CONTACTCENTER_LEDGER and the rights of its folder."
            ) from None

    def exists(self) -> bool:
        """Whether one was begun."""
        return self.path.is_file()

    def read(self, *, damaged_too: bool = False) -> Written:
        """Every whole line; what a power cut left of one is passed over: its transaction was never committed.

        Raises `LedgerDamaged` at the first line that can't be as it was written; `damaged_too` reads on instead.
        """
        written, before = Written(), hashlib.sha256()
        try:
            with self.path.open("rb") as file:
                for number, raw in enumerate(file, 1):
                    if not _take(written, raw, before) and not damaged_too:
                        raise LedgerDamaged(
                            f"The ledger of what was destroyed is damaged at line {number}; put a whole copy of it "
                            "back. If there is none, move it away; then `contactcenter migrate --new-ledger` begins "
                            "another one, or `contactcenter restore --without-ledger --ledger THE_DAMAGED_ONE` uses "
                            "what can be read of it."
                        )
                    if written.name is None:
                        before.update(raw)
        except FileNotFoundError:
            return written
        except OSError as error:
            raise LedgerUnavailable(
                f"The ledger of what was destroyed can't be read ({error.strerror}); correct CONTACTCENTER_LEDGER or "
                "its rights."
            ) from None
        return written

    def lines(self) -> Iterator[Line]:
        """The lines of `read`."""
        return iter(self.read().lines)

    def _append(self, lines: list[Line], known: Known) -> Head:
        new = not self.exists()
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            last = _last(handle)
            _refuse_older(last, known, begins=lines[0]["what"] == BEGUN)
            start = _line_end_first(handle)
            text, head = _numbered(lines, last or Head(secrets.token_hex(8), 0, _digest_of(handle, start)))
            if os.write(handle, start + text) < len(start + text):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(handle)
        finally:
            os.close(handle)
        if new:
            flush(self.path.parent)
        return head


def _take(written: Written, raw: bytes, before: "hashlib._Hash") -> bool:
    """Take one line in; False when it is damaged. `before` is the hash of all that stands before the first number."""
    text = raw.rstrip(b"\n")
    line = _read(text)
    if line is None:
        return _is_half(text)
    written.lines.append(line)
    if "n" not in line:
        return written.name is None
    follows = (line["of"], line["n"], line["prev"]) == (
        written.name or line["of"],
        len(written.hashes) + 1,
        written.hashes[-1] if written.hashes else before.hexdigest(),
    )
    if follows:
        written.name = line["of"]
        written.hashes.append(hashlib.sha256(text).hexdigest())
        if line["what"] == BEGUN:
            written.installation = written.installation or line.get("installation")
    return follows


def _read(text: bytes) -> Line | None:
    """A line as we write them; None for anything else."""
    try:
        line = json.loads(text)
        if not isinstance(line, dict) or moment(line).tzinfo is None:
            return None
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    texts = {name for name, value in line.items() if isinstance(value, str)}
    needed = {"at", "what"} | ({"of", "prev"} if "n" in line else set())
    others = {name for name, value in line.items() if value is not None} - texts
    return line if needed <= texts and others <= {"n"} and isinstance(line.get("n", 0), int) else None


def _is_half(text: bytes) -> bool:
    """Whether this can be what a power cut left of a line: its beginning, and perhaps zeros; never its end."""
    left = text.rstrip(b"\0 \r")
    return left == b"" or (left.startswith(b"{") and not left.endswith(b"}"))


def _numbered(lines: list[Line], last: Head) -> tuple[bytes, Head]:
    text = b""
    for line in lines:
        chain = dict(zip(CHAIN, (last.ledger, last.lines + 1, last.hash), strict=True))
        one = json.dumps(line | chain, separators=(",", ":")).encode("utf-8")
        last = Head(last.ledger, last.lines + 1, hashlib.sha256(one).hexdigest())
        text += one + b"\n"
    return text, last


def _refuse_older(last: Head | None, known: Known, *, begins: bool) -> None:
    """The file may have been replaced while we run: then what it lacks would never be missed again."""
    if not known or begins:
        return
    ours = known.get(last.ledger) if last else None
    if last is None or ours is None or last.lines < ours.lines or (last.lines == ours.lines and last != ours):
        raise LedgerUnavailable(
            "The ledger of what was destroyed is not the one that this database knows, or older, so nothing was "
            "destroyed or held; put the newest copy of it back."
        )


def _last(handle: int) -> Head | None:
    """The last whole line that has a number."""
    size = os.fstat(handle).st_size
    for text in reversed(os.pread(handle, TAIL_BYTES, max(size - TAIL_BYTES, 0)).split(b"\n")):
        line = _read(text)
        if line is not None and "n" in line:
            return Head(line["of"], line["n"], hashlib.sha256(text).hexdigest())
    return None


def _digest_of(handle: int, more: bytes) -> str:
    """SHA-256 of the whole file and `more`."""
    found = hashlib.sha256()
    at = 0
    while piece := os.pread(handle, TAIL_BYTES, at):
        found.update(piece)
        at += len(piece)
    found.update(more)
    return found.hexdigest()


def _line_end_first(handle: int) -> bytes:
    """A line end before ours where a power cut left half a line."""
    size = os.fstat(handle).st_size
    return b"" if size == 0 or os.pread(handle, 1, size - 1) == b"\n" else b"\n"
