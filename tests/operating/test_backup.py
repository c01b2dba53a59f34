"""A backup can be restored, and what was destroyed since it was made stays destroyed (P17)."""

import socket
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest
from pydantic import SecretStr
from sqlmodel import select

from contactcenter.backup.manifest import BackupProblem
from contactcenter.compose import migrated as started
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.core.ledger import Ledger
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Certificate, Recording
from contactcenter.recordings.rules import RecordingState
from tests.desks import all_the_way
from tests.operating.destruction import BACKUP, backed_up, destroy_in_every_way, folder, lose, restored
from tests.operating.installation import Environment, does, serving
from tests.raw import raw
from tests.recordings.workplace import PASSWORD, Story, Workplace


def asks_to_listen(browser: httpx2.Client, story: Story) -> httpx2.Response:
    """Dirk opens a contact, and its sound where there is a player."""
    browser.post(f"/contacts/{story.contact}/open", data={"purpose": "training"})
    page = browser.get(f"/contacts/{story.contact}")
    assert page.status_code == 200
    found = [part.split('"')[0] for part in page.text.split('src="')[1:] if part.startswith("/playback/")]
    return browser.get(found[0]) if found else page


def test_of_100_recordings_20_destroyed_after_the_backup_stay_destroyed(
    place: Workplace, here: Environment, record_property: Callable[[str, object], None]
) -> None:
    stories = [place.call().done() for _ in range(100)]
    assert "100 recordings" in does(here, "backup", BACKUP)
    gone, kept = stories[::5], [story for number, story in enumerate(stories) if number % 5]
    rows = {story.sid: story.row() for story in gone}
    destroy_in_every_way(place, gone)
    lose(place)
    assert "80 recordings can be opened" in does(here, "restore", BACKUP)

    held = raw(place.folder)
    for row in rows.values():  # by file and by key
        assert row.wrapped_key is not None and row.object_key is not None
        assert row.wrapped_key not in held
        assert not (place.folder / "vault" / row.object_key).exists()
    with serving(here, "--web") as address, httpx2.Client(base_url=address, headers={"origin": address}) as dirk:
        assert dirk.post("/sign-in", data={"login": "dirk", "password": PASSWORD}).status_code == 303
        all_the_way(Database(place.db.url))
        for story in gone:  # by page, from the first request on
            answer = asks_to_listen(dirk, story)
            assert answer.headers["content-type"].startswith("text/html")
            assert "koelcel" not in answer.text
        heard = [asks_to_listen(dirk, story) for story in kept[:5]]
        assert {answer.headers["content-type"] for answer in heard} == {"audio/wav"}
    assert does(here, "recordings", "verify").strip().endswith("Every recording in the vault is whole.")
    counts = outcome(place, gone)
    record_property("recordings", len(stories))
    record_property("destroyed after the backup, readable after the restore", counts)
    assert counts == 0


def outcome(place: Workplace, gone: list[Story]) -> int:
    """How many of the destroyed recordings left a key, words, or no certificate."""
    db = Database(place.settings.database_url)
    sids = {story.sid for story in gone}
    with db.reading() as session:
        readable = [one for one in session.exec(select(Recording)) if one.sid in sids and one.wrapped_key]
        words = [one for one in session.exec(select(Transcript)) if one.recording_sid in sids]
        by_timer = session.exec(select(Recording).where(Recording.state == RecordingState.DESTROYED)).all()
        certified = set(session.exec(select(Certificate.recording)))
    db.close()
    return len(readable) + len(words) + len({one.public_id for one in by_timer} - certified)


def test_a_backup_that_was_broken_off_goes_on_and_copies_only_what_is_new(place: Workplace) -> None:
    first = [place.call().done() for _ in range(3)]
    assert (report := backed_up(place)).sentence.endswith("3 recordings; 3 were new, and verified."), report
    (folder(place) / "manifest.json").unlink()  # as if it had been killed before its last word
    (folder(place) / "database-19990101T000000Z.sqlite").write_bytes(b"half")
    with pytest.raises(BackupProblem, match="holds no whole backup"):
        restored(place)
    place.call().done()
    destroy_in_every_way(place, first[2:])
    assert (report := backed_up(place)).recordings == 3
    assert report.copied == 1
    assert len(list((folder(place) / "objects").iterdir())) == 3, "what was destroyed is not kept here either"
    assert len(list(folder(place).glob("database-*"))) == 1
    assert folder(place).stat().st_mode & 0o777 == 0o700


def test_what_is_damaged_is_named_and_a_damaged_copy_is_made_anew(place: Workplace) -> None:
    good, bad = place.call().done(), place.call().done()
    object_of = {story.sid: place.folder / "vault" / str(story.row().object_key) for story in (good, bad)}
    spoil(object_of[bad.sid])
    report = backed_up(place)
    assert (report.recordings, len(report.problems)) == (1, 1)
    row = bad.row()
    named = f"{row.public_id} (object {row.object_key}): The recording was altered in the vault"
    assert report.problems[0].startswith(named)
    copy = folder(place) / "objects" / object_of[good.sid].name
    spoil(copy)
    assert backed_up(place, verify=True).copied == 0
    assert copy.read_bytes() == object_of[good.sid].read_bytes()


def spoil(file: Path) -> None:
    """A disk forgets some bits."""
    content = file.read_bytes()
    file.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))


def test_a_restore_refuses_what_would_lose_or_bring_back_something(place: Workplace) -> None:
    place.call().done()
    started(place.settings).close()
    backed_up(place)
    with pytest.raises(BackupProblem, match="There is a database already"):
        restored(place)
    lose(place)
    ledger = place.folder / "contactcenter.db.destroyed"
    ledger.rename(place.folder / "aside")
    with pytest.raises(BackupProblem, match="There is no ledger of what was destroyed"):
        restored(place)
    (place.folder / "aside").rename(ledger)
    with pytest.raises(BackupProblem, match="leave --without-ledger out"):
        restored(place, without_ledger=True)
    with pytest.raises(BackupProblem, match="This backup belongs to master key"):
        restored(place, master_key=SecretStr(MasterKey.generate()))
    with pytest.raises(BackupProblem, match="may not stand in the backup"):
        backed_up(place, ledger=folder(place) / "ledger")
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        with pytest.raises(BackupProblem, match="stop the service first"):
            restored(place, port=somebody.getsockname()[1])
    database = next(folder(place).glob("database-*"))
    spoil(database)
    with pytest.raises(BackupProblem, match="is not what was written"):
        restored(place)
    assert not [path for path in place.folder.glob("contactcenter.db") if path.stat().st_size]


def test_a_ledger_of_another_machine_counts_too(place: Workplace) -> None:
    kept, gone = place.call().done(), place.call().done()
    started(place.settings).close()
    backed_up(place)
    other = place.folder / "other-machine"
    started(place.settings.model_copy(update={"ledger": other}), new_ledger=True).close()
    place.db.ledger = Ledger(other)
    destroy_in_every_way(place, [gone])
    lose(place)
    report = restored(place, ledgers=[other])
    assert (report.recordings, report.destroyed, report.problems) == (1, 1, ())
    db = Database(place.settings.database_url)
    with db.reading() as session:
        assert [one.sid for one in session.exec(select(Recording)) if one.wrapped_key] == [kept.sid]
    db.close()
