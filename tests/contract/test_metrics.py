"""Metrics are declared once, by Prometheus' conventions, and each says what to do."""

import dataclasses

import pytest
from prometheus_client import Counter, Histogram
from prometheus_client.exposition import generate_latest

from schemas.metrics import DECLARED, Metrics

every_metric = pytest.mark.parametrize("attribute", DECLARED)


def test_each_attribute_is_declared_and_each_declaration_an_attribute() -> None:
    attributes = {f.name for f in dataclasses.fields(Metrics)} - {"registry", "build"}
    assert attributes == set(DECLARED)


def test_names_are_used_once() -> None:
    names = [declared.name for declared in DECLARED.values()]
    assert len(names) == len(set(names))


@every_metric
def test_a_metric_is_named_by_convention(attribute: str) -> None:
    declared = DECLARED[attribute]
    assert declared.name.startswith("latido_")
    assert declared.name.endswith("_total") == (declared.kind is Counter)
    assert not declared.name.endswith(("_ms", "_minutes", "_mb"))
    assert bool(declared.buckets) == (declared.kind is Histogram)


@every_metric
def test_a_metric_says_what_it_is_and_what_to_do(attribute: str) -> None:
    sentences = [part for part in DECLARED[attribute].help.split(". ") if part]
    assert len(sentences) >= 2


@every_metric
def test_no_label_tells_who(attribute: str) -> None:
    allowed = {"topic", "partition", "reason", "stage", "cause", "table", "kind"}
    assert set(DECLARED[attribute].labels) <= allowed


def test_two_jobs_in_one_process_do_not_count_for_each_other() -> None:
    first, second = Metrics(), Metrics()
    first.events_in.labels("orders.v1").inc(3)
    assert first.registry.get_sample_value("latido_events_in_total", {"topic": "orders.v1"}) == 3
    assert second.registry.get_sample_value("latido_events_in_total", {"topic": "orders.v1"}) is None


def test_the_page_shows_every_metric_with_its_help() -> None:
    page = generate_latest(Metrics().registry).decode()
    for declared in DECLARED.values():
        assert f"# HELP {declared.name}" in page
