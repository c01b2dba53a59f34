"""`contactcenter transcripts`: what was said in recordings, and writing it down anew."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from contactcenter.commands.database import database
from contactcenter.core.audit import Actor
from contactcenter.core.terminal import progress_bar
from contactcenter.settings import Settings, SettingsError, load

if TYPE_CHECKING:
    from sqlmodel import Session

    from contactcenter.recordings.redoing import Wish, Written

transcripts_cli = typer.Typer(no_args_is_help=True, help="What was said in recordings.")
DAY = ["%Y-%m-%d"]


@transcripts_cli.callback()
def about() -> None:
    """What was said in recordings."""


@transcripts_cli.command("redo")
def redo(
    which: Annotated[str | None, typer.Argument(help="A contact, by the id in its address, or a recording.")] = None,
    since: Annotated[datetime | None, typer.Option(formats=DAY, help="Calls from this day on.")] = None,
    until: Annotated[datetime | None, typer.Option(formats=DAY, help="Calls up to and with this day.")] = None,
    model: Annotated[
        str | None, typer.Option(help="Name or path of a Whisper model; the setting's by default.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="As nl; what each is in already by default.")] = None,
) -> None:
    """Write down anew what is written down already: by a larger model, or in another language.

    What persons corrected stays, and so do the old words where it fails. Broken off, the same command goes on.
    """
    from contactcenter import compose
    from contactcenter.core.jobs import Jobs
    from contactcenter.recordings import redoing
    from contactcenter.recordings.pipeline import Pipeline

    settings = _settings(model)
    database().close()
    parts = compose.ports(settings)
    wish = _wish(settings, language)
    with parts.db.reading() as session:
        first, last = _days(settings, since, until, which)
        chosen = _named(session, which) if which else redoing.of_days(session, first, last)
    if not chosen:
        print("Nothing of these days is written down.")
        return
    transcriber, jobs = compose.transcriber(settings), Jobs(settings.database_url)
    pipeline = Pipeline(
        parts.db, parts.clock, parts.carrier, parts.vault, transcriber, jobs, settings.zone, compose.drafter(settings)
    )
    try:
        with progress_bar() as bar:
            task = bar.add_task("Writing down", total=sum(one.seconds for one in chosen) or 1.0)
            found = redoing.redo_all(
                pipeline, chosen, wish, Actor.OPERATOR, lambda done: bar.update(task, completed=done)
            )
    except KeyboardInterrupt:
        raise SettingsError("Broken off; the same command goes on where it was.") from None
    finally:
        transcriber.close()
        jobs.close()
    for outcome, count in sorted(found.items()):
        print(f"{count} {SENTENCES.get(outcome, f'failed ({outcome}); the old words stand')}")
    if failed := sum(count for outcome, count in found.items() if outcome not in SENTENCES):
        raise SettingsError(f"{failed} could not be written down anew; see `contactcenter doctor`, then try again.")


SENTENCES = {
    "redone": "written down anew",
    "so-already": "had been written down so already",
    "not-now": "left as it is: destroyed or about to be, not allowed, being cut, or in other hands",
}


def _named(session: "Session", which: str) -> "list[Written]":
    from contactcenter.core.errors import NotFound
    from contactcenter.recordings import redoing

    try:
        return redoing.named(session, which)
    except NotFound:
        raise SettingsError("No contact or recording of this id is written down.") from None


def _settings(model: str | None) -> Settings:
    settings = load()
    return settings.model_copy(update={"whisper_model": model}) if model else settings


def _wish(settings: Settings, language: str | None) -> "Wish":
    from contactcenter.recordings import redoing
    from contactcenter.recordings.engine import chosen
    from contactcenter.recordings.languages import is_language

    if language is not None and not is_language(language):
        raise SettingsError("Whisper does not know this language. Name it by its code, as nl or en.")
    return redoing.Wish(chosen(settings.whisper_engine).value, Path(settings.whisper_model).stem, language)


def _days(
    settings: Settings, since: datetime | None, until: datetime | None, which: str | None
) -> tuple[datetime | None, datetime | None]:
    """From the first moment of a day to the last of another, in the company's zone."""
    if (which is None) == (since is None and until is None):
        raise SettingsError("Name either a contact, or days by --since and --until.")
    first = since.replace(tzinfo=settings.zone) if since else None
    return first, (until + timedelta(days=1)).replace(tzinfo=settings.zone) if until else None
