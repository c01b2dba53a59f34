"""Tables of the people who work here."""

from datetime import date, datetime

from sqlmodel import Field, SQLModel

from contactcenter.core.db import EnumText, UtcDateTime, kept, new_public_id
from contactcenter.staff.rules import Role


class Team(SQLModel, table=True):
    """A team; staff and lines have one, `Support` by default."""

    __tablename__ = "team"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    name: str = Field(unique=True)


class Staff(SQLModel, table=True):
    """A member of staff. `telephone` is set for who answers on an ordinary telephone instead of in the browser."""

    __tablename__ = "staff"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    login: str = Field(unique=True)
    name: str
    role: Role = Field(sa_type=EnumText(Role))
    team_id: int = Field(foreign_key="team.id")
    password_hash: str
    language: str = "nl"
    telephone: str | None = None
    available: bool = False
    trained_on: date | None = None
    disabled_at: datetime | None = Field(default=None, sa_type=UtcDateTime)

    @property
    def softphone_identity(self) -> str:
        """The carrier's name for this person's browser: letters, digits and underscores, never an address."""
        return f"agent_{self.id}"


class RoleProposal(SQLModel, table=True):
    """A role above agent that one proposes and another confirms; `proposed_by` is empty for the operator."""

    __tablename__ = "role_proposal"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    role: Role = Field(sa_type=EnumText(Role))
    proposed_by: int | None = Field(default=None, foreign_key="staff.id")
    proposed_at: datetime = Field(sa_type=UtcDateTime)
    decided_by: int | None = Field(default=None, foreign_key="staff.id")
    decided_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    accepted: bool | None = None


class StaffSession(SQLModel, table=True):
    """A signed-in browser; `proved_at` is when it showed a second factor. Only the hash of its cookie is kept.

    `challenge` is what a passkey has to sign, once.
    """

    __tablename__ = "staff_session"
    __table_args__ = kept("sessions")

    token_hash: str = Field(primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    browser: str = ""
    started_at: datetime = Field(sa_type=UtcDateTime)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    proved_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    challenge: bytes | None = None
    challenged_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class AuthenticatorApp(SQLModel, table=True):
    """An app that makes codes (RFC 6238). Its secret is sealed by the master key; it counts once it gave a right code.

    `last_code` is the number of the last code that was taken, `wrong_codes` counts those since that were not.
    """

    __tablename__ = "authenticator_app"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    secret: bytes
    made_at: datetime = Field(sa_type=UtcDateTime)
    confirmed_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
    last_code: int = 0
    wrong_codes: int = 0


class Passkey(SQLModel, table=True):
    """A public key whose private half is in somebody's telephone, computer or stick (WebAuthn).

    `uses` is the key's own count, which shows a copy; `label` is the browser in which it was made.
    """

    __tablename__ = "passkey"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    public_id: str = Field(default_factory=new_public_id, unique=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    credential_id: bytes = Field(unique=True)
    public_key: bytes
    uses: int
    label: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    used_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RecoveryCode(SQLModel, table=True):
    """One code for the day that the factor is lost. Only its hash is kept; it goes when it was used."""

    __tablename__ = "recovery_code"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    staff_id: int = Field(foreign_key="staff.id", index=True)
    code_hash: str


class SignInFailure(SQLModel, table=True):
    """A failed sign-in, by login and source together: an outsider can't lock a colleague out."""

    __tablename__ = "sign_in_failure"
    __table_args__ = kept("sessions")

    id: int = Field(default=None, primary_key=True)
    key: str = Field(index=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)


class ApiToken(SQLModel, table=True):
    """A server's key to the API. Only its hash is kept; scopes are words like `customers:write`."""

    __tablename__ = "api_token"
    __table_args__ = kept("staff")

    id: int = Field(default=None, primary_key=True)
    name: str
    token_hash: str = Field(unique=True)
    scopes: str
    made_at: datetime = Field(sa_type=UtcDateTime)
    revoked_at: datetime | None = Field(default=None, sa_type=UtcDateTime)
