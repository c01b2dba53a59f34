"""Steps of the rules as the carrier's document, with our addresses in them.

Query strings are fixed: the attempt of a notice, and the call of a recording, whose callback names only a conference.
"""

from xml.etree.ElementTree import Element

from contactcenter.calls.prompts import Prompt, catalogue, position_prompt
from contactcenter.calls.rules import AskRelationNumber, Conference, HangUp, JoinAsAgent, Play, PlayNotice, Step
from contactcenter.carrier import twiml


class Speaker:
    """Turns steps into TwiML; `public_url` is where the carrier reaches us, without a slash at its end."""

    def __init__(self, public_url: str) -> None:
        self.public_url = public_url

    def document(self, steps: tuple[Step, ...], conference_name: str, sid: str) -> bytes:
        """The whole answer for these steps; `sid` is the CallSid of the leg that it steers."""
        verbs: list[Element] = []
        for step in steps:
            verbs.extend(self._verbs(step, conference_name, sid))
        return twiml.document(*verbs)

    def waiting(self, position: int, language: str) -> bytes:
        """What a waiting caller hears: the place in our own queue, then music; fetched again when it ends."""
        place = catalogue().of(position_prompt(position), language)
        return twiml.document(self._play(place), self._play(catalogue().of("music", language)))

    def on_hold(self, language: str) -> bytes:
        """What a caller on hold hears."""
        return twiml.document(self._play(catalogue().of("music", language)))

    def url(self, path: str) -> str:
        """An address of ours as the carrier must call it."""
        return f"{self.public_url}/twilio/{path}"

    def _verbs(self, step: Step, conference_name: str, sid: str) -> list[Element]:
        match step:
            case PlayNotice():
                return self._notice(step)
            case Play():
                return [self._play(catalogue().of(step.prompt, step.language))]
            case AskRelationNumber():
                asked = self._play(catalogue().of("relation-number", step.language))
                return [twiml.gather_number(self.url("keyed"), asked), twiml.redirect(self.url("keyed"))]
            case Conference():
                return [self._conference(step, conference_name, sid)]
            case JoinAsAgent():
                return [twiml.agent_conference(conference_name)]
            case HangUp():
                return [twiml.hang_up()]

    def _notice(self, step: PlayNotice) -> list[Element]:
        played = [self._play(catalogue().of(step.notice, step.language))]
        if step.offer is not None:
            played.append(self._play(catalogue().of("language-choice", step.language)))
        return [
            twiml.gather_one_key(self.url(f"key?attempt={step.attempt}"), *played),
            twiml.redirect(self.url(f"heard?attempt={step.attempt}")),
        ]

    def _conference(self, step: Conference, name: str, sid: str) -> Element:
        return twiml.caller_conference(
            name,
            record=step.record,
            action=self.url("dialled"),
            wait=self.url("wait"),
            events=self.url("conference"),
            recording=self.url(f"recording?call={sid}"),
        )

    def _play(self, prompt: Prompt) -> Element:
        return twiml.play(f"{self.public_url}/prompts/{prompt.hash}/{prompt.file}")
