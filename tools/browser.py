"""Which Chromium the browser tests drive; `python -m tools.browser` prints its path, or fails."""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

ARGUMENTS = ["--no-sandbox", "--disable-background-networking"]


def chromium() -> Path | None:
    """Playwright's own download where there is one, else the system's unless it is a snap (not drivable)."""
    with sync_playwright() as playwright:
        downloaded = Path(playwright.chromium.executable_path)
    if downloaded.is_file():
        return downloaded
    system = shutil.which("chromium")
    return Path(system) if system and "snap" not in Path(system).parts else None


if __name__ == "__main__":
    found = chromium()
    print(found or "no Chromium that playwright can drive")
    raise SystemExit(found is None)
