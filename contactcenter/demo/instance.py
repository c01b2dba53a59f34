"""One running demo: settings of its own folder, the product, its worker, and the carrier's simulator beside it."""

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import uvicorn
from rich.console import Console
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool

from contactcenter import serving
from contactcenter.app import create_app
from contactcenter.calls.lines import all_lines
from contactcenter.calls.mending import end_all
from contactcenter.compose import Ports, migrated, ports, transcriber
from contactcenter.core.clock import Clock, system_clock
from contactcenter.core.db import Database
from contactcenter.core.keys import MasterKey
from contactcenter.demo import people
from contactcenter.demo.mailbox import CallersMailbox
from contactcenter.demo.outcome import outcome_route
from contactcenter.recordings import weights
from contactcenter.recordings.transcriber import Transcriber
from contactcenter.settings import Settings, load
from contactcenter.simulator.app import routes
from contactcenter.simulator.config import NumberConfig, SimulatorConfig
from contactcenter.simulator.simulator import Simulator
from contactcenter.worker import Worker

HERE = Path(__file__).parent
FOLDER, PORT = "CONTACTCENTER_DEMO_FOLDER", "CONTACTCENTER_DEMO_PORT"
out = Console(stderr=True)


def run(folder: Path, port: int, *, reload: bool = False) -> None:
    """Prepare what is missing, say where to look, and serve until Ctrl-C."""
    os.environ[FOLDER], os.environ[PORT] = str(folder.resolve()), str(port)
    settings = demo_settings(folder.resolve(), port)
    prepare(settings)
    _say_hello(settings)
    if reload:
        uvicorn.run(
            "contactcenter.demo.instance:from_environment",
            factory=True,
            reload=True,
            host=settings.host,
            port=port,
            access_log=False,
            timeout_graceful_shutdown=serving.GRACE_SECONDS,
        )
    else:
        parts = ports(settings)
        serving.serve_app(demo_app(parts, transcriber(settings)), parts)


def from_environment() -> Starlette:
    """The demo's application, for a server that loads it anew when code changes."""
    settings = demo_settings(Path(os.environ[FOLDER]), int(os.environ[PORT]))
    return demo_app(ports(settings), transcriber(settings))


def demo_settings(folder: Path, port: int) -> Settings:
    """Settings of a demo that keeps everything in one folder; account and tokens are made up, and its own."""
    folder.mkdir(parents=True, exist_ok=True)
    secret = _kept(folder / "carrier-secret", secrets.token_hex(16))
    return load(
        demo=True,
        host="127.0.0.1",
        port=port,
        public_url=f"http://127.0.0.1:{port}",
        database_url=f"sqlite:///{folder / 'contactcenter.db'}",
        vault_url=str(folder / "recordings"),
        master_key=_kept(folder / "master-key", MasterKey.generate()),
        twilio_account_sid="AC" + secret,
        twilio_auth_token=secret[::-1],
        twilio_api_key_sid="SK" + secret,
        twilio_api_key_secret=secret * 2,
        twilio_application_sid="AP" + secret,
        twilio_api_url=f"http://127.0.0.1:{port}",
        twilio_text_from="Veldwijk",
        softphone_url="/softphone/stream",
    )


def prepare(settings: Settings, clock: Clock = system_clock) -> None:
    """Speech model, database, people: each only when it is missing."""
    if not (settings.models_dir / "base.pt").exists() and settings.whisper_model == "base":
        out.print("Getting the speech recognition model (145 MB, once) ...")
    weights.ensure(settings.whisper_model, settings.models_dir)
    db = migrated(settings)
    people.load(db, clock())
    db.close()


def demo_app(parts: Ports, speech: Transcriber, *, speed: float = 1.0, notice_speed: float = 1.0) -> Starlette:
    """The product with simulated telephones and its worker in the same process."""
    config = simulator_config(parts.settings, parts.clock, speed=speed, notice_speed=notice_speed)
    simulator = Simulator(replace(config, numbers={**_numbers_added(parts.db, config), **config.numbers}))
    parts = replace(parts, post=CallersMailbox(simulator, parts.settings))

    @asynccontextmanager
    async def beside() -> AsyncIterator[None]:
        worker = Worker(parts, speech)
        await run_in_threadpool(end_all, parts.db, parts.clock())  # whoever was on the line at the last start is gone
        await simulator.start()
        await run_in_threadpool(worker.start)
        try:
            yield
        finally:
            await simulator.aclose()
            await run_in_threadpool(worker.stop)

    app = create_app(parts, more=[*routes(simulator), outcome_route()], beside=beside)
    app.state.simulator = simulator
    return app


def _numbers_added(db: Database, config: SimulatorConfig) -> dict[str, NumberConfig]:
    """The lines of this folder, those of `contactcenter line add` among them: they can be rung after a new start."""
    hooks = config.numbers[people.DUTCH_LINE]
    with db.reading() as session:
        return {line.e164: replace(hooks, label=f"{line.name} ({line.language})") for line in all_lines(session)}


def simulator_config(settings: Settings, clock: Clock, *, speed: float, notice_speed: float) -> SimulatorConfig:
    """A carrier that knows the demo's account, lines and callers."""
    base = f"{settings.public_url}/twilio"
    hooks = NumberConfig(f"{base}/voice", f"{base}/status", f"{base}/fallback")
    assert settings.twilio_account_sid and settings.twilio_auth_token and settings.twilio_application_sid
    assert settings.twilio_api_key_sid and settings.twilio_api_key_secret
    return SimulatorConfig(
        account_sid=settings.twilio_account_sid,
        auth_token=settings.twilio_auth_token.get_secret_value(),
        api_key_sid=settings.twilio_api_key_sid,
        api_key_secret=settings.twilio_api_key_secret.get_secret_value(),
        application_sid=settings.twilio_application_sid,
        product_url=settings.public_url,
        numbers={
            people.DUTCH_LINE: replace(hooks, label="Helpdesk (nl)"),
            people.ENGLISH_LINE: replace(hooks, label="Support line (en)"),
        },
        conversations_dir=HERE / "conversations",
        speed=speed,
        notice_speed=notice_speed,
        callers=people.CALLERS,
        telephones=people.TELEPHONES,
        agent_status_callback=f"{base}/status",
        agent_fallback_url=f"{base}/fallback",
        clock=clock,
    )


def _kept(file: Path, fresh: str) -> str:
    """A value that is made once and then kept in the folder."""
    if not file.exists():
        file.touch(mode=0o600)
        file.write_text(fresh, encoding="utf-8")
    return file.read_text(encoding="utf-8")


def _say_hello(settings: Settings) -> None:
    out.print(f"\nOpen [bold]{settings.public_url}[/bold] and sign in; ring from {settings.public_url}/telephone")
    for login in people.LOGINS:
        out.print(f"  {login.login:7} {login.role.value:16} password: {people.PASSWORD}")
    out.print("Ctrl-C stops everything.\n")
