"""Whom an automation would have reached: its trigger held against what is stored of the past days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from schemas.automation import Automation, Trigger, TriggerKind
from schemas.automation_json import FIRING
from schemas.records import Segment
from schemas.rules import Combinator, Condition, Field, Group, Operator, conditions
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.audience import rule_of
from sinks.monitor.figures.results import milliseconds
from sinks.rules.audience import Rules
from sinks.rules.sql import as_of_each_row, to_sql

DAYS = 30
"""How far back a preview looks."""
_NEGATIVE = {Operator.NOT_EQUAL, Operator.NOT_IN, Operator.ABSENT}


class Basis(StrEnum):
    """Out of what the figure is computed, or why there is none."""

    CHANGES = "changes"
    PURCHASES = "purchases"
    RULE_OF_PRESENT = "rule_of_present"
    SENTIMENT = "sentiment"
    FORECAST = "forecast"
    MANUAL = "manual"


@dataclass(frozen=True, slots=True)
class Reached:
    """Contacts of the past days; None where they cannot be computed."""

    contacts: int | None
    basis: Basis


def read_reached(
    queries: Queries, account_id: str, made: Automation, saved: Rules, *, now: datetime, today: date
) -> Reached:
    """Each contact once. The audience is judged as of then where that is stored, else as of now."""
    trigger = made.trigger
    match trigger.kind:
        case TriggerKind.SEGMENT_ENTERED:
            ways = _outside(trigger.segments, trigger.other), trigger.segments
            return _by_changes(queries, account_id, made, saved, ways, now)
        case TriggerKind.SEGMENT_LEFT:
            ways = trigger.segments, _outside(trigger.segments, trigger.other)
            return _by_changes(queries, account_id, made, saved, ways, now)
        case TriggerKind.SILENCE:
            return _by_silence(queries, account_id, made, saved, today)
        case TriggerKind.RULE:
            inside = segments_where(_rule(trigger, saved))
            if inside is None or Segment.NO_PURCHASES in inside:
                return Reached(None, Basis.RULE_OF_PRESENT)
            ways = _outside(inside, ()), inside
            return _by_changes(queries, account_id, made, saved, ways, now)
        case TriggerKind.MANUAL:
            return Reached(None, Basis.MANUAL)
    return Reached(None, Basis(trigger.kind.value))


def segments_where(rule: Group | None) -> tuple[str, ...] | None:
    """Segments in which a rule holds; None if it asks for more than the segment, whose past is not stored."""
    if rule is None or any(one.field is not Field.SEGMENT for one in conditions(rule)):
        return None
    return tuple(segment.value for segment in Segment if _holds(rule, segment))


def _holds(rule: Group, segment: str) -> bool:
    found = [_holds(m, segment) if isinstance(m, Group) else _is(m, segment) for m in rule.members]
    joined = all(found) if rule.combinator is Combinator.AND else any(found)
    return joined is not rule.negated


def _is(condition: Condition, segment: str) -> bool:
    among = not condition.values or segment in condition.values
    return among is not (condition.operator in _NEGATIVE)


def _rule(trigger: Trigger, saved: Rules) -> Group | None:
    found = saved(trigger.rule_id) if trigger.rule_id is not None else None
    parts = tuple(one for one in (trigger.rule, found) if one is not None)
    return Group(Combinator.AND, negated=False, members=parts) if parts else None


def _outside(segments: Sequence[str], chosen: Sequence[str]) -> tuple[str, ...]:
    """The other side of a change: what was chosen, else every segment beyond."""
    return tuple(one for one in (chosen or [s.value for s in Segment]) if one not in segments)


def _by_changes(
    queries: Queries,
    account_id: str,
    made: Automation,
    saved: Rules,
    ways: tuple[Sequence[str], Sequence[str]],
    now: datetime,
) -> Reached:
    sql = as_of_each_row(to_sql(rule_of(made.audience, saved), now.date()), "assumeNotNull(effective_day)")
    [found] = queries.rows_where(
        "reached_by_change",
        account_id,
        sql.text,
        causes=list(made.trigger.causes or FIRING),
        since_ms=milliseconds(now - timedelta(days=DAYS)),
        until_ms=milliseconds(now),
        from_segments=list(ways[0]),
        to_segments=list(ways[1]),
        **sql.parameters,
    )
    return Reached(int(found["contacts"]), Basis.CHANGES)


def _by_silence(queries: Queries, account_id: str, made: Automation, saved: Rules, today: date) -> Reached:
    sql = to_sql(rule_of(made.audience, saved), today)
    silent = timedelta(days=made.trigger.days)
    [found] = queries.rows_where(
        "reached_by_silence",
        account_id,
        sql.text,
        first=today - timedelta(days=DAYS - 1) - silent,
        last=today - silent,
        days=made.trigger.days,
        **sql.parameters,
    )
    return Reached(int(found["contacts"]), Basis.PURCHASES)
