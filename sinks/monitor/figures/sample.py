"""One message as one contact would get it: the values that templates may name, from a stored profile.

They are those of the stream's actions; a test holds the two together.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from schemas.messages import render
from sinks.clickhouse.report import rounded
from sinks.monitor.figures.card import days_since


def values_of(row: Mapping[str, Any], today: date) -> dict[str, str | None]:
    """Values by name, as texts; None where there is none."""
    last, following = row["last_order_day"], row["next_segment_day"]
    found: dict[str, Any] = {
        "segment": row["segment"],
        "r": row["r"],
        "f": row["f"],
        "v": row["m"],
        "orders": row["orders"],
        "revenue": row["revenue_minor"],
        "average_ticket": rounded(row["revenue_minor"], row["orders"]),
        "days_since_last": days_since(last, today),
        "last_purchase": last,
        "origin": row["origin"],
        "next_segment": row["next_segment"],
        "next_segment_date": following,
        "sentiment": row["sentiment"],
        "personal.name": row["personal_name"],
        "personal.email": row["personal_email"],
        "personal.phone": row["personal_phone"],
    }
    return {name: None if value is None else str(value) for name, value in found.items()}


def message_for(template: str, row: Mapping[str, Any], today: date) -> str:
    """The text."""
    return render(template, values_of(row, today))
