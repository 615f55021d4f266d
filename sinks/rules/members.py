"""Who matches a rule: counted before it is saved, listed a page at a time, written as a file."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.rules import Group
from sinks.clickhouse.queries import Queries
from sinks.rules.sql import to_sql


@dataclass(frozen=True, slots=True)
class Members:
    """A page of contacts by id; `next_after` is where the next page starts, None after the last one."""

    rows: Sequence[Mapping[str, Any]]
    next_after: str | None


def count_members(queries: Queries, account_id: str, rule: Group, today: date) -> int:
    """How many contacts match as of a day of the account's calendar."""
    sql = to_sql(rule, today)
    [found] = queries.rows_where("rule_count", account_id, sql.text, **sql.parameters)
    return int(found["contacts"])


def list_members(
    queries: Queries, account_id: str, rule: Group, *, today: date, after: str = "", limit: int = 100
) -> Members:
    """At most `limit` contacts whose id comes after `after`."""
    sql = to_sql(rule, today)
    rows = queries.rows_where(
        "rule_members", account_id, sql.text, after=after, limit=limit + 1, **sql.parameters
    )
    shown = rows[:limit]
    return Members(shown, shown[-1]["contact_id"] if len(rows) > limit else None)
