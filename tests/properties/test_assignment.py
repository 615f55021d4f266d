"""Who is in which arm: always the same, as often as its weight says, and independent of any other chance.

The contacts are fixed and so is the hash: nothing here is random, and a bound of one in ten thousand is met
or it is not.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.automations.guards import arm_of, in_holdout
from streams.automations.plan import SplitArm

CONTACTS = [f"contact-{i}" for i in range(20_000)]
BOUNDS = {1: 15.14, 2: 18.42, 4: 23.51}
"""Chi-square by degrees of freedom: exceeded by chance once in ten thousand."""

ids = st.text(min_size=1, max_size=12)
shares = st.dictionaries(st.text(min_size=1, max_size=6), st.integers(1, 100), min_size=2, max_size=5)


def arms(**weights: int) -> tuple[SplitArm, ...]:
    """Arms by name and weight."""
    return tuple(SplitArm(name, weight, 0) for name, weight in weights.items())


def taken(automation_id: str, split: str, of: Sequence[SplitArm]) -> list[str]:
    """The arm of every contact."""
    return [arm_of(automation_id, split, contact_id, of).name for contact_id in CONTACTS]


def held(automation_id: str, percent: int) -> list[str]:
    """Whether every contact is in the holdout."""
    return [str(in_holdout(automation_id, contact_id, percent)) for contact_id in CONTACTS]


def chi_square(found: Counter[str], expected: dict[str, float]) -> float:
    """How far counts lie from what they should be."""
    return sum((found[name] - mean) ** 2 / mean for name, mean in expected.items())


def dependence(one: Iterable[str], other: Iterable[str]) -> tuple[float, int]:
    """Chi-square of a table of two divisions, and its degrees of freedom."""
    cells = Counter(zip(one, other, strict=True))
    rows, columns = Counter[str](), Counter[str]()
    for (row, column), count in cells.items():
        rows[row] += count
        columns[column] += count
    total = rows.total()
    means = {(r, c): rows[r] * columns[c] / total for r, c in product(rows, columns)}
    distance = sum((cells[cell] - mean) ** 2 / mean for cell, mean in means.items())
    return distance, (len(rows) - 1) * (len(columns) - 1)


@given(automation_id=ids, split=ids, contact_id=ids, weights=shares, data=st.data())
def test_an_arm_hangs_on_names_and_weights_alone(
    automation_id: str, split: str, contact_id: str, weights: dict[str, int], data: st.DataObject
) -> None:
    plain = [SplitArm(name, weight, 0) for name, weight in weights.items()]
    moved = [
        SplitArm(name, weight, data.draw(st.integers(0, 9)))
        for name, weight in data.draw(st.permutations([*weights.items()]))
    ]
    assert (
        arm_of(automation_id, split, contact_id, plain).name
        == arm_of(automation_id, split, contact_id, moved).name
    )


@pytest.mark.parametrize("automation_id", ["a", "b", "back-after-30-days"])
@pytest.mark.parametrize("weights", [{"A": 50, "B": 50}, {"A": 1, "B": 9}, {"x": 20, "y": 30, "z": 50}])
def test_arms_are_as_large_as_their_weights(automation_id: str, weights: dict[str, int]) -> None:
    found = Counter(taken(automation_id, "text", arms(**weights)))
    expected = {name: len(CONTACTS) * weight / sum(weights.values()) for name, weight in weights.items()}
    assert chi_square(found, expected) < BOUNDS[len(weights) - 1]


@pytest.mark.parametrize("percent", [1, 10, 50])
def test_a_holdout_is_as_large_as_it_should_be(percent: int) -> None:
    found = Counter(held("a", percent))
    expected = {"True": len(CONTACTS) * percent / 100, "False": len(CONTACTS) * (100 - percent) / 100}
    assert chi_square(found, expected) < BOUNDS[1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (taken("a", "text", arms(A=1, B=1)), taken("b", "text", arms(A=1, B=1))),
        (taken("a", "text", arms(A=1, B=1)), taken("a", "hour", arms(A=1, B=1))),
        (taken("a", "text", arms(A=1, B=1, C=1)), taken("a", "hour", arms(A=2, B=1, C=2))),
        (taken("a", "text", arms(A=1, B=1)), held("a", 50)),
        (taken("a", "text", arms(A=1, B=9)), held("a", 10)),
        (taken("a", "text", arms(A=1, B=1)), held("b", 10)),
        (held("a", 10), held("b", 10)),
    ],
    ids=["automations", "splits", "three-arms", "holdout", "small", "holdout-of-another", "holdouts"],
)
def test_no_chance_knows_of_another(one: list[str], other: list[str]) -> None:
    distance, degrees = dependence(one, other)
    assert distance < BOUNDS[degrees]


def test_a_lengthened_name_is_another_one() -> None:
    assert taken("ab", "c", arms(A=1, B=1)) != taken("a", "bc", arms(A=1, B=1))
