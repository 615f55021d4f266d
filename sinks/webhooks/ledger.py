"""What one partition knows of its actions: which wait, which ended, and what of that is not committed yet."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from schemas.actions import DeliveryState, Outcome
from schemas.cloudevents import headers
from schemas.codec import Codec
from schemas.keys import contact_key
from schemas.reasons import Reason
from schemas.records import Topic
from sinks.webhooks.lanes import Job
from sinks.webhooks.payload import Action
from sinks.webhooks.sending import Answer

RESEND_HEADER = "latido-resend"
"""Header of an action that is to be sent again: the number of the round, 1 for the first resend."""
_DAY_MS = 86_400_000
_REMEMBERED_DAYS = 30


@dataclass(frozen=True, slots=True)
class Note:
    """A record to produce."""

    topic: Topic
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Batch:
    """What one transaction holds: notes, and the next offset to read of automation-actions.v1."""

    notes: list[Note]
    next_offset: int


@dataclass(frozen=True, slots=True)
class Incoming:
    """One record of automation-actions.v1."""

    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    round: int


class Ledger:
    """One partition's. Used by the event loop only."""

    def __init__(self, number: int, codec: Codec, next_offset: int) -> None:
        self.number = number
        self.jobs: dict[str, Job] = {}
        self.next_offset = next_offset
        self._codec = codec
        self._ended: dict[str, tuple[int, int]] = {}
        """Round and day of the end, by action; oldest end first."""
        self._states: dict[bytes, bytes] = {}
        self._notes: list[Note] = []
        self._moved = False

    @property
    def is_dirty(self) -> bool:
        """Whether anything is not committed."""
        return self._moved

    @property
    def uncommitted(self) -> int:
        """How many records wait for their transaction."""
        return len(self._states) + len(self._notes)

    def restored(self, record: Mapping[str, Any]) -> None:
        """Take a record of webhook-attempts.v1, in log order."""
        action_id = record["action_id"]
        if record["state"] != DeliveryState.PENDING:
            self.jobs.pop(action_id, None)
            self._remember(action_id, record["round"], record["updated_at"])
            return
        self.jobs[action_id] = Job(
            partition=self.number,
            offset=record["source_offset"],
            action_id=action_id,
            account_id=record["account_id"],
            contact_id=record["contact_id"],
            endpoint_id=record["endpoint_id"],
            round=record["round"],
            accepted_at_ms=record["accepted_at"],
            next_at_ms=record["next_at"],
            value=record["action"],
            attempts=record["attempts"],
        )

    def passed(self, offset: int) -> None:
        """Everything up to this offset was looked at."""
        self.next_offset = max(self.next_offset, offset + 1)
        self._moved = True

    def is_known(self, action_id: str, round_: int) -> bool:
        """Whether an action was taken in this round or a later one; while it waits, no new round begins."""
        ended = self._ended.get(action_id)
        return action_id in self.jobs or (ended is not None and ended[0] >= round_)

    def accept(self, job: Job, now_ms: int) -> None:
        """An action that is to be sent."""
        self.jobs[job.action_id] = job
        self._state(job, DeliveryState.PENDING, now_ms)

    def tried(self, job: Job, action: Action, answer: Answer, at_ms: int, now_ms: int) -> None:
        """An attempt failed and another follows at `job.next_at_ms`."""
        self._state(job, DeliveryState.PENDING, now_ms)
        self._delivery(job, action, answer, DeliveryState.PENDING, at_ms)

    def postponed(self, job: Job, now_ms: int) -> None:
        """Its next attempt was moved without having been made."""
        self._state(job, DeliveryState.PENDING, now_ms)

    def ended(
        self, job: Job, action: Action | None, answer: Answer, state: DeliveryState, at_ms: int, now_ms: int
    ) -> None:
        """An action ended; a failed one becomes a dead letter. `action` is None if it cannot be read."""
        self.jobs.pop(job.action_id, None)
        self._remember(job.action_id, job.round, now_ms)
        self._state(job, state, now_ms)
        if action is not None:
            self._delivery(job, action, answer, state, at_ms)
        if state is DeliveryState.FAILED:
            self._letter(job, answer)

    def unreadable(self, incoming: Incoming, detail: str) -> None:
        """A record of automation-actions.v1 that is none."""
        self._dead(incoming.offset, incoming.timestamp_ms, Reason.MALFORMED, detail, None, incoming, 0)

    def take_batch(self) -> Batch:
        """What is to be committed now; it counts as committed from here on."""
        states = [Note(Topic.WEBHOOK_ATTEMPTS, key, value) for key, value in self._states.items()]
        batch = Batch([*states, *self._notes], self.next_offset)
        self._states, self._notes, self._moved = {}, [], False
        return batch

    def _remember(self, action_id: str, round_: int, at_ms: int) -> None:
        today = at_ms // _DAY_MS
        self._ended.pop(action_id, None)
        self._ended[action_id] = (round_, today)
        oldest = next(iter(self._ended))
        if self._ended[oldest][1] < today - _REMEMBERED_DAYS:
            del self._ended[oldest]

    def _state(self, job: Job, state: DeliveryState, now_ms: int) -> None:
        pending = state is DeliveryState.PENDING
        record = {
            "action_id": job.action_id,
            "account_id": job.account_id,
            "contact_id": job.contact_id,
            "endpoint_id": job.endpoint_id,
            "state": state.value,
            "round": job.round,
            "attempts": job.attempts,
            "accepted_at": job.accepted_at_ms,
            "next_at": job.next_at_ms if pending else None,
            "updated_at": now_ms,
            "source_partition": job.partition,
            "source_offset": job.offset,
            "action": job.value if pending else None,
        }
        key = f"{job.account_id}|{job.action_id}".encode()
        self._states[key] = self._codec.encode_one("webhook_attempt", record)
        self._moved = True

    def _delivery(self, job: Job, action: Action, answer: Answer, state: DeliveryState, at_ms: int) -> None:
        attempt = 0 if answer.outcome in WITHOUT_ATTEMPT else job.attempts
        delivery_id = f"{job.action_id}-{job.round}-{attempt}"
        record = {
            "delivery_id": delivery_id,
            "action_id": job.action_id,
            "account_id": job.account_id,
            "contact_id": job.contact_id,
            "automation_id": action["automation_id"],
            "source": action["source"],
            "endpoint_id": job.endpoint_id,
            "round": job.round,
            "attempt": attempt,
            "state": state.value,
            "outcome": answer.outcome.value,
            "status": answer.status,
            "detail": answer.detail,
            "attempted_at": at_ms,
            "took_ms": answer.took_ms,
            "next_at": job.next_at_ms if state is DeliveryState.PENDING else None,
            "due_at": action["due_at"],
            "triggered_at": action["triggered_at"],
            "source_partition": job.partition,
            "source_offset": job.offset,
            "test": action["test"],
        }
        topic, account_id, contact_id = Topic.WEBHOOK_DELIVERIES, job.account_id, job.contact_id
        value = self._codec.encode_one("webhook_delivery", record)
        told = headers(topic, delivery_id, account_id, contact_id, at_ms)
        self._notes.append(Note(topic, contact_key(account_id, contact_id), value, told))

    def _letter(self, job: Job, answer: Answer) -> None:
        key = contact_key(job.account_id, job.contact_id)
        source = Incoming(job.offset, job.accepted_at_ms, key, job.value, job.round)
        detail = f"{answer.outcome} after {job.attempts} attempts: {answer.detail}"
        reason = Reason.WEBHOOK_FAILED
        self._dead(job.offset, job.accepted_at_ms, reason, detail, job.account_id, source, job.round + 1)

    def _dead(
        self,
        offset: int,
        timestamp_ms: int,
        reason: Reason,
        detail: str,
        account_id: str | None,
        source: Incoming,
        next_round: int,
    ) -> None:
        again = [{"name": RESEND_HEADER, "value": str(next_round).encode()}] if next_round else []
        record = {
            "topic": Topic.AUTOMATION_ACTIONS.value,
            "partition": self.number,
            "offset": offset,
            "timestamp": timestamp_ms,
            "reason": reason.value,
            "detail": detail,
            "account_id": account_id,
            "key": source.key,
            "value": source.value,
            "headers": again,
        }
        key = f"{Topic.AUTOMATION_ACTIONS.value}|{self.number}|{offset}".encode()
        self._notes.append(Note(Topic.DEAD_LETTERS, key, self._codec.encode_one("dead_letter", record)))
        self._moved = True


WITHOUT_ATTEMPT = frozenset(
    {
        Outcome.ENDPOINT_UNKNOWN,
        Outcome.ENDPOINT_DISABLED,
        Outcome.SECRET_MISSING,
        Outcome.EXPIRED,
        Outcome.STALE,
        Outcome.OVERFLOW,
        Outcome.CANCELLED,
        Outcome.UNUSABLE,
    }
)
"""Ends that no request came before."""
