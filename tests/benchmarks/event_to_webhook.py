"""From an order's entry into Kafka to the webhook that it sets off, a tenth of the endpoints dead.

`python -m tests.benchmarks.event_to_webhook [--rate 100] [--seconds 60] [--endpoints 50] [--dead 0.1]`: the
stack of `make demo` without its sink (broker, both agents, dispatcher, four partitions) and a receiver on
this machine. Each endpoint has an automation of its own, for contacts with its tag; each order is the first
of a contact. Dead endpoints hang or answer 500. The first `WARM_SECONDS` are not counted:
the broker compiles. Prints, and stores under .cache/bench.
"""

import argparse
import json
import shutil
import tempfile
import time
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from confluent_kafka import Producer

from deploy.local.bench.latency import percentile
from deploy.local.bench.machine import load, store
from deploy.local.broker import AS_KAFKA_STARTS_IT
from deploy.local.demo import latido
from deploy.local.stack import Stack, StackOptions
from schemas.automation import AUTOMATION, MESSAGING, SETTINGS
from schemas.automation_edits import activated
from schemas.codec import Codec, default_codec
from schemas.definitions_topic import Definitions, Edit
from schemas.keys import contact_key
from schemas.records import Segment, Topic
from sinks.webhooks.addresses import Rules
from sinks.webhooks.book import EndpointBook
from sinks.webhooks.sealing import Sealer
from sinks.webhooks.settings import SealingSettings
from tests.integration.webhooks.receiver import Receiver, answers, hangs

ACCOUNT = "shop"
WARM_SECONDS = 50
_GRACE_SECONDS = 20
_NEVER_QUIET = {"quiet_from": 0, "quiet_to": 0, "contact_cap": 1_000}


class Sender:
    """Contacts and orders, each acknowledged as soon as the broker has it."""

    def __init__(self, bootstrap: str) -> None:
        self._codec: Codec = default_codec()
        settings = {"bootstrap.servers": bootstrap, "partitioner": "murmur2_random", "linger.ms": 0}
        self._producer = Producer(settings)

    def contacts(self, count: int, endpoints: int) -> None:
        """Everybody may be written to, and belongs to one endpoint."""
        for number in range(count):
            at_ms = time.time_ns() // 1_000_000
            self._send(Topic.CONTACTS, "contact", number, {
                "version": 1, "updated_at": at_ms, "personal": {"name": f"Ana {number}"},
                "tags": [f"t{number % endpoints}"],
                "consent": [{"channel": "whatsapp", "granted": True, "at": at_ms}],
            })  # fmt: skip
        self._producer.flush(60)

    def order(self, number: int) -> None:
        """The first order of a contact."""
        at_ms = time.time_ns() // 1_000_000
        self._send(Topic.ORDERS, "order", number, {
            "order_id": f"o{number}", "version": 1, "status": "placed", "placed_at": at_ms,
            "updated_at": at_ms, "total_minor": 4_200, "refunded_minor": 0, "currency": "USD",
        })  # fmt: skip

    def _send(self, topic: Topic, schema: str, number: int, fields: dict[str, Any]) -> None:
        contact_id = f"c{number}"
        whose = {"event_id": f"{schema}-{number}", "account_id": ACCOUNT, "contact_id": contact_id}
        value = self._codec.encode_one(schema, {**whose, **fields})
        self._producer.produce(topic, value, contact_key(ACCOUNT, contact_id))
        self._producer.poll(0)


def _define(stack: Stack, directory: Path, urls: Sequence[str]) -> None:
    definitions = Definitions(default_codec(), {"bootstrap.servers": stack.broker.bootstrap})
    definitions.start()
    try:
        sealer = Sealer.of(SealingSettings(webhooks_key_file=directory / "webhooks.key"))
        book = EndpointBook(definitions, sealer, Rules(private=True))
        at_ms = time.time_ns() // 1_000_000
        definitions.edit(Edit(ACCOUNT, SETTINGS, MESSAGING, 0, "bench", at_ms, _NEVER_QUIET))
        for number, url in enumerate(urls):
            book.create(ACCOUNT, f"e{number}", url, "", "bench")
            body = _automation(number)
            definitions.edit(Edit(ACCOUNT, AUTOMATION, f"a{number}", 0, "bench", at_ms, body))
    finally:
        definitions.stop()


def _automation(number: int) -> dict[str, Any]:
    tagged = {"field": "tags", "operator": "contains", "value": f"t{number}"}
    message = {"kind": "message", "endpoint": f"e{number}", "channel": "whatsapp"}
    body = {
        "name": f"a{number}",
        "audience": {"rule": {"combinator": "and", "rules": [tagged]}},
        "trigger": {"kind": "segment_left", "segments": [Segment.NO_PURCHASES.value]},
        "steps": [{**message, "template": "Hola {{personal.name}}"}],
    }
    return activated(body, {f"e{number}"}, ())


def _send_all(sender: Sender, rate: float, numbers: Iterable[int]) -> dict[str, float]:
    """Open loop; the instant meant for each, by contact."""
    begun, meant = time.monotonic(), {}
    for number in numbers:
        at = begun + number / rate
        time.sleep(max(0.0, at - time.monotonic()))
        meant[f"c{number}"] = at
        sender.order(number)
    return meant


def _first_arrivals(receiver: Receiver) -> dict[str, float]:
    first: dict[str, float] = {}
    for one in list(receiver.arrived):
        first.setdefault(json.loads(one.body)["data"]["contact_id"], one.at_s)
    return first


def measure(directory: Path, rate: float, seconds: float, endpoints: int, dead: float) -> dict[str, Any]:
    """One run; milliseconds. RuntimeError if a webhook for an endpoint that lives does not arrive."""
    env = {"LATIDO_WEBHOOKS_ALLOW_PRIVATE": "true"}
    options = StackOptions(directory, sink=False, broker=AS_KAFKA_STARTS_IT, env=env)
    killed, events = round(endpoints * dead), int(rate * (WARM_SECONDS + seconds))
    with Receiver() as receiver, Stack(options) as stack:
        latido(stack, "account", "create", ACCOUNT, "--time-zone", "UTC", "--currency", "USD")
        _define(stack, directory, [receiver.url(f"e{number}") for number in range(endpoints)])
        for number in range(killed):
            receiver.behave[f"e{number}"] = (hangs, answers(500))[number % 2]
        sender = Sender(stack.broker.bootstrap)
        sender.contacts(events, endpoints)
        stack.start_automations()
        stack.start_webhooks()
        stack.await_ready()
        loaded = load()
        meant = _send_all(sender, rate, range(events))
        time.sleep(_GRACE_SECONDS)
        arrived = _first_arrivals(receiver)
    living = [number for number in range(events) if number % endpoints >= killed]
    missing = [number for number in living if f"c{number}" not in arrived]
    if missing:
        raise RuntimeError(f"{len(missing)} of {len(living)} webhooks did not arrive, first c{missing[0]}")
    counted = [f"c{number}" for number in living if number >= rate * WARM_SECONDS]
    took = sorted((arrived[contact] - meant[contact]) * 1000 for contact in counted)
    return {
        "orders_a_second": rate,
        "endpoints": endpoints,
        "dead": killed,
        "samples": len(took),
        **{f"p{share:g}_ms": round(percentile(took, share / 100), 1) for share in (50, 95, 99)},
        "worst_ms": round(took[-1], 1),
        "load_average": loaded,
    }


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, keep."""
    parser = argparse.ArgumentParser(description="Order to received webhook, a tenth of the endpoints dead.")
    parser.add_argument("--rate", type=float, default=100, help="orders a second")
    parser.add_argument("--seconds", type=float, default=60, help="counted ones")
    parser.add_argument("--endpoints", type=int, default=50)
    parser.add_argument("--dead", type=float, default=0.1, help="share of endpoints that are dead")
    given = parser.parse_args(arguments)
    directory = Path(tempfile.mkdtemp(prefix="latido-webhooks-"))
    try:
        found = measure(directory, given.rate, given.seconds, given.endpoints, given.dead)
    finally:
        shutil.rmtree(directory, ignore_errors=True)
    print(json.dumps(found, indent=1))
    print(store("event-to-webhook", found))


if __name__ == "__main__":
    main()
