"""A PostgreSQL server for tests; `python -m tools.postgresql` prints where its programs are, or fails."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.engine import make_url

PLACES = ("/usr/lib/postgresql", "/opt/homebrew/opt", "/usr/local/opt")  # Debian and Ubuntu, Homebrew
SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "200", "listen_addresses": ""}


def programs() -> Path | None:
    """The folder of initdb and pg_ctl: on the PATH, or the newest in the places where packages put them."""
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    candidates = [path.parent for place in PLACES for path in Path(place).glob("*/bin/initdb")]
    return max(candidates, key=_version, default=None)


def _version(folder: Path) -> int:
    digits = "".join(filter(str.isdigit, folder.parent.name))
    return int(digits or 0)


@contextmanager
def server(**settings: str) -> Iterator[str]:
    """Runs a fresh server on a Unix socket, and yields the SQLAlchemy URL of its empty database.

    It forgets on a power cut what it promised, for speed; `settings` say otherwise.
    """
    bin_ = programs()
    if bin_ is None:
        raise FileNotFoundError("PostgreSQL is missing: run ./run.sh test, which installs or names it.")
    with tempfile.TemporaryDirectory(prefix="pg-", dir="/tmp") as folder:  # sockets need a short path
        _hand_over(folder)
        data = f"{folder}/data"
        _run(bin_ / "initdb", "-D", data, "-U", "contactcenter", "-A", "trust", "-E", "UTF8", "--no-sync")
        options = " ".join(f"-c {name}='{value}'" for name, value in (SETTINGS | settings).items())
        _run(bin_ / "pg_ctl", "-D", data, "-l", f"{folder}/log", "-w", "-o", f"-k {folder} {options}", "start")
        try:
            yield f"postgresql+psycopg://contactcenter@/postgres?host={folder}"
        finally:
            _run(bin_ / "pg_ctl", "-D", data, "-m", "immediate", "stop")


def restart(url: str) -> None:
    """Kills the server of this URL in the middle of its work, and starts it again with the same data."""
    bin_, folder = programs(), make_url(url).query["host"]
    assert bin_ is not None
    _run(bin_ / "pg_ctl", "-D", f"{folder}/data", "-l", f"{folder}/log", "-w", "-m", "immediate", "restart")


def _owner() -> int | None:
    """PostgreSQL refuses root, so root runs it as the user that the system's package made."""
    return pwd.getpwnam("postgres").pw_uid if os.geteuid() == 0 else None


def _hand_over(folder: str) -> None:
    if (owner := _owner()) is not None:
        os.chown(folder, owner, -1)


def _run(*command: str | Path) -> None:
    """Output goes to a file: the server inherits it, and a pipe would be waited for until it stops."""
    with tempfile.TemporaryFile("w+") as output:
        code = subprocess.call(command, user=_owner(), cwd="/", stdout=output, stderr=subprocess.STDOUT)
        if code:
            output.seek(0)
            raise RuntimeError(f"{command[0]} failed:\n{output.read()}")


if __name__ == "__main__":
    found = programs()
    print(found or "no initdb on the PATH or in the usual places")
    raise SystemExit(found is None)
