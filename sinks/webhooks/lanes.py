"""One lane an endpoint: who waits for it, in which order, and how much of it may be under way. Pure.

Of each contact only the oldest action of the lane may be under way or next; the others wait behind it. An
action that waits for its next attempt therefore holds up its own contact at this endpoint, and nobody else.
"""

import heapq
from collections import deque
from dataclasses import dataclass, field

from sinks.webhooks.circuit import Circuit

LaneKey = tuple[str, str]
"""(account_id, endpoint_id)."""


_Contact = tuple[int, str]
"""Partition and contact: who lands on two partitions by mistake has no order between them."""


@dataclass(slots=True, eq=False)
class Job:
    """An accepted action that has not ended."""

    partition: int
    offset: int
    action_id: str
    account_id: str
    contact_id: str
    endpoint_id: str
    round: int
    accepted_at_ms: int
    next_at_ms: int
    value: bytes
    """The action as it stood in the log."""
    key: bytes | None = None
    attempts: int = 0
    cancelled: bool = False
    released: bool = False
    """Its partition has left this process: whatever comes of it is nobody's business here."""

    @property
    def lane(self) -> LaneKey:
        """Where it waits."""
        return self.account_id, self.endpoint_id

    @property
    def contact(self) -> _Contact:
        """Whose order counts."""
        return self.partition, self.contact_id


@dataclass(slots=True)
class Lane:
    """What waits for one endpoint."""

    circuit: Circuit = field(default_factory=Circuit)
    under_way: int = 0
    limit: int = 1
    per_second: int = 1
    _queues: dict[_Contact, deque[Job]] = field(default_factory=dict)
    _heads: list[tuple[int, int, _Contact]] = field(default_factory=list)
    """Heap of (due in ms, offset, contact) of the oldest action of each contact that may begin."""
    _size: int = 0
    _tokens: float = 1.0
    _filled_at_ms: int = 0

    def __len__(self) -> int:
        return self._size

    def add(self, job: Job) -> None:
        """Put a job behind those of its contact."""
        queue = self._queues.setdefault(job.contact, deque())
        queue.append(job)
        self._size += 1
        if len(queue) == 1:
            self._offer(job)

    def take(self, now_ms: int) -> Job | None:
        """The next job that may begin now; it stays first of its contact until `retry` or `end`."""
        if not self._heads or self._heads[0][0] > now_ms:
            return None
        if not self.circuit.may_start(self.under_way, self.limit, now_ms) or not self._spend(now_ms):
            return None
        contact = heapq.heappop(self._heads)[2]
        self.under_way += 1
        return self._queues[contact][0]

    def retry(self, job: Job) -> None:
        """A job that was taken begins again at its `next_at_ms`."""
        self.under_way -= 1
        if not job.released:
            self._offer(job)

    def end(self, job: Job) -> None:
        """A job that was taken has ended: the next of its contact may begin."""
        self.under_way -= 1
        if not job.released:
            self._remove_first(job)

    def hurry(self, job: Job, now_ms: int) -> None:
        """Give a job that waits for its next attempt its turn at once."""
        job.next_at_ms = now_ms
        kept = [head for head in self._heads if head[1:] != (job.offset, job.contact)]
        if len(kept) < len(self._heads):
            self._heads = kept
            heapq.heapify(self._heads)
            self._offer(job)

    def release(self, partition: int) -> None:
        """Forget what belongs to a partition."""
        for contact in [contact for contact in self._queues if contact[0] == partition]:
            queue = self._queues.pop(contact)
            self._size -= len(queue)
            for job in queue:
                job.released = True
        self._heads = [head for head in self._heads if head[2] in self._queues]
        heapq.heapify(self._heads)

    def wake_at(self, now_ms: int) -> int | None:
        """When `take` may give something; None if only an end of what is under way can change that."""
        if not self._heads or self.under_way >= self.circuit.allowed(self.limit):
            return None
        due = max(self._heads[0][0], self.circuit.paused_until_ms)
        return due if due > now_ms else now_ms + 1 + 1000 // self.per_second

    def _offer(self, job: Job) -> None:
        heapq.heappush(self._heads, (job.next_at_ms, job.offset, job.contact))

    def _remove_first(self, job: Job) -> None:
        queue = self._queues[job.contact]
        queue.popleft()
        self._size -= 1
        if queue:
            self._offer(queue[0])
        else:
            del self._queues[job.contact]

    def _spend(self, now_ms: int) -> bool:
        """One token of a bucket that holds a second's worth."""
        passed = max(now_ms - self._filled_at_ms, 0)
        self._tokens = min(self._tokens + passed * self.per_second / 1000, float(self.per_second))
        self._filled_at_ms = now_ms
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
