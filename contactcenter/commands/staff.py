"""`contactcenter staff` and `contactcenter token`: the people who work here, and the keys of other servers."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from contactcenter.commands.database import database
from contactcenter.core.clock import system_clock
from contactcenter.core.errors import Invalid
from contactcenter.settings import load
from contactcenter.staff.access import demand_of
from contactcenter.staff.rules import Role, Scope, demanded, training_ends_soon

staff_cli = typer.Typer(no_args_is_help=True, help="The people who work here.")
WAITS = "The role waits for a second person: a supervisor or administrator confirms it on the page Staff."
factor_cli = typer.Typer(no_args_is_help=True, help="What they sign in with beside the password.")
staff_cli.add_typer(factor_cli, name="factor")
token_cli = typer.Typer(no_args_is_help=True, help="Keys of other servers to the API.")


@staff_cli.command("add")
def staff_add(
    login: Annotated[str, typer.Argument(help="What they sign in with.")],
    name: Annotated[str, typer.Option(help="As colleagues see it.")],
    role: Annotated[Role, typer.Option(help="What they may do.")],
    team: Annotated[str, typer.Option(help="Whose calls ring at their desk.")] = "Support",
    language: Annotated[str, typer.Option(help="Of their pages: nl or en.")] = "nl",
    telephone: Annotated[str | None, typer.Option(help="Answers on this telephone, not in the browser.")] = None,
    trained_on: Annotated[str | None, typer.Option(help="Date of the privacy training, as 2026-05-01 (P29).")] = None,
    password_file: Annotated[
        Path | None, typer.Option(help="Reads the password (15 characters or more) from here, else asks.")
    ] = None,
) -> None:
    """Add an account."""
    from contactcenter.staff import roles

    trained = _day_of_training(trained_on) if trained_on else None
    password = _password(password_file)
    with database().writing() as session:
        in_force = roles.add_by_operator(
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
    print(f"Added {login}." if in_force else f"Added {login} as an agent. {WAITS}")


@staff_cli.command("list")
def staff_list() -> None:
    """Say who has an account: login, role, team, and what is missing or ended."""
    from contactcenter.staff import service

    with database().reading() as session:
        for one, team, has_factor in service.everybody(session):
            missing = [] if one.trained_on else ["not trained"]
            missing += ["training ends or ended"] if training_ends_soon(one.trained_on, system_clock().date()) else []
            missing += ["no second factor"] if demanded(one.role, demand_of(load())) and not has_factor else []
            state = "disabled" if one.disabled_at else ", ".join(missing)
            print(f"{one.login}  {one.role.value}  {team}  {state}".rstrip())


@staff_cli.command("role")
def staff_role(login: str, role: Role) -> None:
    """Give an account another role; above agent a second person confirms it, on the page Staff."""
    from contactcenter.staff import roles

    with database().writing() as session:
        in_force = roles.by_operator(session, system_clock(), login, role)
    print(f"{login} is {role.value} now, and signs in anew." if in_force else f"Proposed. {WAITS}")


@staff_cli.command("disable")
def staff_disable(login: str) -> None:
    """End an account and its sessions, from the very next request on."""
    from contactcenter.staff import service

    with database().writing() as session:
        service.disable(session, system_clock(), login)
    print(f"{login} can't sign in any more.")


@staff_cli.command("password")
def staff_password(
    login: str,
    password_file: Annotated[
        Path | None, typer.Option(help="Reads the password (15 characters or more) from here, else asks.")
    ] = None,
) -> None:
    """Give an account a new password; it is signed out everywhere."""
    from contactcenter.staff import service

    password = _password(password_file)
    with database().writing() as session:
        service.set_password(session, system_clock(), login, password)
    print(f"{login} has a new password.")


@factor_cli.command("reset")
def staff_factor_reset(login: str) -> None:
    """Forget a lost or stolen second factor and the recovery codes; they are signed out everywhere."""
    from contactcenter.staff import factors

    with database().writing() as session:
        factors.reset(session, system_clock(), login)
    print(f"{login} has no second factor any more, and sets one up at the next sign-in if the role asks for it.")


@staff_cli.command("trained")
def staff_trained(login: str, day: Annotated[str, typer.Argument(metavar="DATE", help="As 2026-05-01.")]) -> None:
    """Register the day of somebody's privacy training; without one customer data stays masked (P29)."""
    from contactcenter.staff import service

    on = _day_of_training(day)
    with database().writing() as session:
        service.set_trained(session, system_clock(), login, on)
    print(f"{login} is trained since {on}.")


@token_cli.command("make")
def token_make(
    name: Annotated[str, typer.Argument(help="Whose it is, as you will know it again.")],
    scope: Annotated[list[Scope], typer.Option(help="What it may do; repeat for several.")],
) -> None:
    """Make a token for another server; it is shown once."""
    from contactcenter.staff import service

    with database().writing() as session:
        token = service.make_token(session, system_clock(), name, scope)
    print(token)


@token_cli.command("list")
def token_list() -> None:
    """Say which tokens are in force, by name, scopes and day."""
    from contactcenter.staff import service

    with database().reading() as session:
        for token in service.tokens_in_force(session):
            print(f"{token.name}  {token.scopes}  {token.made_at:%Y-%m-%d}")


@token_cli.command("revoke")
def token_revoke(name: str) -> None:
    """End the tokens of this name."""
    from contactcenter.staff import service

    with database().writing() as session:
        count = service.revoke_token(session, system_clock(), name)
    print(f"Ended {count} token{'s' if count > 1 else ''}.")


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
