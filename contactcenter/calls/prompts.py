"""What callers hear: versioned files per language, addressed by the hash of their content."""

import json
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

FOLDER = Path(str(files("contactcenter"))) / "calls" / "prompts"
SHOWN_OF_HASH = 16
MOST_NUMBERED_POSITIONS = 9


@dataclass(frozen=True)
class Prompt:
    """One file: its address is `/prompts/<hash>/<file>`, its length in milliseconds."""

    file: str
    hash: str
    milliseconds: int


@dataclass(frozen=True)
class Catalogue:
    """All prompts, the version of their texts, and what the notice names (P30)."""

    version: str
    statement_version: str
    names: frozenset[str]
    prompts: dict[str, Prompt]

    def of(self, name: str, language: str) -> Prompt:
        """The prompt in a language; `music` has none."""
        return self.prompts.get(f"{name}.{language}.wav") or self.prompts[f"{name}.wav"]


@cache
def catalogue() -> Catalogue:
    """The catalogue that came with this version of the product."""
    read = json.loads((FOLDER / "prompts.json").read_text(encoding="utf-8"))
    prompts = {
        file: Prompt(file, facts["sha256"][:SHOWN_OF_HASH], int(facts["milliseconds"]))
        for file, facts in read["files"].items()
    }
    return Catalogue(read["version"], read["statement_version"], frozenset(read["names"]["notice"]), prompts)


def position_prompt(position: int) -> str:
    """The prompt that tells this place in the queue, counted from 1."""
    return f"position-{position}" if position <= MOST_NUMBERED_POSITIONS else "position-many"
