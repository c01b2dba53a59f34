"""The documentation says what is: settings, commands, files, links, layers and promises are compared with the code."""

import re
import tomllib
from collections.abc import Iterator
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
import typer

from contactcenter.cli import cli
from contactcenter.customers.rules import CLASS_OF, Kind
from contactcenter.demo.people import LOGINS, PASSWORD
from contactcenter.settings import PREFIX, Settings
from contactcenter.sweeps import ALL_SWEEPS
from contactcenter.verification.fields import CEILING, FIELDS
from contactcenter.verification.policy import NATURES
from contactcenter.verification.policy_text import read, shipped

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*DOCS.rglob("*.md"), *ROOT.glob("*.md")])
PROMISES = [f"P{number:02}" for number in range(1, 39)]
SECTIONS = ("**Context.**", "**Decision.**", "**Consequences.**", "**Alternatives.**")
A_FILE = re.compile(r"`([\w./-]+\.(?:css|html|js|json|jsonl|lock|po|py|sh|toml|xml))`")


def text(page: str) -> str:
    return (ROOT / page).read_text(encoding="utf-8")


def rows(page: str) -> Iterator[list[str]]:
    """Cells of the rows of all tables of a page, headings left out."""
    for line in text(page).splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) > 1 and cells[0].startswith(("`", "P")):
            yield cells


def commands() -> Iterator[tuple[str, list[str]]]:
    """(what is typed, its options), groups opened."""

    def within(group: Any, path: str) -> Iterator[tuple[str, list[str]]]:
        for name, command in group.commands.items():
            typed = f"{path} {name}"
            if hasattr(command, "commands"):
                yield from within(command, typed)
            else:
                options = [one for one in command.params if one.param_type_name == "option" and not one.hidden]
                yield typed, [max(one.opts, key=len) for one in options if "--help" not in one.opts]

    return within(typer.main.get_command(cli), "contactcenter")


def documented_settings() -> dict[str, str]:
    return {cells[0].strip("`"): cells[1].strip("`") for cells in rows("docs/settings.md")}


def test_every_setting_is_documented_and_no_other() -> None:
    assert set(documented_settings()) == {PREFIX + name.upper() for name in Settings.model_fields}


def test_every_default_is_the_documented_one() -> None:
    defaults = {PREFIX + name.upper(): field.default for name, field in Settings.model_fields.items()}
    said = {name: "none" if default is None else str(default) for name, default in defaults.items()}
    assert documented_settings() == said


@pytest.mark.parametrize(("typed", "options"), [pytest.param(*one, id=one[0]) for one in commands()])
def test_every_command_is_documented_with_its_options(typed: str, options: list[str]) -> None:
    row = next((" ".join(cells) for cells in rows("docs/commands.md") if cells[0].startswith(f"`{typed}")), None)
    assert row is not None, f"docs/commands.md has no row for `{typed}`"
    assert [option for option in options if not re.search(rf"[` ]{option}[` ]", row)] == []


def test_no_command_is_documented_that_does_not_exist() -> None:
    known = {typed for typed, _ in commands()}
    for cells in rows("docs/commands.md"):
        typed = re.sub(r" (--|[A-Z\[]).*", "", cells[0].strip("`"))
        assert typed in known


def test_the_readme_names_every_command_of_run_sh() -> None:
    helped = re.search(r"cat <<'TEXT'\n(.*?)\nTEXT", text("run.sh"), re.DOTALL)
    assert helped
    names = re.findall(r"^  ([a-z]+) ", helped[1], re.MULTILINE)
    assert len(names) > 5
    assert [name for name in names if f"| `{name}` |" not in text("README.md")] == []


@pytest.mark.parametrize("page", [pytest.param(page, id=str(page.relative_to(ROOT))) for page in PAGES])
def test_links_and_files_of_a_page_exist(page: Path) -> None:
    said = page.read_text(encoding="utf-8")
    targets = re.findall(r"\]\(([^)#:\s]+)(?:#[^)]*)?\)", said)
    dead = [target for target in targets if not (page.parent / target).exists()]
    assert dead == []
    assert [name for name in A_FILE.findall(said) if not _exists(name)] == []


def _exists(name: str) -> bool:
    if "/" in name:
        return any((ROOT / root / name).exists() for root in ("", "contactcenter"))
    anywhere = any(True for folder in ("contactcenter", "tools") for _ in (ROOT / folder).rglob(name))
    return anywhere or (ROOT / name).exists()


def test_sections_that_links_point_to_exist() -> None:
    for page in PAGES:
        for target, section in re.findall(r"\]\(([^)#:\s]*)#([^)]+)\)", page.read_text(encoding="utf-8")):
            other = (page.parent / target) if target else page
            headings = re.findall(r"^#+ (.*)$", other.read_text(encoding="utf-8"), re.MULTILINE)
            assert section in {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_promises_are_all_there_in_order() -> None:
    assert [cells[0] for cells in rows("docs/promises.md")] == PROMISES


def test_a_promise_names_its_tests_and_only_those() -> None:
    named = {
        name for cells in rows("docs/promises.md") for name in re.findall(r"tests/promises/test_\w+\.py", cells[3])
    }
    there = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "promises").glob("test_p[0-9]*.py")}
    assert named == there
    for cells in rows("docs/promises.md"):
        for name in re.findall(r"test_p(\d\d)_", cells[3]):
            assert cells[0] == f"P{name}"


def test_what_is_kept_says_by_which_files() -> None:
    for identity, _, state, by in rows("docs/promises.md"):
        if state.startswith("kept"):
            assert A_FILE.findall(by), f"{identity} is kept by nothing"
        else:
            assert state.startswith(("in part: ", "not built yet")), identity


def test_the_architecture_page_has_the_layers_that_are_enforced() -> None:
    contracts = tomllib.loads(text("pyproject.toml"))["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract.get("exhaustive"))
    enforced = [layer.replace("(", "").replace(")", "") for layer in layers]
    line = next(line for line in text("docs/architecture.md").splitlines() if line.startswith("`cli` >"))
    assert [layer.strip().strip("`") for layer in line.split(" > ")] == enforced


def test_the_architecture_page_places_every_folder() -> None:
    page = text("docs/architecture.md")
    folders = [path.name for path in (ROOT / "contactcenter").iterdir() if (path / "__init__.py").exists()]
    assert [name for name in folders if f"  {name}/ " not in page] == []


def test_the_architecture_page_lists_the_sweeps_and_how_often_they_run() -> None:
    page = text("docs/architecture.md")
    spoken = {5.0: "5 s", 10: "10 s", 60: "1 min", 300: "5 min", 600: "10 min", 3600: "1 h"}
    assert [one.name for one in ALL_SWEEPS if f"| {one.name} | {spoken[one.seconds]} |" not in page] == []


def test_decisions_are_numbered_listed_and_have_their_four_parts() -> None:
    pages = sorted((DOCS / "decisions").glob("0*.md"))
    assert [page.name[:4] for page in pages] == [f"{number:04}" for number in range(1, len(pages) + 1)]
    for page in pages:
        said = page.read_text(encoding="utf-8")
        assert said.startswith(f"# {page.name[:4]} · ")
        assert [section for section in SECTIONS if section not in said] == []
        assert f"({page.name})" in text("docs/decisions/README.md")


def test_the_readme_shows_the_demo_logins() -> None:
    readme = text("README.md")
    assert PASSWORD in readme
    assert [login.login for login in LOGINS if f"`{login.login}`" not in readme] == []


def table_of(page: str, first: str) -> dict[str, list[str]]:
    """Rows of the table of a page whose first heading is this, by their first cell."""
    lines = iter(text(page).splitlines())
    for line in lines:
        if line.startswith(f"| {first} |"):
            next(lines)
            found = [[cell.strip() for cell in row.strip("|").split("|")] for row in takewhile(str.strip, lines)]
            return {cells[0].strip("`"): cells[1:] for cells in found}
    return {}


def test_the_tables_of_verification_are_those_of_the_code() -> None:
    shipped_policy = read(shipped())
    assert table_of("docs/verification.md", "evidence") == {
        key: [nature.about, nature.most, shipped_policy.strength(key)] for key, nature in NATURES.items()
    }
    assert table_of("docs/verification.md", "kind") == {
        kind: [
            CLASS_OF[kind],
            str(int(field.needs)),
            "by itself" if field.by_itself else "on a key",
            "if asked for" if field.outbound else "shut",
            ", ".join(sorted(field.purposes)),
            field.basis,
        ]
        for kind, field in FIELDS.items()
    }
    assert table_of("docs/verification.md", "role") == {
        role: ["all sixteen" if kinds == frozenset(Kind) else ", ".join(sorted(kinds))]
        for role, kinds in CEILING.items()
    }


def test_the_page_of_verification_says_what_each_of_its_files_holds() -> None:
    files = {path.name for path in (ROOT / "contactcenter/verification").iterdir() if path.is_file()}
    assert table_of("docs/verification.md", "file").keys() == files - {"__init__.py"}


def test_every_threat_names_stories_that_exist() -> None:
    named = [cells[-1] for threat, cells in table_of("docs/quality.md", "threat").items() if cells[-1]]
    assert len(named) >= 12
    for story in named:
        for file, tests in re.findall(r"(test_\w+\.py): ([\w, ]+)", story):
            written = text(f"tests/verification/{file}")
            assert [name for name in tests.split(", ") if f"def test_{name.strip()}(" not in written] == [], file
