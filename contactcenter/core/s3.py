"""Opens a bucket of an S3-compatible store, as an address names it: s3://bucket/prefix?endpoint=https://host&region=name.

Nothing is asked of the server here. No sentence holds a credential.
"""

import os
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from urllib.parse import SplitResult, parse_qsl, urlsplit

from obstore.exceptions import BaseError
from obstore.store import S3Store

from contactcenter.core.errors import Invalid

if TYPE_CHECKING:
    from obstore.store import S3Config  # a type only, obstore has no such name at run time

FORM = "s3://bucket/prefix?endpoint=https://host&region=name"
CONNECT, REQUEST, RETRYING, RETRIES = timedelta(seconds=5), timedelta(seconds=30), timedelta(seconds=20), 3


@dataclass(frozen=True, slots=True)
class S3Access:
    """Credentials of an S3-compatible store, where they don't come from the AWS_... environment."""

    key_id: str
    secret: str = field(repr=False)


def bucket(url: str, setting: str, forms: str, access: S3Access | None = None) -> S3Store:
    """The bucket of an address; what it doesn't say comes from the AWS_... environment.

    Raises `Invalid`, in the name of the `setting` that holds the address; `forms` says what may stand there.
    """
    parts = urlsplit(url)
    config = _config(parts, setting, forms)
    if access is not None:
        config["access_key_id"], config["secret_access_key"] = access.key_id, access.secret
    elif not (os.environ.get("AWS_ACCESS_KEY_ID") and os.environ.get("AWS_SECRET_ACCESS_KEY")):
        # obstore would ask the cloud's metadata address for some, which is not ours to ask
        raise Invalid(f"The store of {setting} has no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.")
    try:
        return S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            config=config,
            client_options={
                "allow_http": config.get("endpoint", "").startswith("http://"),
                "connect_timeout": CONNECT,
                "timeout": REQUEST,
            },
            retry_config={"max_retries": RETRIES, "retry_timeout": RETRYING},
        )
    except BaseError as error:
        raise Invalid(f"{setting} is not usable ({type(error).__name__}); {forms}.") from None


def _config(parts: SplitResult, setting: str, forms: str) -> "S3Config":
    if not parts.hostname or "@" in parts.netloc:
        raise Invalid(f"{setting} needs a bucket and no credentials; {forms}.")
    asked = dict(parse_qsl(parts.query))
    if asked.keys() - {"endpoint", "region"}:
        raise Invalid(f"{setting} takes endpoint= and region= only; {forms}.")
    config: S3Config = {}
    if "endpoint" in asked:
        config["endpoint"] = asked["endpoint"]
    if "region" in asked:
        config["region"] = asked["region"]
    return config
