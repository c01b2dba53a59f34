"""`contactcenter promises`: what can be said of every promise now, for people and for programs."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from contactcenter.commands.database import database
from contactcenter.core.clock import system_clock
from contactcenter.core.terminal import out
from contactcenter.settings import Settings, load

if TYPE_CHECKING:
    from contactcenter.privacy.rules import Verdict


def promises(
    as_json: Annotated[bool, typer.Option("--json", help="As an array of objects, for programs.")] = False,
) -> None:
    """Say of each promise: kept, broken, not built or not to be counted yet; exit status 1 when one is broken."""
    from contactcenter.privacy.promises import verdicts

    settings, db = load(), database()
    with db.reading() as session:
        found = verdicts(session, system_clock())
    db.close()
    if as_json:
        print(json.dumps([_row(settings, one) for one in found], ensure_ascii=False, indent=2))
    else:
        _print_table(settings, found)
    if any(one.kept is False for one in found):
        raise SystemExit(1)


def _row(settings: Settings, verdict: "Verdict") -> dict[str, Any]:
    """`kept` is null where nothing may be concluded, and `note` says why; `source` is null where `ours` is true."""
    promise, finding, note = verdict.promise, verdict.finding, verdict.note
    counts = finding is not None and verdict.kept is not None
    return {
        "id": promise.id,
        "sentence": promise.sentence.of(settings.language),
        "source": promise.source,
        "ours": promise.source is None,
        "kept": verdict.kept,
        "count": finding.count if finding and counts else None,
        "checked": finding.checked if finding and counts else None,
        "link": f"{settings.public_url}/promises/{promise.id}",
        "note": note.of(settings.language) if note else None,
        "confirmed_as_drafted": list(finding.share) if finding and finding.share else None,
    }


def _print_table(settings: Settings, found: list["Verdict"]) -> None:
    from rich.table import Table

    table = Table("", "state", "breaches", "checked", "promise", box=None)
    tones = {True: "green", False: "red", None: "dim"}
    for one in found:
        numbers = (one.finding.count, one.finding.checked) if one.finding and one.kept is not None else ("", "")
        sentence = one.promise.sentence.of(settings.language)
        table.add_row(one.promise.id, f"[{tones[one.kept]}]{one.state}[/]", *map(str, numbers), sentence)
    out.print(table)
