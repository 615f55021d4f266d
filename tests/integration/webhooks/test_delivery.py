"""Actions in, signed webhooks out: what a receiver sees, and what the log says of it."""

import json
import time

import pytest
from aiohttp import web
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from schemas.cloudevents import NAMES
from schemas.records import Topic
from sinks.webhooks.book import resend, send_test
from streams import dead_letters
from tests.integration.webhooks.bench import ACCOUNT, Bench, action
from tests.integration.webhooks.receiver import (
    Arrived,
    Behaviour,
    Receiver,
    answers,
    drips,
    first,
    hangs,
    resets,
    takes,
)


def test_an_action_reaches_its_endpoint_signed_and_once(bench: Bench, receiver: Receiver) -> None:
    secret = bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    sent = action("c1", "hook")
    bench.send([sent])
    bench.until(lambda: bench.settled(1), "delivered")
    assert receiver.ids("hook") == [sent["action_id"]]
    arrived = receiver.arrived[0]
    body = Webhook(secret).verify(arrived.body, arrived.headers)
    assert body["type"] == "latido.automation.action"
    assert body["data"]["message"] == "Hola Ana: 30"
    assert body["data"]["variables"] == {"days": 30}
    assert body["data"]["contact"] == {"name": "Ana"}
    assert json.loads(arrived.body) == body
    assert bench.ends() == {sent["action_id"]: {"delivered": 1}}
    assert bench.letters() == []


BEHAVIOURS: dict[str, tuple[Behaviour, str, str]] = {
    "takes": (takes, "delivered", "delivered"),
    "recovers": (first(2, answers(500)), "delivered", "delivered"),
    "recovers_from_silence": (first(1, hangs), "delivered", "delivered"),
    "throttles": (first(1, answers(429, retry_after="1")), "delivered", "delivered"),
    "is_busy": (first(1, answers(503, retry_after="1")), "delivered", "delivered"),
    "fails": (answers(500), "failed", "status"),
    "hangs": (hangs, "failed", "timeout"),
    "drips": (drips, "failed", "timeout"),
    "resets": (resets, "failed", "connection"),
    "redirects": (answers(302, location="/takes"), "failed", "redirect"),
    "is_gone": (answers(410), "failed", "gone"),
}
"""What the receiver does, how its action ends, and for which reason."""


def test_whatever_a_receiver_does_every_action_ends_once(bench: Bench, receiver: Receiver) -> None:
    for name, (behaviour, _, _) in BEHAVIOURS.items():
        receiver.behave[name] = behaviour
        bench.endpoint(name, receiver.url(name), timeout_seconds=1)
    bench.endpoint("refuses", "http://127.0.0.1:1/")
    bench.start()
    sent = {name: action("c1", name, name) for name in [*BEHAVIOURS, "refuses", "unknown"]}
    bench.send(sent.values())
    bench.until(lambda: bench.settled(len(sent)), "everything has ended")

    ended = {one["endpoint_id"]: one for one in bench.deliveries() if one["state"] != "pending"}
    expected = {name: (state, outcome) for name, (_, state, outcome) in BEHAVIOURS.items()}
    expected |= {"refuses": ("failed", "connection"), "unknown": ("failed", "endpoint_unknown")}
    assert {name: (one["state"], one["outcome"]) for name, one in ended.items()} == expected
    assert all(sum(count.values()) == 1 for count in bench.ends().values())
    for name in BEHAVIOURS:
        assert set(receiver.ids(name)) == {sent[name]["action_id"]}
    failed = {sent[name]["action_id"] for name, (state, _) in expected.items() if state == "failed"}
    letters = bench.letters()
    assert {
        bench.codec.decode_one("automation_action", one["value"])["action_id"] for one in letters
    } == failed
    assert {one["reason"] for one in letters} == {"webhook_failed"}
    assert "no" * 50 not in repr(bench.deliveries()) + repr(letters)


def test_410_switches_the_endpoint_off(bench: Bench, receiver: Receiver) -> None:
    receiver.behave["hook"] = answers(410)
    bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    bench.send([action("c1", "hook")])
    bench.until(lambda: bench.settled(1), "ended")
    bench.send([action("c1", "hook", "v2"), action("c2", "hook")])
    bench.until(lambda: bench.settled(3), "ended")
    assert bench.status("hook") == "gone"
    assert len(receiver.ids("hook")) == 1
    assert [one["outcome"] for one in bench.deliveries()].count("endpoint_disabled") == 2


def test_a_contact_s_actions_come_in_order_and_hold_up_nobody_else(bench: Bench, receiver: Receiver) -> None:
    slow = [action("slow", "hook", f"v{n}") for n in range(3)]
    stuck = slow[0]["action_id"]

    async def answer(request: web.Request, arrived: Arrived) -> web.StreamResponse:
        fails = arrived.id == stuck and arrived.earlier < 2
        return await (answers(500) if fails else takes)(request, arrived)

    receiver.behave["hook"] = answer
    bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    others = [action(f"c{n}", "hook") for n in range(10)]
    bench.send([*slow, *others])
    bench.until(lambda: bench.settled(13), "delivered")
    order = receiver.ids("hook")
    assert [id_ for id_ in order if id_ in {one["action_id"] for one in slow}] == [
        stuck, stuck, stuck, slow[1]["action_id"], slow[2]["action_id"]
    ]  # fmt: skip
    last_try = len(order) - 1 - order[::-1].index(stuck)
    assert all(order.index(one["action_id"]) < last_try for one in others)


def test_what_is_no_webhook_or_known_or_aborted_is_not_sent(bench: Bench, receiver: Receiver) -> None:
    bench.endpoint("hook", receiver.url("hook"))
    month_ago = time.time_ns() // 1_000_000 - 30 * 86_400_000
    sent = action("c1", "hook")
    silent = [
        action("c2", "hook", historical=True),
        action("c3", "hook", kind="suppressed", reason="no_consent"),
        action("c4", "hook", kind="deferred", reason="quiet_hours"),
        action("c5", "hook", kind="nothing", arm="holdout"),
        action("c6", "hook", due_at=month_ago),
        action("c7", "hook", expires_at=month_ago),
    ]
    bench.send_aborted([action("c8", "hook")])
    bench.start()
    bench.send([sent, *silent, sent])
    bench.until(lambda: bench.settled(3), "ended")
    bench.stop()
    bench.start()
    bench.send([sent, action("c9", "hook")])
    bench.until(lambda: bench.settled(4), "ended")
    assert receiver.ids("hook") == [sent["action_id"], action("c9", "hook")["action_id"]]
    outcomes = {one["contact_id"]: one["outcome"] for one in bench.deliveries()}
    assert outcomes == {"c1": "delivered", "c6": "stale", "c7": "expired", "c9": "delivered"}


def test_what_is_no_action_becomes_a_dead_letter_and_blocks_nothing(bench: Bench, receiver: Receiver) -> None:
    bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    bench.send_raw([b"", b"\x00\x00\x00\x00\x0e", b"noise" * 100])
    wrong_type = [{"variable": "n", "type": "integer", "value": "many"}]
    bad = [
        action("c1", "hook", action_id="with.dot"),
        action("c2", "hook", endpoint_id=None),
        action("c3", "hook", variables=wrong_type),
    ]
    bench.send([*bad, action("c4", "hook")])
    bench.until(lambda: len(bench.letters()) == 6 and bench.settled(2), "dead letters")
    assert receiver.ids("hook") == [action("c4", "hook")["action_id"]]


def test_a_cancelled_action_is_tried_no_more(bench: Bench, receiver: Receiver) -> None:
    receiver.behave["hook"] = answers(500)
    bench.endpoint("hook", receiver.url("hook"))
    bench.start(LATIDO_WEBHOOKS_SCHEDULE_SECONDS="0,3600")
    sent = action("c1", "hook")
    bench.send([sent])
    bench.until(lambda: len(bench.deliveries()) == 1, "tried once")
    bench.send([sent | {"kind": "cancelled", "reason": "purchased"}])
    bench.until(lambda: bench.settled(1), "ended")
    assert bench.states() == {sent["action_id"]: "cancelled"}
    assert len(receiver.ids("hook")) == 1
    assert bench.letters() == []


def test_resent_redriven_and_test_events_reach_the_endpoint(bench: Bench, receiver: Receiver) -> None:
    receiver.behave["hook"] = answers(500)
    secret = bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    sent = action("c1", "hook")
    bench.send([sent])
    bench.until(lambda: len(bench.letters()) == 1, "dead letter")
    receiver.behave["hook"] = takes
    before = len(receiver.ids("hook"))
    assert dead_letters.redrive(bench.kafka, iter(bench.letters())) == 1
    assert dead_letters.redrive(bench.kafka, iter(bench.letters())) == 1
    bench.until(lambda: bench.states() == {sent["action_id"]: "delivered"}, "redriven")
    last = next(one for one in bench.deliveries() if one["state"] == "delivered")
    resend(bench.kafka, last["source_partition"], last["source_offset"], last["round"] + 1)
    bench.until(lambda: len(receiver.ids("hook")) == before + 2, "resent")
    test_id = send_test(bench.codec, bench.kafka, ACCOUNT, "hook")
    bench.until(lambda: bench.states().get(test_id) == "delivered", "test event")
    assert receiver.ids("hook")[before:] == [sent["action_id"]] * 2 + [test_id]
    body = Webhook(secret).verify(receiver.arrived[-1].body, receiver.arrived[-1].headers)
    assert (body["type"], body["data"]["contact_id"]) == ("latido.endpoint.test", "latido-test")


def test_both_secrets_sign_while_they_overlap(bench: Bench, receiver: Receiver) -> None:
    old = bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    new = bench.book.rotate(ACCOUNT, "hook", "test")
    bench.send([action("c1", "hook")])
    bench.until(lambda: bench.settled(1), "delivered")
    newest = bench.book.rotate(ACCOUNT, "hook", "test", overlap_seconds=0)
    bench.until(lambda: bench.definitions.version(ACCOUNT, "endpoint", "hook") == 3, "rotated")
    bench.stop()
    bench.start()
    bench.send([action("c2", "hook")])
    bench.until(lambda: bench.settled(2), "delivered")
    during, after = receiver.arrived
    for secret in (old, new):
        Webhook(secret).verify(during.body, during.headers)
    Webhook(newest).verify(after.body, after.headers)
    for secret in (old, new):
        with pytest.raises(WebhookVerificationError):
            Webhook(secret).verify(after.body, after.headers)
    assert not any(part in bench.log() for part in (old[6:], new[6:], newest[6:]))


def test_events_carry_the_attributes_of_cloudevents(bench: Bench, receiver: Receiver) -> None:
    bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    bench.send([action("c1", "hook")])
    bench.until(lambda: bench.settled(1), "delivered")
    (headers,) = bench.headers(Topic.WEBHOOK_DELIVERIES)
    assert tuple(headers) == NAMES
    assert headers["ce_type"] == b"latido.webhook.delivery.v1"
    assert headers["ce_source"] == b"/latido/accounts/shop"
    assert headers["ce_subject"] == b"c1"


def test_ops_pages_answer(bench: Bench, receiver: Receiver) -> None:
    bench.endpoint("hook", receiver.url("hook"))
    bench.start()
    bench.until(bench.is_ready, "ready")
    bench.send([action("c1", "hook")])
    bench.until(lambda: bench.settled(1), "delivered")
    metrics = bench.get("/metrics")
    assert metrics is not None
    assert 'latido_webhooks_ended_total{reason="delivered"} 1.0' in metrics.text
    health = bench.get("/healthz")
    assert health is not None
    assert health.status_code == 200
