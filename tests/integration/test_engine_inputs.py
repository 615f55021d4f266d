"""Inputs as others write them: aborted, compacted, truncated; and records that end the process."""

from collections.abc import Callable
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from streams.engine.crash import ExitCode
from tests.faults.bench import Bench
from tests.faults.toy import APPLICATION, BAD, INPUTS, POISON, REFUSED, TICKS
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

_STATIC = {"LATIDO_GROUP_INSTANCE_ID": "only"}


def test_aborted_and_committed_transactions_make_no_gap(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    producer = bench.producer(transactional_id="elsewhere")
    producer.init_transactions(30)
    with bench.workers(**_STATIC) as workers:
        workers.start()
        for turn in range(30):
            producer.begin_transaction()
            bench.send(150, producer)
            producer.flush(30)
            if turn % 3:
                producer.commit_transaction(30)
            else:
                producer.abort_transaction(30)
        workers.until(bench.is_applied, 40)
        assert workers.all[0].exits == []
    assert sum(bench.sent().values()) == 20 * 150
    assert bench.problems() == []


def test_a_compacted_input_makes_no_gap(start_broker: StartBroker, tmp_path: Path) -> None:
    quick = {"log.cleaner.backoff.ms": "500", "log.retention.check.interval.ms": "1000"}
    broker = start_broker(properties=quick)
    bench = Bench(broker.bootstrap, tmp_path, compacted_inputs=True)
    sent = 0
    with bench.workers(**_STATIC) as workers:
        while sent == 0 or sum(bench.sent().values()) > sent * 0.7:
            bench.send(2000)
            bench.flush()
            sent += 2000
            assert sent < 60_000, "nothing was compacted"
        workers.start()
        workers.until(bench.is_applied, 40)
        assert workers.all[0].exits == []
    positions = bench.log.watermarks(APPLICATION)
    assert {partition: marks[-1].positions for partition, marks in positions.items()} == bench.input_ends()


def test_a_truncated_input_ends_the_worker(start_broker: StartBroker, tmp_path: Path) -> None:
    broker = start_broker()
    bench = Bench(broker.bootstrap, tmp_path)
    bench.send(1000)
    bench.flush()
    with bench.workers(**_STATIC) as workers:
        worker = workers.start()
        workers.until(bench.is_applied, 60)
        worker.stop()
        bench.send(1000)
        bench.flush()
        _truncate(broker.bootstrap, bench)
        worker.start()
        assert worker.wait(30) == ExitCode.GAP, workers.logs()


def test_a_record_that_kills_the_process_is_refused_alone(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    bench.send(300)
    bench.send_value(POISON)
    bench.send(300)
    bench.flush()
    with bench.workers(**_STATIC, LATIDO_CHUNK_RECORDS="4", LATIDO_POISON_DEATHS="2") as workers:
        worker = workers.start()
        workers.until(bench.is_applied, 90)
        assert 2 < len(worker.exits) <= 2 + 3, worker.exits
    [refused] = bench.log.read(REFUSED)
    assert refused.key == b"odd"
    assert bench.problems(without=[POISON]) == []


def test_a_blocked_partition_waits_while_others_go_on(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    block_file = tmp_path / "blocked"
    block_file.touch()
    bench.send_value(BAD, partition=2)
    bench.send(2000)
    bench.flush()
    settings = {"LATIDO_BLOCKED_RETRY_S": "1", "LATIDO_STALL_S": "4", "LATIDO_CHUNK_RECORDS": "50"}
    with bench.workers(**_STATIC, **settings, TOY_BLOCK_FILE=str(block_file)) as workers:
        worker = workers.start()
        workers.until(lambda: _applied(bench) == {0, 1, 3}, 30)
        bench.send(2000)  # more than the blocked partition has room for
        bench.flush()
        workers.until(lambda: _applied(bench) == {0, 1, 3}, 30)
        workers.until(_times(60), 20)
        assert _applied(bench) == {0, 1, 3}
        assert worker.exits == [], "the watchdog must spare a blocked partition"
        block_file.unlink()
        workers.until(bench.is_applied, 20)
    assert bench.problems() == []


def test_too_many_refused_records_block_the_partition_and_not_the_process(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    block_file = tmp_path / "blocked"
    block_file.touch()
    bench.send_value(POISON, partition=2)
    bench.send(300)
    bench.flush()
    trial = {"LATIDO_CHUNK_RECORDS": "4", "LATIDO_POISON_DEATHS": "2"}
    settings = {"LATIDO_BLOCKED_RETRY_S": "1", "LATIDO_STALL_S": "4", **trial}
    with bench.workers(**_STATIC, **settings, TOY_BLOCK_FILE=str(block_file)) as workers:
        worker = workers.start()
        workers.until(lambda: "too many are refused" in workers.logs(), 60)
        deaths = len(worker.exits)
        workers.until(_times(60), 20)
        assert len(worker.exits) == deaths, "a refused record is offered again, not folded again"
        assert bench.log.read(REFUSED) == []
        block_file.unlink()
        workers.until(bench.is_applied, 20)
    assert [refused.key for refused in bench.log.read(REFUSED)] == [b"odd"]
    assert bench.problems(without=[POISON]) == []


def test_an_idle_worker_says_up_to_when_all_is_applied(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    with bench.workers(**_STATIC) as workers:
        workers.start()
        workers.until(lambda: all(len(marks) >= 3 for marks in _heartbeats(bench)), 30)
    for marks in _heartbeats(bench):
        assert marks == sorted(set(marks)), "each heartbeat says a later instant"


def test_time_steps_follow_what_was_in_the_log_before(start_broker: StartBroker, tmp_path: Path) -> None:
    bench = Bench(start_broker().bootstrap, tmp_path)
    clock = tmp_path / "clock"
    clock.write_text("2026-03-01T00:00:00+00:00")
    settings = {**_STATIC, "TOY_TICK_MS": "3600000", "LATIDO_CLOCK_FILE": str(clock)}
    with bench.workers(**settings) as workers:
        worker = workers.start()
        workers.until(lambda: _ticks(bench) == 1, 30)
        worker.stop()
        bench.send(3000)
        bench.flush()
        ends = bench.input_ends()
        clock.write_text("2026-03-01T05:30:00+00:00")
        worker.start()
        workers.until(lambda: _ticks(bench) == 6, 30)
    for tick in bench.log.read(TICKS)[1:]:
        instant, _, where = tick.value.decode().partition("|")
        if int(instant) > _first_tick(bench):
            assert where == _written(ends[tick.partition]), "a day was applied before what arrived until then"
    assert bench.problems() == []


def _truncate(bootstrap: str, bench: Bench) -> None:
    admin = AdminClient({"bootstrap.servers": bootstrap})
    ends = bench.log.ends(INPUTS[0])
    wanted = [TopicPartition(INPUTS[0], number, end - 1) for number, end in ends.items()]
    for deleted in admin.delete_records(wanted).values():
        deleted.result(30)


def _applied(bench: Bench) -> set[int]:
    """Partitions whose watermark has reached the ends of the inputs."""
    ends = bench.input_ends()
    marks = bench.log.watermarks(APPLICATION)
    return {number for number in marks if marks[number][-1].positions == ends[number]}


def _heartbeats(bench: Bench) -> list[list[int]]:
    by_partition = bench.log.watermarks(APPLICATION)
    if len(by_partition) < 4:
        return [[]]
    return [[mark.caught_up_at_ms or 0 for mark in marks] for marks in by_partition.values()]


def _ticks(bench: Bench) -> int:
    """Ticks of the partition that has fewest."""
    found = [entry.partition for entry in bench.log.read(TICKS)]
    return min(found.count(number) for number in range(4))


def _first_tick(bench: Bench) -> int:
    return int(bench.log.read(TICKS)[0].value.partition(b"|")[0])


def _written(ends: dict[str, int]) -> str:
    return ",".join(f"{topic}={offset}" for topic, offset in sorted(ends.items()))


def _times(turns: int) -> Callable[[], bool]:
    left = iter(range(turns))
    return lambda: next(left, None) is None
