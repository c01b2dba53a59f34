"""Puts the parts together as the settings say. Nothing is decided here but which adapter stands behind which port."""

from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy.exc import OperationalError

from contactcenter import migrations
from contactcenter.carrier.absent import AbsentCarrier
from contactcenter.carrier.port import Carrier
from contactcenter.carrier.twilio import TwilioCarrier
from contactcenter.core import jobs
from contactcenter.core.clock import Clock, system_clock
from contactcenter.core.db import Database
from contactcenter.core.errors import Unavailable
from contactcenter.core.gate import gate
from contactcenter.core.keys import MasterKey
from contactcenter.core.locked import LockedStore
from contactcenter.core.mail import NoPost, Post, SmtpPost
from contactcenter.core.s3 import FORM, bucket
from contactcenter.core.sqlite import UNFINISHED, discard, file_of
from contactcenter.notes.drafter import ByRules, Drafter
from contactcenter.notes.endpoint import EndpointDrafter
from contactcenter.recordings import destroyed
from contactcenter.recordings.transcriber import Transcriber
from contactcenter.recordings.vault import Vault
from contactcenter.settings import Settings


@dataclass(frozen=True)
class Ports:
    """What the application stands on: settings, database, time, carrier, the vault when there is a key, post, and
    where checkpoints are locked away when that is set."""

    settings: Settings
    db: Database
    clock: Clock
    carrier: Carrier
    vault: Vault | None
    post: Post = field(default_factory=NoPost)
    locked: LockedStore | None = None


def ports(settings: Settings, *, clock: Clock = system_clock) -> Ports:
    """Open everything that the settings name."""
    return Ports(
        settings,
        database(settings),
        clock,
        carrier(settings),
        vault(settings),
        post(settings, clock),
        locked(settings, clock),
    )


def database(settings: Settings) -> Database:
    """The database, with the ledger of what was destroyed."""
    return Database(settings.database_url, settings.ledger_file)


def migrated(settings: Settings, *, new_ledger: bool = False) -> Database:
    """The database, with our tables and those of the job library at their newest version.

    It may have been restored from a backup since: what the ledger says is destroyed goes before anybody can ask for
    it. `new_ledger` begins another one where the old one is lost.
    """
    require_folder(settings)
    db = database(settings)
    try:
        with gate(db) as free:
            if not free:
                raise Unavailable("A backup is being restored into this database; start again when that is through.")
            _bring_up_to_date(settings, db, new_ledger)
    except OperationalError as error:  # its text may hold the address with its password
        kind = type(error.orig).__name__
        raise Unavailable(
            f"The database can't be opened ({kind}); see that it runs, and check CONTACTCENTER_DATABASE_URL."
        ) from None
    return db


def _bring_up_to_date(settings: Settings, db: Database, new_ledger: bool) -> None:
    file = file_of(settings.database_url)
    if file is not None:
        discard(Path(f"{file}{UNFINISHED}"))  # a restore that was broken off left it, with keys
    migrations.run(db)
    jobs.migrate(settings.database_url)
    destroyed.begin(db, system_clock(), new=new_ledger)
    destroyed.again(db, system_clock())


def require_folder(settings: Settings) -> None:
    """Raise `Unavailable` where the folder of an SQLite database is missing: a disk that isn't mounted, or a slip."""
    file = file_of(settings.database_url)
    if file is not None and not file.absolute().parent.is_dir():
        raise Unavailable(
            f"The database's folder {file.parent} is not there; make it, or set CONTACTCENTER_DATABASE_URL."
        )


def require_database(settings: Settings) -> None:
    """Raise `Unavailable` where there is no database yet: who forgot the settings would get one that nobody serves."""
    file = file_of(settings.database_url)
    if file is not None and not file.exists():
        raise Unavailable(
            f"There is no database {file}; run `contactcenter migrate` first, or set CONTACTCENTER_DATABASE_URL."
        )


def carrier(settings: Settings) -> Carrier:
    """The carrier, or its absence, which says what to set."""
    if settings.twilio_account_sid and settings.twilio_auth_token:
        return TwilioCarrier(settings)
    return AbsentCarrier()


def master_key(settings: Settings) -> MasterKey | None:
    """The master key; without it nothing is recorded."""
    return MasterKey.parse(settings.master_key.get_secret_value()) if settings.master_key else None


def vault(settings: Settings) -> Vault | None:
    """The vault of recordings."""
    key = master_key(settings)
    return Vault(settings.vault_url, key) if key else None


def post(settings: Settings, clock: Clock) -> Post:
    """Who takes e-mail away, or its absence, which says what to set."""
    return SmtpPost(settings, clock) if settings.mail_url else NoPost()


def locked(settings: Settings, clock: Clock) -> LockedStore | None:
    """Where checkpoints of the audit trail are locked away; nowhere, unless it is set."""
    if settings.checkpoints_url is None:
        return None
    return LockedStore(bucket(settings.checkpoints_url, "CONTACTCENTER_CHECKPOINTS_URL", f"write {FORM}"), clock)


def drafter(settings: Settings) -> Drafter:
    """Who drafts summaries: the rules, unless an endpoint is set."""
    return EndpointDrafter(settings) if settings.draft_url else ByRules()


def transcriber(settings: Settings) -> Transcriber:
    """Whisper in a child process at low priority; it starts with the first recording."""
    from contactcenter.recordings.engine import chosen  # noqa: PLC0415  # the web side needs no library of sound
    from contactcenter.recordings.transcriber_child import ChildTranscriber  # noqa: PLC0415  # the same
    from contactcenter.recordings.weights import ensure  # noqa: PLC0415  # loads torch, which it never needs

    path = ensure(settings.whisper_model, settings.models_dir)
    engine = chosen(settings.whisper_engine)
    return ChildTranscriber(str(path), settings.whisper_threads, engine, glossary=settings.whisper_glossary or "")
