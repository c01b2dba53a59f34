"""Checkpoints of the audit trail leave the machine: a letter a day and after emergency access, and each one locked."""

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import obstore
import pytest
from sqlmodel import select

from contactcenter import audit_verifier
from contactcenter.compose import migrated, ports
from contactcenter.core import audit_chain
from contactcenter.core.alerts import Alert
from contactcenter.core.audit import Action, Actor, record
from contactcenter.core.errors import Unavailable
from contactcenter.core.jobs import SweepName
from contactcenter.core.keys import MasterKey
from contactcenter.core.locked import LockedStore
from contactcenter.doctor import examine
from contactcenter.settings import Settings, SettingsError, load
from contactcenter.worker import Worker
from tests.core.locking import asked, locking_bucket
from tests.core.smtp_server import Mailroom, mail_server
from tests.recordings.s3_server import S3Server, s3_server
from tests.recordings.workplace import Scribe

OFFICER = "officer@veldwijk.example"


@dataclass
class House:
    """An installation with its worker, at a clock that stories move: real days begin where locks are real."""

    settings: Settings
    folder: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC).replace(hour=8))

    def __post_init__(self) -> None:
        migrated(self.settings).close()
        self.parts = ports(self.settings, clock=lambda: self.now)
        self.worker = Worker(self.parts, Scribe())

    def act(self, acts: int) -> None:
        """So many acts happen, beside the one of beginning the ledger."""
        with self.parts.db.writing() as session:
            for number in range(acts):
                record(session, self.now, Actor.CARRIER, Action.CALL_ENDED, f"call-{number}")

    def emergency(self, *, broken_off: bool = False) -> None:
        """Somebody opens more than they may, in one transaction with what tells of it."""
        with suppress(ZeroDivisionError), self.parts.db.writing() as session:
            record(session, self.now, Actor.SYSTEM, Action.DISCLOSED, "contact")
            audit_chain.checkpoint_now(session, self.now)
            if broken_off:
                raise ZeroDivisionError

    def minute(self, minutes: float = 1) -> None:
        """Time passes, and the worker seals."""
        self.now += timedelta(minutes=minutes)
        self.worker.run_sweep(SweepName.SEALING)

    def alerts(self) -> list[str]:
        """What somebody must look at."""
        with self.parts.db.reading() as session:
            return list(session.exec(select(Alert.kind)))

    def verified(self, checkpoints: str) -> str:
        """What the auditor's own verifier says with checkpoints that were kept elsewhere."""
        kept, log = self.folder / "kept-elsewhere.jsonl", self.folder / "log.jsonl"
        kept.write_text(checkpoints)
        with self.parts.db.reading() as session:
            log.write_text(
                "".join(json.dumps(one, separators=(",", ":")) + "\n" for one in audit_chain.exported(session))
            )
        assert self.settings.master_key is not None
        key = MasterKey.parse(self.settings.master_key.get_secret_value())
        return audit_verifier.verify(log, kept, audit_chain.public_key(key))

    def close(self) -> None:
        """Give everything back."""
        self.worker.jobs.close()
        self.parts.db.close()


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[list[House]]:
    """Houses that end with the story."""
    houses: list[House] = []
    yield houses
    for one in houses:
        one.close()


def house(opened: list[House], folder: Path, **settings: object) -> House:
    """An installation with a master key."""
    chosen = load(
        database_url=f"sqlite:///{folder / 'contactcenter.db'}",
        vault_url=str(folder / "vault"),
        master_key=MasterKey.generate(),
        **settings,
    )
    opened.append(House(chosen, folder))
    return opened[-1]


def mailing(room: Mailroom) -> dict[str, object]:
    return {
        "mail_url": f"smtp://127.0.0.1:{room.port}",
        "mail_from": "desk@veldwijk.example",
        "checkpoints_mail": OFFICER,
        "language": "en",
    }


def line_of(room: Mailroom) -> str:
    """The checkpoint in the newest letter."""
    (line,) = [line for line in room.letters[-1].get_content().splitlines() if line.startswith("{")]
    return f"{line}\n"


def test_the_privacy_officer_gets_one_letter_a_day_with_which_the_trail_is_verified(
    opened: list[House], tmp_path: Path
) -> None:
    with mail_server() as room:
        ours = house(opened, tmp_path, **mailing(room))
        ours.act(20)
        ours.minute()
        ours.act(5)
        ours.minute()
        assert [one["Subject"] for one in room.letters] == ["Audit trail of Veldwijk: 21 entries sealed"]
        assert room.envelopes[0][1] == [OFFICER]
        assert ours.verified(line_of(room)).startswith("21 entries are as they were sealed")
        ours.minute(24 * 60)
        ours.minute()
        assert [one["Subject"] for one in room.letters][1:] == ["Audit trail of Veldwijk: 26 entries sealed"]
        ours.minute(24 * 60)
        assert len(room.letters) == 3, "a quiet day has its letter too, so that a missing one tells something"


def test_emergency_access_is_told_within_a_minute_and_covered(opened: list[House], tmp_path: Path) -> None:
    with mail_server() as room:
        ours = house(opened, tmp_path, **mailing(room))
        ours.act(3)
        ours.minute()
        ours.emergency()
        ours.emergency()
        ours.minute()
        assert len(room.letters) == 2, "one letter for both"
        assert "Somebody used emergency access" in room.letters[-1].get_content()
        assert "checkpoint of the day" not in room.letters[-1].get_content()
        assert json.loads(line_of(room))["count"] == 6
        ours.emergency(broken_off=True)
        ours.minute()
        assert len(room.letters) == 2


def test_a_letter_that_was_not_taken_is_sent_later_and_after_an_hour_somebody_must_look(
    opened: list[House], tmp_path: Path
) -> None:
    with mail_server() as room:
        room.recipient = "450 come back"
        ours = house(opened, tmp_path, **mailing(room))
        ours.act(3)
        ours.minute()
        ours.emergency()
        ours.minute(30)
        assert (room.letters, ours.alerts()) == ([], [])
        ours.minute(31)
        ours.minute()
        assert ours.alerts() == ["checkpoint-not-mailed"]
        room.recipient = None
        ours.minute()
        ours.minute()
        (letter,) = room.letters
        assert "checkpoint of the day. Somebody used emergency access" in letter.get_content()


def test_a_dutch_officer_is_written_in_dutch(opened: list[House], tmp_path: Path) -> None:
    with mail_server() as room:
        ours = house(opened, tmp_path, **mailing(room) | {"language": "nl"})
        ours.act(3)
        ours.minute()
    assert room.letters[0]["Subject"] == "Logboek van Veldwijk: 4 regels verzegeld"
    assert "ijkpunt van de dag" in room.letters[0].get_content()


def test_without_an_officer_nothing_is_asked_or_mailed(opened: list[House], tmp_path: Path) -> None:
    ours = house(opened, tmp_path)
    ours.act(3)
    ours.minute()
    with ours.parts.db.reading() as session:
        assert session.exec(select(audit_chain.CheckpointAsked)).all() == []
    assert ours.alerts() == []


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


@pytest.fixture
def credentials(server: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", server.access.key_id)
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", server.access.secret)


def names(server: S3Server, bucket: str) -> list[str]:
    return sorted(meta["path"] for page in obstore.list(server.raw(bucket, "trail")) for meta in page)


@pytest.mark.usefixtures("credentials")
def test_each_checkpoint_is_locked_away_once_and_nobody_can_take_it_back(
    opened: list[House], tmp_path: Path, server: S3Server
) -> None:
    ours = house(opened, tmp_path, checkpoints_url=locking_bucket(server, "locked"))
    for _ in range(2):
        ours.act(10)
        ours.minute()
        ours.minute()
    raw, there = server.raw("locked", "trail"), names(server, "locked")
    assert len(there) == 2
    contents = [bytes(obstore.get(raw, one).bytes()).decode() for one in there]
    assert ours.verified("".join(contents)).startswith("21 entries are as they were sealed")
    path, version = f"/locked/trail/{there[0]}", obstore.head(raw, there[0])["version"]
    assert asked(server, "DELETE", path, query=f"versionId={version}").status_code == 403
    obstore.delete(raw, there[0])  # hides it, and no more
    assert asked(server, "GET", path, query=f"versionId={version}").text == contents[0]
    versions = asked(server, "GET", "/locked", query="versions=").text
    assert versions.count("<Version>") == 2, "what is locked is not written again"
    assert ours.alerts() == []


@pytest.mark.usefixtures("credentials")
def test_a_bucket_that_locks_nothing_is_told(opened: list[House], tmp_path: Path, server: S3Server) -> None:
    ours = house(opened, tmp_path, checkpoints_url=server.url("open", "trail"))
    ours.act(10)
    ours.minute()
    ours.minute()
    assert ours.alerts() == ["checkpoint-not-locked"]
    assert len(names(server, "open")) == 2
    assert (ours.settings.checkpoints_folder / audit_chain.FILE).is_file()


@pytest.mark.usefixtures("credentials")
def test_a_store_that_is_away_stops_neither_sealing_nor_mail(opened: list[House], tmp_path: Path) -> None:
    with mail_server() as room:
        away = "s3://gone/trail?endpoint=http://127.0.0.1:9&region=eu-west-1"
        ours = house(opened, tmp_path, checkpoints_url=away, **mailing(room))
        ours.act(10)
        ours.minute()
        assert ours.alerts() == ["checkpoint-not-locked"]
        assert ours.verified(line_of(room)).startswith("11 entries")


@pytest.mark.usefixtures("credentials")
def test_the_doctor_says_how_checkpoints_are_locked(tmp_path: Path, server: S3Server) -> None:
    def said(url: str | None) -> tuple[bool, str]:
        settings = load(database_url=f"sqlite:///{tmp_path / 'none.db'}", checkpoints_url=url)
        (found,) = [one for one in examine(settings) if one.name == "checkpoints"]
        return found.well, found.sentence

    strict = locking_bucket(server, "strict", days=30)
    until = datetime.now(UTC) + timedelta(days=30)
    assert said(strict) == said(strict) == (True, f"locked until {until:%Y-%m-%d}")
    lenient = said(locking_bucket(server, "lenient", mode="GOVERNANCE"))
    assert (lenient[0], "COMPLIANCE" in lenient[1]) == (False, True)
    unlocked = said(server.url("unlocked", "trail"))
    assert (unlocked[0], "does not lock what it is given" in unlocked[1]) == (False, True)
    assert said(None)[0]


def test_what_lost_its_lock_is_locked_anew(server: S3Server) -> None:
    locking_bucket(server, "anew", days=1)
    now = datetime.now(UTC)
    store = LockedStore(server.raw("anew", "trail"), lambda: now)
    first = store.keep("one", b"a line")
    assert store.keep("one", b"a line") == first
    assert first.mode == "COMPLIANCE"
    now += timedelta(days=2)
    with pytest.raises(Unavailable, match="does not lock"):  # the server's own clock has not moved
        store.keep("one", b"a line")


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"CHECKPOINTS_URL": "/srv/checkpoints"}, "CONTACTCENTER_CHECKPOINTS_URL must be like s3://"),
        ({"CHECKPOINTS_MAIL": "the officer"}, "CONTACTCENTER_CHECKPOINTS_MAIL must be one plain e-mail address"),
        ({"CHECKPOINTS_MAIL": OFFICER}, "CONTACTCENTER_CHECKPOINTS_MAIL needs a mail server"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], says: str) -> None:
    for name, value in settings.items():
        monkeypatch.setenv(f"CONTACTCENTER_{name}", value)
    with pytest.raises(SettingsError, match=says):
        load()
