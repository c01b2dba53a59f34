"""A process that takes calls as fast as it can: `python -m tests.postgresql.writer URL SECONDS TURNS`.

Says "ready", waits for a line, and then how many calls it has committed, each as the first webhook of a call does it.
With TURNS "free" it takes no lock first: what the lock costs is the difference, and only a measurement may do so.
"""

import sys
import time

from contactcenter.calls import service
from contactcenter.core import db as database
from contactcenter.core import inbox
from contactcenter.core.clock import system_clock
from tests.calls.carrier_stand_in import LINE, new_sid


def main() -> None:
    """Write until the time is over."""
    url, seconds, turns = sys.argv[1], float(sys.argv[2]), sys.argv[3]
    if turns == "free":
        database.TAKE_TURN = "SELECT 1"
    db = database.Database(url)
    take_call(db)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    until, taken = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        take_call(db)
        taken += 1
    sys.stdout.write(f"{taken}\n")


def take_call(db: database.Database) -> None:
    """The transaction of a call's first webhook."""
    sid, now = new_sid("CA"), system_clock()
    with db.writing() as session:
        assert inbox.accept(session, now, f"{sid}:voice", "voice", sid)
        service.arrive(session, now, sid=sid, sent_from="+31644444444", to=LINE, can_record=True)


if __name__ == "__main__":
    main()
