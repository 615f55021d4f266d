"""How long from an order's entry into Kafka until a browser that watches the monitor shows it.

`python -m tests.benchmarks.screen_latency [SAMPLES]`. The stack of `make demo` on this machine (broker, one
worker, sink with monitor, four partitions): 200 orders/s in one account, samples in another at irregular
instants. A client does what the page's script does: it listens to /api/v1/live, reads the page at every
`moved`, and rests after each read as the script does. A sample is on the screen when the page has come whose
orders include it. Prints, and stores under .cache/bench.
"""

import json
import random
import re
import secrets
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

import httpx2
from confluent_kafka import Producer

from deploy.local.bench.machine import load, store
from deploy.local.demo import USER, latido
from deploy.local.stack import Stack, StackOptions
from schemas.codec import Codec, default_codec
from schemas.keys import contact_key
from schemas.records import Topic

WATCHED, BUSY = "watched", "busy"
BUSY_ORDERS_A_SECOND = 200
MEAN_PAUSE_SECONDS = 0.7
_BUSY_CONTACTS = 5_000
_GRACE_SECONDS = 20.0
_AGAIN_SECONDS = 0.25
"""AGAIN_MS of pages.js."""
_ORDERS = re.compile(r'data-k="all-orders">([^<]+)<')
_TOKEN = re.compile(r'data-csrf="([\w-]+)"')


class Sender:
    """Produces orders, each acknowledged as soon as the broker has it."""

    def __init__(self, bootstrap: str) -> None:
        self._codec: Codec = default_codec()
        self._producer = Producer(
            {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 0}
        )

    def order(self, account_id: str, contact_id: str, order_id: str) -> None:
        """One order of 12.30, placed now."""
        now_ms = time.time_ns() // 1_000_000
        order = {
            "event_id": secrets.token_hex(8), "account_id": account_id, "contact_id": contact_id,
            "order_id": order_id, "version": 1, "status": "placed", "placed_at": now_ms, "updated_at": now_ms,
            "total_minor": 1_230, "refunded_minor": 0, "currency": "USD",
        }  # fmt: skip
        value = self._codec.encode_one("order", order)
        self._producer.produce(Topic.ORDERS, value=value, key=contact_key(account_id, contact_id))
        self._producer.poll(0)

    def keep_busy(self, stop: threading.Event) -> None:
        """The load beside the samples."""
        begun, sent = time.monotonic(), 0
        while not stop.wait(0.02):
            while sent < (time.monotonic() - begun) * BUSY_ORDERS_A_SECOND:
                self.order(BUSY, f"c{random.randrange(_BUSY_CONTACTS)}", f"o{sent}")
                sent += 1

    def flush(self) -> None:
        """RuntimeError if the broker does not take everything in half a minute."""
        if self._producer.flush(30):
            raise RuntimeError("the broker did not take everything")


class Screen:
    """A signed-in browser on the monitor of the watched account."""

    def __init__(self, address: str, password: str) -> None:
        self._client = httpx2.Client(
            base_url=address, headers={"origin": address}, timeout=60, follow_redirects=True
        )
        page = self._client.get("/sign-in").text
        found = _TOKEN.search(page)
        if found is None:
            raise RuntimeError("the form to sign in has no token")
        form = {"csrf": found[1], "email": USER, "password": password}
        self._client.post("/sign-in", data=form).raise_for_status()
        self.shown_at: list[float] = []
        """By order: when the answer that includes it had come."""

    def orders(self) -> int:
        """The figure of the monitor."""
        page = self._client.get("/monitor", params={"account": WATCHED})
        page.raise_for_status()
        found = _ORDERS.search(page.text)
        return int(re.sub(r"\D", "", found[1])) if found else 0

    def watch(self, listening: threading.Event, samples: int) -> None:
        """Until every sample has been shown."""
        moved = threading.Event()
        threading.Thread(target=self._listen, args=(listening, moved), daemon=True).start()
        while len(self.shown_at) < samples:
            moved.wait()
            moved.clear()
            begun = time.monotonic()
            shown, at = self.orders(), time.monotonic()
            self.shown_at += [at] * (shown - len(self.shown_at))
            time.sleep(max(_AGAIN_SECONDS, at - begun))

    def _listen(self, listening: threading.Event, moved: threading.Event) -> None:
        with self._client.stream("GET", "/api/v1/live", params={"account": WATCHED}) as stream:
            for line in stream.iter_lines():
                listening.set()
                if line == "event: moved":
                    moved.set()


def measure(stack: Stack, samples: int) -> dict[str, float]:
    """Milliseconds from entry to screen."""
    password = secrets.token_urlsafe(12)
    for account in (WATCHED, BUSY):
        latido(stack, "account", "create", account, "--time-zone", "UTC", "--currency", "USD")
    latido(stack, "user", "add", USER, f"--account={WATCHED}:operator", "--name", "Ana", password=password)
    screen, sender = Screen(stack.api_address, password), Sender(stack.broker.bootstrap)
    listening, stop = threading.Event(), threading.Event()
    watching = threading.Thread(target=screen.watch, args=(listening, samples), daemon=True)
    busy = threading.Thread(target=sender.keep_busy, args=(stop,), daemon=True)
    watching.start()
    busy.start()
    if not listening.wait(_GRACE_SECONDS):
        raise RuntimeError("the live stream does not begin")
    time.sleep(5)
    sent_at: list[float] = []
    for number in range(samples):
        time.sleep(random.uniform(0, 2 * MEAN_PAUSE_SECONDS))
        sent_at.append(time.monotonic())
        sender.order(WATCHED, f"w{number}", "first")
    watching.join(_GRACE_SECONDS)
    stop.set()
    busy.join()
    sender.flush()
    if len(screen.shown_at) < samples:
        raise RuntimeError(f"{len(screen.shown_at)} of {samples} orders were shown")
    took = sorted((b - a) * 1000 for a, b in zip(sent_at, screen.shown_at, strict=False))
    return {
        "samples": samples,
        "busy_orders_a_second": BUSY_ORDERS_A_SECOND,
        "p50_ms": took[samples // 2],
        "p95_ms": took[int(samples * 0.95)],
        "p99_ms": took[int(samples * 0.99)],
        "worst_ms": took[-1],
        "load_average": load(),
    }


def main(samples: int) -> None:
    """Start, measure, print, store, stop."""
    directory = Path(tempfile.mkdtemp(prefix="latido-screen-"))
    env = {"LATIDO_MONITOR_SESSION_FILE": str(directory / "sessions.sqlite")}
    try:
        with Stack(StackOptions(data_dir=directory, env=env)) as stack:
            stack.await_ready()
            found = measure(stack, samples)
        print(json.dumps(found, indent=1))
        print(store("screen-latency", found))
    finally:
        shutil.rmtree(directory, ignore_errors=True)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
