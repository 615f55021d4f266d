"""Health, readiness and metrics as an operator sees them."""

import urllib.error
import urllib.request

from schemas.metrics import Metrics
from streams.engine.contract import Chunk, Record
from streams.engine.ops import OpsServer
from streams.engine.status import PartitionStatus, WorkerStatus


def answer(port: int, path: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as response:
            return response.status, response.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def serve(status: WorkerStatus, metrics: Metrics) -> int:
    server = OpsServer("127.0.0.1", 0, status, metrics)
    server.start()
    return server.port


def test_ready_means_assigned_and_restored() -> None:
    metrics = Metrics()
    status = WorkerStatus(beat_limit_s=60)
    port = serve(status, metrics)
    assert answer(port, "/readyz")[0] == 503
    status.assigned = True
    status.partitions[0] = PartitionStatus(0, metrics)
    assert answer(port, "/readyz")[0] == 503
    status.partitions[0].restored(0.5)
    assert answer(port, "/readyz")[0] == 200


def test_a_worker_without_partitions_is_ready_to_take_some() -> None:
    status = WorkerStatus(beat_limit_s=60)
    status.assigned = True
    assert status.is_ready()


def test_healthy_means_that_the_loop_was_heard_of() -> None:
    assert answer(serve(WorkerStatus(beat_limit_s=60), Metrics()), "/healthz")[0] == 200
    assert answer(serve(WorkerStatus(beat_limit_s=0), Metrics()), "/healthz")[0] == 503


def test_unknown_paths_are_not_found() -> None:
    assert answer(serve(WorkerStatus(beat_limit_s=60), Metrics()), "/table")[0] == 404


def test_applied_chunks_are_counted_by_topic() -> None:
    metrics = Metrics()
    port = serve(WorkerStatus(beat_limit_s=60), metrics)
    records = [Record(offset, 1000, b"k", b"v", ()) for offset in range(3)]
    PartitionStatus(0, metrics).applied([Chunk("orders.v1", 0, 0, 5, records)])
    assert 'latido_events_in_total{topic="orders.v1"} 3.0' in answer(port, "/metrics")[1]


def test_lag_is_the_age_of_what_was_applied_last() -> None:
    metrics = Metrics()
    status = PartitionStatus(4, metrics)
    status.applied([Chunk("orders.v1", 4, 0, 1, [Record(0, 1000, b"k", b"v", ())])])
    status.sampled(31_000, {"orders.v1": 1}, {"orders.v1": 9})
    assert metrics.registry.get_sample_value(*_lag()) == 30
    status.sampled(31_000, {"orders.v1": 9}, {"orders.v1": 9})
    assert metrics.registry.get_sample_value(*_lag()) == 0


def test_a_blocked_partition_is_counted_until_it_goes_on() -> None:
    metrics = Metrics()
    status = PartitionStatus(0, metrics)
    status.blocked()
    status.blocked()
    assert metrics.registry.get_sample_value("latido_blocked_partitions") == 1
    status.applied([])
    assert metrics.registry.get_sample_value("latido_blocked_partitions") == 0


def _lag() -> tuple[str, dict[str, str]]:
    return "latido_lag_seconds", {"topic": "orders.v1", "partition": "4"}
