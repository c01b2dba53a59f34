"""Running processes: the web server in this one, the worker as a child that ends with it."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette

from contactcenter.app import create_app
from contactcenter.compose import Ports, migrated, ports
from contactcenter.settings import Settings
from contactcenter.worker import run_worker

__all__ = ["run_worker", "serve", "serve_app"]

GRACE_SECONDS = 3


def serve(settings: Settings, *, with_worker: bool) -> None:
    """Migrate, then serve until Ctrl-C or SIGTERM."""
    migrated(settings).close()
    parts = ports(settings)
    with _worker_process() if with_worker else _nothing():
        serve_app(create_app(parts), parts)


def serve_app(app: Starlette, parts: Ports) -> None:
    """Serve one application on the settings' host and port."""
    settings = parts.settings
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        access_log=False,  # it would write paths; our own log names routes
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=GRACE_SECONDS,
        proxy_headers=False,
    )
    uvicorn.Server(config).run()


@contextmanager
def _worker_process() -> Iterator[None]:
    """`contactcenter serve --worker` as a child; it is told to stop, and waited for."""
    child = subprocess.Popen([sys.executable, "-m", "contactcenter", "serve", "--worker"])  # ourselves
    try:
        yield
    finally:
        child.send_signal(signal.SIGTERM)
        try:
            child.wait(timeout=GRACE_SECONDS * 2)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


@contextmanager
def _nothing() -> Iterator[None]:
    yield
