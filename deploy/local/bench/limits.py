"""The bare limits, each in a process of its own: fetch, fetch and decode one by one, fetch and decode blocks.

`python -m deploy.local.bench.limits BOOTSTRAP fetch|one|block` prints {"rate", "cpu_us", "events"}: events a
second and CPU microseconds an event, from the first fetch that brought records to the last.
"""

import asyncio
import io
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Any

import fastavro
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.bench.workload import TOPIC
from schemas.catalog import Catalog
from schemas.codec import Codec
from schemas.wire import HEADER_BYTES
from streams.settings import Settings


class Limit(StrEnum):
    """What is done with what was fetched."""

    FETCH = "fetch"
    ONE = "one"
    BLOCK = "block"


def measure(bootstrap: str, limit: Limit) -> dict[str, float]:
    """Run one of them in a new process. RuntimeError with what it said if it fails."""
    command = [sys.executable, "-m", "deploy.local.bench.limits", bootstrap, limit.value]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"the limit {limit} failed: {done.stderr[-500:]}")
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _work(limit: Limit) -> Callable[[Sequence[bytes]], object]:
    match limit:
        case Limit.FETCH:
            return len
        case Limit.ONE:
            schema = fastavro.parse_schema(_without_logical_types(Catalog().schema("order")))
            return lambda payloads: [
                fastavro.schemaless_reader(io.BytesIO(payload[HEADER_BYTES:]), schema, schema)
                for payload in payloads
            ]
    codec = Codec()
    return lambda payloads: codec.decode_block("order", payloads, columns=())


def _without_logical_types(schema: object) -> Any:
    """So that instants stay numbers: making datetimes of them would take most of the time."""

    def plain(part: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in part.items() if key != "logicalType"}

    return json.loads(json.dumps(schema), object_hook=plain)


async def _run(bootstrap: str, limit: Limit) -> dict[str, float]:
    settings, work = Settings(), _work(limit)
    consumer = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        max_partition_fetch_bytes=settings.fetch_bytes,
    )
    await consumer.start()
    try:
        return await _drain(consumer, settings.chunk_records, work)
    finally:
        await consumer.stop()


async def _drain(consumer: Any, most: int, work: Callable[[Sequence[bytes]], object]) -> dict[str, float]:
    await consumer._client.force_metadata_update()  # noqa: SLF001 - no public way to load metadata now
    numbers = consumer.partitions_for_topic(TOPIC) or await _learn(consumer)
    partitions = [TopicPartition(TOPIC, number) for number in numbers]
    consumer.assign(partitions)
    left = sum((await consumer.end_offsets(partitions)).values())
    started, cpu, first, events = 0.0, 0.0, 0, 0
    while events < left:
        for records in (await consumer.getmany(timeout_ms=1000, max_records=most)).values():
            work([record.value for record in records])
            events += len(records)
        if not started and events:
            started, cpu, first = time.perf_counter(), time.process_time(), events
    seconds, spent = time.perf_counter() - started, time.process_time() - cpu
    counted = events - first
    return {"rate": counted / seconds, "cpu_us": spent / counted * 1e6, "events": counted}


async def _learn(consumer: Any) -> set[int]:
    await consumer._client.set_topics([TOPIC])  # noqa: SLF001 - as above
    numbers: set[int] = consumer.partitions_for_topic(TOPIC)
    return numbers


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_run(sys.argv[1], Limit(sys.argv[2])))))
