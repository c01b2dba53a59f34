"""A backup can be restored, and what was destroyed since it was made stays destroyed (P17)."""

from collections.abc import Callable

import httpx2
from sqlmodel import select

from contactcenter.core.db import Database
from contactcenter.notes.models import Transcript
from contactcenter.recordings.models import Certificate, Recording
from contactcenter.recordings.rules import RecordingState
from tests.operating.destruction import BACKUP, destroy_in_every_way, lose, raw
from tests.operating.installation import Environment, does, serving
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

    held = raw(place)
    for row in rows.values():  # by file and by key
        assert row.wrapped_key is not None and row.object_key is not None
        assert row.wrapped_key not in held
        assert not (place.folder / "vault" / row.object_key).exists()
    with serving(here, "--web") as address, httpx2.Client(base_url=address, headers={"origin": address}) as dirk:
        assert dirk.post("/sign-in", data={"login": "dirk", "password": PASSWORD}).status_code == 303
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
