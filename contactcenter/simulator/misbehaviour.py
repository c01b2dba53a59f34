"""What the carrier is told to do wrong, for tests and for trying out how the product bears it."""

import random
from dataclasses import dataclass, field, fields
from typing import Any, Literal, get_args

MediaFault = Literal[
    "404",
    "429",
    "500",
    "hang",
    "slow",
    "cut",
    "wrong-length",
    "html",
    "redirect-local",
    "redirect-foreign",
    "gzip-bomb",
    "wrong-bytes",
    "changing",
    "endless",
]


class UnknownMisbehaviour(ValueError):
    """A wish that this simulator does not know; the text names what it knows."""


@dataclass
class Callbacks:
    """Faults of callbacks by event (completed, participant-join, recording-completed; * is every one)."""

    shuffle: bool = False
    double: list[str] = field(default_factory=list)
    lose: list[str] = field(default_factory=list)
    delay: dict[str, float] = field(default_factory=dict)


@dataclass
class Media:
    """The next `times` downloads of a recording go wrong in the way of `fault`.

    `each` holds, by RecordingSid, what the next downloads of one recording are, one after the other; such a recording
    is not touched by `fault`.
    """

    fault: MediaFault | None = None
    times: int = 1
    retry_after: int = 1
    each: dict[str, list[MediaFault]] = field(default_factory=dict)


@dataclass
class Rest:
    """The next `times` REST requests whose path holds `match` are answered with `status`; 0 never answers."""

    status: int | None = None
    times: int = 1
    match: str = ""
    retry_after: int = 1


@dataclass
class Misbehaviour:
    """All faults that are switched on. None are, to begin with."""

    callbacks: Callbacks = field(default_factory=Callbacks)
    media: Media = field(default_factory=Media)
    rest: Rest = field(default_factory=Rest)
    chance: random.Random = field(default_factory=lambda: random.Random(7))

    def set(self, wish: dict[str, Any]) -> None:
        """Replace the named groups of faults, `{}` switches one off; UnknownMisbehaviour if there is none."""
        kinds: dict[str, type[Callbacks | Media | Rest]] = {
            "callbacks": Callbacks,
            "media": Media,
            "rest": Rest,
        }
        for name, values in wish.items():
            if name not in kinds or not isinstance(values, dict):
                raise UnknownMisbehaviour(f"Choose from {', '.join(kinds)}, each an object.")
            try:
                made = kinds[name](**values)
            except TypeError as error:
                known = ", ".join(one.name for one in fields(kinds[name]))
                raise UnknownMisbehaviour(f"{name} takes {known}.") from error
            if isinstance(made, Media) and not _are_known(made):
                raise UnknownMisbehaviour(f"A fault of media is one of {', '.join(get_args(MediaFault))}.")
            setattr(self, name, made)

    def reset(self) -> None:
        """Behave again."""
        self.callbacks, self.media, self.rest = Callbacks(), Media(), Rest()

    def view(self) -> dict[str, Any]:
        """The faults as JSON."""
        return {"callbacks": vars(self.callbacks), "media": vars(self.media), "rest": vars(self.rest)}

    def copies(self, event: str) -> int:
        """How often the callback of `event` is sent: 0, 1 or 2 times."""
        if _named(event, self.callbacks.lose):
            return 0
        return 2 if _named(event, self.callbacks.double) else 1

    def wait(self, event: str) -> float:
        """Seconds that the callback of `event` is held back."""
        delay = self.callbacks.delay.get(event, self.callbacks.delay.get("*", 0.0))
        return delay + (self.chance.uniform(0, 0.4) if self.callbacks.shuffle else 0.0)

    def media_fault(self, recording: str) -> MediaFault | None:
        """The fault of this download, counted off."""
        if recording in self.media.each:
            left = self.media.each[recording]
            return left.pop(0) if left else None
        if self.media.fault is None or self.media.times <= 0:
            return None
        self.media.times -= 1
        return self.media.fault

    def rest_fault(self, path: str) -> int | None:
        """The status that this REST request gets instead of its answer, counted off."""
        if self.rest.status is None or self.rest.times <= 0 or self.rest.match not in path:
            return None
        self.rest.times -= 1
        return self.rest.status


def _are_known(media: Media) -> bool:
    wished = [media.fault, *(fault for faults in media.each.values() for fault in faults)]
    return all(fault is None or fault in get_args(MediaFault) for fault in wished)


def _named(event: str, names: list[str]) -> bool:
    return event in names or "*" in names
