"""nginx as a process of its own, with the configuration that deploy/ gives as an example."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from tests.patience import until
from tools.nginx import program

EXAMPLE = Path(__file__).parents[2] / "deploy" / "nginx.conf"
NAME = "127.0.0.1"
MAIN = """
{user}daemon off; pid {folder}/nginx.pid; worker_processes 1; error_log {folder}/error.log warn;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
    include {folder}/contactcenter.conf;
}}
"""


def certificate(folder: Path) -> Path:
    """A certificate for this machine and its key, in `folder`; the certificate's path."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address(NAME))]), critical=False)
        .sign(key, SHA256())
    )
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    (folder / "cert.pem").write_bytes(made.public_bytes(Encoding.PEM))
    return folder / "cert.pem"


def rendered(folder: Path, *, https: int, http: int, product: int, carrier: int) -> str:
    """The example with these ports and our certificate, its rehearsal switched on; nothing else changes."""
    kept = EXAMPLE.read_text(encoding="utf-8")
    before, _, rehearsal = kept.partition("    # location ~")
    switched_on = "\n".join(line.replace("    # ", "    ", 1) for line in ("    # location ~" + rehearsal).splitlines())
    changes = {
        "listen 443": f"listen {NAME}:{https}",
        "listen 80": f"listen {NAME}:{http}",
        "127.0.0.1:8000": f"127.0.0.1:{product}",
        "127.0.0.1:8001": f"127.0.0.1:{carrier}",
        "/etc/letsencrypt/live/calls.example.com/fullchain.pem": str(folder / "cert.pem"),
        "/etc/letsencrypt/live/calls.example.com/privkey.pem": str(folder / "key.pem"),
        "/var/log/nginx/error.log": str(folder / "error.log"),
        "calls.example.com": NAME,
    }
    text = before + switched_on
    for said, meant in changes.items():
        assert said in text, said
        text = text.replace(said, meant)
    return text


@contextmanager
def nginx(folder: Path, **ports: int) -> Iterator[None]:
    """nginx while the block lasts."""
    found = program()
    assert found is not None, "nginx is missing: run ./run.sh test, which installs or names it."
    (folder / "contactcenter.conf").write_text(rendered(folder, **ports))
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user="user root;\n" if os.geteuid() == 0 else ""))
    command: list[str | Path] = [found, "-p", folder, "-c", folder / "nginx.conf", "-e", folder / "error.log"]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        until(lambda: (folder / "nginx.pid").exists() or process.poll() is not None, "nginx runs", 10)
        assert process.poll() is None, process.stderr and process.stderr.read()
        yield
    finally:
        process.terminate()
        process.communicate(timeout=10)
