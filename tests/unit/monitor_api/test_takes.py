"""What it takes to be a Champion, against trying every amount."""

from random import Random

import pytest

from schemas.records import Segment
from sinks.monitor.figures.takes import Takes, what_it_takes
from sinks.monitor.parts import ModelView
from streams.rfm.account import model_from_body
from streams.rfm.model import ScoringModel
from tests.unit.monitor_api.shop import model_of

SMALL = {"r": [3, 6, 9, 12], "f": [1, 2, 4, 7], "m": [2, 5, 10, 20]}


def _tried(model: ScoringModel, orders: int, revenue: int, interactions: int) -> Takes | None:
    """The fewest purchases today, then the least amount, by trying one after the other."""
    for purchases in range(1, 9):
        for amount in range(500):
            total = orders + purchases
            f = model.frequency_score(total, interactions)
            m = model.value_score(revenue + amount, total)
            if model.cells[model.recency_score(0), f, m].value == Segment.CHAMPIONS.value:
                return Takes(purchases, amount)
    return None


def _own(view: ModelView) -> ScoringModel:
    """The meaning's own model with the same cuts and map."""
    cells = {f"{r},{f},{m}": segment.value for (r, f, m), segment in view.cells.items()}
    body = {
        "cuts": SMALL,
        "cells": cells,
        "value_of": view.value_of,
        "interaction_weight": view.interaction_weight,
    }
    return model_from_body("USD", body)


@pytest.mark.parametrize("seed", range(20))
def test_equals_trying_every_amount(seed: int) -> None:
    draw = Random(seed)
    view = model_of(cuts=SMALL)
    view = ModelView(
        view.recency_cuts,
        view.frequency_cuts,
        view.value_cuts,
        draw.choice(["average", "sum"]),
        draw.choice([0, 0.5]),
        1,
        view.cells
        if seed % 2
        else {k: draw.choice([Segment.CHAMPIONS, Segment.LOYAL, Segment.LOST]) for k in view.cells},
    )
    model = _own(view)
    for _ in range(25):
        orders = draw.randrange(1, 12)
        revenue, interactions = draw.randrange(0, orders * 25), draw.randrange(4)
        took = what_it_takes(
            view, orders=orders, revenue_minor=revenue, interactions=interactions, most_purchases=8
        )
        assert took == _tried(model, orders, revenue, interactions), (orders, revenue, interactions)


def test_nobody_becomes_a_champion_where_the_map_has_none() -> None:
    view = model_of(cuts=SMALL)
    without = dict.fromkeys(view.cells, Segment.LOST)
    bare = ModelView(view.recency_cuts, view.frequency_cuts, view.value_cuts, "average", 0, 1, without)
    assert what_it_takes(bare, orders=3, revenue_minor=10, interactions=0) is None
