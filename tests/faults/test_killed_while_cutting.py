"""A worker is killed (kill -9) at each step of a cut: the whole is there and unheard, or the rest; never both (P17)."""

import signal

import pytest
from sqlmodel import select
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.recordings.models import Certificate, Cut
from tests.desks import all_the_way
from tests.faults.mother import Mother
from tests.faults.recorded import worker
from tests.patience import until
from tests.recordings.cutting import CANARY, END, START, cuts, loudest, opened_by, sound_of, text_of, told
from tests.recordings.test_playback import granted
from tests.recordings.workplace import PASSWORD, Workplace

POINTS = {  # as mortal.py names them
    "new-object-durable-and-no-row-names-it": "object durable",
    "row-names-the-new-object-uncommitted": "_cut_out 1 written",
    "row-names-the-new-object": "_cut_out 1 committed",
    "old-object-gone-and-the-row-says-so-uncommitted": "_delete 1 written",
    "old-object-gone": "_delete 1 committed",
}


@pytest.mark.parametrize("point", POINTS.values(), ids=POINTS.keys())
def test_a_killed_worker_leaves_the_whole_unheard_or_the_rest(place: Workplace, mother: Mother, point: str) -> None:
    story = told(place)
    site = create_app(place.parts)
    dirk = TestClient(site, place.settings.public_url, follow_redirects=False)
    assert dirk.post("/sign-in", data={"login": "dirk", "password": PASSWORD}).status_code == 303
    all_the_way(place.db)
    assert cuts(opened_by(dirk, story), story) == 303
    with worker(mother, place, point=point) as doomed:
        assert doomed.dies() == -signal.SIGKILL
    heard = dirk.get(f"{granted(place)}/audio").content
    assert (loudest(heard, START, END), loudest(heard, 0, START) > 1000) == (0, True)
    assert CANARY not in text_of(place.db)
    with worker(mother, place):
        until(lambda: not left(place), "the next worker brought it to its end")
    assert loudest(sound_of(place.vault, story.row()), START, END) == 0
    named = [one.key for one in place.vault.list() if one.key == story.row().object_key]
    orphans = [one.key for one in place.vault.list() if one.key != story.row().object_key]
    assert len(named) == 1
    assert not orphans or point in ("object durable", "_cut_out 1 written")  # the sweep for orphans has them in a day
    with place.db.reading() as session:
        assert len(session.exec(select(Certificate)).all()) == 1
    site.state.site.jobs.close()


def left(place: Workplace) -> bool:
    """Whether anything of the cut is still to be done."""
    with place.db.reading() as session:
        return any(one.cut_at is None or one.remnant for one in session.exec(select(Cut)))
