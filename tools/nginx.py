"""nginx for tests; `python -m tools.nginx` prints where it is, or fails."""

import shutil
from pathlib import Path

PLACES = ("/usr/sbin/nginx", "/opt/homebrew/bin/nginx", "/usr/local/bin/nginx")  # Debian and Ubuntu, Homebrew


def program() -> Path | None:
    """The program: on the PATH, or where packages put it."""
    found = shutil.which("nginx")
    return Path(found) if found else next((Path(place) for place in PLACES if Path(place).is_file()), None)


if __name__ == "__main__":
    print(program() or "no nginx on the PATH or in the usual places")
    raise SystemExit(program() is None)
