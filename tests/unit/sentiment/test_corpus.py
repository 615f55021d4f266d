"""How well the lexicon does on sentences that were labelled before it was written."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import pytest

from streams.sentiment.lexicon import Language
from streams.sentiment.scorer import sentiment

CORPUS = Path(__file__).parents[2] / "data" / "sentiment"
LABELS = (-1, 0, 1)
LEAST = 0.70
"""Macro-F1 that the lexicon must reach (issue 7)."""

Pairs = Sequence[tuple[int, int]]
"""(label, score) of each sentence."""


def judged(language: Language) -> Pairs:
    """Every sentence of a language; what cannot be judged counts as neutral."""
    lines = (CORPUS / f"{language}.tsv").read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines]
    return [(int(label), sentiment(text) or 0) for label, text in rows]


def macro_f1(pairs: Pairs) -> float:
    """Mean over the labels of 2 TP / (2 TP + FP + FN)."""
    counts = Counter(pairs)
    scores = []
    for label in LABELS:
        hits = counts[label, label]
        missed = sum(counts[label, other] for other in LABELS) - hits
        wrong = sum(counts[other, label] for other in LABELS) - hits
        scores.append(2 * hits / (2 * hits + missed + wrong))
    return sum(scores) / len(scores)


def matrix(pairs: Pairs) -> str:
    """Labels down, scores across."""
    counts = Counter(pairs)
    rows = [f"{label:>5}" + "".join(f"{counts[label, score]:5d}" for score in LABELS) for label in LABELS]
    return "\n".join(["label   -1    0    1", *rows])


@pytest.mark.parametrize("language", Language)
def test_the_lexicon_judges_sentences_as_people_do(language: Language) -> None:
    pairs = judged(language)
    held_out = pairs[2::3]
    print(f"{language}: macro-F1 {macro_f1(pairs):.3f}, held out {macro_f1(held_out):.3f}\n{matrix(pairs)}")
    assert macro_f1(pairs) >= LEAST
    assert macro_f1(held_out) >= LEAST


@pytest.mark.parametrize("language", Language)
def test_there_are_enough_sentences_and_labels_are_balanced(language: Language) -> None:
    labels = Counter(label for label, _ in judged(language))
    assert labels.total() >= 200
    assert min(labels[label] for label in LABELS) >= 0.3 * labels.total()
