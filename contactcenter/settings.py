"""Where things are, and secrets: read from the environment once, frozen. Everything else is rows in the database."""

import os
import re
from datetime import date
from difflib import get_close_matches
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, available_timezones

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CONTACTCENTER_"
WRONG = {  # what is wrong with a value, by pydantic's name for it
    "int_parsing": "must be a whole number",
    "float_parsing": "must be a number",
    "bool_parsing": "must be 0 or 1",
    "greater_than_equal": "is too small",
    "less_than_equal": "is too large",
}
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
SMTP_PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}
_ATOM = r"[^\s@<>(),:;.\"\\\[\]\x00-\x1f\x7f]+"
ADDRESS = re.compile(rf"(?=.{{3,254}}\Z){_ATOM}(?:\.{_ATOM})*@{_ATOM}(?:\.{_ATOM})*")  # one plain e-mail address


class SettingsError(Exception):
    """A setting is wrong; the sentence says which, and what to write."""


class Settings(BaseSettings):
    """All settings, each `CONTACTCENTER_<NAME>`; secrets also as `CONTACTCENTER_<NAME>_FILE` with a path."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, frozen=True, extra="ignore", hide_input_in_errors=True, env_ignore_empty=True
    )

    database_url: str = Field("sqlite:///contactcenter.db", description="SQLite file or PostgreSQL database.")
    ledger: Path | None = Field(None, description="File that says what was destroyed; outside every backup.")
    checkpoints: Path | None = Field(None, description="Folder for signed checkpoints of the audit trail.")
    checkpoints_url: str | None = Field(None, description="s3:// address of a bucket that locks checkpoints.")
    checkpoints_mail: str | None = Field(None, description="Who gets a checkpoint by e-mail each day.")
    vault_url: str = Field("recordings", description="Folder, or s3://bucket/prefix?endpoint=...&region=...")
    public_url: str = Field("http://127.0.0.1:8000", description="The address under which the carrier reaches us.")
    host: str = Field("127.0.0.1", description="Address that the web server binds.")
    port: int = Field(8000, ge=1, le=65535, description="Port that the web server binds.")
    trusted_proxies: str | None = Field(
        None, description="Addresses of reverse proxies, with commas between, whose X-Forwarded-For is believed."
    )
    master_key: SecretStr | None = Field(None, description="Made by `contactcenter init`; wraps every recording's key.")
    company: str = Field("Veldwijk", description="Name of the company, as pages show it.")
    timezone: str = Field("Europe/Amsterdam", description="The zone in which days begin and end.")
    language: str = Field("nl", pattern="^(nl|en)$", description="Language of pages for who has not chosen one.")
    twilio_account_sid: str | None = Field(None, pattern="^AC[0-9a-f]{32}$", description="The carrier's account.")
    twilio_auth_token: SecretStr | None = Field(None, description="Signs webhooks; without it they don't exist.")
    twilio_auth_token_secondary: SecretStr | None = Field(None, description="The other token while rotating.")
    twilio_api_key_sid: str | None = Field(None, pattern="^SK[0-9a-f]{32}$", description="Key for softphone tokens.")
    twilio_api_key_secret: SecretStr | None = Field(None, description="Its secret.")
    twilio_application_sid: str | None = Field(
        None, pattern="^AP[0-9a-f]{32}$", description="The TwiML application that softphones dial."
    )
    twilio_api_url: str = Field("https://api.twilio.com", description="The carrier's REST address, or a region's.")
    twilio_region: str | None = Field(None, description="For example ie1.")
    twilio_edge: str | None = Field(None, description="For example dublin.")
    twilio_text_from: str | None = Field(None, description="Number or name that sends text messages.")
    softphone_url: str | None = Field(
        None, description="Same-origin audio stream in place of the carrier's SDK (demo)."
    )
    mail_url: str | None = Field(None, description="The mail server: smtp://, smtp+starttls:// or smtps://host:port.")
    mail_from: str | None = Field(None, description="The address that our e-mail comes from.")
    mail_user: str | None = Field(None, description="Our account at the mail server.")
    mail_password: SecretStr | None = Field(None, description="Its password.")
    whisper_model: str = Field("base", description="Name of a Whisper model, or the path of a checkpoint.")
    whisper_engine: str = Field(
        "best",
        pattern="^(best|openai-whisper|ctranslate2)$",
        description="What runs it; best: ctranslate2 where it is installed.",
    )
    whisper_glossary: str | None = Field(
        None, max_length=600, description="Names that are said in calls, for Whisper to expect: yours, your products."
    )
    whisper_threads: int = Field(2, ge=1, description="Threads of one transcription.")
    draft_url: str | None = Field(None, description="Base address of an OpenAI-compatible endpoint that drafts.")
    draft_model: str | None = Field(None, description="The model that it is asked for.")
    draft_key: SecretStr | None = Field(None, description="Its key, if it wants one.")
    draft_seconds: float = Field(50.0, ge=1, le=300, description="What one draft may take, from the connection on.")
    models_dir: Path = Field(Path("models"), description="Folder in which model files are kept.")
    second_factor: str = Field(
        "privileged", pattern="^(privileged|everybody)$", description="Who must sign in with a second factor."
    )
    works_council: date | None = Field(None, description="Day on which the works council agreed to naming agents.")
    assessment: date | None = Field(None, description="Day of the impact assessment of naming agents.")
    smallest_free_gib: float = Field(1.0, ge=0, description="Below this much free disk the doctor warns.")
    demo: bool = Field(False, description="Demo logins and the telephone page; loopback only.")

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if not re.match(r"sqlite:///|postgresql(\+psycopg)?://", url):
            raise ValueError("must be like sqlite:////srv/contactcenter.db or postgresql+psycopg://user@host/name")
        return url

    @field_validator(
        "master_key",
        "twilio_auth_token",
        "twilio_auth_token_secondary",
        "twilio_api_key_secret",
        "mail_password",
        "draft_key",
    )
    @classmethod
    def _said(cls, secret: SecretStr | None) -> SecretStr | None:
        """An empty token would be one that anybody can sign with."""
        if secret is not None and not secret.get_secret_value().strip():
            raise ValueError("is empty; write the secret, or leave the setting out")
        return secret

    @field_validator("draft_key")
    @classmethod
    def _one_word(cls, key: SecretStr | None) -> SecretStr | None:
        """It stands in a header."""
        if key is not None and not re.fullmatch(r"[!-~]+", key.get_secret_value()):
            raise ValueError("must be one word of plain letters, digits and signs; look for a blank or line end in it")
        return key

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        if name not in available_timezones():
            raise ValueError("is no time zone; write one like Europe/Amsterdam")
        return name

    @field_validator("public_url", "twilio_api_url")
    @classmethod
    def _plain_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.query or parts.fragment:
            raise ValueError("must be an address like https://calls.example.com, without ? or #")
        return url.rstrip("/")

    @field_validator("trusted_proxies")
    @classmethod
    def _addresses(cls, written: str | None) -> str | None:
        try:
            networks = [str(ip_network(one.strip(), strict=False)) for one in (written or "").split(",") if one.strip()]
        except ValueError:
            raise ValueError("takes network addresses with commas between, like 127.0.0.1,10.0.0.0/24") from None
        return ",".join(networks) or None

    @field_validator("twilio_text_from")
    @classmethod
    def _text_sender(cls, sender: str | None) -> str | None:
        if sender and not re.fullmatch(r"\+[1-9]\d{6,14}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}", sender):
            raise ValueError("must be a number like +3197010250000, or a name of up to eleven letters and digits")
        return sender

    @field_validator("mail_url")
    @classmethod
    def _mail_server(cls, url: str | None) -> str | None:
        wrong = "must be like smtp+starttls://mail.example.com:587 (or smtp://, smtps://), without a path"
        if url is None:
            return None
        try:
            parts, _ = urlsplit(url), urlsplit(url).port
        except ValueError:
            raise ValueError(wrong) from None
        if "@" in parts.netloc:
            raise ValueError("takes no login; write it as CONTACTCENTER_MAIL_USER and CONTACTCENTER_MAIL_PASSWORD_FILE")
        if parts.scheme not in SMTP_PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
            raise ValueError(wrong)
        return url

    @field_validator("draft_url")
    @classmethod
    def _safe_endpoint(cls, url: str | None) -> str | None:
        """Words of calls go there: in clear to this very machine only."""
        wrong = "must be like https://llm.example.com/v1, without login, ? or #"
        if url is None:
            return None
        try:
            parts, _ = urlsplit(url), urlsplit(url).port
        except ValueError:
            raise ValueError(wrong) from None
        plain = parts.hostname and not (parts.query or parts.fragment or "@" in parts.netloc)
        if parts.scheme not in ("http", "https") or not plain or not url.isprintable() or " " in url:
            raise ValueError(wrong)
        if parts.scheme == "http" and parts.hostname not in LOOPBACK:
            raise ValueError("would send what callers said in clear; write https://, or http:// to 127.0.0.1 only")
        return url.rstrip("/")

    @field_validator("checkpoints_url")
    @classmethod
    def _a_bucket(cls, url: str | None) -> str | None:
        if url is not None and not url.startswith("s3://"):
            raise ValueError("must be like s3://bucket/prefix?endpoint=https://host&region=name")
        return url

    @field_validator("mail_from", "checkpoints_mail")
    @classmethod
    def _one_address(cls, address: str | None) -> str | None:
        if address is not None and not (address.isascii() and ADDRESS.fullmatch(address)):
            raise ValueError("must be one plain e-mail address, like desk@example.com")
        return address

    @model_validator(mode="after")
    def _mail_is_whole(self) -> Self:
        if bool(self.mail_url) != bool(self.mail_from):
            raise ValueError("CONTACTCENTER_MAIL_URL and CONTACTCENTER_MAIL_FROM belong together: set both or neither")
        if self.checkpoints_mail and not self.mail_url:
            raise ValueError("CONTACTCENTER_CHECKPOINTS_MAIL needs a mail server: set CONTACTCENTER_MAIL_URL too")
        if bool(self.mail_user) != bool(self.mail_password):
            raise ValueError(
                "CONTACTCENTER_MAIL_USER and CONTACTCENTER_MAIL_PASSWORD belong together: set both or neither"
            )
        server = urlsplit(self.mail_url or "")
        if self.mail_user and server.scheme == "smtp" and server.hostname not in LOOPBACK:
            raise ValueError(
                "CONTACTCENTER_MAIL_URL would send the password in clear; write smtp+starttls:// or smtps://"
            )
        return self

    @model_validator(mode="after")
    def _drafter_is_whole(self) -> Self:
        if bool(self.draft_url) != bool(self.draft_model):
            raise ValueError(
                "CONTACTCENTER_DRAFT_URL and CONTACTCENTER_DRAFT_MODEL belong together: set both or neither"
            )
        if self.draft_key and not self.draft_url:
            raise ValueError("CONTACTCENTER_DRAFT_KEY is for an endpoint: set CONTACTCENTER_DRAFT_URL too")
        return self

    @model_validator(mode="after")
    def _region_has_its_edge(self) -> Self:
        if bool(self.twilio_region) != bool(self.twilio_edge):
            raise ValueError(
                "CONTACTCENTER_TWILIO_REGION and CONTACTCENTER_TWILIO_EDGE belong together: set both, like ie1 and "
                "dublin, or neither"
            )
        return self

    @model_validator(mode="after")
    def _demo_stays_home(self) -> Self:
        public_host = urlsplit(self.public_url).hostname
        if self.demo and (self.host not in LOOPBACK or public_host not in LOOPBACK):
            raise ValueError("CONTACTCENTER_DEMO=1 has known logins: it only serves 127.0.0.1; unset it or the address")
        return self

    @property
    def zone(self) -> ZoneInfo:
        """The zone in which days begin and end."""
        return ZoneInfo(self.timezone)

    @property
    def ledger_file(self) -> Path:
        """Where the ledger of what was destroyed stands: by default beside the database."""
        on_disk = self.database_url.startswith("sqlite:///")
        database = self.database_url.removeprefix("sqlite:///") if on_disk else "contactcenter"
        return self.ledger or Path(f"{database}.destroyed")

    @property
    def checkpoints_folder(self) -> Path:
        """Where checkpoints of the audit trail are kept: by default beside the ledger."""
        return self.checkpoints or self.ledger_file.with_suffix(".checkpoints")

    @property
    def https(self) -> bool:
        """Whether browsers reach us over TLS."""
        return self.public_url.startswith("https://")


def load(**overrides: Any) -> Settings:
    """Settings from the environment, or a `SettingsError` whose sentence names the setting and the mend."""
    _refuse_unknown()
    try:
        return Settings(**(_from_files() | overrides))
    except ValidationError as error:
        first = error.errors()[0]
        name = PREFIX + "_".join(str(part) for part in first["loc"]).upper() if first["loc"] else ""
        said = (
            first["msg"].removeprefix("Value error, ") if first["type"] == "value_error" else WRONG.get(first["type"])
        )
        raise SettingsError(
            f"{name} {said or 'is not written as it should be; see docs/settings.md'}.".strip()
        ) from None


def _refuse_unknown() -> None:
    """A misspelt setting would silently stay at its default."""
    names = {PREFIX + name.upper() for name in Settings.model_fields}
    known = names | {f"{name}_FILE" for name in names}
    for written in os.environ:
        if written.startswith(PREFIX) and written not in known and not written.startswith(f"{PREFIX}DEMO_"):
            meant = get_close_matches(written, known, 1)
            hint = f"did you mean {meant[0]}?" if meant else "docs/settings.md names them all."
            raise SettingsError(f"{written} is no setting; {hint}")


def _from_files() -> dict[str, str]:
    """Values of `CONTACTCENTER_<NAME>_FILE`: the text of the file, without its line end."""
    found: dict[str, str] = {}
    for name in Settings.model_fields:
        variable = f"{PREFIX}{name.upper()}"
        path = os.environ.get(f"{variable}_FILE")
        if path:
            if os.environ.get(variable):
                raise SettingsError(f"{variable} and {variable}_FILE are both set; leave one out.")
            try:
                found[name] = Path(path).read_text(encoding="utf-8").rstrip("\n")
            except OSError as error:
                raise SettingsError(
                    f"{variable}_FILE can't be read ({error.strerror}); check its path and rights."
                ) from None
    return found
