"""What a worker needs of its topics, and what it writes about its positions."""

import pytest

from streams.engine.preflight import TopicsUnfit, partition_count
from streams.engine.watermark import WATERMARKS_TOPIC, Watermark, decode_watermark, encode_watermark
from tests.faults.toy import COUNTS, INPUTS, toy_application

EQUAL = dict.fromkeys((*INPUTS, COUNTS, WATERMARKS_TOPIC), 8)


def test_equal_counts_are_fit() -> None:
    assert partition_count(toy_application(), EQUAL) == 8


def test_a_missing_topic_says_what_to_do() -> None:
    present = {topic: 8 for topic in EQUAL if topic != COUNTS}
    with pytest.raises(TopicsUnfit, match=f"{COUNTS}.*latido topics apply"):
        partition_count(toy_application(), present)


def test_differing_counts_are_refused() -> None:
    with pytest.raises(TopicsUnfit, match="differ"):
        partition_count(toy_application(), {**EQUAL, INPUTS[1]: 16})


def test_a_watermark_comes_back_as_it_was() -> None:
    watermark = Watermark({"a": 7, "b": 2**40}, {"a": 0, "b": 3}, 1772323200000, b"memo")
    assert decode_watermark(encode_watermark("toy", 3, watermark)) == watermark
