"""A bench and a receiver for each test; the broker is shared."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fixtures.kafka import Kafka
from tests.integration.webhooks.bench import Bench
from tests.integration.webhooks.receiver import Receiver


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as listening:
        yield listening


@pytest.fixture
def bench(kafka: Kafka, tmp_path: Path) -> Iterator[Bench]:
    made = Bench(kafka.provision(2), tmp_path, 2)
    yield made
    made.close()
