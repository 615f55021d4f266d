"""A schema registry that does not answer says nothing about the data: its partition waits."""

from collections.abc import Iterator
from typing import Any

import pytest

from schemas.catalog import FileSchemas
from schemas.codec import Codec
from schemas.keys import contact_key
from schemas.metrics import Metrics
from schemas.registry import RegistrySchemas
from streams.agents.activity import INPUTS, Activity
from streams.agents.limit import BadShare
from streams.engine.contract import Blocked, Chunk, Output, Record
from tests.contract import examples
from tests.properties.partition import Unplugged

ORDER = examples.load("order.placed")[1]
NOW_MS = ORDER["placed_at"]


class Registry:
    """The ids of this release, from an address where nobody listens until it is `back`."""

    def __init__(self) -> None:
        self.back = False
        self._away = RegistrySchemas.at("http://127.0.0.1:9", {"timeout": 2, "max.retries": 0})
        self._files = FileSchemas()

    def id_of(self, name: str) -> int:
        """What our own records are written with: learnt before."""
        return self._files.id_of(name)

    def written(self, schema_id: int) -> Any:
        """The schema of an id, if there is an answer."""
        return (self._files if self.back else self._away).written(schema_id)

    def close(self) -> None:
        """Leave the connection."""
        self._away.close()


@pytest.fixture
def registry() -> Iterator[Registry]:
    made = Registry()
    yield made
    made.close()


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def activity(registry: Registry, metrics: Metrics) -> Activity:
    definitions = Unplugged()
    account = {"time_zone": "UTC", "currency": ORDER["currency"]}
    definitions.define(ORDER["account_id"], "account", ORDER["account_id"], account)
    made = Activity(Codec(registry), definitions, BadShare(1.0, 1_000), metrics, 0, 1)
    made.restored(None, b"", dict.fromkeys(INPUTS, 0))
    return made


def _chunk(values: list[bytes]) -> Chunk:
    key = contact_key(ORDER["account_id"], ORDER["contact_id"])
    records = [Record(i, NOW_MS, key, value, ()) for i, value in enumerate(values)]
    return Chunk("orders.v1", 0, 0, len(records), records)


def _topics(outputs: list[Output]) -> set[str]:
    return {output.topic for output in outputs}


@pytest.mark.parametrize("records", [1, 200], ids=["one_by_one", "natively"])
def test_nothing_is_dead_lettered_and_all_is_applied_when_it_is_back(
    activity: Activity, registry: Registry, metrics: Metrics, records: int
) -> None:
    chunk = _chunk([Codec().encode_one("order", ORDER)] * records)
    before = activity.memo()
    for asked in (1, 2):
        with pytest.raises(Blocked, match="registry does not answer"):
            activity.apply(chunk, NOW_MS)
        assert metrics.schema_registry_errors._value.get() == asked
    assert activity.memo() == before
    registry.back = True
    topics = _topics(activity.apply(chunk, NOW_MS))
    assert "contact-orders.v1" in topics
    assert "dead-letters.v1" not in topics


def test_what_needs_no_registry_to_be_refused_is_refused(activity: Activity) -> None:
    assert _topics(activity.apply(_chunk([b"\x01junk"]), NOW_MS)) == {"dead-letters.v1"}
