"""The long form of the installation: a fresh clone, in an empty folder."""

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.prove, pytest.mark.timeout(1800)]


def _install(clone: Path) -> str:
    command = ["./run.sh", "install"]
    return subprocess.run(command, cwd=clone, check=True, capture_output=True, text=True).stderr


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    subprocess.run(["git", "clone", "--quiet", ROOT, tmp_path / "clone"], check=True)
    return tmp_path / "clone"


def test_a_fresh_clone_installs_itself_once_and_mends_what_was_interrupted(clone: Path) -> None:
    assert "making .venv" in _install(clone)
    assert _install(clone) == ""
    (clone / ".venv" / "installed-from").unlink()  # as after Ctrl-C
    (clone / "contactcenter" / "core" / "static" / "vendor" / "made-from").unlink()
    again = _install(clone)
    assert "making .venv" not in again
    assert "installed" in again
    assert (clone / "contactcenter" / "core" / "static" / "vendor" / "made-from").is_file()
