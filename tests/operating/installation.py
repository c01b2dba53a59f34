"""`contactcenter` as an operator runs it: real processes with settings of their own."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.patience import until
from tests.processes import answers
from tests.recordings.workplace import Workplace
from tests.simulator.desk import ACCOUNT, TOKEN
from tools.ports import free_port

Environment = dict[str, str]


def environment_of(place: Workplace, **more: str) -> Environment:
    """The settings of a workplace, as its processes read them."""
    port = free_port()
    settings = {
        "DATABASE_URL": place.settings.database_url,
        "VAULT_URL": place.settings.vault_url,
        "MASTER_KEY": place.key,
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": place.settings.twilio_api_url,
        "PORT": str(port),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        **more,
    }
    return plain(place.folder) | {f"CONTACTCENTER_{name}": value for name, value in settings.items()}


def plain(folder: Path) -> Environment:
    """What every process needs, and no setting."""
    return {"PATH": os.environ["PATH"], "HOME": str(folder), "COLUMNS": "1000"}


def run(environment: Environment, *command: str) -> subprocess.CompletedProcess[str]:
    """A command from beginning to end."""
    return subprocess.run(
        [sys.executable, "-m", "contactcenter", *command],
        cwd=environment["HOME"],
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


def does(environment: Environment, *command: str) -> str:
    """A command that goes well; what it says."""
    done = run(environment, *command)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


def refuses(environment: Environment, *command: str) -> str:
    """A command that is refused with a sentence and no traceback; what it says."""
    done = run(environment, *command)
    assert (done.returncode, "Traceback" in done.stderr) == (1, False), done.stderr + done.stdout
    return done.stdout + done.stderr


@contextmanager
def serving(environment: Environment, *options: str) -> Iterator[str]:
    """`contactcenter serve` while the block lasts; its address, once it is ready."""
    log = Path(environment["HOME"]) / "serve.log"
    address = f"http://127.0.0.1:{environment['CONTACTCENTER_PORT']}"
    with log.open("a") as said:
        command = [sys.executable, "-m", "contactcenter", "serve", *options]
        process = subprocess.Popen(command, cwd=environment["HOME"], env=environment, stdout=said, stderr=said)
        try:
            until(lambda: answers(f"{address}/readyz") or process.poll() is not None, "it answers")
            assert process.poll() is None, log.read_text()
            yield address
        finally:
            process.terminate()
            process.wait(20)
