"""Sentiment of one interaction and of a contact."""

from decimal import Decimal, getcontext

import pytest

from streams.rfm.interactions import Sentiment, sentiment, sentiment_of_scores, weight


@pytest.mark.parametrize(
    ("stars", "csat", "nps", "expected"),
    [
        (1, None, None, -1), (2, None, None, -1), (3, None, None, 0), (4, None, None, 1), (5, None, None, 1),
        (None, 2, None, -1), (None, 3, None, 0), (None, 4, None, 1),
        (None, None, 0, -1), (None, None, 6, -1), (None, None, 7, 0), (None, None, 8, 0),
        (None, None, 9, 1), (None, None, 10, 1), (None, None, None, None), (1, 5, 10, -1),
    ],
)  # fmt: skip
def test_the_first_score_there_is_decides(
    stars: int | None, csat: int | None, nps: int | None, expected: int | None
) -> None:
    assert sentiment_of_scores(stars, csat, nps) == expected


@pytest.mark.parametrize(
    ("total", "weights", "expected"),
    [
        (0, 0, None), (0, 4, Sentiment.NEUTRAL), (1, 4, Sentiment.POSITIVE), (-1, 4, Sentiment.NEGATIVE),
        (24, 97, Sentiment.NEUTRAL), (-24, 97, Sentiment.NEUTRAL), (25, 97, Sentiment.POSITIVE),
    ],
)  # fmt: skip
def test_a_quarter_is_where_a_mood_begins(total: int, weights: int, expected: Sentiment | None) -> None:
    assert sentiment(total, weights) is expected


def test_a_weight_doubles_in_ninety_days_and_is_exact_to_the_last_bit() -> None:
    getcontext().prec = 60
    for day in range(20_000, 20_200):
        exact = Decimal(2) ** (Decimal(day) / 90 + 32)
        assert weight(day + 90) == 2 * weight(day)
        assert abs(weight(day) / exact - 1) < Decimal(2) ** -32
