"""What is typed wrongly gets one sentence and exit status 1, never a traceback."""

import sys
from pathlib import Path

import pytest
import structlog
from sqlmodel import select

from contactcenter import cli, serving
from contactcenter import worker as process
from contactcenter.core.db import Database
from contactcenter.settings import Settings
from contactcenter.staff.models import ApiToken, Staff

PASSWORD = "a long enough password"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An installation, and the operator's password file in it."""
    monkeypatch.setenv("CONTACTCENTER_DATABASE_URL", f"sqlite:///{tmp_path / 'desk.db'}")
    monkeypatch.setattr(cli, "set_up_logs", structlog.get_config)  # the process's own logs stay as they are
    (tmp_path / "password").write_text(PASSWORD + "\n")
    assert typed(monkeypatch, "migrate") == 0
    return tmp_path


def typed(monkeypatch: pytest.MonkeyPatch, *words: str) -> int:
    """The exit status of a command."""
    monkeypatch.setattr(sys, "argv", ["contactcenter", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    return int(ended.value.code or 0)


def add_anna(monkeypatch: pytest.MonkeyPatch, folder: Path, *more: str) -> int:
    words = ("staff", "add", "anna", "--name", "Anna", "--role", "agent", "--password-file", str(folder / "password"))
    return typed(monkeypatch, *words, *more)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["staff", "add", "anna", "--name", "Anna", "--role", "agent", "--trained-on", "mei"], "write it like 2026-05"),
        (["staff", "trained", "anna", "1 mei"], "write it like 2026-05-01"),
        (["staff", "trained", "anna", "2999-01-01"], "lies in the future"),
        (["staff", "add", "anna", "--name", "Anna", "--role", "agent", "--password-file", "/nowhere"], "password file"),
        (["staff", "password", "anna", "--password-file", "/nowhere"], "password file can't be read"),
        (["staff", "disable", "nobody"], "no account with this login"),
        (["token", "revoke", "nothing"], "no token in force"),
        (["init", "--key-file", "/proc/nowhere/key"], "can't be written"),
        (["simulate", "call", "--from", "his mobile", "--audio", __file__], "--from takes a telephone number"),
        (
            ["simulate", "call", "--from", "anonymous", "--audio", __file__, "--base-url", "http://127.0.0.1:9"],
            "answer",
        ),
    ],
)
def test_a_mistake_is_answered_with_a_sentence(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], words: list[str], says: str
) -> None:
    assert typed(monkeypatch, *words) == 1
    said = capsys.readouterr().err.strip()
    assert said.startswith("contactcenter: ")
    assert said.endswith(".")
    assert says in said
    assert "\n" not in said


def test_accounts_and_tokens_are_kept_from_the_command_line(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert add_anna(monkeypatch, folder) == 0
    assert typed(monkeypatch, "staff", "trained", "anna", "2026-05-01") == 0
    assert typed(monkeypatch, "staff", "password", "anna", "--password-file", str(folder / "password")) == 0
    assert typed(monkeypatch, "staff", "disable", "anna") == 0
    assert typed(monkeypatch, "token", "make", "crm", "--scope", "customers:write") == 0
    assert typed(monkeypatch, "token", "revoke", "crm") == 0
    db = Database(f"sqlite:///{folder / 'desk.db'}")
    with db.reading() as session:
        anna, token = session.exec(select(Staff)).one(), session.exec(select(ApiToken)).one()
    db.close()
    assert str(anna.trained_on) == "2026-05-01"
    assert anna.disabled_at
    assert token.revoked_at


@pytest.mark.parametrize(
    ("options", "web", "worker"),
    [([], True, True), (["--web", "--worker"], True, True), (["--web"], True, False), (["--worker"], False, True)],
)
def test_serve_runs_what_is_asked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, options: list[str], web: bool, worker: bool
) -> None:
    ran: list[tuple[bool, bool]] = []

    def serve(_settings: Settings, *, with_worker: bool) -> None:
        ran.append((True, with_worker))

    monkeypatch.setattr(serving, "serve", serve)
    monkeypatch.setattr(process, "run_worker", lambda _settings, **_options: ran.append((False, True)))
    assert typed(monkeypatch, "serve", *options) == 0
    assert ran == [(web, worker)]
