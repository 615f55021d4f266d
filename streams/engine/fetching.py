"""Whole fetches out of aiokafka, with the range of positions that each covers."""

# ruff: noqa: SLF001 - aiokafka's fetch results are the only place that knows positions before and after

from collections.abc import Callable
from typing import Any

from aiokafka import TopicPartition
from aiokafka.consumer.fetcher import Fetcher, FetchResult

from streams.engine.contract import Chunk, Record

_new_record: Callable[[type[Record], tuple[Any, ...]], Record] = tuple.__new__


def take_chunk(fetcher: Fetcher, partition: TopicPartition, most_records: int) -> Chunk | None:
    """What was prefetched of one partition, at most `most_records`; None if nothing moved.

    Reads aiokafka's fetch results directly, as `Fetcher.fetched_records` does: only there are the
    positions before and after known. Raises the fetch's own error (aiokafka.errors).
    """
    result = fetcher._records.get(partition)
    if result is None:
        return None
    if type(result) is not FetchResult:
        _release(fetcher, partition)
        result.check_raise()
        return None
    unread = result._partition_records
    if unread is None or not result.check_assignment(partition):
        _release(fetcher, partition)
        return None
    start = unread.next_fetch_offset
    unread._consumer_record = _record
    records = result.getall(most_records)
    end = unread.next_fetch_offset
    if not result.has_more():
        _release(fetcher, partition)
    if end == start:
        return None
    return Chunk(partition.topic, partition.partition, start, end, records)


def _release(fetcher: Fetcher, partition: TopicPartition) -> None:
    del fetcher._records[partition]
    fetcher._notify(fetcher._wait_consume_future)


def _record(_: TopicPartition, raw: Any) -> Record:
    return _new_record(Record, (raw.offset, raw.timestamp, raw.key, raw.value, raw.headers))
