"""Takes actions, gives each its turns, and commits what came of them. All of it in one event loop.

An action is in the log, then pending here, then ended. Where it stands is committed together with the
position in the log, a moment after the fact: a crash repeats at most the requests of that moment, with the
same ids.
"""

import asyncio
import heapq
import time
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field

from schemas.actions import DeliveryState, Outcome
from schemas.codec import Codec
from schemas.metrics import Metrics
from sinks.webhooks.accepting import Asked, Demand, job_of, judge
from sinks.webhooks.attempting import Attempts, Result
from sinks.webhooks.crash import CrashPoint, fail
from sinks.webhooks.lanes import Job, Lane, LaneKey
from sinks.webhooks.ledger import Incoming, Ledger
from sinks.webhooks.sending import Answer
from sinks.webhooks.settings import WebhookSettings
from sinks.webhooks.storing import Store, StoreFailed

_TICK_SECONDS = 0.25
"""How often a driven clock is looked at."""
_TRANSACTIONS_PER_SECOND = 100
_OBSERVE_SECONDS = 0.5
_MOST_UNCOMMITTED = 20_000


@dataclass(slots=True, eq=False)
class _Held:
    """A partition this process owns."""

    ledger: Ledger
    store: Store
    changed: asyncio.Event = field(default_factory=asyncio.Event)
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    task: "asyncio.Task[None] | None" = None


class Dispatcher:
    """The process's heart; every method belongs to its event loop."""

    def __init__(
        self, settings: WebhookSettings, codec: Codec, attempts: Attempts, threads: Executor, metrics: Metrics
    ) -> None:
        self._settings = settings
        self._codec = codec
        self._attempts = attempts
        self._threads = threads
        self._metrics = metrics
        self._held: dict[int, _Held] = {}
        self._lanes: dict[LaneKey, Lane] = {}
        self._turns: set[asyncio.Task[None]] = set()
        self._soon: set[LaneKey] = set()
        self._later: list[tuple[int, LaneKey]] = []
        self._planned: dict[LaneKey, int] = {}
        self._observed_at_s = 0.0
        self._wake = asyncio.Event()
        self._is_draining = False

    @property
    def partitions(self) -> list[int]:
        """Those this process owns."""
        return sorted(self._held)

    async def run(self) -> None:
        """Give turns until cancelled. The one timer structure: a heap of lanes by when they may move."""
        while True:
            self._wake.clear()
            soon, self._soon = self._soon, set()
            now = self._attempts.now_ms()
            soon |= self._due(now)
            for key in soon:
                self._pump(key, now)
            self._observe()
            await self._sleep(now)

    async def adopt(self, ledger: Ledger, store: Store) -> None:
        """Own a partition, as its last owner left it."""
        held = self._held[ledger.number] = _Held(ledger, store)
        held.task = asyncio.create_task(self._keep_committing(held))
        for job in sorted(ledger.jobs.values(), key=lambda job: job.offset):
            self._add(job)

    async def release(self, numbers: Sequence[int], *, commit: bool, drain_seconds: float) -> None:
        """Give partitions up. With `commit`, after what is under way had a moment to end."""
        if commit:
            await self._drain(drain_seconds)
        for number in numbers:
            held = self._held.pop(number, None)
            if held is None:
                continue
            for lane in self._lanes.values():
                lane.release(number)
            async with held.lock:
                if held.task is not None:
                    held.task.cancel()
            if commit:
                await self._commit(held)
        self._is_draining = False

    async def take(self, number: int, records: Sequence[Incoming]) -> None:
        """Take records of a partition, in log order; waits while too much is not committed."""
        held = self._held.get(number)
        if held is None:
            return
        now = self._attempts.now_ms()
        for incoming in records:
            self._accept(held.ledger, incoming, now)
        held.changed.set()
        self._wake.set()
        self._attempts.crash.reached(CrashPoint.AFTER_ACCEPT)
        if held.ledger.uncommitted > _MOST_UNCOMMITTED:
            await self._commit(held)

    def _accept(self, ledger: Ledger, incoming: Incoming, now: int) -> None:
        asked = judge(self._codec, incoming, now)
        ledger.passed(incoming.offset)
        match asked.demand:
            case Demand.SEND | Demand.REFUSE_STALE:
                self._accept_action(ledger, incoming, asked, now)
            case Demand.CANCEL if asked.action is not None:
                self._cancel(ledger, asked.action["action_id"], now)
            case Demand.UNREADABLE:
                ledger.unreadable(incoming, asked.detail)
                self._metrics.webhooks_ended.labels(Outcome.UNUSABLE).inc()

    def _accept_action(self, ledger: Ledger, incoming: Incoming, asked: Asked, now: int) -> None:
        action = asked.action
        if action is None or ledger.is_known(action["action_id"], incoming.round):
            self._metrics.webhooks_repeated.inc()
            return
        job = job_of(ledger.number, incoming, action, now, self._attempts.schedule.first_at(now))
        refused = self._refused(job, asked)
        if refused is not None:
            self._end(ledger, job, Result(DeliveryState.FAILED, refused, now), asked)
            return
        ledger.accept(job, now)
        self._add(job)

    def _refused(self, job: Job, asked: Asked) -> Answer | None:
        if asked.demand is Demand.REFUSE_STALE:
            return Answer(Outcome.STALE, "it was due so long ago that it may have been sent before")
        lane = self._lanes.get(job.lane)
        if lane is None:
            return None
        waiting = sum(len(held.ledger.jobs) for held in self._held.values())
        crowded = waiting >= self._settings.webhooks_pending_records and lane.circuit.is_open
        if crowded or len(lane) >= self._settings.webhooks_endpoint_records:
            return Answer(Outcome.OVERFLOW, "too many webhooks wait for this endpoint already")
        return None

    def _cancel(self, ledger: Ledger, action_id: str, now: int) -> None:
        job = ledger.jobs.get(action_id)
        if job is not None:
            job.cancelled = True
            self._lanes[job.lane].hurry(job, now)
            self._soon.add(job.lane)

    def _add(self, job: Job) -> None:
        self._lanes.setdefault(job.lane, Lane()).add(job)
        self._soon.add(job.lane)
        self._wake.set()

    def _pump(self, key: LaneKey, now: int) -> None:
        lane = self._lanes[key]
        while not self._is_draining and len(self._turns) < self._settings.webhooks_requests:
            job = lane.take(now)
            if job is None:
                break
            turn = asyncio.create_task(self._turn(lane, job))
            self._turns.add(turn)
            turn.add_done_callback(self._turns.discard)
        self._plan(key, lane.wake_at(now))

    def _plan(self, key: LaneKey, wake_at: int | None) -> None:
        planned = self._planned.get(key)
        if wake_at is not None and (planned is None or wake_at < planned):
            self._planned[key] = wake_at
            heapq.heappush(self._later, (wake_at, key))

    def _due(self, now: int) -> set[LaneKey]:
        due = set()
        while self._later and self._later[0][0] <= now:
            at, key = heapq.heappop(self._later)
            if self._planned.get(key) == at:
                del self._planned[key]
                due.add(key)
        return due

    async def _turn(self, lane: Lane, job: Job) -> None:
        """One turn, whatever happens in it: a fault of ours ends the process."""
        try:
            action = self._codec.decode_one("automation_action", job.value)
            result = await self._attempts.turn(job, action, lane)
            self._settle(lane, job, Asked(Demand.SEND, action), result)
        except Exception as error:  # noqa: BLE001 - crash-only: what is pending is tried again after the restart
            fail(f"turn of {job.action_id}: {error!r}")
        self._soon.add(job.lane)
        self._wake.set()

    def _settle(self, lane: Lane, job: Job, asked: Asked, result: Result) -> None:
        if result.answer is not None:
            self._metrics.webhook_attempts.labels(result.answer.outcome).inc()
            self._metrics.webhook_attempt_seconds.observe(result.answer.took_ms / 1000)
        held = self._held.get(job.partition)
        pending = result.state is DeliveryState.PENDING
        if not job.released and held is not None:
            now = self._attempts.now_ms()
            if not pending:
                self._end(held.ledger, job, result, asked)
            elif result.answer is None or asked.action is None:
                held.ledger.postponed(job, now)
            else:
                held.ledger.tried(job, asked.action, result.answer, result.began_at_ms, now)
            held.changed.set()
        if pending:
            lane.retry(job)
        else:
            lane.end(job)

    def _end(self, ledger: Ledger, job: Job, result: Result, asked: Asked) -> None:
        now = self._attempts.now_ms()
        if result.answer is None:
            raise RuntimeError("an end has its reason")
        ledger.ended(job, asked.action, result.answer, result.state, result.began_at_ms, now)
        self._metrics.webhooks_ended.labels(result.state).inc()
        if result.state is DeliveryState.DELIVERED and asked.action is not None:
            self._metrics.webhook_delivery_seconds.observe(max(now - asked.action["due_at"], 0) / 1000)

    async def _keep_committing(self, held: _Held) -> None:
        while True:
            await held.changed.wait()
            held.changed.clear()
            await asyncio.sleep(self._gather_seconds)
            await self._commit(held)

    async def _commit(self, held: _Held) -> None:
        async with held.lock:
            if not held.ledger.is_dirty:
                return
            batch = held.ledger.take_batch()
            try:
                await asyncio.get_running_loop().run_in_executor(self._threads, held.store.commit, batch)
            except StoreFailed as error:
                fail(str(error))

    @property
    def _gather_seconds(self) -> float:
        """Longer with more partitions: a transaction costs the broker more than what it holds."""
        return max(self._settings.webhooks_gather_seconds, len(self._held) / _TRANSACTIONS_PER_SECOND)

    async def _drain(self, seconds: float) -> None:
        self._is_draining = True
        if self._turns:
            await asyncio.wait(set(self._turns), timeout=seconds)

    async def _sleep(self, now: int) -> None:
        if self._soon:
            await asyncio.sleep(0)
            return
        due_s = (self._later[0][0] - now) / 1000 if self._later else _TICK_SECONDS
        try:
            async with asyncio.timeout(min(max(due_s, 0.001), _TICK_SECONDS)):
                await self._wake.wait()
        except TimeoutError:
            return

    def _observe(self) -> None:
        if time.monotonic() - self._observed_at_s < _OBSERVE_SECONDS:
            return
        self._observed_at_s = time.monotonic()
        self._metrics.webhooks_pending.set(sum(len(held.ledger.jobs) for held in self._held.values()))
        self._metrics.webhook_circuits_open.set(sum(lane.circuit.is_open for lane in self._lanes.values()))
