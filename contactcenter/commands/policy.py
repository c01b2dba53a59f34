"""`contactcenter policy`: what makes a level of verification, and how it is changed by two people."""

from pathlib import Path
from typing import Annotated

import typer

from contactcenter.commands.database import database
from contactcenter.core.clock import system_clock

policy_cli = typer.Typer(no_args_is_help=True, help="Which evidence makes which level of verification.")


@policy_cli.command("show")
def policy_show() -> None:
    """Print the text of the policy in force, to change a copy of it."""
    from contactcenter.verification import policies

    with database().reading() as session:
        print(policies.text_in_force(session), end="")


@policy_cli.command("propose")
def policy_propose(
    file: Annotated[Path, typer.Argument(help="The text of the policy, as `policy show` prints one.", dir_okay=False)],
    by: Annotated[str, typer.Option(help="Login of the supervisor or privacy officer who proposes it.")],
) -> None:
    """Put another policy up; somebody else puts it in force on the page Policy."""
    from contactcenter.verification import policies

    text = file.read_text(encoding="utf-8")
    with database().writing() as session:
        made = policies.propose(session, system_clock(), by, text)
    print(f"Proposed “{made.title}” ({made.digest[:12]}); a second person puts it in force on the page Policy.")


@policy_cli.command("list")
def policy_list() -> None:
    """Say which versions there were: state, hash, title, who proposed and who decided."""
    from contactcenter.verification import policies

    with database().reading() as session:
        for one in policies.versions(session):
            people = f"proposed by {one.proposed_by or 'the package'}, decided by {one.decided_by or 'nobody'}"
            print(f"{one.state.value:10} {one.digest[:12]}  {one.title}  ({people})")
