"""The dispatcher dies at every named point, at any moment, or wakes too late: nothing lost, nothing twice."""

import random
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiohttp import web

from sinks.webhooks.crash import FAILED, CrashPoint
from tests.fixtures.kafka import Kafka
from tests.integration.webhooks.bench import Bench, action
from tests.integration.webhooks.receiver import Arrived, Receiver, answers, first, some, takes

PATIENT = {"LATIDO_WEBHOOKS_SCHEDULE_SECONDS": ",".join(["0", *["1"] * 40])}
ON_THE_WAY = [
    CrashPoint.AFTER_ACCEPT,
    CrashPoint.BEFORE_POST,
    CrashPoint.AFTER_POST,
    CrashPoint.AFTER_PRODUCE,
    CrashPoint.AFTER_COMMIT,
    CrashPoint.BEFORE_DISABLE,
    CrashPoint.AFTER_DISABLE,
    CrashPoint.AFTER_FENCE,
    CrashPoint.MID_RESTORE,
]
AT_THE_END = [CrashPoint.IN_REVOKE]
CRASHED = 137


def test_every_named_point_is_walked() -> None:
    assert set(ON_THE_WAY) | set(AT_THE_END) == set(CrashPoint)


class Down:
    """A receiver that is away until it is back."""

    def __init__(self) -> None:
        self.away = True

    async def __call__(self, request: web.Request, arrived: Arrived) -> web.StreamResponse:
        return await (answers(503) if self.away else takes)(request, arrived)


@pytest.mark.faults
@pytest.mark.parametrize("point", [*ON_THE_WAY, *AT_THE_END])
def test_a_kill_at_a_named_point_loses_and_repeats_nothing(
    bench: Bench, receiver: Receiver, point: CrashPoint
) -> None:
    down = Down()
    receiver.behave |= {"down": down, "flaky": first(1, answers(500)), "gone": answers(410)}
    for name in ("takes", "down", "flaky", "gone"):
        bench.endpoint(name, receiver.url(name))
    early = [action(f"c{n}", "down") for n in range(5)]
    bench.send(early)
    bench.start(**PATIENT)
    bench.until(lambda: len(bench.states()) == len(early), "accepted")
    bench.stop(signal.SIGKILL)

    down.away = False
    late = [action(f"c{n}", name, f"v{n}") for n in range(5) for name in ("takes", "flaky", "gone")]
    bench.start(LATIDO_CRASH_AT=point, **PATIENT)
    bench.send(late)
    if point in AT_THE_END:
        bench.until(lambda: bench.settled(len(early) + len(late)), "ended")
    assert (bench.stop() if point in AT_THE_END else bench.wait()) == CRASHED, bench.log()

    bench.start(**PATIENT)
    bench.until(bench.is_ready, "it runs again")
    bench.until(lambda: bench.settled(len(early) + len(late)), "ended")
    assert bench.stop() == 0
    the_accounts_balance(bench, receiver, {one["action_id"]: one["endpoint_id"] for one in [*early, *late]})


def the_accounts_balance(bench: Bench, receiver: Receiver, sent: dict[str, str]) -> None:
    """Each action ended once; what was delivered had reached its receiver; the others are dead letters."""
    ends = bench.ends()
    assert set(ends) == set(sent)
    assert all(sum(counted.values()) == 1 for counted in ends.values())
    delivered = {id_ for id_, counted in ends.items() if "delivered" in counted}
    assert delivered == {id_ for id_, name in sent.items() if name != "gone"}
    reached = {one.id for one in receiver.arrived}
    assert delivered <= reached <= set(sent)
    letters = [
        bench.codec.decode_one("automation_action", one["value"])["action_id"] for one in bench.letters()
    ]
    assert sorted(letters) == sorted(set(sent) - delivered)
    if "gone" in sent.values():
        assert bench.status("gone") == "gone"


@pytest.mark.faults
def test_kills_at_any_moment_lose_and_repeat_nothing(bench: Bench, receiver: Receiver) -> None:
    random_ = random.Random(20261122)
    receiver.behave["flaky"] = some(answers(500))
    for name in ("takes", "flaky"):
        bench.endpoint(name, receiver.url(name))
    sent = [action(f"c{n % 20}", name, f"v{n}") for n in range(150) for name in ("takes", "flaky")]
    for part in _parts(sent, 60):
        bench.start(**PATIENT)
        bench.send(part)
        before = len(receiver.arrived)
        bench.until(lambda before=before: len(receiver.arrived) > before + 5, "work is under way")  # type: ignore[misc]
        time.sleep(random_.uniform(0, 0.6))
        bench.stop(signal.SIGKILL)
    bench.start(**PATIENT)
    bench.until(lambda: bench.settled(len(sent)), "ended")
    assert bench.stop() == 0
    the_accounts_balance(bench, receiver, {one["action_id"]: one["endpoint_id"] for one in sent})
    assert_order(receiver, sent)


def _parts(sent: list[dict[str, object]], size: int) -> Iterator[list[dict[str, object]]]:
    for start in range(0, len(sent), size):
        yield sent[start : start + size]


def assert_order(receiver: Receiver, sent: list[dict[str, object]]) -> None:
    """First arrivals of a contact's actions at an endpoint come in the order of the log."""
    place = {one["action_id"]: number for number, one in enumerate(sent)}
    for name in ("takes", "flaky"):
        seen = list(dict.fromkeys(receiver.ids(name)))
        for contact in {one["contact_id"] for one in sent}:
            mine = [place[id_] for id_ in seen if sent[place[id_]]["contact_id"] == contact]
            assert mine == sorted(mine)


@pytest.mark.faults
def test_a_dispatcher_that_slept_through_its_session_ends_nothing_twice(
    kafka: Kafka, tmp_path: Path, receiver: Receiver
) -> None:
    (tmp_path / "other").mkdir()
    bench = Bench(kafka.provision(2), tmp_path, 2)
    other = Bench(bench.bootstrap, tmp_path / "other", 2, {"LATIDO_WEBHOOKS_KEY_FILE": str(tmp_path / "key")})
    try:
        receiver.behave["flaky"] = some(answers(500))
        for name in ("takes", "flaky"):
            bench.endpoint(name, receiver.url(name))
        sent = [action(f"c{n % 20}", name, f"v{n}") for n in range(100) for name in ("takes", "flaky")]
        bench.start(**PATIENT)
        bench.send(sent[:100])
        bench.until(lambda: len(receiver.arrived) > 10, "work is under way")
        assert bench.process is not None
        bench.process.send_signal(signal.SIGSTOP)
        other.start(**PATIENT)
        bench.send(sent[100:])
        bench.until(lambda: bench.settled(len(sent)), "the other has taken over")
        bench.process.send_signal(signal.SIGCONT)
        late = [action(f"c{n}", "takes", "late") for n in range(20)]
        bench.send(late)
        bench.until(lambda: bench.settled(len(sent) + len(late)), "ended")
        assert bench.stop() in (0, FAILED)
        assert other.stop() in (0, FAILED)
        the_accounts_balance(
            bench, receiver, {one["action_id"]: one["endpoint_id"] for one in [*sent, *late]}
        )
    finally:
        other.close()
        bench.close()
