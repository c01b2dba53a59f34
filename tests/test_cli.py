"""The command line as an operator uses it: real processes, with nothing but their own environment and folder."""

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlmodel import select

from contactcenter import audit_verifier
from contactcenter.calls.models import Line
from contactcenter.core import audit_chain
from contactcenter.core.clock import system_clock
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.customers.models import Customer
from contactcenter.simulator import NumberConfig, SimulatorConfig, create_simulator
from contactcenter.staff import service as staff
from contactcenter.staff.models import Staff
from contactcenter.staff.rules import Role, Scope
from tests.raw import raw
from tests.simulator.desk import ACCOUNT, APPLICATION, KEY, KEY_SECRET, TOKEN, served

PUBLIC = "https://calls.veldwijk.example"
LINE = "+31850000001"
PASSWORD = "a long enough password"
BAKERY = "relation_number,name,person_reference,person_name,numbers\n10042,Bakkerij Jansen,j,Joris Jansen,0612345678\n"


@dataclass
class Installation:
    """A folder with its settings, as an operator has it."""

    folder: Path
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *command: str) -> subprocess.CompletedProcess[str]:
        """`contactcenter` with these words."""
        names = {f"CONTACTCENTER_{name}": value for name, value in self.settings.items()}
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.folder), "COLUMNS": "300"} | names
        return subprocess.run(
            [sys.executable, "-m", "contactcenter", *command],
            cwd=self.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
            check=False,
        )

    def does(self, *command: str) -> str:
        """A command that goes well; what it says."""
        done = self.run(*command)
        assert (done.returncode, done.stderr) == (0, ""), done.stderr + done.stdout
        return done.stdout

    def refuses(self, *command: str) -> str:
        """A command that is refused, with one sentence and no traceback; all that it says."""
        done = self.run(*command)
        assert done.returncode == 1, done.stderr + done.stdout
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    def write(self, name: str, text: str) -> str:
        """A file in the folder; its path."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def db(self) -> Database:
        """The installation's database."""
        return Database(f"sqlite:///{self.folder / 'contactcenter.db'}")


@pytest.fixture(scope="module")
def carrier() -> Iterator[str]:
    """The carrier's address; one of its numbers is ours, and calls somebody else's server as yet."""
    elsewhere = "https://old.veldwijk.example/voice"
    config = SimulatorConfig(
        account_sid=ACCOUNT,
        auth_token=TOKEN,
        api_key_sid=KEY,
        api_key_secret=KEY_SECRET,
        application_sid=APPLICATION,
        product_url="http://127.0.0.1:9",
        numbers={LINE: NumberConfig(elsewhere, elsewhere, elsewhere)},
    )
    with served(lambda _address: create_simulator(config)) as address:
        yield address


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory, carrier: str) -> Installation:
    """An installation with a key, a database, Anna and one line."""
    folder = tmp_path_factory.mktemp("installation")
    made = Installation(folder)
    (folder / "secret").mkdir()
    made.does("init", "--key-file", "secret/master.key")
    made.settings = {
        "DATABASE_URL": f"sqlite:///{folder / 'contactcenter.db'}",
        "MASTER_KEY_FILE": str(folder / "secret" / "master.key"),
        "PUBLIC_URL": PUBLIC,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN_FILE": made.write("token", TOKEN + "\n"),
        "TWILIO_API_KEY_SID": KEY,
        "TWILIO_API_KEY_SECRET": KEY_SECRET,
        "TWILIO_APPLICATION_SID": APPLICATION,
        "TWILIO_API_URL": carrier,
        "WHISPER_MODEL": made.write("model.pt", "weights"),
    }
    made.does("migrate")
    password = made.write("password", PASSWORD + "\n")
    who = ("--name", "Anna de Wit", "--role", "agent", "--trained-on", "2026-05-01", "--password-file", password)
    assert made.does("staff", "add", "anna", *who) == "Added anna.\n"
    assert made.does("line", "add", "085 000 0001", "--name", "Helpdesk") == "Added Helpdesk.\n"
    return made


def test_the_master_key_is_made_once_for_its_owner_only(here: Installation) -> None:
    key = here.folder / "secret" / "master.key"
    written = key.read_text(encoding="utf-8")
    assert re.fullmatch(r"[0-9a-f]{16}", MasterKey.parse(written).fingerprint)
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    said = here.refuses("init", "--key-file", str(key))
    assert "exists already" in said
    assert written.strip() not in said
    assert key.read_text(encoding="utf-8") == written


def test_the_doctor_names_all_that_a_bare_installation_lacks(tmp_path: Path) -> None:
    said = Installation(tmp_path).refuses("doctor")
    for missing in (
        "NO master key: There is none, so nothing is recorded. Make one with `contactcenter init",
        "NO database: There is none yet. For a new installation run `contactcenter migrate`",
        "NO vault: There is no master key",
        "NO speech model: It is not here yet; run `contactcenter models pull`",
        "NO public address: The carrier and browsers need https; set CONTACTCENTER_PUBLIC_URL",
        "NO carrier account: No carrier is configured: set CONTACTCENTER_TWILIO_ACCOUNT_SID",
        "NO softphones: No carrier is configured",
    ):
        assert missing in said
    assert re.search(r"\d+ of these must be mended\.", said)


def test_the_doctor_looks_at_the_lines_too_and_is_content_when_they_are_connected(here: Installation) -> None:
    said = here.refuses("doctor")
    assert said.count("NO ") == 1, said
    assert "NO webhooks of Helpdesk: They point elsewhere; run `contactcenter twilio connect" in said
    assert here.does("twilio", "connect", LINE) == f"The number now calls {PUBLIC}/twilio/voice.\n"
    content = here.does("doctor")
    assert "NO " not in content
    assert len(content.splitlines()) >= 9
    for secret in (TOKEN, KEY_SECRET, here.folder.joinpath("secret", "master.key").read_text("utf-8").strip()):
        assert secret not in content


def test_migrating_twice_changes_nothing(here: Installation) -> None:
    assert here.does("migrate", "--check") == "The database is up to date.\n"


def test_an_account_made_here_signs_in_there(here: Installation) -> None:
    db = here.db()
    with db.reading() as session:
        anna = session.exec(select(Staff).where(Staff.login == "anna")).one()
        line = session.exec(select(Line).where(Line.e164 == LINE)).one()
    assert (anna.name, anna.role, str(anna.trained_on)) == ("Anna de Wit", Role.AGENT, "2026-05-01")
    assert PASSWORD not in str(anna.model_dump())
    assert staff.sign_in(db, system_clock(), "anna", PASSWORD, "127.0.0.1")
    assert (line.name, line.language) == ("Helpdesk", "nl")
    db.close()


def test_a_login_is_given_once(here: Installation) -> None:
    who = ("--name", "Another Anna", "--role", "admin", "--password-file", here.write("password", PASSWORD))
    assert "This login is taken; choose another." in here.refuses("staff", "add", "anna", *who)


def test_a_token_is_shown_once_and_kept_as_a_hash(here: Installation) -> None:
    token = here.does("token", "make", "crm", "--scope", "customers:write").strip()
    db = here.db()
    with db.reading() as session:
        assert staff.token_allows(session, token, Scope.CUSTOMERS_WRITE)
        assert not staff.token_allows(session, token, Scope.METRICS_READ)
    db.close()
    assert token.encode() not in raw(here.folder)


def test_who_has_access_can_be_listed_and_a_token_is_not_made_twice_or_for_nothing(here: Installation) -> None:
    here.does("token", "make", "prometheus", "--scope", "metrics:read")
    assert "revoke it first" in here.refuses("token", "make", "prometheus", "--scope", "metrics:read")
    assert "metrics:read" in here.run("token", "make", "shop", "--scope", "everything").stderr
    assert re.search(r"^prometheus  metrics:read  \d{4}-", here.does("token", "list"), re.M)
    here.does("token", "revoke", "prometheus")
    assert "prometheus" not in here.does("token", "list")
    assert here.does("staff", "list") == "anna  agent  Support\n"
    assert re.fullmatch(r"\d+\.\d+\S*\n", here.does("--version"))


def test_lines_are_listed_with_what_they_ask(tmp_path: Path) -> None:
    elsewhere = Installation(tmp_path)
    elsewhere.settings = {"DATABASE_URL": f"sqlite:///{tmp_path / 'contactcenter.db'}"}
    elsewhere.does("migrate")
    elsewhere.does("line", "add", LINE, "--name", "Helpdesk")
    elsewhere.does("line", "add", "+31850000009", "--name", "By number", "--asks-relation-number")
    lines = f"{LINE}  Helpdesk  nl\n+31850000009  By number  nl  asks the relation number\n"
    assert elsewhere.does("line", "list") == lines


def test_an_auditor_verifies_the_trail_with_one_file_a_key_and_a_checkpoint(here: Installation) -> None:
    assert "There are no checkpoints" in here.refuses("audit", "verify")
    key = MasterKey.parse((here.folder / "secret" / "master.key").read_text("utf-8"))
    db = here.db()
    assert audit_chain.seal(db) > 0
    made = audit_chain.checkpoint(db, system_clock(), key)
    db.close()
    assert made is not None
    folder = here.folder / "contactcenter.db.checkpoints"
    audit_chain.keep(folder, made)
    assert f"{made.count} entries are as they were sealed" in here.does("audit", "verify")
    log = here.folder / "audit.jsonl"
    assert f"Wrote {made.count} entries" in here.does("audit", "export", str(log))
    public = here.does("audit", "key").strip()
    alone = here.write("verifier.py", Path(audit_verifier.__file__).read_text("utf-8"))
    command = [sys.executable, "-I", alone, str(log), str(folder / "checkpoints.jsonl"), "--key", public]
    assert f"{made.count} entries are as they were" in subprocess.check_output(command, text=True)
    log.write_text(log.read_text("utf-8").replace("anna", "bram").replace("operator", "somebody", 1), "utf-8")
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.startswith("NOT AS IT WAS: Entry")) == (1, True)


@pytest.mark.parametrize(
    "command",
    [
        ("line", "add", "+31201234567", "--name", "Helpdesk"),
        ("staff", "list"),
        ("token", "make", "crm", "--scope", "customers:write"),
        ("retention", "sweep"),
        ("recordings", "verify"),
    ],
    ids=" ".join,
)
def test_who_forgot_the_settings_gets_no_database_of_his_own(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "run `contactcenter migrate` first" in Installation(tmp_path).refuses(*command)
    assert list(tmp_path.iterdir()) == []


def test_customers_are_imported_whole_or_not_at_all(here: Installation) -> None:
    bad = here.write("bad.csv", BAKERY + "10043,,,,\n10044,Harbour Dental,p,Priya Shah,no number\n")
    said = here.refuses("customers", "import", bad)
    assert "Nothing was imported: 2 mistakes" in said
    assert re.search(r"\b3\b.*name", said)
    assert re.search(r"\b4\b.*numbers", said)
    assert not {"Priya", "no number"} & set(re.split(r"[\s,.:]+", said))
    assert customers_of(here) == []
    good = here.write("good.csv", BAKERY)
    assert "1 customers: 1 created" in here.does("customers", "import", good)
    assert customers_of(here) == ["Bakkerij Jansen"]


def test_a_dry_sweep_says_what_is_due(here: Installation) -> None:
    assert "0" in here.does("retention", "sweep", "--dry-run")


def test_a_wrong_setting_is_told_without_its_value(here: Installation) -> None:
    broken = Installation(here.folder, here.settings | {"MASTER_KEY_FILE": here.write("broken.key", "ccmk1_hello")})
    said = broken.refuses("doctor")
    assert "NO master key: The master key" in said
    assert "hello" not in said


def customers_of(here: Installation) -> list[str]:
    """The names of all customers."""
    db = here.db()
    with db.reading() as session:
        names = list(session.exec(select(Customer.name)))
    db.close()
    return names
