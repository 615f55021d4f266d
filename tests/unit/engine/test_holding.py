"""What is fetched waits for its partition's turn, and is never handed on out of order."""

from aiokafka import TopicPartition
from hypothesis import given
from hypothesis import strategies as st

from streams.engine.contract import Chunk, Record
from streams.engine.holding import Fetched, Holding

MOST = 10
ORDERS, TALKS = "orders.v1", "interactions.v1"


def fetched(partition: int, start: int, records: int, topic: str = ORDERS, epoch: int = 0) -> Fetched:
    found = [Record(start + i, 0, b"k", b"v", ()) for i in range(records)]
    return Fetched(Chunk(topic, partition, start, start + records, found), epoch)


class Waits:
    """How long each partition has to wait, as the test wants it."""

    def __init__(self) -> None:
        self.left_s: dict[int, float] = {}
        self.holding = Holding(lambda number: self.left_s.get(number, 0.0), MOST)


def test_a_partition_that_may_commit_gets_its_chunk_at_once() -> None:
    holding = Waits().holding
    holding.add(fetched(0, 0, 1))
    assert holding.take_ready() == {0: [fetched(0, 0, 1)]}
    assert not holding
    assert holding.take_ready() == {}


def test_chunks_of_all_inputs_wait_for_one_turn() -> None:
    waits = Waits()
    waits.left_s = {0: 1.0}
    chunks = [fetched(0, 0, 2), fetched(0, 5, 1, TALKS), fetched(0, 2, 1)]
    for chunk in chunks:
        waits.holding.add(chunk)
        assert waits.holding.take_ready() == {}
    assert 0.9 < waits.holding.pause_s() < 1.0
    waits.left_s = {}
    assert waits.holding.pause_s() == 0
    assert waits.holding.take_ready() == {0: chunks}


def test_as_many_as_a_transaction_takes_do_not_wait() -> None:
    waits = Waits()
    waits.left_s = {0: 1.0, 1: 1.0}
    waits.holding.add(fetched(1, 0, 1))
    waits.holding.add(fetched(0, 0, MOST - 1))
    assert waits.holding.take_ready() == {}
    waits.holding.add(fetched(0, MOST, 1, TALKS))
    assert waits.holding.pause_s() == 0
    assert list(waits.holding.take_ready()) == [0]
    assert waits.holding


def test_what_is_fetched_anew_is_dropped_and_nothing_else() -> None:
    waits = Waits()
    waits.left_s = {0: 1.0}
    waits.holding.add(fetched(0, 0, MOST - 1))
    waits.holding.add(fetched(0, 7, 1, TALKS))
    waits.holding.add(fetched(1, 3, 1))
    waits.holding.drop({TopicPartition(ORDERS, 0): 4})
    waits.holding.add(fetched(0, 4, 1, epoch=1))
    assert waits.holding.take_ready() == {1: [fetched(1, 3, 1)]}
    waits.left_s = {}
    [parcel] = waits.holding.take_ready().values()
    assert parcel == [fetched(0, 7, 1, TALKS), fetched(0, 4, 1, epoch=1)]


def test_what_went_to_another_worker_is_dropped() -> None:
    holding = Waits().holding
    for number in range(3):
        holding.add(fetched(number, 0, 1))
    holding.keep({TopicPartition(ORDERS, 1)}.__contains__)
    assert list(holding.take_ready()) == [1]


@given(
    st.lists(st.tuples(st.integers(0, 2), st.sampled_from([ORDERS, TALKS]), st.integers(0, 4), st.booleans()))
)
def test_every_chunk_comes_out_once_and_in_order(steps: list[tuple[int, str, int, bool]]) -> None:
    waits = Waits()
    positions: dict[tuple[str, int], int] = {}
    given: dict[tuple[str, int], list[Fetched]] = {}
    taken: dict[tuple[str, int], list[Fetched]] = {}
    for number, topic, records, may_commit in steps:
        start = positions.get((topic, number), 0)
        positions[topic, number] = start + records
        given.setdefault((topic, number), []).append(fetched(number, start, records, topic))
        waits.holding.add(given[topic, number][-1])
        waits.left_s[number] = 0.0 if may_commit else 9.0
        for parcel in waits.holding.take_ready().values():
            for one in parcel:
                taken.setdefault((one.chunk.topic, one.chunk.partition), []).append(one)
    waits.left_s = {}
    for parcel in waits.holding.take_ready().values():
        for one in parcel:
            taken.setdefault((one.chunk.topic, one.chunk.partition), []).append(one)
    assert taken == given
