"""Who did what to what, when: rows that are only ever added, in the transaction of the act itself."""

from datetime import datetime
from enum import StrEnum

from sqlmodel import Field, Session, SQLModel

from contactcenter.core.db import EnumText, UtcDateTime, insert, kept


class Action(StrEnum):
    """The vocabulary: `subject:action`. A new act gets a new word here."""

    STAFF_ADDED = "staff:added"
    STAFF_DISABLED = "staff:disabled"
    STAFF_PASSWORD_SET = "staff:password-set"
    STAFF_ROLE_PROPOSED = "staff:role-proposed"
    STAFF_ROLE_REFUSED = "staff:role-refused"
    STAFF_ROLE_SET = "staff:role-set"
    STAFF_TRAINED = "staff:training-registered"
    STAFF_PASSWORD_GIVEN = "staff:password-given"
    STAFF_FACTOR_SET_UP = "staff:factor-set-up"
    STAFF_FACTOR_REMOVED = "staff:factor-removed"
    STAFF_FACTOR_REFUSED = "staff:factor-refused"
    STAFF_FACTOR_RESET = "staff:factor-reset"
    STAFF_SIGNED_IN = "staff:signed-in"
    STAFF_SIGN_IN_REFUSED = "staff:sign-in-refused"
    STAFF_SIGNED_OUT = "staff:signed-out"
    STAFF_SESSION_ENDED = "staff:session-ended"
    STAFF_AVAILABILITY = "staff:availability-changed"
    TOKEN_MADE = "token:made"
    TOKEN_REVOKED = "token:revoked"
    CUSTOMER_IMPORTED = "customer:imported"
    CUSTOMER_PUT = "customer:put"
    CUSTOMER_CORRECTED = "customer:corrected"
    CUSTOMER_TOLD = "customer:told-of-correction"
    CUSTOMER_SEARCHED = "customer:searched"
    CUSTOMER_VIEWED = "customer:viewed"
    CONTACT_STARTED = "contact:started"
    CONTACT_LINKED = "contact:linked"
    CONTACT_UNLINKED = "contact:unlinked"
    CONTACT_CLOSED = "contact:closed"
    CONTACT_CHANGED = "contact:changed"
    CALL_NOTICE_PLAYED = "call:notice-played"
    CALL_LANGUAGE_CHOSEN = "call:language-chosen"
    CALL_OBJECTED = "call:recording-objected"
    CALL_QUEUED = "call:queued"
    CALL_CLAIMED = "call:claimed"
    CALL_CONNECTED = "call:connected"
    CALL_RELEASED = "call:released"
    CALL_HANDED_ON = "call:handed-on"
    CALL_HELD = "call:held"
    CALL_RESUMED = "call:resumed"
    CALL_ENDED = "call:ended"
    CALL_COMMANDED = "call:commanded"
    POLICY_PROPOSED = "policy:proposed"
    POLICY_ACTIVATED = "policy:activated"
    POLICY_REFUSED = "policy:refused"
    VERIFICATION_REVOKED = "verification:revoked"
    CODE_SENT = "code:sent"
    CODE_NOT_SENT = "code:not-sent"
    CODE_FETCHED = "code:fetched"
    APPROVAL_ASKED = "approval:asked"
    APPROVAL_GRANTED = "approval:granted"
    APPROVAL_REFUSED = "approval:refused"
    CALL_BACK_ASKED = "call-back:asked"
    CALL_BACK_TAKEN = "call-back:taken"
    CALL_BACK_TRIED = "call-back:tried"
    CALL_BACK_ENDED = "call-back:ended"
    GLASS_BROKEN = "break-glass:opened"
    GLASS_REVIEWED = "break-glass:reviewed"
    VERIFICATIONS_EXPORTED = "verification:exported"
    REVIEW_DRAWN = "review:drawn"
    REVIEW_GIVEN = "review:given"
    REVIEW_ANSWERED = "review:answered"
    FLAG_RAISED = "flag:raised"
    FLAG_LIFTED = "flag:lifted"
    EVIDENCE_GIVEN = "evidence:given"
    DISCLOSED = "disclosure:made"
    NOTE_WRITTEN = "note:written"
    SUMMARY_DRAFTED = "summary:drafted"
    SUMMARY_ASKED = "summary:asked"
    SUMMARY_CONFIRMED = "summary:confirmed"
    TRANSCRIPT_ATTACHED = "transcript:attached"
    TRANSCRIPT_CORRECTED = "transcript:corrected"
    TRANSCRIPT_REDONE = "transcript:redone"
    SPOKEN_ALERT_RAISED = "spoken-alert:raised"
    SPOKEN_ALERT_JUDGED = "spoken-alert:judged"
    SPOKEN_ALERT_ANSWERED = "spoken-alert:answered"
    TRANSCRIPTION_STOPPED = "transcription:stopped"
    TRANSCRIPTION_GONE_ON = "transcription:gone-on"
    TRANSCRIPTION_LANGUAGE = "transcription:language"
    RECORDING_EXPECTED = "recording:expected"
    RECORDING_REFUSED = "recording:refused"
    RECORDING_PAUSED = "recording:paused"
    RECORDING_RESUMED = "recording:resumed"
    RECORDING_ARRIVED = "recording:arrived"
    RECORDING_STORED = "recording:stored"
    RECORDING_UNWANTED = "recording:unwanted"
    RECORDING_FAILED = "recording:failed"
    RECORDING_RETRIED = "recording:retried"
    RECORDING_CARRIER_COPY_DELETED = "recording:carrier-copy-deleted"
    RECORDING_CUT_ASKED = "recording:cut-asked"
    RECORDING_CUT = "recording:cut"
    RECORDING_DESTROYED = "recording:destroyed"
    RECORDING_DESTROYED_AGAIN = "recording:destroyed-again"
    RECORDING_PLAYED = "recording:played"
    RECORDING_PLAY_REFUSED = "recording:play-refused"
    RECORDING_MISSING = "recording:missing"
    RECORDING_FOUND = "recording:found"
    HOLD_PLACED = "hold:placed"
    HOLD_CONFIRMED = "hold:confirmed"
    HOLD_REVIEW_ASKED = "hold:review-asked"
    HOLD_RELEASE_ASKED = "hold:release-asked"
    HOLD_STEP_REFUSED = "hold:step-refused"
    HOLD_RELEASED = "hold:released"
    LEDGER_BEGUN = "ledger:begun"
    SWEEP_STOPPED = "retention:sweep-stopped"
    ALERT_RAISED = "alert:raised"
    ALERT_SEEN = "alert:seen"


class Actor(StrEnum):
    """Who acts without an account of ours; whoever has one is named by their public id."""

    SYSTEM = "system"
    CARRIER = "carrier"
    WORKER = "worker"
    OPERATOR = "operator"
    OUTSIDER = "outsider"
    IMPORT = "import"
    API = "api"


class AuditEntry(SQLModel, table=True):
    """One act. `actor` is a public id or an `Actor`, `subject` mostly a public id; no personal data."""

    __tablename__ = "audit_entry"
    __table_args__ = kept("audit")

    id: int = Field(default=None, primary_key=True)
    at: datetime = Field(sa_type=UtcDateTime, index=True)
    actor: str
    action: Action = Field(sa_type=EnumText(Action), index=True)
    subject_type: str
    subject: str = Field(index=True)
    detail: str = ""


def record(session: Session, now: datetime, actor: str, action: Action, subject: str, detail: str = "") -> None:
    """Add one act to the trail. `actor` is an `Actor` or the public id of staff, `subject` a public id; `detail` a word
    from a vocabulary, never words said."""
    subject_type = action.value.partition(":")[0]
    insert(
        session,
        AuditEntry,
        at=now,
        actor=actor,
        action=action,
        subject_type=subject_type,
        subject=subject,
        detail=detail,
    )
