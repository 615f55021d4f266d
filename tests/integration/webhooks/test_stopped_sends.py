"""A manual send that was stopped: what waits at the dispatcher is not sent any more."""

from schemas.automation import SEND
from schemas.automation_edits import stopped
from schemas.definitions_topic import Edit
from tests.integration.webhooks.bench import ACCOUNT, Bench, action
from tests.integration.webhooks.receiver import Receiver


def test_what_waits_of_a_stopped_send_is_cancelled_and_nothing_else(bench: Bench, receiver: Receiver) -> None:
    bench.endpoint("hook", receiver.url("hook"))
    body = {"name": "n", "status": "confirmed", "steps": [{"kind": "nothing"}], "confirmed_count": 2}
    for send_id in ("goes", "halts"):
        bench.definitions.edit(Edit(ACCOUNT, SEND, send_id, 0, "test", 0, body))
    bench.definitions.edit(Edit(ACCOUNT, SEND, "halts", 1, "test", 0, stopped(body)))
    bench.start()
    of = {name: action(name, "hook", name, source="send", automation_id=name) for name in ("goes", "halts")}
    automation = action("automation", "hook", "automation", automation_id="halts")
    bench.send([*of.values(), automation])
    bench.until(lambda: bench.settled(3), "everything has ended")
    assert bench.ends() == {
        of["goes"]["action_id"]: {"delivered": 1},
        of["halts"]["action_id"]: {"cancelled": 1},
        automation["action_id"]: {"delivered": 1},
    }
    assert set(receiver.ids("hook")) == {of["goes"]["action_id"], automation["action_id"]}
    assert bench.letters() == []
