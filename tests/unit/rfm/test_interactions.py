"""Sentiment of one interaction and of a contact."""

from decimal import Decimal, getcontext

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

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


@given(
    st.lists(st.tuples(st.integers(20_000, 20_400), st.sampled_from((-1, 0, 1))), min_size=1, max_size=20),
    st.integers(0, 2_000),
)
def test_a_mood_is_the_weighted_mean_of_any_later_day_since_all_weights_shrink_alike(
    said: list[tuple[int, int]], later: int
) -> None:
    today = max(day for day, _ in said) + later
    weights = [2 ** (-(today - day) / 90) for day, _ in said]
    mean = sum(w * score for w, (_, score) in zip(weights, said, strict=True)) / sum(weights)
    assume(abs(abs(mean) - 0.25) > 1e-6)
    expected = (
        Sentiment.NEUTRAL if abs(mean) < 0.25 else Sentiment.POSITIVE if mean > 0 else Sentiment.NEGATIVE
    )
    total = sum(weight(day) * score for day, score in said)
    assert sentiment(total, sum(weight(day) for day, _ in said)) is expected


@pytest.mark.parametrize(
    ("silence", "expected"),
    [(0, Sentiment.POSITIVE), (180, Sentiment.NEUTRAL), (270, Sentiment.NEGATIVE)],
)
def test_one_complaint_weighs_the_more_the_longer_ago_the_praise_was(
    silence: int, expected: Sentiment
) -> None:
    praise, complaint = 3 * weight(20_000), weight(20_000 + silence)
    assert sentiment(praise - complaint, praise + complaint) is expected
