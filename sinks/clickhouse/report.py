"""The figures of one account: groups and segments as of now, sales for a period (A6-A8, A11, A14)."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from schemas.records import Segment
from sinks.clickhouse.queries import Queries
from sinks.clock import Clock
from sinks.periods import Period

GROUPS: Mapping[str, tuple[Segment, ...]] = {
    "best_customers": (Segment.CHAMPIONS, Segment.LOYAL),
    "have_potential": (Segment.POTENTIAL_LOYALIST, Segment.RECENT),
    "priority_attention": (Segment.AT_RISK, Segment.NEED_ATTENTION, Segment.CANT_LOSE),
}


class UnknownAccount(LookupError):
    """No definition of such an account is in force here."""


@dataclass(frozen=True, slots=True)
class Account:
    """What the figures need to know of an account."""

    id: str
    time_zone: ZoneInfo
    currency: str

    def today(self, clock: Clock) -> date:
        """The day it is in the account's time zone."""
        return clock.now().astimezone(self.time_zone).date()


class Reports:
    """Answers what an account's monitor shows."""

    def __init__(self, queries: Queries, clock: Clock) -> None:
        self._queries = queries
        self._clock = clock

    def account(self, account_id: str) -> Account:
        """The account as defined; UnknownAccount if it is not."""
        found = self._queries.rows("account", account_id)
        if not found or found[0]["deleted"] or not found[0]["body"]:
            raise UnknownAccount(account_id)
        body = json.loads(found[0]["body"])
        return Account(account_id, ZoneInfo(body["time_zone"]), body["currency"])

    def today(self, account: Account) -> date:
        """The day it is for the account."""
        return account.today(self._clock)

    def report(self, account: Account, period: Period) -> dict[str, Any]:
        """Everything `latido report` prints; amounts in minor units, recency in days."""
        segments = {segment.value: 0 for segment in Segment}
        for row in self._queries.rows("segments", account.id):
            segments[row["segment"]] = row["contacts"]
        return {
            "account": account.id,
            "as_of": self.today(account).isoformat(),
            "currency": account.currency,
            "total_contacts": sum(segments.values()),
            "groups": {group: sum(segments[name] for name in names) for group, names in GROUPS.items()},
            "segments": segments,
            "sales": self.sales(account, period),
        }

    def sales(self, account: Account, period: Period) -> dict[str, Any]:
        """Sales of a period; a mean over nobody is None."""
        bounds = {"from": period.first, "to": period.last}
        (sums,) = self._queries.rows("sales", account.id, **bounds)
        return {
            "period": _named(period),
            "recency_days": mean_days(sums["buyers_silent_days"], sums["buyers"]),
            "recency_days_all": mean_days(sums["all_buyers_silent_days"], sums["all_buyers"]),
            "orders": sums["orders"],
            "average_ticket_minor": rounded(sums["revenue_minor"], sums["orders"]),
            "revenue_minor": sums["revenue_minor"],
            "buyers": sums["buyers"],
        }


def mean_days(days: int, contacts: int) -> float | None:
    """days / contacts to two places, rounded half up; None over nobody."""
    hundredths = rounded(days * 100, contacts)
    return None if hundredths is None else hundredths / 100


def rounded(total: int, count: int) -> int | None:
    """total / count, not negative, rounded half up; None if count is 0."""
    return (2 * total + count) // (2 * count) if count else None


def _named(period: Period) -> dict[str, Any]:
    named = {"name": period.name, "from": period.first.isoformat(), "to": period.last.isoformat()}
    return named | {"partial": True} if period.partial else named
