"""`latido verify` says 0 where all is well, also in the middle of things, and names what is not."""

import threading
from collections.abc import Iterator

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.keys import home_of
from schemas.records import Topic
from streams.rfm.calendar import DAY_MS
from streams.verify import Drift, Kind, VerifyOptions, verify
from tests.fixtures.kafka import Kafka
from tests.integration.pipeline import NOON_MS, Pipeline

PARTITIONS = 2
NO_SINK = VerifyOptions(settle_seconds=1.0, log_seconds=20.0)


@pytest.fixture
def pipeline(kafka: Kafka) -> Iterator[Pipeline]:
    """An account with orders, amendments, repetitions and records that nobody can use; all of it applied."""
    made = Pipeline(kafka.provision(PARTITIONS))
    made.order("early", "1")
    made.work()
    made.account("acme")
    for number in range(120):
        made.order(
            f"c{number % 40}", f"o{number}", placed_at=NOON_MS - number * DAY_MS, total_minor=100 * number
        )
    for number in range(0, 120, 7):
        made.order(f"c{number % 40}", f"o{number}", version=2, status="cancelled")
        made.order(f"c{number % 40}", f"o{number}", version=1)
    made.order("c1", "dollars", currency="USD")
    made.order("c2", "overpaid", refunded_minor=99_999_999)
    made.publish(Topic.ORDERS, b"acme|c3", b"\x00\x00\x00\x00\x01truncated")
    made.publish(Topic.ORDERS, None, b"no key")
    made.work()
    made.order("c5", "later", placed_at=NOON_MS + DAY_MS)
    made.define("milestone", "silence", {"days": [30]})
    _other_inputs(made)
    made.work(NOON_MS + 45 * DAY_MS)
    yield made
    made.close()


def _other_inputs(made: Pipeline) -> None:
    """Interactions, contacts, a removal, a return, misrouted orders and a new scoring model."""
    for number in range(30):
        made.interaction(f"c{number % 20}", f"i{number}", stars=1 + number % 5)
        made.contact(f"c{number}", origin=("shop", "web", None)[number % 3], tags=["vip"])
    made.interaction("c1", "i1", version=2, stars=1)
    made.interaction("c1", "long ago", occurred_at=NOON_MS - 91 * DAY_MS)
    made.interaction("talks only", "1", stars=3, text="regular")
    made.contact("card only", personal={"name": "Ana"}, consent=[{"channel": "email", "granted": True}])
    made.work(NOON_MS + 2 * DAY_MS)
    for gone in ("c8", "c9", "never seen"):
        made.remove(gone)
    made.misroute("stray", "1")
    made.misroute("c6", "stray")
    made.misroute("stray", "2")
    made.work(NOON_MS + 2 * DAY_MS)
    made.order("c9", "again")
    made.work(NOON_MS + 2 * DAY_MS)
    made.define("model", "scoring", {"interaction_weight": 0.5})


def drift_of(pipeline: Pipeline, options: VerifyOptions = NO_SINK) -> Drift:
    """What verify says."""
    return verify(pipeline.kafka, pipeline.codec, options)


def found(drift: Drift) -> set[Kind]:
    """Kinds of drift."""
    return {kind for kind, count in drift.counts.items() if count}


def test_nothing_drifts_where_all_is_well(pipeline: Pipeline) -> None:
    drift = drift_of(pipeline)
    assert drift.total == 0, drift.to_text()
    assert drift.events == (1 + 120 + 36 + 4 + 1) + (33 + 31) + 3 + 3 + 3 + 1
    assert drift.rerouted == 3
    assert drift.too_late == 1
    assert drift.dead_lettered == 5
    # c8 and c9 had three orders each, one or two of which were superseded already.
    assert drift.in_force + drift.superseded == drift.events - 3 - 1 - 5
    assert drift.contacts == 40 - 1 + 3
    assert drift.changes > 40
    assert drift.milestones > 20


def test_nothing_drifts_before_anything_has_happened(kafka: Kafka) -> None:
    kafka.provision(PARTITIONS)
    drift = verify({"bootstrap.servers": kafka.bootstrap}, Pipeline(kafka.bootstrap).codec, NO_SINK)
    assert (drift.total, drift.events) == (0, 0)


def test_nothing_drifts_while_events_stream_in_and_days_pass(pipeline: Pipeline) -> None:
    stop = threading.Event()
    rounds: list[int] = []

    def stream() -> None:
        while not stop.is_set():
            number = len(rounds)
            for contact in range(40):
                placed_at = NOON_MS - number * DAY_MS
                pipeline.order(f"c{contact}", f"live{contact % 3}", version=number, placed_at=placed_at)
            pipeline.work(NOON_MS + (45 + number // 5) * DAY_MS)
            rounds.append(number)

    thread = threading.Thread(target=stream)
    thread.start()
    try:
        drifts = [drift_of(pipeline) for _ in range(3)]
    finally:
        stop.set()
        thread.join()
    assert [drift.to_text() for drift in drifts if drift.total] == []
    assert len({drift.events for drift in drifts}) > 1


def test_a_lost_event_is_an_order_and_a_profile_that_differ(pipeline: Pipeline) -> None:
    pipeline.order("c7", "lost")
    pipeline.flush()
    ends = [len(pipeline.read(Topic.ORDERS, partition)) for partition in range(PARTITIONS)]
    pipeline.work(NOON_MS + 45 * DAY_MS, lose={end - 1 for end in ends})
    assert found(drift_of(pipeline)) >= {Kind.ORDER, Kind.PROFILE, Kind.DAY}


def test_an_event_missing_from_the_log_is_found(pipeline: Pipeline) -> None:
    first = TopicPartition(Topic.ORDERS, 0, 20)
    admin = AdminClient({**pipeline.kafka})
    admin.delete_records([first])[first].result(60)
    assert found(drift_of(pipeline)) >= {Kind.INPUT, Kind.ORDER, Kind.PROFILE}


@pytest.mark.parametrize("field", ["orders", "segment", "boundary_day", "r", "next_segment_day"])
def test_an_altered_profile_is_found(pipeline: Pipeline, field: str) -> None:
    key, value = pipeline.read(Topic.CONTACT_PROFILES, 1)[-1]
    profile = pipeline.codec.decode_one("contact_profile", value or b"")
    profile[field] = "champions" if field == "segment" else (profile[field] or 0) + 1
    pipeline.publish(Topic.CONTACT_PROFILES, key, pipeline.codec.encode_one("contact_profile", profile), 1)
    pipeline.flush()
    assert Kind.PROFILE in found(drift_of(pipeline))


def test_a_profile_of_nobody_is_found(pipeline: Pipeline) -> None:
    _, value = pipeline.read(Topic.CONTACT_PROFILES, 0)[-1]
    pipeline.publish(Topic.CONTACT_PROFILES, b"acme|nobody", value, 0)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.PROFILE: 1}


def test_a_deleted_day_is_found(pipeline: Pipeline) -> None:
    keyed = dict(pipeline.read(Topic.CONTACT_DAYS, 0))
    standing = [(key, value) for key, value in keyed.items() if value is not None]
    key, value = standing[-1]
    row = pipeline.codec.decode_one("contact_day", value or b"")
    pipeline.publish(
        Topic.CONTACT_DAYS, key, pipeline.codec.encode_one("contact_day", row | {"orders": 0}), 0
    )
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.DAY: 1}


@pytest.mark.parametrize("field", ["sentiment", "origin", "contact_version", "tags", "interactions"])
def test_an_altered_card_or_mood_is_found(pipeline: Pipeline, field: str) -> None:
    keyed = {key: value for p in range(PARTITIONS) for key, value in pipeline.read(Topic.CONTACT_PROFILES, p)}
    partition = home_of(b"acme|c1", PARTITIONS)
    profile = pipeline.codec.decode_one("contact_profile", keyed[b"acme|c1"] or b"")
    wrong = {
        "sentiment": "positive",
        "origin": "elsewhere",
        "tags": ["other"],
        "contact_version": 7,
        "interactions": 9,
    }
    assert profile[field] != wrong[field]
    altered = pipeline.codec.encode_one("contact_profile", profile | {field: wrong[field]})
    pipeline.publish(Topic.CONTACT_PROFILES, b"acme|c1", altered, partition)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.PROFILE: 1}


def test_an_interaction_deleted_or_altered_is_found(pipeline: Pipeline) -> None:
    partition = home_of(b"acme|c1", PARTITIONS)
    keyed = dict(pipeline.read(Topic.CONTACT_INTERACTIONS, partition))
    talk = pipeline.codec.decode_one("contact_interaction", keyed[b"acme|c1|i1"] or b"")
    altered = pipeline.codec.encode_one("contact_interaction", talk | {"sentiment": 0})
    pipeline.publish(Topic.CONTACT_INTERACTIONS, b"acme|c1|i1", altered, partition)
    pipeline.publish(Topic.CONTACT_INTERACTIONS, b"acme|c1|i2", altered, partition)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.INTERACTION: 2}


def test_who_was_removed_and_is_still_there_is_found(pipeline: Pipeline) -> None:
    partition = home_of(b"acme|c8", PARTITIONS)
    keyed = dict(pipeline.read(Topic.CONTACT_PROFILES, partition))
    profile = pipeline.codec.decode_one("contact_profile", keyed[b"acme|c8"] or b"")
    back = pipeline.codec.encode_one("contact_profile", profile | {"removed": False, "model_version": 2})
    pipeline.publish(Topic.CONTACT_PROFILES, b"acme|c8", back, partition)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.PROFILE: 1}


def test_a_removal_nobody_recorded_is_found(pipeline: Pipeline) -> None:
    pipeline.remove("c2")
    pipeline.work(NOON_MS + 45 * DAY_MS, mute=Topic.CLOCK)
    assert Kind.REMOVAL in found(drift_of(pipeline))


def test_a_misrouted_record_that_was_not_sent_on_is_found(pipeline: Pipeline) -> None:
    pipeline.misroute("c6", "lost on the way")
    pipeline.work(NOON_MS + 45 * DAY_MS, mute=Topic.REROUTED)
    assert drift_of(pipeline).counts == {Kind.REROUTED: 1}


def test_a_milestone_told_twice_or_to_somebody_else_is_found(pipeline: Pipeline) -> None:
    told = [(p, kept) for p in range(PARTITIONS) for kept in pipeline.read(Topic.MILESTONES, p)]
    partition, (key, value) = told[0]
    milestone = pipeline.codec.decode_one("milestone", value or b"")
    other = pipeline.codec.encode_one("milestone", milestone | {"contact_id": "card only"})
    pipeline.publish(Topic.MILESTONES, key, value, partition)
    pipeline.publish(Topic.MILESTONES, key, other, partition)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.MILESTONE: 2}


@pytest.mark.parametrize(
    "field",
    ["segment", "r", "f", "m", "orders", "revenue_minor", "currency", "last_order_day", "occurred_at"],
)
def test_a_milestone_that_says_something_else_is_found(pipeline: Pipeline, field: str) -> None:
    records = pipeline.read(Topic.MILESTONES, 1)
    end = TopicPartition(Topic.MILESTONES, 1, -1)
    admin = AdminClient({**pipeline.kafka})
    admin.delete_records([end])[end].result(60)
    key, value = records.pop()
    milestone = pipeline.codec.decode_one("milestone", value or b"")
    segment = "lost" if milestone["segment"] == "loyal" else "loyal"
    wrong = {"segment": segment, "currency": "EUR", "occurred_at": milestone["occurred_at"] + DAY_MS}
    altered = milestone | {field: wrong.get(field, milestone["orders"] + 7)}
    assert altered[field] != milestone[field]
    for one in [*records, (key, pipeline.codec.encode_one("milestone", altered))]:
        pipeline.publish(Topic.MILESTONES, *one, 1)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.MILESTONE: 1}


def test_milestones_of_later_days_agree_too(pipeline: Pipeline) -> None:
    for contact in ("m1", "m2"):
        pipeline.order(contact, "1", placed_at=NOON_MS + 46 * DAY_MS)
    pipeline.work(NOON_MS + 46 * DAY_MS)
    pipeline.work(NOON_MS + 75 * DAY_MS)
    pipeline.work(NOON_MS + 77 * DAY_MS)
    assert drift_of(pipeline).total == 0


def test_a_change_told_twice_breaks_its_chain(pipeline: Pipeline) -> None:
    key, value = pipeline.read(Topic.SEGMENT_CHANGES, 0)[-1]
    pipeline.publish(Topic.SEGMENT_CHANGES, key, value, 0)
    pipeline.flush()
    assert drift_of(pipeline).counts == {Kind.CHANGE: 1}


def test_a_change_that_was_not_told_breaks_its_chain(pipeline: Pipeline) -> None:
    pipeline.order("somebody new", "1")
    pipeline.work(NOON_MS + 45 * DAY_MS, mute=Topic.SEGMENT_CHANGES)
    assert drift_of(pipeline).counts == {Kind.CHANGE: 1}


def test_a_dead_letter_that_was_not_written_is_found(pipeline: Pipeline) -> None:
    pipeline.order("c1", "dollars again", currency="USD")
    pipeline.work(NOON_MS + 45 * DAY_MS, mute=Topic.DEAD_LETTERS)
    assert found(drift_of(pipeline)) == {Kind.DEAD_LETTER, Kind.CONSERVATION}


def test_a_dead_letter_written_twice_is_found(pipeline: Pipeline) -> None:
    letters = [(p, letter) for p in range(PARTITIONS) for letter in pipeline.read(Topic.DEAD_LETTERS, p)]
    partition, (key, value) = letters[-1]
    pipeline.publish(Topic.DEAD_LETTERS, key, value, partition)
    pipeline.flush()
    assert found(drift_of(pipeline)) == {Kind.DEAD_LETTER, Kind.CONSERVATION}


def test_a_midnight_that_never_ends_is_said_to_be_so(pipeline: Pipeline) -> None:
    pipeline.begin_midnight(NOON_MS + 200 * DAY_MS)
    assert found(drift_of(pipeline)) <= {Kind.UNSETTLED, Kind.CHANGE}
    assert drift_of(pipeline).counts[Kind.UNSETTLED] > 0
    pipeline.work(NOON_MS + 200 * DAY_MS)
    assert drift_of(pipeline).total == 0
