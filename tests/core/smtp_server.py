"""A real SMTP server on 127.0.0.1, with TLS by an authority of its own, and ways to misbehave."""

import ssl
import time
from asyncio import Transport, sleep
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from ipaddress import ip_address
from pathlib import Path
from socket import create_server, socket
from threading import Thread

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

HOST = "127.0.0.1"
USER, PASSWORD = "desk", "sesame-of-the-mail"


@dataclass
class Mailroom:
    """What came in, and what is answered: `recipient` to an address, `data` to a whole letter, None for the usual."""

    port: int
    login: bool
    letters: list[EmailMessage] = field(default_factory=list)
    envelopes: list[tuple[str | None, list[str]]] = field(default_factory=list)
    encrypted: list[bool] = field(default_factory=list)
    recipient: str | None = None
    data: str | None = None
    hangs: float = 0.0
    cuts: bool = False

    async def handle_RCPT(self, _: SMTP, session: Session, envelope: Envelope, to: str, __: list[str]) -> str:  # noqa: N802  # the library's name
        """Take the address, or what the story says."""
        if self.login and not session.authenticated:
            return "530 5.7.0 Authentication required"
        if self.recipient is None:
            envelope.rcpt_tos.append(to)
        return self.recipient or "250 OK"

    async def handle_DATA(self, server: SMTP, _: Session, envelope: Envelope) -> str:  # noqa: N802  # the library's name
        """Keep the letter, or do what the story says."""
        await sleep(self.hangs)
        assert isinstance(server.transport, Transport)
        if self.cuts:
            server.transport.abort()
        if self.data is None:
            assert isinstance(envelope.content, bytes)
            self.letters.append(BytesParser(EmailMessage, policy=policy.default).parsebytes(envelope.content))
            self.envelopes.append((envelope.mail_from, envelope.rcpt_tos))
            self.encrypted.append(server.transport.get_extra_info("sslcontext") is not None)
        return self.data or "250 OK"


@dataclass(frozen=True)
class Authority:
    """Files of a certificate for 127.0.0.1, of its authority, and of another authority that signed nothing."""

    trusted: Path
    chain: Path
    key: Path

    @property
    def context(self) -> ssl.SSLContext:
        """What a server presents."""
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context


def authority(folder: Path) -> Authority:
    """A self-made authority and what it signed, for an hour."""
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Authority of a test", "Authority of a test", root_key.public_key(), root_key, ca=True)
    leaf = _certificate(HOST, "Authority of a test", key.public_key(), root_key, ca=False)
    made = Authority(folder / "authority.pem", folder / "mail.pem", folder / "mail.key")
    made.trusted.write_bytes(root.public_bytes(Encoding.PEM))
    made.chain.write_bytes(leaf.public_bytes(Encoding.PEM))
    made.key.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


def _certificate(
    name: str, issuer: str, public: ec.EllipticCurvePublicKey, signer: ec.EllipticCurvePrivateKey, *, ca: bool
) -> x509.Certificate:
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
    )
    if not ca:
        made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(HOST))]), critical=False)
    return made.sign(signer, hashes.SHA256())


@contextmanager
def mail_server(tls: Authority | None = None, *, wrapped: bool = False, login: bool = False) -> Iterator[Mailroom]:
    """Serve until the block ends: with `tls` by STARTTLS, `wrapped` from the first byte; `login` must be given."""
    room = Mailroom(_free_port(), login)
    controller = Controller(
        room,
        HOST,
        room.port,
        ssl_context=tls.context if tls and wrapped else None,
        tls_context=tls.context if tls and not wrapped else None,
        require_starttls=tls is not None and not wrapped,
        authenticator=_known if login else None,
        auth_require_tls=tls is not None and not wrapped,
    )
    controller.start()
    try:
        yield room
    finally:
        controller.stop()


def _known(_: SMTP, __: Session, ___: Envelope, ____: str, given: object) -> AuthResult:
    assert isinstance(given, LoginPassword)
    right = (given.login, given.password) == (USER.encode(), PASSWORD.encode())
    return AuthResult(success=right, handled=False)  # else nothing is answered


def _free_port() -> int:
    with create_server((HOST, 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def babbling(every: float) -> Iterator[int]:
    """A server whose greeting never ends; its port."""
    with create_server((HOST, 0)) as listener:
        Thread(target=_babble, args=(listener, every), daemon=True).start()
        yield listener.getsockname()[1]


def _babble(listener: socket, every: float) -> None:
    with suppress(OSError):
        guest, _ = listener.accept()
        with closing(guest):
            while True:
                guest.sendall(b"220-still greeting\r\n")
                time.sleep(every)
