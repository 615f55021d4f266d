"""The stored past of an account for a rehearsal: all contacts of a small base, one of so many of a large one.

What a rehearsal costs grows with contacts and with what they did, so both are bounded; a larger base is
sampled by a hash of the contact's id, and what is counted is multiplied.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from schemas.rehearsal import Past, PastContact, PastPurchase, PastTalk
from sinks.clickhouse.queries import Queries

MOST_CONTACTS = 10_000
MOST_EVENTS = 40_000
"""At the most about so many are lived through: seconds of one core."""


@dataclass(frozen=True, slots=True)
class Span:
    """So many whole days of the account before today, and today so far."""

    first: date
    since_ms: int
    until_ms: int
    days: int

    @classmethod
    def of(cls, days: int, zone: ZoneInfo, now: datetime) -> "Span":
        """The span that ends now."""
        first = now.astimezone(zone).date() - timedelta(days=days)
        # Where midnight is skipped, this is the instant at which it is: the first of the day.
        since = datetime.combine(first, time(), zone).timestamp()
        return cls(first, round(since * 1000), int(now.timestamp() * 1000), days)


@dataclass(frozen=True, slots=True)
class Told:
    """A past with the share of contacts it has, one in `one_of`, and their revenue as of now by id."""

    past: Past
    one_of: int
    revenue_minor: Mapping[str, int]


def read_past(queries: Queries, account_id: str, span: Span, *, most: int = MOST_CONTACTS) -> Told:
    """Read it; `most` contacts are about the most that it has."""
    bound: dict[str, Any] = {"from": span.first}
    [size] = queries.rows("rehearsal_size", account_id, **bound)
    events = int(size["purchases"] or 0) + int(size["talks"])
    one_of = max(1, -(-int(size["contacts"]) // most), -(-events // MOST_EVENTS))
    bound["one_of"] = one_of
    contacts = queries.rows("rehearsal_contacts", account_id, **bound)
    purchases = queries.rows("rehearsal_purchases", account_id, **bound)
    talks = queries.rows("rehearsal_talks", account_id, one_of=one_of)
    past = Past(
        span.since_ms,
        span.until_ms,
        [_contact(row) for row in contacts],
        [PastPurchase(r["contact_id"], r["order_id"], r["at_ms"], r["net_minor"]) for r in purchases],
        [
            PastTalk(r["contact_id"], r["interaction_id"], r["at_ms"], r["took_place"], r["sentiment"])
            for r in talks
        ],
    )
    return Told(past, one_of, {row["contact_id"]: row["revenue_minor"] for row in contacts})


def _contact(row: Mapping[str, Any]) -> PastContact:
    return PastContact(
        row["contact_id"],
        row["first_day_then"],
        row["last_day_then"],
        row["orders_then"],
        row["revenue_then"],
        row["origin"],
        tuple(row["tags"]),
        tuple(row["granted"]),
        row["personal_name"],
        row["personal_email"],
        row["personal_phone"],
        row["personal_document"],
    )
