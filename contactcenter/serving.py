"""Running processes: the web server in this one, the worker as a child that ends with it."""

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from types import TracebackType

import structlog
import uvicorn
from starlette.applications import Starlette

from contactcenter.app import create_app
from contactcenter.compose import Ports, migrated, ports
from contactcenter.settings import Settings
from contactcenter.worker import run_worker

__all__ = ["run_worker", "serve", "serve_app"]

GRACE_SECONDS = 3
OURSELVES = (sys.executable, "-m", "contactcenter", "serve", "--worker")
PAUSES = (1.0, 5.0, 30.0)  # seconds before a worker that died is started again; the last one ever after
WELL_SECONDS = 600  # a worker that ran this long was well: the pauses begin anew
log = structlog.get_logger()


def serve(settings: Settings, *, with_worker: bool) -> None:
    """Migrate, then serve until Ctrl-C or SIGTERM."""
    migrated(settings).close()
    parts = ports(settings)
    server = uvicorn.Server(web_config(create_app(parts), settings))
    with WorkerChild(lambda: server.should_exit) if with_worker else nullcontext():
        server.run()


def serve_app(app: Starlette, parts: Ports) -> None:
    """Serve one application on the settings' host and port."""
    uvicorn.Server(web_config(app, parts.settings)).run()


def web_config(app: Starlette, settings: Settings) -> uvicorn.Config:
    """How the web server listens. A visitor's address comes from a proxy only where the settings trust that proxy."""
    return uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # it would write paths; our own log names routes
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=settings.trusted_proxies is not None,
        forwarded_allow_ips=settings.trusted_proxies or "",  # never from the environment
    )


class WorkerChild:
    """`contactcenter serve --worker` as a child: started again when it dies, told to stop and waited for at the end.

    `ending` says that we ourselves are stopping (Ctrl-C reaches the child as well): then it is not started again.
    """

    def __init__(
        self, ending: Callable[[], bool], command: Sequence[str] = OURSELVES, pauses: Sequence[float] = PAUSES
    ) -> None:
        self._ending, self._command, self._pauses = ending, command, pauses
        self._left = threading.Event()
        self._child = self._started()
        self._watcher = threading.Thread(target=self._watch, name="worker-watcher", daemon=True)

    def __enter__(self) -> None:
        self._watcher.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Tell it to stop; it is killed when it does not."""
        self._left.set()
        self._child.terminate()
        self._watcher.join(GRACE_SECONDS * 2)
        if self._watcher.is_alive():
            self._child.kill()
            self._watcher.join()

    def _started(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(self._command)  # noqa: S603  # ourselves

    def _watch(self) -> None:
        died = 0
        while True:
            began = time.monotonic()
            status = self._child.wait()
            if self._left.is_set() or self._ending():
                return
            died = 0 if time.monotonic() - began > WELL_SECONDS else died
            pause = self._pauses[min(died, len(self._pauses) - 1)]
            log.error("worker-died", status=status, again_in_seconds=pause)
            died += 1
            if self._left.wait(pause) or self._ending():
                return
            self._child = self._started()
            if self._left.is_set():  # told to stop in between
                self._child.terminate()
