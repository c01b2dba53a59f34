"""Buckets with object lock on the tests' S3 server, by requests signed here: what our own client can't ask for."""

import base64
import hashlib
import hmac
from datetime import UTC, datetime

import httpx2

from tests.recordings.s3_server import S3Server

REGION = "eu-west-1"
RULE = (
    '<ObjectLockConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/">'
    "<ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>"
    "<Mode>{mode}</Mode><Days>{days}</Days></DefaultRetention></Rule></ObjectLockConfiguration>"
)


def locking_bucket(server: S3Server, name: str, *, mode: str = "COMPLIANCE", days: int = 30) -> str:
    """A bucket that locks whatever comes in; the address for the setting."""
    made = asked(server, "PUT", f"/{name}", headers={"x-amz-bucket-object-lock-enabled": "true"})
    assert made.status_code == 200, made.text
    ruled = asked(server, "PUT", f"/{name}", query="object-lock=", body=RULE.format(mode=mode, days=days).encode())
    assert ruled.status_code == 200, ruled.text
    return server.url(name, "trail")


def asked(
    server: S3Server,
    method: str,
    path: str,
    *,
    query: str = "",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> httpx2.Response:
    """One request by AWS Signature Version 4; `path` needs no quoting, `query` is sorted."""
    stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{stamp[:8]}/{REGION}/s3/aws4_request"
    digest = hashlib.sha256(body).hexdigest()
    signed = {
        "host": server.endpoint.partition("://")[2],
        "content-md5": base64.b64encode(hashlib.md5(body).digest()).decode(),
        "x-amz-date": stamp,
        "x-amz-content-sha256": digest,
    } | (headers or {})
    names = ";".join(sorted(signed))
    lines = [f"{name}:{signed[name]}" for name in sorted(signed)]
    request = hashlib.sha256("\n".join([method, path, query, *lines, "", names, digest]).encode()).hexdigest()
    key = f"AWS4{server.access.secret}".encode()
    for part in scope.split("/"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    text = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, request])
    signature = hmac.new(key, text.encode(), hashlib.sha256).hexdigest()
    credential = f"Credential={server.access.key_id}/{scope}, SignedHeaders={names}, Signature={signature}"
    sent = signed | {"authorization": f"AWS4-HMAC-SHA256 {credential}"}
    return httpx2.request(method, f"{server.endpoint}{path}?{query}".rstrip("?"), content=body, headers=sent)
