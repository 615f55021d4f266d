"""What waits between fetches and transactions is contiguous."""

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.contract import Chunk, Record
from streams.engine.intake import Intake, Verdict
from streams.engine.poison import Trials


def chunk(start: int, end: int, offsets: list[int] | None = None, topic: str = "t") -> Chunk:
    present = range(start, end) if offsets is None else offsets
    return Chunk(topic, 0, start, end, [Record(offset, 0, b"k", b"v", ()) for offset in present])


def intake(position: int = 0) -> Intake:
    waiting = Intake()
    waiting.reset({"t": position, "u": position})
    return waiting


def test_what_lies_below_is_skipped() -> None:
    assert intake(10).offer(chunk(0, 10)) is Verdict.BELOW


def test_what_overlaps_is_cut_off() -> None:
    waiting = intake(5)
    assert waiting.offer(chunk(0, 10)) is Verdict.TAKEN
    [taken] = waiting.take(100)
    assert (taken.start, taken.end) == (5, 10)
    assert [record.offset for record in taken.records] == [5, 6, 7, 8, 9]


def test_what_lies_above_is_a_gap_and_not_taken() -> None:
    waiting = intake()
    assert waiting.offer(chunk(1, 10)) is Verdict.GAP
    assert not waiting


def test_missing_records_inside_a_range_are_no_gap() -> None:
    waiting = intake()
    assert waiting.offer(chunk(0, 10, [3, 7])) is Verdict.TAKEN
    assert waiting.offer(chunk(10, 20, [])) is Verdict.TAKEN
    [taken] = waiting.take(100)
    assert (taken.start, taken.end, len(taken.records)) == (0, 20, 2)


def test_neighbours_of_one_topic_become_one_chunk() -> None:
    waiting = intake()
    for start in range(0, 30, 10):
        waiting.offer(chunk(start, start + 10))
    [taken] = waiting.take(100)
    assert (taken.start, taken.end, len(taken.records)) == (0, 30, 30)


def test_chunks_of_topics_that_arrive_in_turns_become_one_chunk_a_topic() -> None:
    waiting = intake()
    for start in range(0, 30, 10):
        waiting.offer(chunk(start, start + 10))
        waiting.offer(chunk(start, start + 10, topic="u"))
    taken = waiting.take(45)
    assert [(one.topic, one.start, one.end) for one in taken] == [("t", 0, 25), ("u", 0, 20)]
    assert [record.offset for record in taken[0].records] == list(range(25))
    assert [(one.topic, one.start, one.end) for one in waiting.take(45)] == [("t", 25, 30), ("u", 20, 30)]


def test_topics_are_taken_in_order_of_arrival() -> None:
    waiting = intake()
    waiting.offer(chunk(0, 2, topic="u"))
    waiting.offer(chunk(0, 2, topic="t"))
    assert [taken.topic for taken in waiting.take(100)] == ["u", "t"]


def test_one_topic_can_be_taken_alone() -> None:
    waiting = intake()
    waiting.offer(chunk(0, 2, topic="u"))
    waiting.offer(chunk(0, 2, topic="t"))
    assert [taken.topic for taken in waiting.take(1, "t".__eq__)] == ["t"]
    assert waiting.records == 3


def test_what_is_not_wanted_waits_whole_and_comes_first_afterwards() -> None:
    waiting, trials = intake(), Trials({"u": 16}, 4000, 3)
    trials.begin("t")
    trials.passed("t", 4)
    for start in range(0, 6, 2):
        waiting.offer(chunk(start, start + 2))
        waiting.offer(chunk(start, start + 2, topic="u"))
    tried = waiting.take(4000, trials.is_cleared)
    assert [(one.topic, one.start, one.end) for one in tried] == [("t", 0, 6)]
    assert waiting.first_topic() == "u"
    [alone] = waiting.take(trials.limit("u"), "u".__eq__)
    assert [record.offset for record in alone.records] == [0]
    assert waiting.records == 5


def test_what_was_not_applied_comes_first_again() -> None:
    waiting = intake()
    waiting.offer(chunk(0, 4))
    taken = waiting.take(2)
    waiting.put_back(taken)
    [again] = waiting.take(100)
    assert (again.start, again.end) == (0, 4)


@given(sizes=st.lists(st.integers(1, 20), min_size=1, max_size=10), most=st.integers(1, 15))
def test_every_record_is_taken_once_and_in_order(sizes: list[int], most: int) -> None:
    waiting = intake()
    position = 0
    for size in sizes:
        waiting.offer(chunk(position, position + size))
        position += size
    seen: list[int] = []
    end = 0
    while waiting:
        taken = waiting.take(most)
        assert sum(len(one.records) for one in taken) <= most
        for one in taken:
            assert one.start == end
            end = one.end
            seen.extend(record.offset for record in one.records)
    assert seen == list(range(position))
    assert (end, waiting.records) == (position, 0)
