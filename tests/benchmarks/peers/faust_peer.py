"""An idiomatic Faust agent: one event at a time, a Table for state, `exactly_once`."""

import sys
from typing import Any

import faust

from tests.benchmarks.peers.meaning import Decoder, Kind, apply, encoders, new_state, tell


def build(bootstrap: str, name: str, source: str, directory: str, ids: str, partitions: int) -> faust.App:
    """The app; its table's changelog is `<name>-contacts-changelog`.

    `ids`: see meaning.encoders; without any, changes alone are told, as JSON.
    """
    app = faust.App(
        name,
        broker=[f"aiokafka://{bootstrap}"],
        processing_guarantee="exactly_once",
        datadir=directory,
        topic_partitions=partitions,
        web_enabled=False,
        store="memory://",
        autodiscover=False,
    )
    decode = Decoder()
    orders = app.topic(source, key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw")
    contacts = app.Table("contacts", partitions=partitions)

    def topic(kind: Kind, serializer: str) -> Any:
        return app.topic(f"{name}-{kind}", key_serializer="raw", value_serializer=serializer)

    def contact_of(key: bytes, order: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        who = key.decode()
        return who, contacts[who] if who in contacts else new_state(order)

    async def fold(stream: Any) -> None:
        changes = topic(Kind.CHANGES, "json")
        async for key, payload in stream.items():
            order = decode(payload)
            who, contact = contact_of(key, order)
            change = apply(contact, order)
            contacts[who] = contact
            if change is not None:
                await changes.send(key=key, value=change)

    async def fold_and_tell_all(stream: Any) -> None:
        topics = {kind: topic(kind, "raw") for kind in Kind}
        encode = encoders(ids)
        async for key, payload in stream.items():
            order = decode(payload)
            who, contact = contact_of(key, order)
            for told in tell(contact, order):
                value = encode[told.kind](told.value)
                await topics[told.kind].send(key=told.key.encode(), value=value)
            contacts[who] = contact

    app.agent(orders)(fold_and_tell_all if ids else fold)
    return app


def main(bootstrap: str, name: str, source: str, directory: str, ids: str, partitions: str) -> None:
    """Run until SIGTERM."""
    app = build(bootstrap, name, source, directory, ids, int(partitions))
    faust.Worker(app, loglevel="warning").execute_from_commandline()


if __name__ == "__main__":
    main(*sys.argv[1:7])
