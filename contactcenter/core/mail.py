"""One plain-text e-mail by SMTP. Sending takes up to five seconds, so it happens outside transactions and webhooks.

Neither an address nor a word of a letter gets into logs or into the text of an error.
"""

import secrets
import smtplib
import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from email.headerregistry import Address
from email.message import EmailMessage
from threading import Timer
from typing import Protocol
from urllib.parse import urlsplit

import structlog

from contactcenter.core.clock import Clock
from contactcenter.core.errors import Invalid, Unavailable
from contactcenter.settings import ADDRESS, SMTP_PORTS, Settings

log = structlog.get_logger()
REFUSED = "The mail server refuses this address."
SAYS: dict[type[OSError], str] = {  # the first that fits
    smtplib.SMTPRecipientsRefused: "The mail server does not take mail for this address now; try again later.",
    smtplib.SMTPAuthenticationError: "The mail server refuses our login.",
    smtplib.SMTPNotSupportedError: "The mail server can't do what this needs: TLS, a login, or such an address.",
    smtplib.SMTPResponseException: "The mail server did not take the letter; try again later.",
    ssl.SSLCertVerificationError: "The mail server's certificate is not to be trusted.",
    OSError: "The mail server did not answer.",
}
SECONDS = 5.0  # for one letter, from the connection on


@dataclass(frozen=True)
class Letter:
    """What is mailed to one address: a subject of one line, and a body of plain text."""

    to: str = field(repr=False)
    subject: str = field(repr=False)
    body: str = field(repr=False)


class Post(Protocol):
    """Takes letters away. Every verb raises `Problem`, nothing else."""

    @property
    def present(self) -> bool:
        """Whether there is a mail server at all, and so whether mailing may be offered."""

    def check(self) -> None:
        """Raise `Unavailable` unless the server takes our login."""

    def send(self, letter: Letter) -> None:
        """Hand a letter to the mail server.

        Raises `Invalid` when the letter can't be written or its address is refused for good, `Unavailable` when it was
        not taken now: then it may be tried again. A letter that was taken just before the server fell silent arrives
        all the same.
        """


class NoPost:
    """`Post` without a mail server: refuses with what to set."""

    present = False

    def check(self) -> None:
        """Refuse."""
        raise Unavailable("No mail server is configured: set CONTACTCENTER_MAIL_URL and CONTACTCENTER_MAIL_FROM.")

    def send(self, letter: Letter) -> None:
        """Refuse."""
        self.check()


class SmtpPost:
    """`Post` over SMTP (RFC 5321), with TLS as the scheme of the setting says; certificates are always checked."""

    present = True

    def __init__(self, settings: Settings, clock: Clock, *, seconds: float = SECONDS) -> None:
        """`settings` must name server and sender; `seconds` is what one letter may take."""
        assert settings.mail_url and settings.mail_from
        parts = urlsplit(settings.mail_url)
        self._scheme, self._host = parts.scheme, parts.hostname or ""
        self._port = parts.port or SMTP_PORTS[parts.scheme]
        self._sender = Address(settings.company, addr_spec=settings.mail_from)
        self._login = (settings.mail_user, settings.mail_password) if settings.mail_user else None
        self._clock, self._seconds = clock, seconds

    def check(self) -> None:
        """Connect and log in."""
        with _problems(), self._connected() as server:
            server.noop()

    def send(self, letter: Letter) -> None:
        """Send a letter on a connection of its own."""
        message = self._message(letter)
        with _problems(), self._connected() as server:
            server.send_message(message, self._sender.addr_spec, [letter.to])

    def _message(self, letter: Letter) -> EmailMessage:
        if not ADDRESS.fullmatch(letter.to):
            raise Invalid("This is not an e-mail address.")
        if not letter.subject.isprintable():  # a line break would begin a header of somebody else's
            raise Invalid("The subject of an e-mail is one line of text.")
        message = EmailMessage()
        message["From"], message["To"], message["Subject"] = self._sender, letter.to, letter.subject
        message["Date"] = self._clock()
        message["Message-ID"] = f"<{secrets.token_urlsafe(16)}@{self._sender.domain}>"
        message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence assistant answers
        message.set_content(letter.body, cte="quoted-printable")
        return message

    @contextmanager
    def _connected(self) -> Iterator[smtplib.SMTP]:
        context = ssl.create_default_context()
        server = self._client(context)
        with closing(server), _cut_after(self._seconds, server):
            code, said = server.connect(self._host, self._port)
            if code != 220:
                raise smtplib.SMTPConnectError(code, said)
            if self._scheme == "smtp+starttls":
                server.starttls(context=context)
            if self._login:
                user, password = self._login
                assert user and password
                server.login(user, password.get_secret_value())
            yield server
            with suppress(OSError):  # whatever becomes of the farewell: a letter that was taken is taken
                server.quit()

    def _client(self, context: ssl.SSLContext) -> smtplib.SMTP:
        """One that is not connected yet. It greets with the sender's domain: the machine's own name is nobody's."""
        domain = self._sender.domain
        if self._scheme == "smtps":
            client: smtplib.SMTP = smtplib.SMTP_SSL(local_hostname=domain, timeout=self._seconds, context=context)
        else:
            client = smtplib.SMTP(local_hostname=domain, timeout=self._seconds)
        client._host = self._host  # type: ignore[attr-defined]  # the name on the certificate: connect() doesn't keep it
        return client


@contextmanager
def _cut_after(seconds: float, server: smtplib.SMTP) -> Iterator[None]:
    """The library's limit is that of each read; a server that says a little now and then would hold us for hours."""
    timer = Timer(seconds, _cut, [server])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _cut(server: smtplib.SMTP) -> None:
    if server.sock is not None:
        with suppress(OSError):  # it is closed already
            socket.socket.shutdown(server.sock, socket.SHUT_RDWR)  # not SSLSocket's, which forgets its encryption


@contextmanager
def _problems() -> Iterator[None]:
    """The library's failures as ours; their texts hold addresses and what the server said, so they stay here."""
    try:
        yield
    except OSError as error:  # the library's own are OSErrors
        code = _code(error)
        log.warning("mail-failed", error=type(error).__name__, code=code)
        if isinstance(error, smtplib.SMTPRecipientsRefused) and code >= 500:
            raise Invalid(REFUSED) from None
        kind = next((kind for kind in SAYS if isinstance(error, kind)), OSError)
        raise Unavailable(SAYS[kind]) from None
    except UnicodeError:  # the server's name is none
        raise Unavailable(SAYS[OSError]) from None


def _code(error: OSError) -> int:
    """What the server answered; 0 when it didn't."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max(code for code, _ in error.recipients.values())
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0
