"""`contactcenter audit`: the trail for an auditor, and whether it is what it was."""

from pathlib import Path
from typing import Annotated

import typer

from contactcenter.commands.database import database
from contactcenter.core.terminal import progress_bar
from contactcenter.settings import SettingsError, load

audit_cli = typer.Typer(no_args_is_help=True, help="The trail of who did what, and whether it was altered.")


@audit_cli.command("export")
def audit_export(file: Annotated[Path, typer.Argument(help="Where to write it: one line of JSON an entry.")]) -> None:
    """Write out what is sealed, for the stand-alone verifier; it names nobody but by public ids."""
    print(f"Wrote {_export(file)} entries; verify them with `python -m contactcenter.audit_verifier`.")


@audit_cli.command("verify")
def audit_verify(
    checkpoint: Annotated[Path | None, typer.Option(help="File of checkpoints; the setting's by default.")] = None,
) -> None:
    """Find every change of the trail up to the last checkpoint; the first bad entry is named."""
    from contactcenter import audit_verifier
    from contactcenter.core import audit_chain

    kept = checkpoint or load().checkpoints_folder / audit_chain.FILE
    if not kept.is_file():
        raise SettingsError(f"There are no checkpoints at {kept}; the worker writes them, or name a file.")
    db = database()
    with db.reading() as session:
        end = audit_chain.last(session)
    with db.reading() as session, progress_bar() as bar:
        task = bar.add_task("Verifying", total=end.sequence if end else 1)
        rows = audit_chain.exported(session)
        try:
            found = audit_verifier.check(rows, kept, _public_key(), lambda n: bar.update(task, completed=n))
        except audit_verifier.Altered as altered:
            raise SettingsError(f"The audit trail is not as it was. {altered}") from None
    db.close()
    print(found)


@audit_cli.command("key")
def audit_key() -> None:
    """Say the public key of our checkpoints; keep it where nobody who runs this can change it."""
    print(_public_key())


def _public_key() -> str:
    from contactcenter.compose import master_key
    from contactcenter.core import audit_chain

    key = master_key(load())
    if key is None:
        raise SettingsError("There is no master key, so nothing is signed; set CONTACTCENTER_MASTER_KEY_FILE.")
    return audit_chain.public_key(key)


def _export(file: Path) -> int:
    from contactcenter.core import audit_chain

    db, count = database(), 0
    with db.reading() as session, file.open("w", encoding="utf-8") as out:
        for line in audit_chain.exported(session):
            out.write(audit_chain.compact(line) + "\n")
            count += 1
    db.close()
    return count - 1  # the first line is the installation's name
