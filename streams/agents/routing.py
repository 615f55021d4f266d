"""Which partition a contact belongs to, and sending on what arrived elsewhere.

A producer with another partitioner than murmur2 puts contacts where others do not look for them. Such
an event goes to rerouted.v1, to the partition that murmur2 chooses, with where it first arrived in
its headers; that is an input like the others, so no contact's state is ever in two partitions.
"""

from collections.abc import Mapping

from streams.engine.contract import Headers, Record

REROUTED = "rerouted.v1"
TOPIC, PARTITION, OFFSET, TIMESTAMP = "latido-topic", "latido-partition", "latido-offset", "latido-timestamp"


def addressed(topic: str, partition: int, record: Record) -> Headers:
    """The record's headers and where it arrived."""
    return [
        *record.headers,
        (TOPIC, topic.encode()),
        (PARTITION, str(partition).encode()),
        (OFFSET, str(record.offset).encode()),
        (TIMESTAMP, str(record.timestamp_ms).encode()),
    ]


def original(record: Record) -> tuple[str, Record]:
    """Topic and record as it first arrived, save its offset: that stays the one in rerouted.v1.

    KeyError, ValueError: nobody but a worker writes to rerouted.v1, and it writes these headers.
    """
    headers: Mapping[str, bytes | None] = dict(record.headers)
    topic, timestamp = headers[TOPIC], headers[TIMESTAMP]
    if topic is None or timestamp is None:
        raise ValueError("a rerouted record does not say where it comes from")
    return topic.decode(), record._replace(timestamp_ms=int(timestamp))
