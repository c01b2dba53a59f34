"""The audio that calls can speak: the conversations of a folder, and what was uploaded."""

import asyncio
import json
import secrets
from dataclasses import dataclass
from pathlib import Path

from contactcenter.simulator.media import Samples, decode

_KINDS = {".wav", ".flac", ".ogg", ".opus", ".mp3"}


@dataclass(frozen=True)
class Conversation:
    """One prepared conversation: the name to ask for it, a title to show, the language ("" unknown)."""

    name: str
    title: str
    language: str


class Shelf:
    """Finds and decodes audio by reference; a decoded conversation is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._ready: dict[str, Samples] = {}

    def conversations(self, language: str = "en") -> list[Conversation]:
        """The conversations of the folder, by name, with titles in `language` where they have one."""
        return [_described(path, language) for path in self._files()]

    async def get(self, reference: str) -> Samples | None:
        """The audio [channels, samples] of a conversation's name or an upload's reference."""
        if reference not in self._ready:
            path = next((path for path in self._files() if reference in (path.stem, path.name)), None)
            if path is None:
                return None
            self._ready[reference] = await asyncio.to_thread(lambda: decode(path.read_bytes()))
        return self._ready[reference]

    async def add(self, data: bytes) -> str:
        """Keep uploaded audio; returns its reference. NotAudio when it is none."""
        audio = await asyncio.to_thread(decode, data)
        reference = f"upload-{secrets.token_hex(8)}"
        self._ready[reference] = audio
        return reference

    def _files(self) -> list[Path]:
        if self._folder is None or not self._folder.is_dir():
            return []
        return sorted(path for path in self._folder.iterdir() if path.suffix.lower() in _KINDS)


def _described(path: Path, language: str) -> Conversation:
    """Title and language stand in a file of the same name with .json; else the name in words serves."""
    beside = path.with_suffix(".json")
    facts = json.loads(beside.read_text(encoding="utf-8")) if beside.is_file() else {}
    facts = facts if isinstance(facts, dict) else {}
    titles = facts.get("title")
    title = titles.get(language) if isinstance(titles, dict) else titles
    name = path.stem.replace("_", " ").replace("-", " ")
    return Conversation(path.stem, str(title or name), str(facts.get("language", "")))
