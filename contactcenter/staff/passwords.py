"""Passwords: what is taken as one, how it is kept, and how many are compared at once."""

import secrets
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from contactcenter.core.errors import Invalid
from contactcenter.staff.rules import LONGEST_PASSWORD, SHORTEST_PASSWORD

EASY = 3  # zxcvbn's scores below it stand for less than 100 million guesses
LONGEST_WEIGHED = 72  # characters that zxcvbn looks at
hashing = BoundedSemaphore(1)  # a flood of sign-ins must leave the machine to the callers
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_absent = _hasher.hash(secrets.token_urlsafe())  # compared for unknown logins, so that they take as long


def hash_of(password: str, *about: str) -> str:
    """What is kept of a new password. `about` are words that don't make one: the login, the name.

    Raises `Invalid` for one that is too short, too long or easy to guess.
    """
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid("A password needs 15 to 200 characters; choose a longer or shorter one.")
    if _is_easy(password, about):
        raise Invalid("This password is easy to guess. Take four or five words that nobody would put together.")
    return _hasher.hash(password)


def matches(password_hash: str | None, password: str) -> bool:
    """Whether it is the password of this hash; for None, an unknown login, no after the same time."""
    with hashing:
        try:
            _hasher.verify(password_hash or _absent, password[:LONGEST_PASSWORD])
        except VerificationError:
            return False
    return password_hash is not None


def _is_easy(password: str, about: tuple[str, ...]) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415  # lists of words that only a new password needs

    return int(zxcvbn(password[:LONGEST_WEIGHED], user_inputs=list(about))["score"]) < EASY
