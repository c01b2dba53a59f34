"""`contactcenter line`, `twilio` and `simulate`: our numbers, the carrier, and telephones that are not real."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from contactcenter.commands.database import database
from contactcenter.settings import SettingsError, load

line_cli = typer.Typer(no_args_is_help=True, help="The numbers that people call.")
twilio_cli = typer.Typer(no_args_is_help=True, help="The carrier.")
simulate_cli = typer.Typer(no_args_is_help=True, help="Simulated telephones against a running or an own instance.")


@line_cli.command("add")
def line_add(
    number: Annotated[str, typer.Argument(help="As +31201234567.")],
    name: Annotated[str, typer.Option(help="As the desk shows it.")],
    team: Annotated[str, typer.Option(help="At whose desks it rings.")] = "Support",
    language: Annotated[str, typer.Option(help="Of its prompts: nl or en.")] = "nl",
    second_language: Annotated[str | None, typer.Option(help="Offered by key during the notice.")] = None,
    asks_relation_number: Annotated[
        bool, typer.Option("--asks-relation-number", help="Callers may key it in after the notice.")
    ] = False,
) -> None:
    """Add a number that people call."""
    from contactcenter.calls import lines

    with database().writing() as session:
        line = lines.add(
            session,
            number,
            name=name,
            team=team,
            language=language,
            second_language=second_language,
            asks_relation_number=asks_relation_number,
        )
        print(f"Added {line.name}.")


@line_cli.command("list")
def line_list() -> None:
    """Say which numbers people call."""
    from contactcenter.calls import lines

    with database().reading() as session:
        for line in lines.all_lines(session):
            languages = " ".join(filter(None, (line.language, line.second_language)))
            asks = "  asks the relation number" if line.asks_relation_number else ""
            print(f"{line.e164}  {line.name}  {languages}{asks}")


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
