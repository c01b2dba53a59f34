"""Running processes: the web server in this one, the worker as a child that ends with it."""

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext
from types import TracebackType

import structlog
import uvicorn
from starlette.applications import Starlette

from contactcenter.app import create_app
from contactcenter.compose import Ports, migrated, ports
from contactcenter.core.errors import Unavailable
from contactcenter.settings import Settings

GRACE_SECONDS = 3
OURSELVES = (sys.executable, "-m", "contactcenter", "serve", "--worker", "--until-input-ends")
PAUSES = (1.0, 5.0, 30.0)  # seconds before a worker that died is started again; the last one ever after
WELL_SECONDS = 600  # a worker that ran this long was well: the pauses begin anew
log = structlog.get_logger()


def serve(settings: Settings, *, with_worker: bool) -> None:
    """Migrate, then serve until Ctrl-C or SIGTERM."""
    with listen(settings.host, settings.port) as listener:
        migrated(settings).close()
        parts = ports(settings)
        server = WebServer(create_app(parts), settings)
        with WorkerChild(lambda: server.should_exit) if with_worker else nullcontext():
            _say_what_serves(parts, with_worker)
            server.serve_on(listener)
        log.info("stopped")


def serve_app(app: Starlette, parts: Ports) -> None:
    """Serve one application on the settings' host and port."""
    with listen(parts.settings.host, parts.settings.port) as listener:
        WebServer(app, parts.settings).serve_on(listener)


@contextmanager
def listen(host: str, port: int) -> Iterator[socket.socket]:
    """A socket bound to this address; `Unavailable` when somebody else has it."""
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
    with listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, port))
        except OSError as error:
            raise Unavailable(
                f"The web server can't listen on {host}:{port} ({error.strerror}); stop what listens there, or choose "
                "another port."
            ) from None
        yield listener


class WebServer(uvicorn.Server):
    """Ends within seconds: first the live streams, which would never end by themselves, then what is under way."""

    def __init__(self, app: Starlette, settings: Settings) -> None:
        super().__init__(web_config(app, settings))
        self._live = app.state.site.live

    def serve_on(self, listener: socket.socket) -> None:
        """Serve until Ctrl-C or SIGTERM, and return: uvicorn raises the signal again, which would end us at once."""
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._exit)
        self.run([listener])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """End the streams, then do as usual."""
        self._live.end()
        await super().shutdown(sockets)

    def _exit(self, *_: object) -> None:
        self.should_exit = True


def _say_what_serves(parts: Ports, with_worker: bool) -> None:
    """One line for who looks at the log: where we are reached, and on what we stand."""
    settings = parts.settings
    log.info(
        "serving",
        address=settings.public_url,
        listens=f"{settings.host}:{settings.port}",
        database="sqlite" if parts.db.is_sqlite else "postgresql",
        vault=_vault_kind(parts),
        worker=with_worker,
    )


def _vault_kind(parts: Ports) -> str:
    if parts.vault is None:
        return "none: no master key"
    scheme, separator, _ = parts.settings.vault_url.partition("://")
    return scheme if separator else "folder"


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

    It also stops when we are killed: its input is a pipe of ours, which ends with us.

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
        return subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603  # ourselves

    def _watch(self) -> None:
        died = 0
        while True:
            began = time.monotonic()
            status = self._child.wait()
            self._child.stdin.close()  # type: ignore[union-attr]  # a pipe, by how it was started
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
