"""Small things that belong to a recording, sealed under a key that comes from its own: with that they are noise."""

import os
import zlib

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class Forged(Exception):
    """Something is not what was sealed."""


class Drawer:
    """Seals and opens what belongs to one recording, each thing bound to what it is `about`."""

    def __init__(self, data_key: bytes, recording_id: str) -> None:
        key = HKDF(SHA256(), len(data_key), salt=b"contactcenter recording", info=b"drawer").derive(data_key)
        self._cipher, self._recording = AESGCM(key), recording_id

    def close(self, thing: bytes, about: str) -> bytes:
        """The thing, compressed and sealed: nonce (12), AES-256-GCM ciphertext and tag."""
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, zlib.compress(thing), self._bound(about))

    def open(self, sealed: bytes, about: str) -> bytes:
        """What was sealed about this; raises `Forged` for anything else."""
        try:
            opened = self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], self._bound(about))
        except (InvalidTag, ValueError):
            raise Forged from None
        return zlib.decompress(opened)

    def _bound(self, about: str) -> bytes:
        return f"{self._recording} {about}".encode()
