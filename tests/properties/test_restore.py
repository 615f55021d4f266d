"""A worker that starts anew from the topics goes on as the one that wrote them would have."""

from collections import Counter, defaultdict
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from streams.rfm.batch import recompute
from streams.rfm.changes import Step, StepKind
from streams.rfm.facts import facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.history import Logged, Recorded
from streams.rfm.interactions import Interaction
from streams.rfm.orders import Order
from streams.rfm.people import Person
from tests.properties.partition import Partition, defined, play, settle
from tests.properties.strategies import History, Removing, histories

TOPICS: dict[type, str] = {Order: "orders.v1", Interaction: "interactions.v1"}


def state_of(partition: Partition) -> PartitionState:
    """What the agent holds in memory."""
    return partition.fold._state


def indexes(partition: Partition) -> dict[str, Any]:
    """Everything that time finds contacts by, and where time stands."""
    return {
        account_id: (
            state.day,
            state.milestones_day,
            state.model_version,
            state.account.model,
            {day: {c.id for c in fellows} for day, fellows in state._by_last_day.items()},
            {
                (contact.id, talk_id, talk.day)
                for contact in state.contacts.values()
                for talk_id, talk in contact.talks.items()
            },
            {
                c.id: (c.sequence, c.changes, c.removed, sorted(c.forgotten), c.scored_day, c.changed_at_ms)
                for c in state.contacts.values()
            },
        )
        for account_id, state in state_of(partition).accounts.items()
    }


def told_after(partition: Partition, before: dict[str, int]) -> dict[str, Any]:
    """Changes by contact and milestones since a moment; two topics and contacts have no order among them."""
    changes: dict[str, list[Any]] = defaultdict(list)
    for change in partition.decoded("segment-changes.v1", "segment_change")[before["segment-changes.v1"] :]:
        changes[change["contact_id"]].append(change)
    milestones = partition.decoded("milestones.v1", "milestone")[before["milestones.v1"] :]
    return {"changes": dict(changes), "milestones": sorted(milestones, key=lambda m: str(m["event_id"]))}


# Looking at contacts wakes them: what is looked at is one restart, what goes on asleep is another.
@given(histories(), st.integers(0, 16), st.integers(0, 2), st.booleans())
def test_a_restored_worker_knows_and_does_what_the_other_would(
    history: History, cut: int, slices: int, compacted: bool
) -> None:
    done, rest = history.events[:cut], history.events[cut:]
    first = Partition(defined(history, []))
    today = play(first, history, done, history.day, slices)
    second, third = (first.restarted(defined(history, done), compacted) for _ in range(2))
    assert facts_of(state_of(third)) == facts_of(state_of(first))
    assert indexes(third) == indexes(first)
    before = {topic: len(first.topics[topic]) for topic in ("segment-changes.v1", "milestones.v1")}
    for partition in (first, second):
        settle(partition, history, today)
        settle(partition, history, play(partition, history, rest, today))
    assert facts_of(state_of(second)) == facts_of(state_of(first))
    assert told_after(second, before) == told_after(first, before)
    assert steps_of(second) == steps_of(first)


@given(histories(), st.integers(0, 2))
def test_what_the_agent_wrote_is_what_the_batch_makes_of_its_inputs(history: History, slices: int) -> None:
    partition = Partition(defined(history, []))
    settle(partition, history, play(partition, history, history.events, history.day, slices))
    log, definitions = log_of(history), partition.definitions
    facts = recompute(definitions.accounts, log, steps_of(partition), definitions.models) if log else {}
    assert facts == facts_of(state_of(partition))


def steps_of(partition: Partition) -> list[Recorded]:
    """What the partition's clock recorded."""
    return [
        Recorded(
            Step(*(row[name] for name in Step._fields))._replace(kind=StepKind(row["kind"])),
            {position["topic"]: position["offset"] for position in row["positions"]},
        )
        for row in partition.decoded("clock.v1", "clock_step")
    ]


def log_of(history: History) -> list[Logged]:
    """The events by the places at which the partition met them."""
    offsets: Counter[str] = Counter()
    log = []
    for event in history.events:
        if isinstance(event, Order | Interaction | Person | Removing):
            topic = TOPICS.get(type(event), "contacts.v1")
            if not isinstance(event, Removing):
                log.append(Logged(history.account.id, topic, offsets[topic], event))
            offsets[topic] += 1
    return log
