"""Rules that hold everywhere. A list of exceptions is short, and each has its reason beside it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from pathlib import Path

import pytest
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from starlette.routing import BaseRoute, Mount, Route
from starlette.testclient import TestClient

from contactcenter import compose, migrations
from contactcenter.app import create_app, public_routes, staff_routes
from contactcenter.core.db import Database, metadata
from contactcenter.migrations.tables import MODULES
from contactcenter.settings import Settings, load
from tests.matrices import routes as matrix

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "contactcenter"
LONGEST_FILE = 400

# Routes without a right, and what guards them instead.
PUBLIC = {
    "sign-in": "the form by which one comes in",
    "sign-in-post": "checks login and password, counts failures",
    "language": "sets one cookie of two values",
    "healthz": "says that the process runs, for whatever watches it",
    "readyz": "names what is not ready, by words of a vocabulary",
    "metrics": "takes a token with a scope",
    "prompt": "what callers hear, by the hash of its content; the carrier fetches it without a login",
    "twilio-voice": "signed by the carrier",
    "twilio-answered": "signed by the carrier",
    "twilio-placed": "signed by the carrier",
    "twilio-key": "signed by the carrier",
    "twilio-heard": "signed by the carrier",
    "twilio-keyed": "signed by the carrier",
    "twilio-wait": "signed by the carrier",
    "twilio-hold": "signed by the carrier",
    "twilio-agent": "signed by the carrier",
    "twilio-conference": "signed by the carrier",
    "twilio-status": "signed by the carrier",
    "twilio-dialled": "signed by the carrier",
    "twilio-recording": "signed by the carrier",
    "twilio-fallback": "a static document that must answer when nothing else does",
    "openapi": "describes the API, holds no data",
    "api-customer": "takes a token with a scope",
    "api-verification-code": "takes a token with a scope",
    "static": "style, scripts and sounds of the package",
}
OWN_CHECK = {"live": "a stream, not a view: it looks at the session itself and sends ids only"}

RETENTION = {"audit", "contact", "customer", "inbox", "live", "person", "policy", "recording", "sessions", "staff"}

# Who may know the tables of customers and of words, other than their own slices and the door.
READERS_OF_CUSTOMERS = {
    "contacts/service.py": "links a contact to a person, by id",
    "demo/history.py": "finds the made-up customers whose past it tells",
    "pages/candidates.py": "names whom a contact can be linked to",
    "pages/contact_facts.py": "name and relation number of the linked customer, as a heading",
    "pages/desk_contact.py": "name of the linked customer, and since when the number is known",
    "pages/rows.py": "name of the linked customer, in lists",
    "privacy/of_customers.py": "counts prospects without a source, and device IDs by their length",
}
READERS_OF_WORDS = {
    "coaching/alerts.py": "judges alerts, which hold no words; names the type of what notes.service.read gave",
    "coaching/checked.py": "counts which recordings were read for alerts",
    "pages/contact_words.py": "names the type of what notes.service.read gave",
    "pages/desk_contact.py": "names the type of the agent's own note",
    "pages/transcript.py": "names the type of what notes.corrections let through",
    "pages/rows.py": "shows whether a summary is confirmed, not what it says",
    "privacy/of_contacts.py": "counts whether a summary is confirmed, a note written and an alert judged",
    "privacy/of_recordings.py": "counts transcripts",
    "recordings/pipeline.py": "asks whether a transcript is there",
    "recordings/redoing.py": "asks by which model a transcript was made; its words go from listening to notes.redone",
    "recordings/service.py": "asks whether a transcript is there",
}
DOOR = ("customers/", "notes/", "verification/", "migrations/")
BEHIND_LEVELS = {
    "street",
    "postcode",
    "town",
    "licence_provider",
    "collection_method",
    "bank_account",
    "payment_method",
    "contract_from",
    "contract_until",
    "cancelled_on",
}

CLOCK_READERS = {"core/clock.py": "it is the clock", "simulator/": "the carrier has a clock of its own"}
COMMITTERS = {"core/db.py": "writing() commits", "migrations/env.py": "a migration is its own transaction"}
INLINE = re.compile(r"<script(?![^>]*\bsrc=)|<style|<[^>]*\s(?:style|on[a-z]+|hx-on[\w:-]*)\s*=")
FROM_ELSEWHERE = re.compile(r"""(?:src|href|action|hx-[a-z]+)=["'](?:https?:)?//""")
LONG_FILES = {"migrations/versions/": "written by alembic, read once"}


@cache
def sources() -> dict[str, ast.Module]:
    """The package's modules by path below it."""
    paths = sorted(PACKAGE.rglob("*.py"))
    return {path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8")) for path in paths}


def imported(tree: ast.Module) -> Iterator[str]:
    """Modules that a module imports, `from package import module` too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def importers(module: str) -> set[str]:
    """Files of the package that import `module` or something below it."""
    return {
        path
        for path, tree in sources().items()
        if any(name == module or name.startswith(f"{module}.") for name in imported(tree))
    }


def attributes(tree: ast.Module) -> set[str]:
    return {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}


def templates() -> list[Path]:
    return sorted(PACKAGE.glob("*/templates/*.html"))


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    folder = tmp_path_factory.mktemp("conventions")
    return load(database_url=f"sqlite:///{folder / 'empty.db'}", vault_url=str(folder / "vault"))


@pytest.fixture(scope="module")
def outsider(settings: Settings) -> Iterator[TestClient]:
    """Somebody without a login, at an installation without a carrier."""
    compose.migrated(settings).close()
    parts = compose.ports(settings)
    yield TestClient(create_app(parts), base_url=settings.public_url, follow_redirects=False)
    parts.db.close()


def test_every_route_has_a_right_or_is_listed_as_public() -> None:
    assert {_name(route) for route in public_routes()} == set(PUBLIC)
    without = {_name(route) for route in staff_routes() if not hasattr(route, "right")}
    assert without == set(OWN_CHECK)


def test_every_route_has_its_row_in_the_matrix_of_who_may_do_what() -> None:
    assert {_name(route) for route in staff_routes()} == set(matrix.ROWS)
    assert {_name(route) for route in public_routes()} == {*matrix.OPEN, *matrix.BY_TOKEN, *matrix.BY_SIGNATURE}


def test_a_route_that_changes_something_is_no_get() -> None:
    routes = [route for route in staff_routes() if isinstance(route, Route)]
    looking = {route.name for route in routes if route.methods and "GET" in route.methods}
    acting = {route.name for route in routes if route.methods and "POST" in route.methods}
    assert not looking & acting
    assert {"contact-open", "question-draw", "call-answer", "sign-out"} <= acting


@pytest.mark.parametrize("name", [name for name in PUBLIC if name.startswith("twilio-")])
def test_without_a_token_the_routes_of_the_carrier_do_not_exist(outsider: TestClient, name: str) -> None:
    path = str(outsider.app.url_path_for(name))  # type: ignore[attr-defined]  # it is our application
    answer = outsider.post(path, data={"CallSid": "CA" + "0" * 32})
    assert answer.status_code == (200 if name == "twilio-fallback" else 404)


def test_addresses_hold_no_row_numbers() -> None:
    paths = [route.path for route in [*public_routes(), *staff_routes()] if isinstance(route, Route)]
    assert [path for path in paths if ":int" in path or re.search(r"\{\w*_id\}", path)] == []


def test_every_table_says_under_which_retention_its_rows_are_kept() -> None:
    assert MODULES
    kept = {name: table.info.get("retention") for name, table in metadata.tables.items()}
    assert {name: term for name, term in kept.items() if term not in RETENTION} == {}


def test_the_retention_classes_are_described() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    assert [name for name in sorted(RETENTION) if f"`{name}`" not in page] == []


def test_every_table_with_an_address_of_its_own_has_a_random_public_id() -> None:
    for name, table in metadata.tables.items():
        column = table.columns.get("public_id")
        if column is not None:
            assert column.unique, name


def test_the_migrations_make_exactly_the_tables_of_the_models(tmp_path: Path) -> None:
    db = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    migrations.run(db)
    migrations.run(db)
    assert migrations.differences(db) == []
    db.close()


def test_the_import_contracts_hold() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    outcome = subprocess.run([linter, "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stdout[-3000:]


def test_rules_are_pure() -> None:
    standard = {"collections", "dataclasses", "datetime", "enum", "hmac", "re", "typing", "unicodedata", "zoneinfo"}
    pure = ("rules", "policy", "questions", "answers", "fields")
    for path, tree in sources().items():
        if Path(path).stem not in pure or path.startswith(("commands/", "pages/", "simulator/")):
            continue
        for name in imported(tree):
            ours = re.match(rf"contactcenter\.(\w+\.({'|'.join(pure)})|core\.clock|verification)\b", name)
            assert ours or name.split(".")[0] in standard, f"{path} imports {name}"
        assert not {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & {"open", "print"}, path


def test_only_the_vault_opens_what_is_in_the_vault() -> None:
    assert importers("obstore") == {"core/locked.py", "core/s3.py", "recordings/objects.py"}
    assert importers("contactcenter.recordings.objects") == {"recordings/vault.py"}
    assert importers("contactcenter.core.sealing") == {"recordings/vault.py"}


def test_only_one_file_knows_the_carriers_sdk() -> None:
    assert importers("twilio") == {"carrier/twilio.py"}


HEAVY = {"engine_openai", "engine_ctranslate2", "quantised", "whisper"}


def test_only_the_child_process_carries_the_recogniser() -> None:
    engines = {"recordings/engine_openai.py", "recordings/engine_ctranslate2.py"}
    carriers = engines | {"recordings/quantised.py", "recordings/weights.py", "recordings/whisper.py"}
    assert importers("whisper") | importers("torch") | importers("ctranslate2") == carriers
    for path in engines:
        assert importers(f"contactcenter.{path[:-3].replace('/', '.')}") == {"recordings/transcriber_child.py"}
    for path in ("recordings/weights.py", "recordings/transcriber_child.py"):  # there only within a function: 300 MB
        at_start = ast.Module(
            [node for node in sources()[path].body if isinstance(node, ast.Import | ast.ImportFrom)], []
        )
        assert not {
            name for name in imported(at_start) if name in {"torch", "whisper"} or name.rpartition(".")[2] in HEAVY
        }


def test_customers_are_read_behind_the_door() -> None:
    readers = {path for path in importers("contactcenter.customers.models") if not path.startswith(DOOR)}
    assert readers == set(READERS_OF_CUSTOMERS)


def test_fields_behind_levels_are_named_behind_the_door_only() -> None:
    for path, tree in sources().items():
        if not path.startswith((*DOOR, "simulator/")):
            assert attributes(tree) & BEHIND_LEVELS == set(), path


def test_templates_get_fields_behind_levels_from_the_card_only() -> None:
    named = re.compile(rf"\.({'|'.join(sorted(BEHIND_LEVELS))})\b")
    assert [path.name for path in templates() if named.search(path.read_text(encoding="utf-8"))] == []


def test_words_are_read_behind_the_door() -> None:
    readers = {path for path in importers("contactcenter.notes.models") if not path.startswith(DOOR)}
    assert readers == set(READERS_OF_WORDS)
    for path in readers:
        assert not attributes(sources()[path]) & {"draft_lines"}, path


def test_nobody_commits_inside() -> None:
    committing = {path for path, tree in sources().items() if "commit" in attributes(tree)}
    assert committing == set(COMMITTERS)


def test_nobody_reads_the_clock() -> None:
    reading = {path for path, tree in sources().items() if _reads_clock(tree)}
    assert {path for path in reading if not path.startswith(tuple(CLOCK_READERS))} == set()


def _reads_clock(tree: ast.Module) -> bool:
    called = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
    names = {
        f"{func.value.id}.{func.attr}"
        for func in called
        if isinstance(func, ast.Attribute) and isinstance(func.value, ast.Name)
    }
    return bool(names & {"datetime.now", "datetime.utcnow", "datetime.today", "date.today", "time.time"})


@pytest.mark.parametrize("template", [pytest.param(path, id=f"{path.parts[-3]}/{path.name}") for path in templates()])
def test_a_template_escapes_everything_and_holds_no_code(template: Path) -> None:
    text = template.read_text(encoding="utf-8")
    assert not re.search(r"\|\s*safe\b|autoescape\s+false|Markup", text), "unescaped text"
    assert not INLINE.search(text), "inline code or style"
    assert not FROM_ELSEWHERE.search(text), "something from elsewhere"


def test_nothing_marks_text_as_safe() -> None:
    assert importers("markupsafe") == set()


def test_every_text_of_the_pages_has_its_dutch() -> None:
    source = files("contactcenter") / "core" / "locales" / "nl.po"
    with source.open("rb") as stream:
        dutch = {message.id: message for message in read_po(stream, locale="nl") if message.id}
    missing = {text for text in _texts() if text not in dutch or not _translated(dutch[text].string)}
    assert sorted(map(str, missing)) == []
    assert [message.id for message in dutch.values() if message.fuzzy] == []


def _texts() -> Iterator[str | tuple[str, ...]]:
    options = {"trim_blocks": "true", "lstrip_blocks": "true", "newstyle_gettext": "true", "silent": "false"}
    for template in templates():
        if template.parts[-3] == "simulator":
            continue  # it has its texts in both languages beside it, since it knows nothing of ours
        with template.open("rb") as stream:
            for _, message, _, _ in extract("jinja2.ext:babel_extract", stream, options=options):
                yield message if isinstance(message, str) else tuple(message)


def _translated(said: str | tuple[str, ...] | list[str] | None) -> bool:
    return bool(said) and (isinstance(said, str) or all(said or ()))


def test_files_are_short_enough_to_be_read() -> None:
    found = [path for folder in ("contactcenter", "tests", "tools") for path in (ROOT / folder).rglob("*")]
    ours = [path for path in found if path.suffix in {".py", ".js", ".css", ".html", ".sh"} and not _foreign(path)]
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in [*ours, ROOT / "run.sh"]}
    assert {str(path.relative_to(ROOT)): lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def _foreign(path: Path) -> bool:
    generated = any(folder in path.as_posix() for folder in LONG_FILES)
    return generated or bool({"vendor", "node_modules", "__pycache__"} & set(path.parts))


def test_no_test_is_skipped() -> None:
    avoiding = {"skip", "skipif", "importorskip", "xfail"}
    for path in sorted((ROOT / "tests").rglob("*.py")):
        assert not attributes(ast.parse(path.read_text(encoding="utf-8"))) & avoiding, path


def test_tests_of_promises_go_through_http_only() -> None:
    for path in sorted((ROOT / "tests" / "promises").glob("test_*.py")):
        assert "monkeypatch" not in path.read_text(encoding="utf-8"), path


def test_webhooks_of_tests_are_not_signed_by_what_checks_them() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {name.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for name in node.names}
        assert "witnesses" in path.parts or "signature_of" not in names, path


def _name(route: BaseRoute) -> str:
    assert isinstance(route, Route | Mount) and route.name
    return route.name
