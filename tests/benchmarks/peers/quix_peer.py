"""Quix Streams, exactly once, state in RocksDB with its changelog. Runs in its own virtual environment."""

import sys
from collections.abc import Mapping
from functools import partial
from typing import Any

from quixstreams import Application, State
from quixstreams.models import Deserializer, Serializer

from tests.benchmarks.peers.meaning import Decoder, Encoder, Kind, apply, encoders, new_state, tell

COMMIT_S = 0.5
"""Its default of 5 s would hide results for as long; shorter ones cost it throughput."""


class Orders(Deserializer):  # type: ignore[misc] # Any to mypy: quixstreams is in its own environment
    """Confluent Avro to a dict."""

    def __init__(self) -> None:
        super().__init__()
        self._decode = Decoder()

    def __call__(self, value: bytes, ctx: Any) -> dict[str, Any]:
        """One order."""
        return self._decode(value)


Encoded = tuple[str, str, bytes]
"""Kind, key and value of a record. Branches copy what goes through them; bytes cost least."""


class AsEncoded(Serializer):  # type: ignore[misc] # Any to mypy: quixstreams is in its own environment
    """What is told is encoded already."""

    def __call__(self, value: Encoded, ctx: Any) -> bytes:
        """One record."""
        return value[2]


def fold(order: dict[str, Any], state: State) -> dict[str, Any] | None:
    """One event; its change."""
    contact = state.get("contact") or new_state(order)
    change = apply(contact, order)
    state.set("contact", contact)
    return change


def fold_and_tell(encode: Mapping[Kind, Encoder], order: dict[str, Any], state: State) -> list[Encoded]:
    """One event; every record it makes."""
    contact = state.get("contact") or new_state(order)
    told = [(kind.value, key, encode[kind](value)) for kind, key, value in tell(contact, order)]
    state.set("contact", contact)
    return told


def is_of(kind: str, told: Encoded) -> bool:
    """Whether it goes to that topic."""
    return told[0] == kind


def main(bootstrap: str, name: str, source: str, directory: str, ids: str) -> None:
    """Run until SIGTERM. `ids`: see meaning.encoders; without any, changes alone are told, as JSON."""
    app = Application(
        broker_address=bootstrap,
        consumer_group=name,
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=COMMIT_S,
        state_dir=directory,
        auto_create_topics=True,
        loglevel="WARNING",
    )
    orders = app.dataframe(app.topic(source, value_deserializer=Orders()))
    if ids:
        records = orders.apply(partial(fold_and_tell, encoders(ids)), stateful=True, expand=True)
        for kind in Kind:
            topic = app.topic(f"{name}-{kind}", value_serializer=AsEncoded())
            records.filter(partial(is_of, kind.value)).to_topic(topic, key=lambda told: told[1])
    else:
        changes = orders.apply(fold, stateful=True)
        changes = changes[changes.apply(lambda change: change is not None)]
        changes.to_topic(app.topic(f"{name}-{Kind.CHANGES}", value_serializer="json"))
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:6])
