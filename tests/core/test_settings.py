"""Settings: a wrong one stops the start with a sentence."""

from pathlib import Path

import pytest

from contactcenter.settings import SettingsError, load


def test_a_secret_comes_from_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "token"
    file.write_text("s3cret\n")
    monkeypatch.setenv("CONTACTCENTER_TWILIO_AUTH_TOKEN_FILE", str(file))
    token = load().twilio_auth_token
    assert token is not None
    assert token.get_secret_value() == "s3cret"
    assert "s3cret" not in repr(load())


def test_a_missing_secret_file_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACTCENTER_MASTER_KEY_FILE", "/nowhere/key")
    with pytest.raises(SettingsError, match="CONTACTCENTER_MASTER_KEY_FILE can't be read"):
        load()


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("TIMEZONE", "Mars/Olympus", "CONTACTCENTER_TIMEZONE is no time zone"),
        ("PUBLIC_URL", "desk.local", "CONTACTCENTER_PUBLIC_URL must be an address"),
        ("TWILIO_ACCOUNT_SID", "AC123", "CONTACTCENTER_TWILIO_ACCOUNT_SID"),
        ("PORT", "80000", "CONTACTCENTER_PORT"),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy", "CONTACTCENTER_TRUSTED_PROXIES takes network addresses"),
        ("TWILIO_REGION", "us1x", "CONTACTCENTER_TWILIO_REGION and CONTACTCENTER_TWILIO_EDGE belong together"),
        ("TWILIO_EDGE", "ashburn", "CONTACTCENTER_TWILIO_REGION and CONTACTCENTER_TWILIO_EDGE belong together"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(f"CONTACTCENTER_{name}", value)
    with pytest.raises(SettingsError, match=says) as refused:
        load()
    assert value not in str(refused.value)


def test_the_demo_serves_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACTCENTER_DEMO", "1")
    monkeypatch.setenv("CONTACTCENTER_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match=r"only serves 127\.0\.0\.1"):
        load()
