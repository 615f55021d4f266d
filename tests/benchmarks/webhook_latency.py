"""How soon a webhook reaches its receiver while a tenth of the endpoints is dead.

`python -m tests.benchmarks.webhook_latency [--rate 200] [--seconds 30] [--endpoints 50] [--dead 0.1]`: a
broker, a dispatcher and a receiver on this machine. Actions go to the endpoints in turn; the dead ones hang,
refuse connections, or answer 500. Measured from the moment before the action is produced to the moment its
request is read, for endpoints that live; printed, and kept in `.cache/bench`.
"""

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from deploy.local.bench.machine import load, store
from deploy.local.broker import Broker
from schemas import provision
from sinks.webhooks.retrying import STANDARD_SECONDS
from tests.integration.webhooks.bench import Bench, action
from tests.integration.webhooks.receiver import Arrived, Receiver, answers, hangs

PARTITIONS = 4
_REFUSING = "http://127.0.0.1:1/"


def measure(rate: float, seconds: float, endpoints: int, dead: float) -> dict[str, Any]:
    """One run; seconds of percentiles, and what did not arrive."""
    with tempfile.TemporaryDirectory() as folder, Receiver() as receiver:
        broker = Broker(Path(folder) / "kafka")
        broker.start()
        try:
            provision.apply(broker.bootstrap, PARTITIONS)
            bench = Bench(broker.bootstrap, Path(folder), PARTITIONS)
            try:
                return _run(bench, receiver, rate, seconds, endpoints, round(endpoints * dead))
            finally:
                bench.close()
        finally:
            broker.stop()


def _run(
    bench: Bench, receiver: Receiver, rate: float, seconds: float, endpoints: int, dead: int
) -> dict[str, Any]:
    names = [f"e{number}" for number in range(endpoints)]
    for number, name in enumerate(names):
        url = _REFUSING if number < dead and number % 3 == 1 else receiver.url(name)
        bench.endpoint(name, url)
    for number in range(dead):
        receiver.behave[names[number]] = (hangs, answers(500), answers(500))[number % 3]
    bench.start(LATIDO_WEBHOOKS_SCHEDULE_SECONDS=",".join(map(str, STANDARD_SECONDS)))
    bench.until(bench.is_ready, "ready")
    sent: dict[str, float] = {}
    expected = set()
    began = time.monotonic()
    for number in range(int(rate * seconds)):
        pause = began + number / rate - time.monotonic()
        if pause > 0:
            time.sleep(pause)
        name = names[number % endpoints]
        one = action(f"c{number % 997}", name, f"v{number}")
        sent[one["action_id"]] = time.monotonic()
        bench.queue(one)
        if number % endpoints >= dead:
            expected.add(one["action_id"])
    bench.flush()
    took_s = time.monotonic() - began
    bench.until(lambda: expected <= {one.id for one in receiver.arrived}, "everything has arrived")
    first: dict[str, Arrived] = {}
    for arrived in receiver.arrived:
        first.setdefault(arrived.id, arrived)
    waits = sorted(first[id_].at_s - sent[id_] for id_ in expected)
    return {
        "load_average": load(),
        "actions": len(sent),
        "per_second": round(len(sent) / took_s, 1),
        "endpoints": endpoints,
        "dead": dead,
        "arrived": len(waits),
        "p50_s": round(statistics.median(waits), 4),
        "p95_s": round(waits[int(len(waits) * 0.95)], 4),
        "p99_s": round(waits[int(len(waits) * 0.99)], 4),
        "longest_s": round(waits[-1], 4),
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description="Event to received webhook, a tenth of the endpoints dead.")
    parser.add_argument("--rate", type=float, default=200, help="actions a second")
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--dead", type=float, default=0.1, help="share of endpoints that are dead")
    given = parser.parse_args(arguments)
    result = measure(given.rate, given.seconds, given.endpoints, given.dead)
    store("webhooks", result)
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
