"""A state restores from records that the version before wrote, beside those of this one."""

import io
from typing import Any

import fastavro

from schemas.catalog import Catalog, FileSchemas
from schemas.codec import Codec
from schemas.keys import contact_key
from schemas.wire import header
from streams.agents.restoring import CLOCK, Restoring, state_of
from streams.rfm.account import Account
from streams.rfm.segments import Segment

PREVIOUS_ID = 9_001
ADDED_SINCE = {"removed", "changed_at", "sentiment_sum", "sentiment_weight", "origin_event_id"}
ACCOUNT = Account.from_body("acme", {"time_zone": "UTC", "currency": "USD"})


class Previous(FileSchemas):
    """The schema of profiles as it was: without the fields added since, under an id of its own."""

    def written(self, schema_id: int) -> Any:
        """The schema that has the id."""
        if schema_id != PREVIOUS_ID:
            return super().written(schema_id)
        now = Catalog().schema("contact_profile")
        return {**now, "fields": [field for field in now["fields"] if field["name"] not in ADDED_SINCE]}


def profile(contact_id: str, sequence: int) -> dict[str, Any]:
    """A contact without orders in the ledger."""
    return {
        "account_id": "acme", "contact_id": contact_id, "sequence": sequence, "orders": 0, "revenue_minor": 0,
        "currency": "USD", "r": 0, "f": 0, "m": 0, "segment": Segment.NO_PURCHASES, "model_version": 1,
        "scored_day": 20_000, "changes": 2, "interactions": 0,
    }  # fmt: skip


def written_before(record: dict[str, Any]) -> bytes:
    """Bytes as the version before wrote them."""
    body = io.BytesIO()
    fastavro.schemaless_writer(body, fastavro.parse_schema(Previous().written(PREVIOUS_ID)), record)
    return header(PREVIOUS_ID) + body.getvalue()


def test_profiles_of_the_version_before_restore_beside_those_of_this_one() -> None:
    codec = Codec(Previous())
    profiles = [profile(f"c{i}", i) for i in range(1, 101)]
    values: list[bytes | None] = [
        *(written_before(one) for one in profiles[:50]),
        *(codec.encode_one("contact_profile", one) for one in profiles[50:]),
    ]
    step = {
        "account_id": "acme", "kind": "opened", "time_zone": "UTC", "day": 20_000, "model_version": 1,
        "positions": [], "definitions_offset": 1, "applied_at": 0,
    }  # fmt: skip
    restoring = Restoring(codec)
    restoring.take(CLOCK, [b"acme"], [codec.encode_one("clock_step", step)])
    restoring.take("contact-profiles.v1", [contact_key("acme", f"c{i}") for i in range(1, 101)], values)
    contacts = state_of(restoring.collected(), {"acme": ACCOUNT}, {}, 100).accounts["acme"].everyone()
    assert len(contacts) == 100
    assert {(c.changes, c.segment, bool(c.removed)) for c in contacts.values()} == {
        (2, Segment.NO_PURCHASES, False)
    }
