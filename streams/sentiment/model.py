"""The sentiment of a text from what a language model makes of it and what its words weigh.

A logistic head over 384 numbers of the embedding and three of the lexicon. Its weights are in `head.tsv`,
made by `python -m streams.sentiment.train` from the sentences in `sentences/`.
"""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from streams.sentiment.embedding import Vector, embedding
from streams.sentiment.scorer import is_readable, reading
from streams.sentiment.tokens import Token, tokens

NAME = "latido-e5"
VERSION = 1
"""Grows with every change of the head, the lexicon or the embedding: it is written beside each score."""

MODEL = f"{NAME}-{VERSION}"

LABELS = (-1, 0, 1)
HEAD = "head.tsv"

Matrix = NDArray[np.float64]

_OF_EMBEDDING, _OF_WORDS = 8.0, 3.2
"""Scales, so that one strength of regularisation suits both."""

_TOTAL_AT, _SUMS_AT = 2.0, 3.0


def sentiment(text: str) -> int | None:
    """-1, 0 or 1; None where there is nothing to read in Latin letters or signs. ModelMissing."""
    found = tokens(text)
    if not is_readable(found):
        return None
    told = features(embedding().of(text), found) @ head()
    return LABELS[int(np.argmax(told))]


def features(point: Vector, found: Sequence[Token]) -> Vector:
    """What the head looks at: 388 numbers, the last one always 1."""
    words = reading(found)
    weighed = np.tanh([words.total / _TOTAL_AT, words.praise / _SUMS_AT, words.blame / _SUMS_AT])
    return np.concatenate([point * _OF_EMBEDDING, weighed * _OF_WORDS, [1.0]])


@cache
def head() -> Matrix:
    """Weights: a row a feature, a column a label."""
    rows = files("streams.sentiment").joinpath(HEAD).read_text(encoding="utf-8").splitlines()
    return np.array([[float(weight) for weight in row.split("\t")] for row in rows])
