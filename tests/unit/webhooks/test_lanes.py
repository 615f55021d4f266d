"""Order, windows and circuits of one endpoint's lane, with time as a step."""

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from sinks.webhooks.circuit import FIRST_PAUSE_MS, FIRST_WINDOW, LONGEST_PAUSE_MS, OPENS_AFTER, Circuit
from sinks.webhooks.lanes import Job, Lane


def job(number: int, contact: str = "c", partition: int = 0, at_ms: int = 0) -> Job:
    return Job(
        partition=partition,
        offset=number,
        action_id=f"act_{number}",
        account_id="shop",
        contact_id=contact,
        endpoint_id="hook",
        round=0,
        accepted_at_ms=0,
        next_at_ms=at_ms,
        value=b"",
    )


def lane(*jobs: Job, limit: int = 64, per_second: int = 1_000) -> Lane:
    made = Lane(limit=limit, per_second=per_second, circuit=Circuit(window=64))
    for one in jobs:
        made.add(one)
    return made


def taken(lane_: Lane, now_ms: int = 1) -> list[int]:
    found = []
    while (one := lane_.take(now_ms)) is not None:
        found.append(one.offset)
    return found


def test_of_a_contact_only_the_oldest_is_under_way() -> None:
    assert taken(lane(job(1, "a"), job(2, "a"), job(3, "b"))) == [1, 3]


def test_who_waits_for_another_attempt_holds_up_its_contact_only() -> None:
    first, second, other = job(1, "a"), job(2, "a"), job(3, "b")
    made = lane(first, second)
    assert taken(made) == [1]
    first.next_at_ms = 1_000
    made.retry(first)
    made.add(other)
    assert taken(made, 500) == [3]
    assert taken(made, 1_000) == [1]
    made.end(first)
    assert taken(made, 1_001) == [2]


def test_a_lane_says_when_it_may_move() -> None:
    made = lane(job(1, at_ms=700))
    assert made.wake_at(100) == 700
    assert taken(made, 700) == [1]
    assert made.wake_at(800) is None


def test_a_partition_that_leaves_takes_its_jobs_along() -> None:
    mine, theirs = job(1, "a", partition=0), job(2, "b", partition=1)
    made = lane(mine, theirs)
    assert taken(made) == [1, 2]
    made.release(0)
    assert (mine.released, theirs.released, len(made)) == (True, False, 1)
    made.end(mine)
    made.end(theirs)
    assert (len(made), made.under_way) == (0, 0)


def test_a_job_that_is_hurried_gets_its_turn_at_once() -> None:
    waiting = job(1, at_ms=9_000)
    made = lane(waiting)
    made.hurry(waiting, 10)
    assert taken(made, 10) == [1]
    assert taken(made, 9_000) == []


def test_no_more_begins_in_a_second_than_the_endpoint_takes() -> None:
    made = lane(*(job(n, f"c{n}") for n in range(64)), per_second=10)
    assert len(taken(made, 5_000)) == 10
    assert len(taken(made, 5_500)) == 5
    assert len(taken(made, 60_000)) == 10


def test_an_endpoint_nobody_knows_gets_two_requests_and_earns_more() -> None:
    made = Lane(limit=8, per_second=1_000)
    jobs = [job(n, f"c{n}") for n in range(50)]
    for one in jobs:
        made.add(one)
    assert len(taken(made, 5_000)) == FIRST_WINDOW
    made.circuit.succeeded()
    made.end(jobs[0])
    assert len(taken(made, 5_000)) == 2


def test_failures_in_a_row_open_the_circuit_and_one_success_closes_it() -> None:
    circuit = Circuit(window=16)
    for number in range(OPENS_AFTER):
        assert circuit.may_start(0, 8, number)
        circuit.failed(number)
    opened = OPENS_AFTER - 1
    assert not circuit.may_start(0, 8, opened + FIRST_PAUSE_MS - 1)
    assert circuit.may_start(0, 8, opened + FIRST_PAUSE_MS)
    assert not circuit.may_start(1, 8, opened + FIRST_PAUSE_MS)
    circuit.succeeded()
    assert circuit.may_start(1, 8, opened + FIRST_PAUSE_MS)


def test_pauses_double_up_to_five_minutes() -> None:
    circuit, now, pauses = Circuit(), 0, []
    for _ in range(OPENS_AFTER + 12):
        circuit.failed(now)
        pauses.append(circuit.paused_until_ms - now)
        now = max(now, circuit.paused_until_ms)
    assert pauses[OPENS_AFTER - 1 : OPENS_AFTER + 2] == [2_000, 4_000, 8_000]
    assert pauses[-1] == LONGEST_PAUSE_MS


def test_what_began_before_the_circuit_opened_makes_no_pause_longer() -> None:
    circuit = Circuit()
    for _ in range(OPENS_AFTER + 20):
        circuit.failed(100)
    assert circuit.paused_until_ms == 100 + FIRST_PAUSE_MS


@given(
    st.lists(st.tuples(st.integers(0, 4), st.integers(0, 300)), min_size=1, max_size=60),
    st.lists(st.tuples(st.booleans(), st.integers(1, 400)), max_size=400),
    st.integers(1, 8),
)
def test_whatever_fails_contacts_keep_their_order_and_everybody_ends(
    arriving: list[tuple[int, int]], fates: list[tuple[bool, int]], limit: int
) -> None:
    made = lane(limit=limit)
    for number, (contact, at_ms) in enumerate(arriving):
        made.add(job(number, f"c{contact}", at_ms=at_ms))
    ended: defaultdict[str, list[int]] = defaultdict(list)
    under_way: list[Job] = []
    now, left = 0, list(fates)
    while len(made):
        now += 7
        while (one := made.take(now)) is not None:
            under_way.append(one)
        assert len(under_way) <= limit
        assert len({one.contact for one in under_way}) == len(under_way)
        for one in under_way:
            fails, wait_ms = left.pop() if left else (False, 0)
            if fails:
                one.next_at_ms = now + wait_ms
                made.retry(one)
            else:
                ended[one.contact_id].append(one.offset)
                made.end(one)
        under_way.clear()
        now = max(now, made.wake_at(now) or 0)
    assert sum(map(len, ended.values())) == len(arriving)
    assert all(order == sorted(order) for order in ended.values())
    assert made.under_way == 0
