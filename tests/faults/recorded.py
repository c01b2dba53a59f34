"""Recordings of Joris Jansen that the carrier has told of, and the workers that take them on."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.testclient import TestClient

from contactcenter.app import create_app
from contactcenter.recordings.rules import RecordingState
from tests.calls.carrier_stand_in import FORM, sign
from tests.faults.mother import Child, Mother
from tests.recordings.workplace import Story, Workplace, recorded
from tests.simulator.desk import ACCOUNT, TOKEN


def worker(mother: Mother, place: Workplace, **order: Any) -> Child:
    """A worker of this workplace, which lives for ever unless its order says where it dies."""
    usual = {"role": "worker", "folder": str(place.folder), "carrier": place.settings.twilio_api_url}
    return mother.child(**(usual | {"key": place.key, "point": ""} | order))


def callback(place: Workplace, story: Story) -> tuple[str, dict[str, str], dict[str, str]]:
    """The carrier's word that the recording is ready: path, form, headers."""
    form = {
        "AccountSid": ACCOUNT,
        "CallSid": story.call_sid,
        "ConferenceSid": story.conference_sid,
        "RecordingSid": story.sid,
        "RecordingStatus": "completed",
        "RecordingDuration": str(place.simulator.recordings[story.sid].seconds),
        "RecordingChannels": "2",
    }
    path = "/twilio/recording"
    signature = sign(TOKEN, place.settings.public_url + path, list(form.items()))
    return path, form, {"x-twilio-signature": signature, "content-type": FORM}


def told(place: Workplace, sound: Sequence[NDArray[np.int16]] | None = None) -> Story:
    """Joris has called, the carrier has his recording, and its callback was acknowledged."""
    story = place.call()
    recorded(place.simulator, story.sid, story.call_sid, story.conference_sid, place.clock.now, sound)
    path, form, headers = callback(place, story)
    answer = TestClient(create_app(place.parts), base_url=place.settings.public_url).post(
        path, data=form, headers=headers
    )
    assert answer.status_code == 204
    return story


def attached(story: Story) -> Callable[[], bool]:
    """Whether nothing is left to do."""
    return lambda: story.state is RecordingState.ATTACHED
