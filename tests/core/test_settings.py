"""Settings: a wrong one stops the start with a sentence."""

import re
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
        ("PORT", "80000", "CONTACTCENTER_PORT is too large"),
        ("PORT", "eighty", "CONTACTCENTER_PORT must be a whole number"),
        ("DATABASE_URL", "/srv/calls.db", "CONTACTCENTER_DATABASE_URL must be like sqlite:///"),
        ("DATABASE_URL", "sqlite://calls.db", "CONTACTCENTER_DATABASE_URL must be like sqlite:///"),
        ("DATABASE_URL", "mysql://desk/calls", "CONTACTCENTER_DATABASE_URL must be like sqlite:///"),
        ("COMPNAY", "Bakkerij", "CONTACTCENTER_COMPNAY is no setting; did you mean CONTACTCENTER_COMPANY?"),
        ("TRUSTED_PROXIES", "127.0.0.1, proxy", "CONTACTCENTER_TRUSTED_PROXIES takes network addresses"),
        ("TWILIO_TEXT_FROM", "Veldwijk Partners", "CONTACTCENTER_TWILIO_TEXT_FROM must be a number like"),
        ("TWILIO_TEXT_FROM", "0850000001", "CONTACTCENTER_TWILIO_TEXT_FROM must be a number like"),
        ("MAIL_URL", "mail.example.com:25", "CONTACTCENTER_MAIL_URL must be like smtp+starttls://"),
        ("MAIL_URL", "https://mail.example.com", "CONTACTCENTER_MAIL_URL must be like smtp+starttls://"),
        ("MAIL_URL", "smtps://mail.example.com:99999", "CONTACTCENTER_MAIL_URL must be like smtp+starttls://"),
        ("MAIL_URL", "smtps://desk:word@mail.example.com", "write it as CONTACTCENTER_MAIL_USER"),
        ("MAIL_URL", "smtps://mail.example.com", "CONTACTCENTER_MAIL_URL and CONTACTCENTER_MAIL_FROM belong together"),
        ("MAIL_FROM", "Desk <desk@example.com>", "CONTACTCENTER_MAIL_FROM must be one plain e-mail address"),
        ("MAIL_FROM", "a@example.com,b@example.com", "CONTACTCENTER_MAIL_FROM must be one plain e-mail address"),
        ("MAIL_USER", "clerk", "CONTACTCENTER_MAIL_USER and CONTACTCENTER_MAIL_PASSWORD belong together"),
        ("DRAFT_URL", "https://llm.example.com/v1", "CONTACTCENTER_DRAFT_URL and CONTACTCENTER_DRAFT_MODEL belong"),
        ("DRAFT_MODEL", "small", "CONTACTCENTER_DRAFT_URL and CONTACTCENTER_DRAFT_MODEL belong together"),
        ("DRAFT_URL", "http://llm.example.com/v1", "CONTACTCENTER_DRAFT_URL would send what callers said in clear"),
        ("DRAFT_URL", "http://192.168.1.9:11434/v1", "CONTACTCENTER_DRAFT_URL would send what callers said in clear"),
        ("DRAFT_URL", "http://127.0.0.1.example.com/v1", "CONTACTCENTER_DRAFT_URL would send what callers said"),
        ("DRAFT_URL", "https://desk:word@llm.example.com/v1", "CONTACTCENTER_DRAFT_URL must be like https://"),
        ("DRAFT_URL", "https://llm.example.com/v1?key=word", "CONTACTCENTER_DRAFT_URL must be like https://"),
        ("DRAFT_URL", "https://llm.example.com:99999/v1", "CONTACTCENTER_DRAFT_URL must be like https://"),
        ("DRAFT_URL", "drafts.local/v1", "CONTACTCENTER_DRAFT_URL must be like https://"),
        ("DRAFT_URL", "file:///etc/passwd", "CONTACTCENTER_DRAFT_URL must be like https://"),
        ("DRAFT_KEY", "sesame", "CONTACTCENTER_DRAFT_KEY is for an endpoint"),
        ("DRAFT_KEY", "sesame\r", "CONTACTCENTER_DRAFT_KEY must be one word"),
        ("DRAFT_KEY", "sésame", "CONTACTCENTER_DRAFT_KEY must be one word"),
        ("DRAFT_SECONDS", "0.5", "CONTACTCENTER_DRAFT_SECONDS is too small"),
        ("TWILIO_REGION", "us1x", "CONTACTCENTER_TWILIO_REGION and CONTACTCENTER_TWILIO_EDGE belong together"),
        ("TWILIO_EDGE", "ashburn", "CONTACTCENTER_TWILIO_REGION and CONTACTCENTER_TWILIO_EDGE belong together"),
    ],
)
def test_a_wrong_setting_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str, says: str) -> None:
    monkeypatch.setenv(f"CONTACTCENTER_{name}", value)
    with pytest.raises(SettingsError, match=re.escape(says)) as refused:
        load()
    assert value not in str(refused.value)


def test_the_demo_serves_nobody_else(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACTCENTER_DEMO", "1")
    monkeypatch.setenv("CONTACTCENTER_HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match=r"only serves 127\.0\.0\.1"):
        load()


def test_a_mail_password_does_not_travel_in_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CONTACTCENTER_MAIL_FROM", "desk@example.com")
    monkeypatch.setenv("CONTACTCENTER_MAIL_USER", "desk")
    monkeypatch.setenv("CONTACTCENTER_MAIL_PASSWORD", "sesame-of-the-mail")
    monkeypatch.setenv("CONTACTCENTER_MAIL_URL", "smtp://mail.example.com")
    with pytest.raises(SettingsError, match="CONTACTCENTER_MAIL_URL would send the password in clear"):
        load()
    monkeypatch.setenv("CONTACTCENTER_MAIL_URL", "smtp+starttls://mail.example.com")
    assert "sesame" not in repr(load())


SECRETS = ("TWILIO_AUTH_TOKEN", "TWILIO_AUTH_TOKEN_SECONDARY", "MASTER_KEY", "TWILIO_API_KEY_SECRET", "MAIL_PASSWORD")


@pytest.mark.parametrize("name", SECRETS)
def test_an_empty_secret_is_none_and_a_blank_or_empty_file_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    monkeypatch.setenv(f"CONTACTCENTER_{name}", "")
    assert getattr(load(), name.lower()) is None, "anybody can sign with an empty token"
    monkeypatch.setenv(f"CONTACTCENTER_{name}", " ")
    with pytest.raises(SettingsError, match=f"CONTACTCENTER_{name} is empty"):
        load()
    monkeypatch.setenv(f"CONTACTCENTER_{name}", "")
    file = tmp_path / "secret"
    file.write_text("\n")
    monkeypatch.setenv(f"CONTACTCENTER_{name}_FILE", str(file))
    with pytest.raises(SettingsError, match=f"CONTACTCENTER_{name} is empty"):
        load()


def test_a_secret_that_is_given_twice_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("CONTACTCENTER_MASTER_KEY", "abc")
    monkeypatch.setenv("CONTACTCENTER_MASTER_KEY_FILE", str(tmp_path / "key"))
    with pytest.raises(SettingsError, match="CONTACTCENTER_MASTER_KEY_FILE are both set"):
        load()
