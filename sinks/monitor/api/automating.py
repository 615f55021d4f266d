"""What routes about automations and sends share: definitions of the account, spans, and who is meant."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

from fastapi import Query

from schemas.automation import MESSAGING, RULE, SETTINGS, Message, Messaging
from schemas.automation_edits import messages
from schemas.automation_json import InvalidAutomation, parse_messaging, parse_send
from schemas.definitions import Definition
from schemas.endpoint import KIND as ENDPOINT
from schemas.endpoint import Endpoint
from schemas.rule_json import InvalidRule, parse_rule
from schemas.rules import Group
from sinks.monitor.api.context import Asked
from sinks.monitor.api.results_answers import ChannelAnswer, SampleAnswer
from sinks.monitor.figures.audience import Reach, read_sample
from sinks.monitor.figures.results import Span
from sinks.monitor.figures.sample import message_for
from sinks.monitor.problems import NotFound

Days = Annotated[int, Query(ge=1, le=365, description="Visits that began in the past so many days.")]


def definition_of(ask: Asked, kind: str, id_: str) -> Definition:
    """A definition of the account; NotFound."""
    found = ask.parts.definitions.get(ask.account_id, kind, id_)
    if found is None:
        raise NotFound
    return found


def saved_rule(ask: Asked, rule_id: str) -> Group | None:
    """A saved rule as it is now; None for one that is not there, or no longer makes sense."""
    found = ask.parts.definitions.get(ask.account_id, RULE, rule_id)
    try:
        return parse_rule(found.body.get("rule")) if found else None
    except InvalidRule:
        return None


def endpoints_of(ask: Asked) -> dict[str, Endpoint]:
    """Endpoints of the account by id."""
    found = ((one.id, _endpoint(one)) for one in ask.parts.definitions.of_kind(ENDPOINT, ask.account_id))
    return {id_: one for id_, one in found if one is not None}


def rule_ids(ask: Asked) -> set[str]:
    """Ids of the account's saved rules."""
    return {one.id for one in ask.parts.definitions.of_kind(RULE, ask.account_id)}


def messaging_of(ask: Asked) -> Messaging:
    """Settings of the account's messages, as the stream sees them."""
    found = ask.parts.definitions.get(ask.account_id, SETTINGS, MESSAGING)
    try:
        return parse_messaging(found.body) if found else Messaging()
    except InvalidAutomation:
        return Messaging()


def span_of(ask: Asked, days: int) -> Span:
    """The past so many days, up to now; what carries the present second is in it."""
    return Span(ask.now - timedelta(days=days), ask.now + timedelta(seconds=60))


def messages_of(body: Mapping[str, Any]) -> list[Message]:
    """The messages of a body that may lack everything else."""
    try:
        return list(messages(parse_send({"name": "-", "steps": body.get("steps")}).steps))
    except InvalidAutomation:
        return []


def channels_of(found: list[Message]) -> list[str]:
    """Channels of messages, each once."""
    return list(dict.fromkeys(one.channel for one in found if one.channel is not None))


def channel_answers(reach: Reach) -> list[ChannelAnswer]:
    """How many each channel would not reach."""
    return [ChannelAnswer(channel=name, without_consent=n) for name, n in reach.without_consent.items()]


def sample_answer(ask: Asked, rule: Group, found: list[Message]) -> SampleAnswer | None:
    """The first message as one contact would get it; None without a message, or without anybody."""
    if not found:
        return None
    first = next((one for one in found if one.template), found[0])
    row = read_sample(ask.queries, ask.account_id, rule, first.channel or "", ask.today)
    if row is None:
        return None
    return SampleAnswer(
        contact_id=row["contact_id"],
        name=row["personal_name"],
        channel=first.channel,
        endpoint=first.endpoint,
        text=message_for(first.template, row, ask.today) if first.template else None,
    )


def _endpoint(definition: Definition) -> Endpoint | None:
    try:
        return Endpoint.of(definition.body)
    except ValueError:
        return None
