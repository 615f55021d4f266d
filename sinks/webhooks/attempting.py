"""What happens to one job whose turn has come: checks, one request, and what follows from the answer."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from schemas.actions import ActionSource, DeliveryState, Outcome
from schemas.codec import Codec
from schemas.definitions_topic import DefinitionsUnavailable
from schemas.endpoint import EndpointStatus
from sinks.clock import Clock
from sinks.webhooks.crash import CrashPoint, CrashPoints
from sinks.webhooks.endpoints import Endpoints, Target
from sinks.webhooks.lanes import Job, Lane
from sinks.webhooks.payload import Action, payload
from sinks.webhooks.retrying import QuietHours, Schedule
from sinks.webhooks.sending import FINAL, Answer, Sender
from sinks.webhooks.signing import signed_headers

_NAP_MS = 2_000


@dataclass(frozen=True, slots=True)
class Result:
    """Where a job stands after its turn. `state` pending: again at `job.next_at_ms`."""

    state: DeliveryState
    answer: Answer | None
    """None if there was no attempt and nothing has ended."""
    began_at_ms: int


@dataclass(frozen=True, slots=True)
class Attempts:
    """Makes attempts; knows no lanes but the one it is given, and no ledger."""

    codec: Codec
    endpoints: Endpoints
    sender: Sender
    clock: Clock
    schedule: Schedule
    crash: CrashPoints
    threads: Executor

    def now_ms(self) -> int:
        """The present by the clock."""
        return int(self.clock.now().timestamp() * 1000)

    async def turn(self, job: Job, action: Action, lane: Lane) -> Result:
        """One turn of a job that the lane gave out."""
        began = self.now_ms()
        end = self._overdue(job, action, began)
        if end is not None:
            return Result(_ended_as(end), end, began)
        quiet = _quiet_hours(action)
        quiet_end_ms = quiet.end_ms(began) if quiet else None
        if quiet_end_ms is not None:
            job.next_at_ms = quiet_end_ms
            return Result(DeliveryState.PENDING, None, began)
        target = await self._target(job, began)
        if isinstance(target, Answer):
            return Result(DeliveryState.FAILED, target, began)
        if target is None:
            job.next_at_ms = began + _NAP_MS
            return Result(DeliveryState.PENDING, None, began)
        return await self._send(job, action, lane, target, began)

    async def _send(self, job: Job, action: Action, lane: Lane, target: Target, began: int) -> Result:
        limits = target.endpoint.limits
        lane.limit, lane.per_second = limits.in_flight, limits.per_second
        try:
            body = payload(action)
        except (ValueError, KeyError, TypeError) as error:
            answer = Answer(Outcome.UNUSABLE, f"the action cannot be written as a message: {error!r}")
            return Result(DeliveryState.FAILED, answer, began)
        # The signature's time is the machine's, whatever clock drives the rest: receivers compare.
        headers = signed_headers(target.secrets, job.action_id, int(Clock().now().timestamp()), body)
        self.crash.reached(CrashPoint.BEFORE_POST)
        job.attempts += 1
        answer = await self.sender.post(target.endpoint.url, headers, body, limits.timeout_seconds)
        self.crash.reached(CrashPoint.AFTER_POST)
        return await self._judged(job, lane, answer, began)

    async def _judged(self, job: Job, lane: Lane, answer: Answer, began: int) -> Result:
        now = self.now_ms()
        if answer.outcome is Outcome.DELIVERED:
            lane.circuit.succeeded()
            return Result(DeliveryState.DELIVERED, answer, began)
        if answer.outcome is Outcome.GONE:
            await self._disable(job, now)
        if answer.retry_after_seconds is not None:
            lane.circuit.pause(now + int(answer.retry_after_seconds * 1000))
        elif answer.blames_endpoint or answer.outcome is Outcome.THROTTLED:
            lane.circuit.failed(now)
        if answer.outcome in FINAL:
            return Result(DeliveryState.FAILED, answer, began)
        if job.cancelled:
            return Result(DeliveryState.CANCELLED, answer, began)
        next_at = self.schedule.next_at(job.action_id, job.attempts, now, answer.retry_after_seconds)
        if next_at is None:
            return Result(DeliveryState.FAILED, answer, began)
        job.next_at_ms = next_at
        return Result(DeliveryState.PENDING, answer, began)

    async def _disable(self, job: Job, now_ms: int) -> None:
        self.crash.reached(CrashPoint.BEFORE_DISABLE)
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(
            self.threads, self.endpoints.disable, job.account_id, job.endpoint_id, now_ms
        )
        self.crash.reached(CrashPoint.AFTER_DISABLE)

    async def _target(self, job: Job, now_ms: int) -> Target | Answer | None:
        """Where it goes, or why nowhere; None if the definitions cannot be read now."""
        found = self.endpoints.find(job.account_id, job.endpoint_id, now_ms)
        if found is None:
            try:
                loop = asyncio.get_running_loop()
                await loop.run_in_executor(self.threads, self.endpoints.look_again)
            except DefinitionsUnavailable:
                return None
            found = self.endpoints.find(job.account_id, job.endpoint_id, now_ms)
        if found is None:
            return Answer(Outcome.ENDPOINT_UNKNOWN, f"no endpoint {job.endpoint_id} is defined")
        if found.endpoint.status is EndpointStatus.DISABLED:
            return Answer(Outcome.ENDPOINT_DISABLED, f"the endpoint {job.endpoint_id} is switched off")
        if not found.secrets:
            return Answer(
                Outcome.SECRET_MISSING, f"the endpoint {job.endpoint_id} has no secret to sign with"
            )
        return found

    def _is_stopped(self, action: Action) -> bool:
        return self.endpoints.is_stopped(action["account_id"], action["automation_id"])

    def _overdue(self, job: Job, action: Action, now_ms: int) -> Answer | None:
        if job.cancelled:
            return Answer(Outcome.CANCELLED, "cancelled before it was delivered")
        if action["source"] == ActionSource.SEND and not job.round and self._is_stopped(action):
            return Answer(Outcome.CANCELLED, "its send was stopped before it was delivered")
        expires_at = action["expires_at"]
        if expires_at is not None and now_ms >= expires_at:
            return Answer(Outcome.EXPIRED, "it was not to be delivered so late")
        if now_ms >= job.accepted_at_ms + self.schedule.span_ms:
            return Answer(Outcome.EXPIRED, "the endpoint took nothing for as long as attempts are made")
        return None


def _ended_as(answer: Answer) -> DeliveryState:
    return DeliveryState.CANCELLED if answer.outcome is Outcome.CANCELLED else DeliveryState.FAILED


def _quiet_hours(action: Mapping[str, object]) -> QuietHours | None:
    start, end, zone = action["quiet_start_minute"], action["quiet_end_minute"], action["time_zone"]
    if not (isinstance(start, int) and isinstance(end, int) and isinstance(zone, str)):
        return None
    try:
        return QuietHours(start % 1440, end % 1440, ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return None
