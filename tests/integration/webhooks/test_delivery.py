"""Actions in, signed webhooks out: what a receiver sees, and what the log says of it."""

import json

from standardwebhooks import Webhook

from tests.integration.webhooks.bench import Bench, action
from tests.integration.webhooks.receiver import Receiver


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
