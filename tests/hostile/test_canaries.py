"""One whole call, with everything that is logged captured: nothing of it lies where it does not belong."""

import logging
import re
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx2
import pytest
import structlog
from sqlalchemy import update
from sqlmodel import select

from contactcenter.calls.models import Line
from contactcenter.core.jobs import SWEEP, SWEEPS, Jobs, SweepName
from contactcenter.core.logs import QUIET
from contactcenter.demo.people import PASSWORD
from contactcenter.notes.models import Transcript
from contactcenter.staff import service as staff
from contactcenter.staff.rules import Scope
from contactcenter.verification.models import CallBack, Correction
from tests.calls.calling_back import SAID, calling, picks_up
from tests.canaries import searched
from tests.hostile.tables import contents
from tests.house import JORIS, JORIS_KNOWS, House, open_house
from tests.patience import until
from tests.promises.test_p06_verification import received

TYPED = "Kanariegeel op de factuur van mei"
SUMMARY = "Kanarievogel betaald op twee juni"
GUESSED = "kanarie-als-wachtwoord"
KEYED, GUESSED_CODE, NO_IBAN = "483920174655", "839 201", "NL77KANA0839201746"
CORRECTED = (
    {"kind": "phone-numbers", "new": "+31670839201"},
    {"kind": "email-addresses", "new": "kanarie@elsewhere.example"},
    {"kind": "name-and-address", "street": "Kanariestraat 7", "postcode": "1013 KN", "town": "Kanarieveen"},
    {"kind": "bank-account", "iban": "NL02ABNA0123456789"},
)
SECRETS = ("tokens", "passwords", "keys")
KEEPERS = ("master-key", "carrier-secret")  # files in which the demo keeps its own secrets


class Everything(logging.Handler):
    """Keeps all that is logged, as it would be written."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.lines: list[str] = []
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        """Keep it."""
        self.lines.append(self.format(record))


@pytest.fixture
def logged() -> Iterator[Callable[[], list[str]]]:
    """Every line of every library from DEBUG on, but for those that the product keeps quiet, as it does in life.

    The handset is the story's own, and so is what it logs.
    """
    everything, root = Everything(), logging.getLogger()
    quiet = (*QUIET, "websockets.client")
    before = {name: logging.getLogger(name).level for name in ("", *quiet)}
    for name in quiet:
        logging.getLogger(name).setLevel(logging.WARNING)
    root.addHandler(everything)
    root.setLevel(logging.DEBUG)
    with structlog.testing.capture_logs() as events:
        yield lambda: [*everything.lines, *map(repr, events)]
    root.removeHandler(everything)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)


def words_said(house: House) -> set[str]:
    """Longer words that the recogniser wrote down: common enough ones stand in program texts as well."""
    with house.look() as session:
        texts = [str(segment["text"]) for one in session.exec(select(Transcript)) for segment in one.segments]
    sentences = {text.strip() for text in texts if len(text.split()) >= 4}
    assert sentences, "nothing was written down"
    return sentences


def a_whole_call(house: House) -> dict[str, set[str]]:
    """Joris rings, is verified, listened to, written down and closed. What may lie nowhere, by kind."""
    anna, dirk = house.agent("anna"), house.agent("dirk")
    anna.post("/available", (303, 204), available="1")
    outsider = httpx2.Client(base_url=house.url, headers={"origin": house.url})
    assert outsider.post("/sign-in", data={"login": "anna", "password": GUESSED}).status_code == 403
    assert outsider.post("/twilio/voice", data={"From": JORIS, "CallSid": TYPED}).status_code == 403
    outsider.close()
    phone = house.ring(speed=2)
    with anna.on_the_line(phone):
        anna.verifies(phone.contact, JORIS_KNOWS)
        anna.post(f"/contacts/{phone.contact}/note", question=TYPED, text=TYPED)
        anna.get("/customers?q=jansen")
        until(lambda: phone.heard()["seconds"] > 26, "enough was said")
    anna.closes(phone.contact, question=TYPED, summary=SUMMARY)
    phone.recording_is("attached")
    dirk.get(f"/contacts/{phone.contact}")
    dirk.get("/operations")
    with house.parts.db.writing() as session:
        token = staff.make_token(session, house.clock(), "crm", [Scope.CUSTOMERS_WRITE])
    put = {"name": "Kanariehandel", "persons": [{"reference": "k", "name": "Kana Rie", "numbers": []}]}
    answer = httpx2.put(f"{house.url}/api/v1/customers/30001", json=put, headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 201
    settings = house.settings
    assert settings.master_key and settings.twilio_auth_token and settings.twilio_api_key_secret
    return {
        "numbers": {"612345678", "06 12345678"},
        "names": {"Joris", "Jansen", "Molenstraat", "NL91ABNA", "bakkerijjansen", "Kanariehandel", "Kana Rie"},
        "answers": {answer for answer in JORIS_KNOWS.values() if len(answer) > 7},
        "typed": {TYPED, SUMMARY},
        "said": words_said(house),
        "passwords": {PASSWORD, GUESSED},
        "tokens": {token, *anna.http.cookies.values(), *dirk.http.cookies.values()} - {"en", "nl"},
        "keys": {
            settings.master_key.get_secret_value(),
            settings.twilio_auth_token.get_secret_value(),
            settings.twilio_api_key_secret.get_secret_value(),
        },
    }


def proved_corrected_and_called_back(house: House) -> dict[str, set[str]]:
    """Joris keys in a number, reads out a code, has much corrected, and is called back. What may lie nowhere."""
    anna = house.agent("anna")
    anna.post("/available", (303, 204), available="1")
    with house.parts.db.writing() as session:
        session.execute(update(Line).values(asks_relation_number=True))
    phone = house.ring(JORIS, number=f"{KEYED}#")
    phone.is_("waiting")
    with anna.on_the_line(phone):
        at = f"/contacts/{phone.contact}"
        anna.verifies(phone.contact, JORIS_KNOWS)
        anna.post(f"{at}/code", kind="code-by-email")
        code = received(house, "joris@bakkerijjansen.example")
        anna.post(f"{at}/code-read", typed=GUESSED_CODE)
        anna.post(f"{at}/code-read", typed=code)
        for turn, form in enumerate(CORRECTED):
            anna.post(f"{at}/correct", (204,), turn=str(turn), **form)
        anna.post(f"{at}/correct", (422,), kind="bank-account", turn="0", iban=NO_IBAN)
        word = SAID.search(anna.post(f"{at}/call-back", (200,), kind="contract-term").text)
        assert word
    anna.closes(phone.contact)
    with house.look() as session:
        request = session.exec(select(CallBack.public_id)).one()
    picks_up(house)
    with calling(house, anna, request) as called:
        anna.post(f"/contacts/{called.contact}/call-back-word", typed=TYPED)
        anna.post(f"/contacts/{called.contact}/call-back-word", typed=word[1])
    anna.closes(called.contact, text=TYPED)
    assert httpx2.post(f"{house.url}/twilio/keyed", data={"Digits": KEYED, "CallSid": called.sid}).status_code == 403
    jobs = Jobs(house.settings.database_url)
    with house.parts.db.writing() as session:
        jobs.enqueue(session, SWEEPS, SWEEP, f"{SWEEP}:{SweepName.CORRECTIONS}:now", SweepName.CORRECTIONS)
    until(lambda: told(house) or None, "the old address was told")
    jobs.close()
    values = {value for form in CORRECTED for name, value in form.items() if name != "kind"}
    return {"typed": {*values, KEYED, GUESSED_CODE, NO_IBAN, TYPED, word[1], code, code.replace(" ", "")}}


def told(house: House) -> bool:
    """Whether all corrections were told."""
    with house.look() as session:
        return None not in session.exec(select(Correction.told_at)).all()


@pytest.mark.parametrize("story", [a_whole_call, proved_corrected_and_called_back])
def test_nothing_of_a_whole_call_is_logged_measured_queued_or_left_lying_about(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged: Callable[[], list[str]],
    story: Callable[[House], dict[str, set[str]]],
) -> None:
    left = tmp_path / "temporary"
    left.mkdir()
    monkeypatch.setenv("TMPDIR", str(left))
    monkeypatch.setattr(tempfile, "tempdir", str(left))
    with open_house(tmp_path / "house") as house:
        canaries = story(house)
        metrics = httpx2.get(f"{house.url}/metrics").text
        kept = contents(house.parts.db)
    assert metrics
    secrets = [each for kind in SECRETS for each in canaries.get(kind, ())]
    assert [secret for secret in secrets if secret in str(kept)] == []
    telltale = re.compile("|".join(re.escape(each) for kind in canaries.values() for each in kind))
    lines = logged()
    assert any("webhook-refused" in line for line in lines)
    assert any(line.startswith("DEBUG") for line in lines)
    assert [line for line in lines if telltale.search(line)] == []
    assert not telltale.search(metrics)
    found = searched(tmp_path, re.compile(telltale.pattern.encode()))
    assert [path for path in found if Path(path).name not in KEEPERS] == []


def test_the_search_after_the_suite_finds_what_it_looks_for(tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Joris Jansen rang")
    (tmp_path / "customers.csv").write_text("10042,Bakkerij Jansen")
    (tmp_path / "empty.log").write_text("call 1 ended")
    assert searched(tmp_path) == [str(tmp_path / "note.txt")]
    (tmp_path / "note.txt").unlink()  # or the search after this run would find it
