"""The sweeps: what the worker looks at again and again, how often, and what it does then."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from contactcenter import compose
from contactcenter.calls import linking, lookup, mending
from contactcenter.calls.commands import Commander
from contactcenter.coaching import sampling
from contactcenter.compose import Ports
from contactcenter.contacts import service as contacts
from contactcenter.core import audit_chain, checkpoints, inbox, live
from contactcenter.core.jobs import Jobs, SweepName
from contactcenter.core.slot import Slot, take_over_dead
from contactcenter.privacy import counts
from contactcenter.recordings import cutting, refusals, retention
from contactcenter.recordings.reconciliation import reconcile
from contactcenter.staff import service as staff
from contactcenter.verification import telling
from contactcenter.verification.messages import Messengers


@dataclass(frozen=True)
class Means:
    """What sweeps work with; `slot` is that of the worker, once it runs."""

    ports: Ports
    jobs: Jobs
    commander: Commander
    slot: Slot | None


@dataclass(frozen=True)
class Sweep:
    """One sweep: how often, in seconds, and what it does at a moment."""

    name: str
    seconds: float
    act: Callable[[Means, datetime], object]


def destroy_due(means: Means, now: datetime) -> None:
    """What is due goes; objects that nobody names go as well."""
    ports = means.ports
    retention.sweep(ports.db, ports.vault, ports.carrier, now)
    if ports.vault is not None:
        retention.orphans(ports.db, ports.vault, now)


def clear_remnants(means: Means, now: datetime) -> None:
    """What was objected to and waits for the ledger goes; so do passages that are still to be cut out, and objects and
    copies of what is destroyed, cut or unwanted."""
    refusals.carry_out(means.ports.db, now)
    cutting.cut_all(means.ports.db, means.ports.vault, means.ports.clock, means.jobs)
    retention.clear_remnants(means.ports.db, means.ports.vault, means.ports.carrier, now)


def compare(means: Means, now: datetime) -> None:
    """The carrier's recordings against ours."""
    reconcile(means.ports.db, means.ports.carrier, means.jobs, now)


def name_unknown_calls(means: Means, now: datetime) -> None:
    """The carrier's calls against ours."""
    mending.name_unknown(means.ports.db, means.ports.carrier, now)


def seal(means: Means, now: datetime) -> None:
    """What was written into the audit trail is chained, and a signed checkpoint is kept outside the database: in our
    own file, in a store that locks it, and once a day, or when somebody asked, by e-mail."""
    ports, settings = means.ports, means.ports.settings
    officer = settings.checkpoints_mail
    waiting = checkpoints.asked(ports.db, now, settings.zone) if officer else []  # before sealing: so it covers them
    audit_chain.seal(ports.db)
    key = compose.master_key(settings)
    made = audit_chain.checkpoint(ports.db, now, key) if key else None
    if made is None or key is None:
        return
    audit_chain.keep(settings.checkpoints_folder, made)
    if ports.locked is not None:
        checkpoints.lock_away(ports.db, now, ports.locked, made)
    if officer and waiting:
        reader = checkpoints.Reader(officer, settings.language, settings.company, settings.zone)
        checkpoints.mail(ports.db, now, ports.post, waiting, checkpoints.letter(reader, waiting, made, key))


def purge(means: Means, now: datetime) -> None:
    """Forget events, live events, sign-ins and finished jobs that are past their time."""
    with means.ports.db.writing() as session:
        inbox.purge(session, now)
        live.purge(session, now)
        staff.purge(session, now)
    means.jobs.purge(now)


def close_overdue(means: Means, now: datetime) -> None:
    """Wrap-ups that nobody closed are closed."""
    with means.ports.db.writing() as session:
        contacts.close_overdue(session, now)


def remind_of_training(means: Means, now: datetime) -> None:
    """Whose privacy training ends soon is told, while there is time to renew it."""
    with means.ports.db.writing() as session:
        staff.remind_of_training(session, now)


def tell_of_corrections(means: Means, now: datetime) -> None:
    """Whose data was corrected on a call is told where they were known before."""
    ports, settings = means.ports, means.ports.settings
    messengers = Messengers(ports.post, ports.carrier, settings.company)
    telling.tell(ports.db, now, messengers, settings.zone, lookup.number_called)


ALL_SWEEPS = (
    Sweep(SweepName.RETENTION, 600, destroy_due),
    Sweep(SweepName.REMNANTS, 60, clear_remnants),
    Sweep(SweepName.RECONCILIATION, 300, compare),
    Sweep(SweepName.CALLS, 5, lambda means, now: mending.mend(means.ports.db, means.commander, now)),
    Sweep(SweepName.LOST_CALLS, 60, lambda means, now: mending.end_lost(means.ports.db, means.ports.carrier, now)),
    Sweep(SweepName.UNKNOWN_CALLS, 300, name_unknown_calls),
    Sweep(SweepName.LATE_MATCHES, 600, lambda means, now: linking.link_late(means.ports.db, now)),
    Sweep(SweepName.WRAP_UPS, 60, close_overdue),
    Sweep(SweepName.SAMPLING, 600, lambda means, now: sampling.fill(means.ports.db, now)),
    Sweep(SweepName.SEALING, 60, seal),
    Sweep(SweepName.CORRECTIONS, 60, tell_of_corrections),
    Sweep(SweepName.TRAINING, 3600, remind_of_training),
    Sweep(SweepName.PROMISES, 600, lambda means, now: counts.keep(means.ports.db, now)),
    Sweep(SweepName.PURGE, 3600, purge),
    Sweep(SweepName.DEAD_WORKERS, 60, lambda means, _: take_over_dead(means.ports.db, means.jobs, means.slot)),
)
