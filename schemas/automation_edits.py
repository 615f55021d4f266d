"""What may become of an automation: drafts are free, only what can run is activated, sends are counted."""

from collections.abc import Container, Iterator, Mapping, Sequence
from typing import Any

from schemas.automation import (
    Automation,
    Branch,
    Message,
    SendStatus,
    Split,
    Status,
    Step,
    Wait,
    WaitForPurchase,
)
from schemas.automation_json import InvalidAutomation, parse_automation, parse_send
from schemas.rule_json import Problem

Body = Mapping[str, Any]


def activated(body: Body, endpoints: Container[str], rules: Container[str]) -> dict[str, Any]:
    """The body with status active. InvalidAutomation if something is missing, or an endpoint or rule is not
    there: `endpoints` and `rules` are the ids of the account's."""
    made = parse_automation({**body, "status": Status.ACTIVE.value})
    _require_known(made, endpoints, rules)
    return {**body, "status": Status.ACTIVE.value}


def paused(body: Body) -> dict[str, Any]:
    """The body with status paused: nobody enters, and whoever is inside leaves at the next step."""
    return {**body, "status": Status.PAUSED.value}


def send_of(body: Body, confirmed_count: int) -> dict[str, Any]:
    """The manual send to everybody in an automation's audience, with its steps (A9 *enviar ahora*)."""
    audience = {**(body.get("audience") or {"of": "all"})}
    return {
        "name": body.get("name"),
        "status": SendStatus.CONFIRMED.value,
        "audience": audience,
        "steps": body.get("steps"),
        "holdout_percent": body.get("holdout_percent") or 0,
        "confirmed_count": confirmed_count,
    }


def confirmed(
    body: Body, typed_count: int, endpoints: Container[str], rules: Container[str]
) -> dict[str, Any]:
    """A manual send that may go out. InvalidAutomation unless the count was typed as it was shown (B10)."""
    made = parse_send(body)
    if typed_count != body.get("confirmed_count"):
        raise InvalidAutomation([Problem("confirmed_count", "type the number of contacts that is shown")])
    _require_known(made, endpoints, rules)
    return dict(body)


def stopped(body: Body) -> dict[str, Any]:
    """A manual send that goes no further."""
    return {**body, "status": SendStatus.STOPPED.value}


def messages(steps: Sequence[Step]) -> Iterator[Message]:
    """Every message among steps, also in branches and arms."""
    for step in steps:
        if isinstance(step, Message):
            yield step
        for way in _ways(step):
            yield from messages(way)


def longest_wait_ms(steps: Sequence[Step]) -> int:
    """How long a contact may stay in steps, quiet hours left aside."""
    return sum(
        (step.ms if isinstance(step, Wait | WaitForPurchase) else 0)
        + max(map(longest_wait_ms, _ways(step)), default=0)
        for step in steps
    )


def _ways(step: Step) -> tuple[Sequence[Step], ...]:
    """The steps that may follow inside a step, of which a contact goes one way."""
    match step:
        case Branch():
            return (*(inner for _, inner in step.paths), step.otherwise)
        case Split():
            return tuple(arm.steps for arm in step.arms)
        case WaitForPurchase():
            return step.bought, step.silent
    return ()


def _require_known(made: Automation, endpoints: Container[str], rules: Container[str]) -> None:
    unknown = sorted({one.endpoint for one in messages(made.steps) if one.endpoint not in endpoints})
    problems = [Problem("steps", f"create the endpoint {one}, or choose another one") for one in unknown]
    for path, rule_id in (
        ("audience.rule_id", made.audience.rule_id),
        ("trigger.rule_id", made.trigger.rule_id),
    ):
        if rule_id is not None and rule_id not in rules:
            problems.append(Problem(path, f"there is no rule {rule_id}: choose another one"))
    if problems:
        raise InvalidAutomation(problems)
