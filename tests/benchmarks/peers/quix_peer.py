"""Quix Streams, exactly once, state in RocksDB with its changelog. Runs in its own virtual environment."""

import json
import sys
from pathlib import Path
from typing import Any

from quixstreams import Application, State
from quixstreams.models import Deserializer

from tests.benchmarks.peers.meaning import Decoder, apply, new_state

COMMIT_S = 0.5
"""Its default of 5 s would hide results for as long; shorter ones cost it throughput."""


class Orders(Deserializer):  # type: ignore[misc]
    """Confluent Avro to a dict."""

    def __init__(self, schema: Any) -> None:
        super().__init__()
        self._decode = Decoder(schema)

    def __call__(self, value: bytes, ctx: Any) -> dict[str, Any]:
        """One order."""
        return self._decode(value)


def fold(order: dict[str, Any], state: State) -> dict[str, Any] | None:
    """One event."""
    contact = state.get("contact") or new_state(order)
    change = apply(contact, order)
    state.set("contact", contact)
    return change


def main(bootstrap: str, source: str, target: str, directory: str) -> None:
    """Run until SIGTERM."""
    commit_s = float(sys.argv[5]) if len(sys.argv) > 5 else COMMIT_S
    app = Application(
        broker_address=bootstrap,
        consumer_group="quix",
        auto_offset_reset="earliest",
        processing_guarantee="exactly-once",
        commit_interval=commit_s,
        state_dir=directory,
        auto_create_topics=True,
        loglevel="WARNING",
    )
    schema = json.loads((Path("schemas") / "avro" / "order.avsc").read_text())
    changes = app.dataframe(app.topic(source, value_deserializer=Orders(schema)))
    changes = changes.apply(fold, stateful=True)
    changes = changes[changes.apply(lambda change: change is not None)]
    changes.to_topic(app.topic(target, value_serializer="json"))
    app.run()


if __name__ == "__main__":
    main(*sys.argv[1:5])
