"""The simulated carrier beside a real installation: calls come in as they will, before there is an account."""

from dataclasses import replace
from pathlib import Path

import uvicorn

from contactcenter import compose
from contactcenter.calls.lines import all_lines
from contactcenter.core.clock import system_clock
from contactcenter.core.terminal import out
from contactcenter.demo.instance import simulator_config
from contactcenter.serving import GRACE_SECONDS, listen
from contactcenter.settings import Settings, SettingsError
from contactcenter.simulator.app import create_simulator
from contactcenter.simulator.config import NumberConfig, SimulatorConfig

STREAM = "/softphone/stream"
NEEDED = ("twilio_account_sid", "twilio_auth_token", "twilio_api_key_sid", "twilio_application_sid")


def run(settings: Settings, port: int, *, speed: float, trusted: Path | None) -> None:
    """Serve the carrier on 127.0.0.1 until Ctrl-C; it knows the installation's own lines."""
    _refuse_real_carrier(settings, port)
    app = create_simulator(_config(settings, speed, trusted))
    config = uvicorn.Config(app, access_log=False, log_level="warning", timeout_graceful_shutdown=GRACE_SECONDS)
    with listen("127.0.0.1", port) as listener:
        telephones = f"{settings.public_url}/telephone"
        out.print(f"The carrier of {settings.public_url} listens on 127.0.0.1:{port}; its telephones: {telephones}")
        uvicorn.Server(config).run([listener])


def _refuse_real_carrier(settings: Settings, port: int) -> None:
    if settings.twilio_api_url != f"http://127.0.0.1:{port}" or settings.softphone_url != STREAM:
        raise SettingsError(
            f"For a rehearsal set CONTACTCENTER_TWILIO_API_URL=http://127.0.0.1:{port} and "
            f"CONTACTCENTER_SOFTPHONE_URL={STREAM}, for this command and for the service."
        )
    missing = [name for name in NEEDED if getattr(settings, name) is None]
    if missing:
        raise SettingsError(f"For a rehearsal make up CONTACTCENTER_{missing[0].upper()}; see docs/running.md.")


def _config(settings: Settings, speed: float, trusted: Path | None) -> SimulatorConfig:
    base = f"{settings.public_url}/twilio"
    db = compose.database(settings)
    with db.reading() as session:
        found = all_lines(session)
    db.close()
    hooks = NumberConfig(f"{base}/voice", f"{base}/status", f"{base}/fallback")
    numbers = {line.e164: replace(hooks, label=line.name) for line in found}
    config = simulator_config(settings, system_clock, speed=speed, notice_speed=speed)
    return replace(config, numbers=numbers, trusted=trusted)
