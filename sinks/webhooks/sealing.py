"""Secrets of endpoints at rest: AES-256-GCM, bound to account, endpoint and the secret's id."""

import base64
import binascii
import os
import secrets
from pathlib import Path
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from sinks.webhooks.settings import SealingSettings

KEY_BYTES = 32
_NONCE_BYTES = 12


class SealBroken(ValueError):
    """A secret cannot be opened: another key, another endpoint, or altered."""


class Sealer:
    """Seals and opens with one key."""

    def __init__(self, key: bytes) -> None:
        if len(key) != KEY_BYTES:
            raise ValueError(f"the key has {len(key)} bytes, not {KEY_BYTES}")
        self._cipher = AESGCM(key)

    @classmethod
    def of(cls, settings: SealingSettings) -> Self:
        """With the key of the settings; a key file that is missing is made. ValueError if it is no key."""
        if settings.webhooks_key is not None:
            return cls(_decoded(settings.webhooks_key.get_secret_value(), "LATIDO_WEBHOOKS_KEY"))
        return cls(_from_file(settings.webhooks_key_file))

    def seal(self, account_id: str, endpoint_id: str, secret_id: str, secret: bytes) -> str:
        """As the definition keeps it."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, secret, _bound(account_id, endpoint_id, secret_id))
        return base64.b64encode(nonce + sealed).decode()

    def open(self, account_id: str, endpoint_id: str, secret_id: str, sealed: str) -> bytes:
        """The secret; SealBroken."""
        try:
            raw = base64.b64decode(sealed, validate=True)
            bound = _bound(account_id, endpoint_id, secret_id)
            return self._cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], bound)
        except (InvalidTag, binascii.Error, ValueError) as error:
            raise SealBroken(
                f"secret {secret_id} of endpoint {endpoint_id} does not open with this key"
            ) from error


def _bound(*parts: str) -> bytes:
    return "".join(f"{len(part)}:{part}" for part in parts).encode()


def _decoded(text: str, where: str) -> bytes:
    try:
        key = base64.b64decode(text.strip(), validate=True)
    except binascii.Error as error:
        raise ValueError(f"{where} is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"{where} holds {len(key)} bytes, not {KEY_BYTES}")
    return key


def _from_file(path: Path) -> bytes:
    """Read the file; make it, for its owner only, where there is none. Of two that make it one wins."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(8)}")
    if not path.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(base64.b64encode(secrets.token_bytes(KEY_BYTES)) + b"\n")
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return _decoded(path.read_text("ascii"), str(path))
