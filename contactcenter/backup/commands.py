"""The two commands; libraries load when one runs."""

import os
from pathlib import Path
from typing import Annotated

import typer

from contactcenter.core.clock import system_clock
from contactcenter.core.terminal import progress_bar
from contactcenter.settings import SettingsError, load


def backup(
    folder: Annotated[Path, typer.Argument(help="Where the backup stands; a later run adds what is new.")],
    verify: Annotated[bool, typer.Option("--verify", help="Read also what was copied before.")] = False,
    force: Annotated[bool, typer.Option("--force", help="Also with far fewer recordings than before.")] = False,
) -> None:
    """Back up database and recordings while everything runs; what is new is verified. The master key is not in it."""
    from contactcenter.backup import making

    os.nice(5)  # callers come first
    with progress_bar() as bar:
        task = bar.add_task("Backing up", total=1.0)
        report = making.make(
            load(),
            folder,
            system_clock(),
            verify=verify,
            force=force,
            progress=lambda done: bar.update(task, completed=done),
        )
    _tell(report.sentence, report.problems)


def restore(
    folder: Annotated[Path, typer.Argument(help="A folder that `contactcenter backup` made.")],
    ledger: Annotated[list[Path] | None, typer.Option(help="Ledger of another machine; repeat for several.")] = None,
    without_ledger: Annotated[
        bool, typer.Option("--without-ledger", help="It is lost; what was destroyed since comes back.")
    ] = False,
    no_verify: Annotated[bool, typer.Option("--no-verify", help="Read only the recordings that are copied.")] = False,
) -> None:
    """Restore a backup into an empty database; what was destroyed since stays destroyed. Stop everything first."""
    from contactcenter.backup import restoring

    with progress_bar() as bar:
        task = bar.add_task("Restoring", total=1.0)
        report = restoring.restore(
            load(),
            folder,
            system_clock(),
            without_ledger=without_ledger,
            ledgers=ledger or [],
            verify=not no_verify,
            progress=lambda done: bar.update(task, completed=done),
        )
    _tell(report.sentence, report.problems)


def _tell(sentence: str, problems: tuple[str, ...]) -> None:
    for problem in problems:
        typer.echo(problem)
    typer.echo(sentence)
    if problems:
        raise SettingsError(f"{len(problems)} recordings are not as they should be.")
