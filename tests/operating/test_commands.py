"""What an operator meets in the first hour gets a sentence that says what to do."""

import socket
import subprocess
import warnings
from pathlib import Path

import pytest

from contactcenter.doctor import Finding, examine
from contactcenter.settings import load
from tests.core.smtp_server import mail_server
from tests.operating.installation import plain, refuses, run
from tests.simulator.desk import ACCOUNT, APPLICATION, KEY
from tools.ports import free_port

ROOT = Path(__file__).parents[2]


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    environment = plain(tmp_path) | {"CONTACTCENTER_DATABASE_URL": f"sqlite:///{tmp_path}/nowhere/contactcenter.db"}
    said = refuses(environment, "migrate")
    assert said.startswith("contactcenter: The database's folder ")
    assert said.endswith("is not there; make it, or set CONTACTCENTER_DATABASE_URL.\n")


def test_a_database_that_is_away_is_named_without_its_password(tmp_path: Path) -> None:
    address = f"postgresql://contactcenter:secret@127.0.0.1:{free_port()}/contactcenter"
    said = refuses(plain(tmp_path) | {"CONTACTCENTER_DATABASE_URL": address}, "migrate")
    assert said.startswith("contactcenter: The database can't be opened (")
    assert "secret" not in said


def test_a_taken_port_is_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        said = refuses(plain(tmp_path) | {"CONTACTCENTER_PORT": str(port)}, "serve")
    assert said.count("\n") == 1
    assert f"can't listen on 127.0.0.1:{port} (Address already in use); stop what listens there" in said
    assert not list(tmp_path.glob("*.db"))


def test_help_begins_with_what_it_is_for(tmp_path: Path) -> None:
    said = run(plain(tmp_path), "--help").stdout
    assert "Telephony and communications log for a support desk." in said
    assert "parse, then one call" not in said


@pytest.mark.parametrize("asked", ["-h", "--help", "help"])
def test_run_sh_tells_its_commands(asked: str) -> None:
    said = subprocess.run(["./run.sh", asked], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.startswith("./run.sh COMMAND [ARGUMENTS]")
    assert said.stderr == ""


def doctor(folder: Path, **settings: str) -> dict[str, Finding]:
    """What the doctor finds in an installation that is not made yet."""
    database = f"sqlite:///{folder / 'contactcenter.db'}"
    found = examine(load(database_url=database, vault_url=str(folder / "vault"), **settings))
    return {one.name: one for one in found}


def test_the_doctor_leaves_no_database_behind(tmp_path: Path) -> None:
    found = doctor(tmp_path)
    assert found["database"].sentence.startswith("There is none yet. For a new installation run `contactcenter")
    assert list(tmp_path.iterdir()) == []


def test_the_doctor_finds_a_secret_that_is_cut_short(tmp_path: Path) -> None:
    carrier = {"twilio_account_sid": ACCOUNT, "twilio_auth_token": "a-token", "twilio_api_url": "http://127.0.0.1:9"}
    key = {"twilio_api_key_sid": KEY, "twilio_api_key_secret": "short", "twilio_application_sid": APPLICATION}
    with warnings.catch_warnings(record=True) as warned:
        found = doctor(tmp_path, **carrier, **key)
    assert not found["softphones"].well
    assert "shorter than the carrier's" in found["softphones"].sentence
    assert warned == []


def test_the_doctor_tries_the_mail_server(tmp_path: Path) -> None:
    assert doctor(tmp_path)["mail"] == Finding("mail", True, "no server is configured, so nothing is mailed")
    with mail_server() as room:
        mail = {"mail_url": f"smtp://127.0.0.1:{room.port}", "mail_from": "desk@veldwijk.example"}
        assert doctor(tmp_path, **mail)["mail"].well
    found = doctor(tmp_path, **mail)["mail"]
    assert (found.well, found.sentence) == (False, "The mail server did not answer.")
