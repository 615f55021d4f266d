"""How far a manual send has come, from what is known of its decisions."""

from datetime import UTC, datetime, timedelta

import pytest

from schemas.automation import SendStatus
from schemas.automation_edits import longest_wait_ms
from schemas.automation_json import parse_send
from schemas.definitions import Definition
from sinks.monitor.api.results_answers import FateAnswer
from sinks.monitor.api.send_answers import Stage
from sinks.monitor.api.sends import stage_of
from sinks.monitor.figures.results import Fate

CONFIRMED = datetime(2026, 5, 4, 12, tzinfo=UTC)
MESSAGE = {"kind": "message", "endpoint": "crm", "channel": "email", "template": "Hola"}
WAIT = {"kind": "wait", "days": 2}
AT_ONCE, TWO_DAYS = [MESSAGE], [MESSAGE, WAIT, MESSAGE]


def send(steps: list[dict[str, object]]) -> Definition:
    """A send to two contacts."""
    body = {"name": "Offer", "steps": steps, "confirmed_count": 2}
    at_ms = round(CONFIRMED.timestamp() * 1000)
    return Definition("shop", "send", "s1", 1, "ana", at_ms, body, offset=0)


def fates(**counts: int) -> list[FateAnswer]:
    """So many of each."""
    return [FateAnswer(fate=Fate(name), reason=None, actions=n, contacts=n) for name, n in counts.items()]


@pytest.mark.parametrize(
    ("steps", "told", "known_after", "stage"),
    [
        (AT_ONCE, {}, None, Stage.STARTING),
        (AT_ONCE, {}, timedelta(seconds=5), Stage.STARTING),
        (AT_ONCE, {}, timedelta(minutes=2), Stage.DONE),
        (AT_ONCE, {"entered": 1, "delivered": 1}, timedelta(seconds=5), Stage.SENDING),
        (AT_ONCE, {"entered": 2, "delivered": 1, "pending": 1}, timedelta(minutes=2), Stage.SENDING),
        (AT_ONCE, {"entered": 2, "delivered": 1, "deferred": 1}, timedelta(minutes=2), Stage.SENDING),
        (AT_ONCE, {"entered": 2, "delivered": 2}, timedelta(minutes=2), Stage.DONE),
        (TWO_DAYS, {"entered": 2, "delivered": 2}, timedelta(days=1), Stage.SENDING),
        (TWO_DAYS, {"entered": 2, "delivered": 3, "exited": 2}, timedelta(days=1), Stage.DONE),
        (TWO_DAYS, {"entered": 2, "delivered": 3, "exited": 1}, timedelta(days=3), Stage.DONE),
    ],
)
def test_a_send_is_done_when_nobody_can_be_inside_any_more(
    steps: list[dict[str, object]], told: dict[str, int], known_after: timedelta | None, stage: Stage
) -> None:
    up_to = None if known_after is None else CONFIRMED + known_after
    assert stage_of(send(steps), SendStatus.CONFIRMED, fates(**told), up_to) is stage


def test_the_longest_way_through_steps_counts() -> None:
    rule = {"combinator": "and", "rules": [{"field": "orders", "operator": ">", "value": 1}]}
    branch = {"kind": "branch", "paths": [{"when": rule, "steps": [WAIT, WAIT]}], "else": [WAIT]}
    bought = {"kind": "wait_for_purchase", "days": 5, "bought": [], "silent": [WAIT]}
    steps = parse_send({"name": "x", "steps": [WAIT, branch, bought]}).steps
    assert timedelta(milliseconds=longest_wait_ms(steps)) == timedelta(days=2 + 4 + 5 + 2)
