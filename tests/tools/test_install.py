"""The long form of the installation: a fresh clone, in an empty folder."""

import os
import signal
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


def _interrupt_install(clone: Path, when: str) -> None:
    command = ["./run.sh", "install"]
    running = subprocess.Popen(command, cwd=clone, stderr=subprocess.PIPE, text=True, start_new_session=True)
    with running:
        assert running.stderr
        assert any(when in line for line in running.stderr)
        os.killpg(running.pid, signal.SIGINT)
    assert running.returncode != 0


def test_a_fresh_clone_installs_itself_once(clone: Path) -> None:
    assert "making .venv" in _install(clone)
    assert _install(clone) == ""
    assert (clone / "contactcenter" / "core" / "static" / "vendor" / "made-from").is_file()


@pytest.mark.parametrize("when", ["installing uv", "installing torch", "locked dependencies", "building the front end"])
def test_an_interrupted_installation_is_repeated_whole(clone: Path, when: str) -> None:
    _interrupt_install(clone, when)
    _install(clone)  # says nothing when the interruption came after the last step: then all must be there, too
    assert (clone / "contactcenter" / "core" / "static" / "vendor" / "made-from").is_file()
    check = [".venv/bin/python", "-c", "import contactcenter.settings, torch, uv, whisper"]
    subprocess.run(check, cwd=clone, check=True)
