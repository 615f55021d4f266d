"""An idiomatic Faust agent: one event at a time, a Table for state, `exactly_once`."""

import json
import sys
from pathlib import Path
from typing import Any

import faust

from tests.benchmarks.peers.meaning import Decoder, apply, new_state


def build(bootstrap: str, source: str, target: str, directory: str, partitions: int) -> faust.App:
    """The app; its table's changelog is `faust-peer-contacts-changelog`."""
    app = faust.App(
        "faust-peer",
        broker=[f"aiokafka://{bootstrap}"],
        processing_guarantee="exactly_once",
        datadir=directory,
        topic_partitions=partitions,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
    )
    decode = Decoder(json.loads((Path("schemas") / "avro" / "order.avsc").read_text()))
    orders = app.topic(source, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    changes = app.topic(target, key_type=bytes, key_serializer="raw", value_serializer="json")
    contacts = app.Table("contacts", partitions=partitions)

    async def fold(stream: Any) -> None:
        async for key, payload in stream.items():
            order = decode(payload)
            name = key.decode()
            contact = contacts[name] if name in contacts else new_state(order)
            change = apply(contact, order)
            contacts[name] = contact
            if change is not None:
                await changes.send(key=key, value=change)

    app.agent(orders)(fold)
    return app


def main(bootstrap: str, source: str, target: str, directory: str, partitions: str) -> None:
    """Run until SIGTERM."""
    app = build(bootstrap, source, target, directory, int(partitions))
    faust.Worker(app, loglevel="warning").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:6])
