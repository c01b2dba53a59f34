"""What a database leaves on disk, whatever its programs say: for stories that search it for words and keys."""

from pathlib import Path

NAME = "contactcenter.db"
BESIDE = {
    ".destroyed",
    ".lock",
    ".checkpoints",
}  # ledger, lock and checkpoints outlive the database


def database_files(folder: Path) -> list[Path]:
    """The database itself, its log and its index; not what stands beside it."""
    return sorted(path for path in folder.glob(f"{NAME}*") if path.suffix not in BESIDE)


def raw(folder: Path) -> bytes:
    """Every byte of the database and its write-ahead log."""
    return b"".join(path.read_bytes() for path in database_files(folder))
