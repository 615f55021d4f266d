"""Passwords: argon2id, and the same work for people who do not exist."""

import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST = 12
LONGEST = 256
_AT_ONCE = 2


class WeakPassword(ValueError):
    """A password that would not hold."""


class Passwords:
    """Hashes and verifies; at most two at a time, for each takes 64 MiB and a core."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()
        self._decoy = self._hasher.hash(secrets.token_urlsafe(32))
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """The argon2id hash to keep; WeakPassword if the password is too short or too long."""
        require_strong(password)
        with self._turns:
            return self._hasher.hash(password)

    def verify(self, kept: str | None, password: str) -> bool:
        """Whether the password is the one of `kept`. None (nobody) takes as long, and is never right."""
        try:
            with self._turns:
                self._hasher.verify(kept or self._decoy, password[:LONGEST])
        except (VerificationError, InvalidHashError):
            return False
        return kept is not None


def require_strong(password: str) -> None:
    """WeakPassword unless it has 12 to 256 characters, not all alike."""
    if not SHORTEST <= len(password) <= LONGEST:
        raise WeakPassword(f"a password has {SHORTEST} to {LONGEST} characters")
    if len(set(password)) < 5:
        raise WeakPassword("a password has at least 5 different characters")


def new_password() -> str:
    """A password for somebody else, to be shown once: 96 random bits."""
    return "-".join(secrets.token_hex(3) for _ in range(4))
