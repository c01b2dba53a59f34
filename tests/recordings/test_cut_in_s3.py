"""A passage is cut out of a recording on a real S3 server as in a folder (P17)."""

from collections.abc import Iterator
from dataclasses import replace

import obstore
import pytest

from contactcenter.core.keys import MasterKey
from contactcenter.recordings.vault import Vault
from contactcenter.recordings.verifying import stored_of
from tests.operating.test_cuts_restored import cut
from tests.recordings.cutting import END, START, loudest, sound_of, sweep, told
from tests.recordings.s3_server import S3Server, s3_server
from tests.recordings.workplace import Workplace


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    with s3_server(tmp_path_factory.mktemp("s3")) as running:
        yield running


def test_the_old_object_is_gone_from_the_bucket_and_the_new_one_has_no_passage(
    place: Workplace, server: S3Server
) -> None:
    place.vault = Vault(server.url(), MasterKey.parse(place.key), server.access)
    place.pipeline = replace(place.pipeline, vault=place.vault)
    story = told(place)
    before = story.row().object_key
    cut(place, story)
    assert sweep(place)
    after = story.row()
    assert loudest(sound_of(place.vault, after), START, END) == 0
    assert loudest(sound_of(place.vault, after), 0, START) > 1000
    place.vault.verify(after.public_id, stored_of(after))
    assert after.object_key != before
    assert [one["path"] for page in obstore.list(server.raw()) for one in page] == [after.object_key]
