"""Definitions in two processes: one edits, the other one reads what it needs, when it needs it."""

import threading
from collections.abc import Iterator

import pytest

from schemas.codec import default_codec
from schemas.definitions_topic import Conflict, Definitions, Edit
from streams.definitions.accounts import Accounts
from tests.fixtures.kafka import Kafka

BODY = {"time_zone": "America/Lima", "currency": "PEN"}
CUTS = {"cuts": {"f": [1, 2, 3, 4]}}


@pytest.fixture
def writer(kafka: Kafka) -> Iterator[Definitions]:
    made = Definitions(default_codec(), {"bootstrap.servers": kafka.provision(1)})
    made.start()
    yield made
    made.stop()


@pytest.fixture
def reader(kafka: Kafka, writer: Definitions) -> Iterator["SlowAccounts"]:  # noqa: ARG001 - topics first
    made = SlowAccounts(default_codec(), {"bootstrap.servers": kafka.bootstrap})
    made.start()
    yield made
    made.stop()


class SlowAccounts(Accounts):
    """Takes its time to derive, once told to."""

    def __init__(self, codec: object, kafka: dict[str, str]) -> None:
        super().__init__(codec, kafka)  # type: ignore[arg-type]
        self.deriving, self.go_on = threading.Event(), threading.Event()
        self.go_on.set()

    def on_accepted(self, account_id: str, kind: str) -> None:
        self.deriving.set()
        self.go_on.wait(10)
        super().on_accepted(account_id, kind)


def test_a_reader_catches_up_while_it_follows(writer: Definitions, reader: SlowAccounts) -> None:
    for number in range(3):
        writer.edit(Edit(f"a{number}", "account", f"a{number}", 0, "test", 0, BODY))
        caught_up = threading.Thread(target=reader.catch_up, daemon=True)
        caught_up.start()
        caught_up.join(10)
        assert not caught_up.is_alive(), "catch_up hangs"
        assert f"a{number}" in reader.accounts


def test_an_offset_is_read_only_once_its_definition_is_derived(
    writer: Definitions, reader: SlowAccounts
) -> None:
    writer.edit(Edit("acme", "account", "acme", 0, "test", 0, BODY))
    reader.catch_up()
    reader.go_on.clear()
    reader.deriving.clear()
    writer.edit(Edit("acme", "model", "scoring", 0, "test", 0, CUTS))
    assert reader.deriving.wait(10)
    seen: list[tuple[int, int]] = []

    def look() -> None:
        seen.append((reader.next_offset, reader.accounts["acme"].model.version))

    looking = threading.Thread(target=look, daemon=True)
    looking.start()
    looking.join(0.3)
    reader.go_on.set()
    looking.join(10)
    assert seen in ([(1, 1)], [(2, 2)]), "a worker would take the new offset for an adopted model"


@pytest.mark.parametrize("base", [-1, 2**31, 10**20])
def test_a_version_that_cannot_be_is_in_conflict_with_the_one_in_force(
    writer: Definitions, base: int
) -> None:
    writer.edit(Edit("acme", "account", "acme", 0, "test", 0, BODY))
    with pytest.raises(Conflict, match="version 1"):
        writer.edit(Edit("acme", "account", "acme", base, "test", 0, BODY))
