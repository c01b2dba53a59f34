"""A day of calls in a running house, with carrier, worker and people, breaks no promise."""

import time

from contactcenter.privacy.promises import verdicts
from tests.house import JORIS_KNOWS, STRANGER, House
from tests.patience import until


def test_a_day_as_it_should_be_keeps_every_promise(house: House) -> None:
    anna = house.agent("anna")
    known = house.ring(hangup="after-audio")
    anna.handles(known)
    known.recording_is("attached")
    anna.post(f"/contacts/{known.contact}/open", purpose="replay-by-handler")
    anna.post(f"/contacts/{known.contact}/summary", text="Asked about the licence.")
    anna.closes(known.contact)
    objecting = house.ring(keys="9", hangup="after-audio")
    anna.handles(objecting)
    anna.closes(objecting.contact)
    held = house.ring(hangup="after-audio", speed=3)
    with anna.on_the_line(held):
        anna.verifies(held.contact, JORIS_KNOWS)
        anna.post(f"/calls/{held.id}/hold")
        anna.post(f"/calls/{held.id}/unhold")
        held.is_("ended")
    held.recording_is("attached")
    late = house.ring()
    with anna.on_the_line(late):
        until(lambda: house.carrier_keeps(late), "the capture begins")
        time.sleep(0.5)  # twenty seconds of talk at this pace
        anna.post(f"/calls/{late.id}/stop-recording")
    late.recording_is("unwanted")
    until(lambda: house.carrier_keeps(late) == [] or None, "the carrier's copy is deleted")
    missed = house.ring(STRANGER)
    missed.is_("waiting")
    missed.hang_up()
    missed.is_("ended")
    with house.look() as session:
        found = {one.promise.id: one for one in verdicts(session, house.clock())}
    assert {id: one.finding for id, one in found.items() if one.kept is False} == {}
    checked = {id: one.finding.checked for id, one in found.items() if one.finding is not None}
    assert (checked["P01"], checked["P02"], checked["P30"]) == (3, 1, 2)
    assert min(checked[id] for id in ("P03", "P07", "P17", "P29", "P31", "P33")) >= 3
