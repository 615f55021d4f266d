"""What people have sent by hand, besides manual sends: test events, and actions once more."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.codec import Codec
from sinks.webhooks.book import resend, send_test


@dataclass(frozen=True, slots=True)
class Outbox:
    """Writes to automation-actions.v1, for the monitor."""

    codec: Codec
    kafka: Mapping[str, Any] = field(repr=False)

    def test(self, account_id: str, endpoint_id: str) -> str:
        """Have a test event sent; the action's id, for the delivery log. NotSent."""
        return send_test(self.codec, dict(self.kafka), account_id, endpoint_id)

    def again(self, partition: int, offset: int, round_: int) -> None:
        """Have an action sent again, by its position and next round in the delivery log. NotSent."""
        resend(dict(self.kafka), partition, offset, round_)
