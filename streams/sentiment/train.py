"""The head's weights from the sentences: `python -m streams.sentiment.train` writes them.

Sentences say the same things in three languages, at about the same line of their files. Cross-validation
leaves out blocks of lines, in all languages at once, so that no translation of a sentence teaches it.
"""

import sys
from collections.abc import Iterator, Sequence
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from streams.sentiment.embedding import embedding
from streams.sentiment.lexicon import Language
from streams.sentiment.model import HEAD, LABELS, Matrix, features
from streams.sentiment.tokens import tokens

PENALTY = 0.03
"""Chosen by cross-validation, as the scales of the features were."""

DECIMALS = 4

_ROUNDS = 600
_FOLDS = 10
_BLOCK = 16

Labels = NDArray[np.int64]


class Sentence(NamedTuple):
    """A text and what people mean by it, with its place in the file of its language."""

    language: Language
    line: int
    label: int
    text: str


def sentences() -> Iterator[Sentence]:
    """Everything that the head learns from."""
    for language in Language:
        told = files("streams.sentiment").joinpath("sentences", f"{language}.tsv").read_text(encoding="utf-8")
        for line, row in enumerate(told.splitlines()):
            label, _, text = row.partition("\t")
            yield Sentence(language, line, int(label), text)


def seen(learnt: Sequence[Sentence]) -> tuple[Matrix, Labels]:
    """Features of sentences, and the column of each label. ModelMissing."""
    rows = [features(embedding().of(one.text), tokens(one.text)) for one in learnt]
    return np.array(rows), np.array([LABELS.index(one.label) for one in learnt])


def fit(rows: Matrix, labels: Labels) -> Matrix:
    """Multinomial logistic regression with a squared penalty, by accelerated gradient descent: no chance."""
    middle = rows.mean(axis=0)
    middle[-1] = 0.0
    centred, truth = rows - middle, np.eye(len(LABELS))[labels]
    count = len(rows)
    step = 1 / (np.linalg.norm(centred, 2) ** 2 / 2 / count + PENALTY)
    weights = ahead = np.zeros((rows.shape[1], len(LABELS)))
    pace = 1.0
    for _ in range(_ROUNDS):
        slope = centred.T @ (_shares(centred @ ahead) - truth) / count + PENALTY * ahead
        after, faster = ahead - step * slope, (1 + np.sqrt(1 + 4 * pace**2)) / 2
        ahead = after + (pace - 1) / faster * (after - weights)
        weights, pace = after, faster
    weights[-1] -= middle @ weights
    return np.round(weights, DECIMALS)


def cross_validated(learnt: Sequence[Sentence], rows: Matrix, labels: Labels) -> dict[Language, float]:
    """The share of sentences that a head which has not seen their block tells right, by language."""
    folds = np.array([one.line // _BLOCK % _FOLDS for one in learnt])
    told = np.empty_like(labels)
    for fold in range(_FOLDS):
        out = folds == fold
        told[out] = np.argmax(rows[out] @ fit(rows[~out], labels[~out]), axis=1)
    right = told == labels
    languages = np.array([one.language for one in learnt])
    return {language: float(right[languages == language].mean()) for language in Language}


def _shares(told: Matrix) -> Matrix:
    powers = np.exp(told - told.max(axis=1, keepdims=True))
    shares: Matrix = powers / powers.sum(axis=1, keepdims=True)
    return shares


def written(weights: Matrix) -> str:
    """As the file holds them."""
    return "".join("\t".join(f"{weight:.{DECIMALS}f}" for weight in row) + "\n" for row in weights)


def main() -> None:
    """Write the weights beside this module, and print what cross-validation says of them."""
    learnt = list(sentences())
    rows, labels = seen(learnt)
    Path(__file__).with_name(HEAD).write_text(written(fit(rows, labels)), encoding="utf-8")
    for language, share in cross_validated(learnt, rows, labels).items():
        sys.stdout.write(f"{language}: {share:.2f} of left out sentences told right\n")


if __name__ == "__main__":
    main()
