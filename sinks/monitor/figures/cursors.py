"""Cursors: the place where a page starts, as an opaque text."""

import base64
import binascii
import json
from collections.abc import Sequence

INT64 = range(-(2**63), 2**63)


class BadCursor(ValueError):
    """Not one of our cursors, or one of another list."""


def packed(facts: Sequence[object]) -> str:
    """Facts as a text for URLs."""
    text = json.dumps(facts, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def unpacked(cursor: str) -> object:
    """What was packed; BadCursor."""
    try:
        padded = cursor + "=" * (-len(cursor) % 4)
        found: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (binascii.Error, ValueError, RecursionError) as error:
        raise BadCursor("it is none of ours") from error
    return found
