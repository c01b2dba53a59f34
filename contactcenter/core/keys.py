"""The master key: wraps the key of every sealed object, and gives keys of their own to audit and tokens.

It lives outside database and vault. Its text is never shown: not by `repr`, not in an error.
"""

import base64
import binascii
import hashlib
import os
import secrets
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from contactcenter.core.errors import Invalid, Problem, Unavailable

PREFIX = "ccmk1_"
KEY_BYTES = 32
CHECK_BYTES = 4
WRAP_VERSION = b"\x01"
FINGERPRINT_BYTES = 8
NONCE_BYTES = 12
HEAD_BYTES = len(WRAP_VERSION) + FINGERPRINT_BYTES + NONCE_BYTES


class KeyInvalid(Invalid):
    """A text that should be a master key is none."""

    id = "key-invalid"


class KeyMismatch(Unavailable):
    """Something was wrapped by another master key than the one given."""

    id = "key-mismatch"


class KeyDamaged(Problem):
    """A wrapped key was altered, or belongs to something else than what it is used for."""

    status = 410
    id = "key-damaged"


class MasterKey:
    """Thirty-two secret bytes and what may be done with them. Safe to share between threads."""

    __slots__ = ("_secret", "_wrapping", "fingerprint")

    def __init__(self, secret: bytes) -> None:
        if len(secret) != KEY_BYTES:
            raise KeyInvalid(f"A master key has {KEY_BYTES} bytes; make one with `contactcenter init`.")
        self._secret = secret
        self._wrapping = AESGCM(self._expand(b"wrap"))
        self.fingerprint: str = self._expand(b"fingerprint")[:FINGERPRINT_BYTES].hex()

    def __repr__(self) -> str:
        return f"MasterKey(fingerprint={self.fingerprint})"

    @staticmethod
    def generate() -> str:
        """The text of a new master key, to be kept outside database and vault."""
        secret = secrets.token_bytes(KEY_BYTES)
        return PREFIX + base64.urlsafe_b64encode(secret + _check(secret)).decode("ascii")

    @classmethod
    def parse(cls, text: str) -> Self:
        """The key that `generate` wrote as `text`; blanks around it don't matter.

        Its four check bytes catch a slip before anything is sealed by a key that nobody has.
        """
        body = text.strip()
        if not body.startswith(PREFIX):
            raise KeyInvalid(f"The master key must begin with {PREFIX}; make one with `contactcenter init`.")
        whole = _decoded(body.removeprefix(PREFIX))
        if len(whole) != KEY_BYTES + CHECK_BYTES:
            raise KeyInvalid("The master key is not whole; copy all 54 characters of it.")
        secret, check = whole[:KEY_BYTES], whole[KEY_BYTES:]
        if check != _check(secret):
            raise KeyInvalid("The master key has a wrong character; copy it again from where it is kept.")
        return cls(secret)

    def wrap(self, data_key: bytes, context: bytes) -> bytes:
        """`data_key` encrypted: version (1), fingerprint (8), nonce (12), AES-256-GCM ciphertext and tag.

        `context` says what the key is for (a recording's id); only the same context unwraps it.
        """
        nonce = os.urandom(NONCE_BYTES)
        mark = bytes.fromhex(self.fingerprint)
        return WRAP_VERSION + mark + nonce + self._wrapping.encrypt(nonce, data_key, context + mark)

    def unwrap(self, wrapped: bytes, context: bytes) -> bytes:
        """The data key in `wrapped`, or `KeyMismatch` (another master key) or `KeyDamaged`."""
        if len(wrapped) <= HEAD_BYTES or wrapped[:1] != WRAP_VERSION:
            raise KeyDamaged("A wrapped key can't be read; restore its row from a backup.")
        mark, nonce = wrapped[1 : 1 + FINGERPRINT_BYTES], wrapped[1 + FINGERPRINT_BYTES : HEAD_BYTES]
        if mark.hex() != self.fingerprint:
            raise KeyMismatch(
                f"This was sealed by master key {mark.hex()}, but the one in use is {self.fingerprint}; "
                "set CONTACTCENTER_MASTER_KEY to the key that was in use then."
            )
        try:
            return self._wrapping.decrypt(nonce, wrapped[HEAD_BYTES:], context + mark)
        except InvalidTag:
            raise KeyDamaged(
                "A wrapped key was altered or belongs to another object; restore its row from a backup."
            ) from None

    def derive(self, label: str) -> bytes:
        """Thirty-two bytes for one use, named by `label` (keyed references, token hashes); ever the same."""
        return self._expand(b"use:" + label.encode("utf-8"))

    def _expand(self, info: bytes) -> bytes:
        """HKDF-SHA256 (RFC 5869), so that no two uses share a key."""
        return HKDF(SHA256(), KEY_BYTES, salt=b"contactcenter master key", info=info).derive(self._secret)


def _check(secret: bytes) -> bytes:
    return hashlib.sha256(PREFIX.encode("ascii") + secret).digest()[:CHECK_BYTES]


def _decoded(body: str) -> bytes:
    try:
        return base64.b64decode(body.encode("ascii"), altchars=b"-_", validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise KeyInvalid("The master key is not whole or has a foreign character; copy it again.") from None
