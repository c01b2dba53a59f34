"""Servers to be measured: the product's web side on a folder of its own, and a bare one that does the same duties."""

import os
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import Field, SQLModel
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from contactcenter.carrier.signature import signed_form
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.core.web import Site
from contactcenter.settings import PREFIX, Settings, load

ACCOUNT, TOKEN = "AC" + "1" * 32, "token-of-the-benchmark"
LINE = "+31850000001"
READY_SECONDS = 60


class BareRow(SQLModel, table=True):
    """The one row that the bare server commits."""

    id: int = Field(default=None, primary_key=True)
    sid: str


def environment(folder: Path, port: int) -> dict[str, str]:
    """The settings of a server on a folder of its own."""
    mine = {
        "DATABASE_URL": f"sqlite:///{folder / 'bench.db'}",
        "VAULT_URL": str(folder / "recordings"),
        "PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORT": str(port),
        "MASTER_KEY": MasterKey.generate(),
        "TWILIO_ACCOUNT_SID": ACCOUNT,
        "TWILIO_AUTH_TOKEN": TOKEN,
        "TWILIO_API_URL": "http://127.0.0.1:9",  # nobody: the carrier's REST is not measured
        "MODELS_DIR": str(Path("models").resolve()),
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    return kept | {PREFIX + name: value for name, value in mine.items()}


@contextmanager
def running(command: list[str], variables: Mapping[str, str], port: int) -> Iterator["subprocess.Popen[bytes]"]:
    """A server as a process, from its first answer until the block ends."""
    process = subprocess.Popen([sys.executable, "-m", *command], env=dict(variables))  # ours
    try:
        _wait_until_ready(process, port)
        yield process
    finally:
        process.terminate()
        process.wait()


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=1).close()  # ours
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("The server to be measured did not start.")


def bare_app(settings: Settings) -> Starlette:
    """Checks the carrier's signature as we do, commits one row as we do, and answers."""
    db = Database(settings.database_url)
    SQLModel.metadata.create_all(db.engine, [SQLModel.metadata.tables["barerow"]])

    async def webhook(request: Request) -> Response:
        form = await signed_form(request)

        def store() -> None:
            with db.writing() as session:
                session.add(BareRow(sid=form.need("CallSid")))

        await run_in_threadpool(store)
        return Response(b"<Response/>", media_type="text/xml")

    async def healthz(_request: Request) -> Response:
        return Response(b"ok")

    app = Starlette(routes=[Route("/twilio/voice", webhook, methods=["POST"]), Route("/healthz", healthz)])
    app.state.site = Site(settings, db, None, None, None)  # type: ignore[arg-type]  # it only asks for settings
    return app


def main() -> None:
    """Serve the bare app as the product is served: `python -m tools.serving`."""
    import uvicorn  # noqa: PLC0415  # only the server needs it

    from contactcenter.serving import web_config  # noqa: PLC0415  # loads the whole product, which is not measured here

    settings = load()
    uvicorn.Server(web_config(bare_app(settings), settings)).run()


if __name__ == "__main__":
    main()
