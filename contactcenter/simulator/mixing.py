"""Who hears whom in a conference that has begun, and what its recording gets."""

import asyncio
from typing import TYPE_CHECKING

from contactcenter.simulator.media import RATE, Samples, looped, music
from contactcenter.simulator.sound import LIVE_STEP, QUIET_STEP, Pace, Script, together

if TYPE_CHECKING:
    from contactcenter.simulator.conference import Conference, Participation

_ENDLESS = 3600 * RATE

Voices = dict[str, list[Samples]]


class Mixer:
    """Lets the conversation go on, quicker than in life when asked to, piece by piece."""

    def __init__(self, conference: "Conference") -> None:
        self._conference = conference
        self._talked = 0
        self._music = 0

    @property
    def seconds(self) -> int:
        """Whole seconds of talk so far."""
        return self._talked // RATE

    async def run(self, speed: float) -> None:
        """Mix until the conference ends, `speed` times as quick as in life."""
        pace = Pace(speed)
        while self._conference.status == "in-progress":
            await asyncio.sleep(LIVE_STEP if self._anybody_listens() else QUIET_STEP)
            length, wall = pace.due(self._longest())
            if length:
                self._mix(length, wall)
                self._hang_up_who_is_done()

    def _people(self) -> list["Participation"]:
        return list(self._conference.participants.values())

    def _anybody_listens(self) -> bool:
        return any(one.leg.ear.live for one in self._people())

    def _longest(self) -> int:
        """Not beyond the end of a conversation, so that who hangs up after it does so to the sample."""
        return min((script.left for _, script, _ in self._talking()), default=_ENDLESS)

    def _talking(self) -> list[tuple["Participation", Script, "Participation"]]:
        """The conversations that go on: speaker, script, partner. A person on hold waits with speaking."""
        active = [one for one in self._people() if not one.options.hold and not one.options.coach]
        pairs = []
        for one in active:
            partner = next((other for other in active if other is not one), None)
            if one.leg.script is not None and one.leg.script.left and partner is not None:
                pairs.append((one, one.leg.script, partner))
        return pairs

    def _mix(self, length: int, wall: int) -> None:
        voices = self._voices(length)
        for one in self._people():
            if one.options.hold:
                continue
            audible = [other for other in self._people() if _hears(one, other)]
            others = [voice for other in audible for voice in voices[other.leg.sid]]
            one.leg.ear.hear(together(others, length)[:wall])
        self._capture(voices, length)
        self._talked += length

    def _voices(self, length: int) -> Voices:
        voices = {one.leg.sid: one.leg.mouth.take(length) for one in self._people()}
        for one, script, partner in self._talking():
            own, other = script.take(length)
            voices[one.leg.sid].append(own)
            voices[partner.leg.sid].append(other)
        return voices

    def _capture(self, voices: Voices, length: int) -> None:
        recording = self._conference.recording
        if recording is None or not recording.running:
            return
        first: list[Samples] = []
        others: list[Samples] = []
        for one in self._people():
            if not (one.options.muted or one.options.hold or one.options.coach):
                channel = first if one.leg.sid == self._conference.first_call_sid else others
                channel.extend(voices[one.leg.sid])
        others.extend(self._hold_music(length))
        recording.write(together(first, length), together(others, length))

    def _hold_music(self, length: int) -> list[Samples]:
        """What a held participant hears stands in the channel of the other side."""
        if not any(one.options.hold for one in self._people()):
            return []
        self._music += length
        return [looped(music(), self._music - length, length)]

    def _hang_up_who_is_done(self) -> None:
        for one in self._people():
            script = one.leg.script
            if script is not None and not script.left and one.leg.plan.hangup == "after-audio":
                one.leg.end()


def _hears(listener: "Participation", speaker: "Participation") -> bool:
    if speaker is listener or speaker.options.muted or speaker.options.hold:
        return False
    return speaker.options.coach in ("", listener.leg.sid)
