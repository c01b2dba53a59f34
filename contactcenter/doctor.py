"""Looks at everything an installation stands on, and says how to mend what is wrong."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from contactcenter import compose, migrations
from contactcenter.calls import lines
from contactcenter.carrier.port import Carrier, CarrierProblem
from contactcenter.core import audit_chain
from contactcenter.core.clock import system_clock
from contactcenter.core.db import Database
from contactcenter.core.errors import Problem
from contactcenter.core.ledger import Ledger
from contactcenter.core.sqlite import file_of
from contactcenter.notes.drafter import NotDrafted
from contactcenter.notes.endpoint import EndpointDrafter
from contactcenter.recordings.vault import vault_trouble
from contactcenter.settings import Settings

GIB = 1024**3
DRAFTS_SAY = {  # what became of a made conversation
    NotDrafted.UNREACHABLE: "The endpoint can't be reached, or its certificate is not to be trusted; correct "
    "CONTACTCENTER_DRAFT_URL, or start it.",
    NotDrafted.SLOW: "The endpoint did not answer within CONTACTCENTER_DRAFT_SECONDS; take a smaller model.",
    NotDrafted.REFUSED: "The endpoint refuses the request; check CONTACTCENTER_DRAFT_KEY and CONTACTCENTER_DRAFT_MODEL,"
    " and that CONTACTCENTER_DRAFT_URL ends before /chat/completions.",
    NotDrafted.FAILED: "The endpoint answered that it failed; look at its own log.",
    NotDrafted.REDIRECTED: "The endpoint sends us elsewhere, where no words go; write its final address.",
    NotDrafted.TOO_LONG: "The endpoint's answer never ends; look whether it is one for chat completions.",
    NotDrafted.UNREADABLE: "The endpoint's answer is not the JSON that was asked for; take a model that can do that.",
    NotDrafted.UNSUPPORTED: "The endpoint wrote nothing that the lines it cites really say; take a better model.",
}
SECRET_CHARACTERS = 32  # of the carrier's own; with less its tokens could be guessed


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    name: str
    well: bool
    sentence: str


def examine(settings: Settings) -> Iterator[Finding]:
    """Key, database, vault, model, disk, address, carrier, mail, drafts, checkpoints, webhooks of our numbers."""
    yield _tried("master key", lambda: _key(settings))
    yield _tried("database", lambda: _database(settings))
    yield _tried("vault", lambda: _vault(settings))
    yield _tried("speech model", lambda: _model(settings))
    yield _tried("ledger", lambda: _ledger(settings))
    yield _tried("disk", lambda: _disk(settings))
    yield _tried("public address", lambda: _address(settings))
    carrier = compose.carrier(settings)
    yield _tried("carrier account", lambda: _account(carrier))
    yield _tried("softphones", lambda: _softphones(settings, carrier))
    yield _tried("mail", lambda: _mail(settings))
    yield _tried("drafts", lambda: _drafts(settings))
    yield _tried("checkpoints", lambda: _checkpoints(settings))
    yield from _numbers(settings, carrier)


class _Wrong(Exception):
    """What is wrong, and what to do."""


def _tried(name: str, look: Callable[[], str]) -> Finding:
    try:
        return Finding(name, True, look())
    except (_Wrong, Problem, CarrierProblem) as problem:
        return Finding(name, False, str(problem))


def _key(settings: Settings) -> str:
    key = compose.master_key(settings)
    if key is None:
        raise _Wrong("There is none, so nothing is recorded. Make one with `contactcenter init --key-file PATH`.")
    return f"fingerprint {key.fingerprint}"


def _database(settings: Settings) -> str:
    compose.require_folder(settings)
    if not _is_there(settings):
        raise _Wrong(
            "There is none yet. For a new installation run `contactcenter migrate`. If you have a backup, run "
            "`contactcenter restore FOLDER` first, without migrating or starting anything."
        )
    db = Database(settings.database_url)
    try:
        differences = migrations.differences(db)
        with db.engine.connect() as connection:
            missing = audit_chain.unguarded(connection)
    except Exception as error:  # noqa: BLE001  # drivers raise what they like; its text may hold the password
        raise _Wrong(f"It can't be opened ({type(error).__name__}); check CONTACTCENTER_DATABASE_URL.") from None
    finally:
        db.close()
    if differences or missing:
        raise _Wrong("It is not at the newest version; run `contactcenter migrate`.")
    return "reached, newest version"


def _is_there(settings: Settings) -> bool:
    """Whether there is a database to look at: opening an SQLite file would make it."""
    file = file_of(settings.database_url)
    return file is None or file.exists()


def _vault(settings: Settings) -> str:
    trouble = vault_trouble(compose.vault(settings))
    if trouble is not None:
        raise _Wrong(trouble)
    return "writes, reads and deletes"


def _model(settings: Settings) -> str:
    name = settings.whisper_model
    path = Path(name) if Path(name).is_file() else settings.models_dir / f"{name}.pt"
    if not path.is_file():
        raise _Wrong("It is not here yet; run `contactcenter models pull`.")
    return f"{path.name}, {path.stat().st_size / 1e6:.0f} MB"


def _ledger(settings: Settings) -> str:
    file = settings.ledger_file
    if not os.access(file if file.exists() else file.absolute().parent, os.W_OK):
        raise _Wrong("It can't be written, so nothing can be destroyed; correct CONTACTCENTER_LEDGER or its rights.")
    lines = len(Ledger(file).read().lines)  # raises where it is damaged
    return f"whole, {lines} lines, can be written" if file.exists() else "not begun yet; the first start does"


def _disk(settings: Settings) -> str:
    free = shutil.disk_usage(Path.cwd()).free / GIB
    if free < settings.smallest_free_gib:
        raise _Wrong(f"Only {free:.1f} GiB free; make room, or calls can't be recorded soon.")
    return f"{free:.0f} GiB free"


def _address(settings: Settings) -> str:
    if not settings.https:
        raise _Wrong("The carrier and browsers need https; set CONTACTCENTER_PUBLIC_URL to the proxy's address.")
    return settings.public_url


def _account(carrier: Carrier) -> str:
    carrier.check()
    return "the credentials open it"


def _softphones(settings: Settings, carrier: Carrier) -> str:
    secret = settings.twilio_api_key_secret
    if secret is not None and len(secret.get_secret_value()) < SECRET_CHARACTERS:
        raise _Wrong("The API key's secret is shorter than the carrier's are; copy all of it, or make a new key.")
    return f"tokens are made ({carrier.softphone_token('agent_0').adapter})"


def _mail(settings: Settings) -> str:
    post = compose.post(settings, system_clock)
    if not post.present:
        return "no server is configured, so nothing is mailed"
    post.check()
    return "the server takes our login" if settings.mail_user else "the server answers"


def _drafts(settings: Settings) -> str:
    if not settings.draft_url:
        return "by our own rules; no endpoint is set"
    drafter = EndpointDrafter(settings)
    problem = drafter.rehearse()
    if problem is not None:
        raise _Wrong(f"{DRAFTS_SAY[problem]} Until then our own rules draft.")
    return f"{settings.draft_model} drafts a made call, and cites it truly"


def _checkpoints(settings: Settings) -> str:
    store = compose.locked(settings, system_clock)
    if store is None:
        return "kept in our own file; copy it away, or set CONTACTCENTER_CHECKPOINTS_URL"
    lock = store.check()
    if lock.mode != "COMPLIANCE":
        raise _Wrong("Their store's lock can be lifted by its owner; give its bucket COMPLIANCE as default retention.")
    return f"locked until {lock.until:%Y-%m-%d}"


def _numbers(settings: Settings, carrier: Carrier) -> Iterator[Finding]:
    if not _is_there(settings):
        return
    db = Database(settings.database_url)
    try:
        with db.reading() as session:
            ours = lines.all_lines(session)
    except Exception:  # noqa: BLE001  # the database's own finding says it already
        return
    finally:
        db.close()
    if not ours:
        yield Finding("lines", False, "There are none; add one with `contactcenter line add NUMBER`.")
    for line in ours:
        yield _tried(f"webhooks of {line.name}", lambda number=line.e164: _webhooks(settings, carrier, number))  # type: ignore[misc]  # the default binds this line


def _webhooks(settings: Settings, carrier: Carrier, number: str) -> str:
    wanted = f"{settings.public_url}/twilio/voice"
    if carrier.webhooks_of(number) != wanted:
        raise _Wrong("They point elsewhere; run `contactcenter twilio connect NUMBER` for this line.")
    return "they point here"
