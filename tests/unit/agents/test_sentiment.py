"""Which interactions are scored, and what the scored one looks like."""

from typing import Any

import pytest

from schemas.codec import default_codec
from schemas.keys import contact_key
from schemas.metrics import Metrics
from schemas.reasons import Reason
from streams.agents.interactions import first_score_id, next_score_id, read_interactions
from streams.agents.outputs import MOST_TEXT
from streams.agents.sentiment import Scorer, Scoring
from streams.engine.contract import Chunk, Output, Record
from streams.rfm.account import Account
from streams.sentiment.scorer import MODEL, sentiment
from tests.properties.partition import Unplugged

NOW_MS = 1_790_000_000_000
KEY = contact_key("acme", "ana")
SCORER = Scorer(MODEL, sentiment, 4000)


class Told(Unplugged):
    """Definitions of which there are never more than were told."""

    def catch_up(self) -> None:
        """Everything is told."""


def interaction(**fields: Any) -> dict[str, Any]:
    """A message of the contact Ana, which nobody rated."""
    return {
        "event_id": "e1", "account_id": "acme", "contact_id": "ana", "interaction_id": "i1", "version": 3,
        "occurred_at": NOW_MS, "updated_at": NOW_MS, "channel": "chat", "kind": "message",
        "text": "Excelente atención", **fields,
    }  # fmt: skip


def record(**fields: Any) -> Record:
    """It in the log."""
    return Record(7, NOW_MS, KEY, default_codec().encode_one("interaction", interaction(**fields)), ())


def apply(*records: Record) -> list[Output]:
    """What the agent makes of records."""
    definitions = Told()
    definitions.define("acme", "account", "acme", {"time_zone": "UTC", "currency": "USD"})
    fold = Scoring(default_codec(), definitions, Metrics(), SCORER)
    return fold.apply(Chunk("interactions.v1", 0, 7, 8, records), NOW_MS)


def scored(*records: Record) -> list[dict[str, Any]]:
    """Interactions that come out."""
    values = [value for output in apply(*records) for value in output.values if value]
    return [default_codec().decode_one("interaction", value) for value in values]


def test_a_text_without_a_score_comes_back_with_one_and_with_the_scorer_that_gave_it() -> None:
    (made,) = scored(record())
    assert made == interaction(event_id="e1!s0001", sentiment=1, sentiment_model=MODEL) | {
        "stars": None, "csat": None, "nps": None, "backfill": False,
    }  # fmt: skip
    assert [(o.topic, o.keys, o.partition) for o in apply(record())] == [("interactions.v1", [KEY], None)]


def test_each_of_many_is_scored_by_its_own_text() -> None:
    texts = ["Muy bueno", "Pésimo", "¿Hay stock?", None]
    made = scored(*(record(interaction_id=f"i{n}", text=texts[n % 4], channel=None) for n in range(600)))
    assert [(one["interaction_id"], one["sentiment"]) for one in made] == [
        (f"i{n}", (1, -1, 0)[n % 4]) for n in range(600) if n % 4 < 3
    ]


def test_loaded_history_stays_history() -> None:
    assert [made["backfill"] for made in scored(record(backfill=True))] == [True]


@pytest.mark.parametrize("fields", [{"stars": 1}, {"csat": 3}, {"nps": 0}, {"sentiment": -1}, {"text": None}])
def test_what_has_a_score_or_no_text_is_left_alone(fields: dict[str, Any]) -> None:
    assert scored(record(**fields)) == []


def test_its_own_output_is_never_scored_again() -> None:
    (output,) = apply(record())
    assert apply(Record(8, NOW_MS, KEY, output.values[0], ())) == []


@pytest.mark.parametrize(
    "later", [{"version": 4, "event_id": "a"}, {"updated_at": NOW_MS + 1, "event_id": "a"}, {"event_id": "f"}]
)
def test_the_scored_one_wins_over_what_it_scores_and_loses_against_what_comes_later(
    later: dict[str, Any],
) -> None:
    def stamp(fields: dict[str, Any]) -> tuple[int, int, str]:
        return fields["version"], fields["updated_at"], fields["event_id"]

    (made,) = scored(record())
    assert stamp(interaction()) < stamp(made) < stamp(interaction(**later))


def test_what_nobody_can_use_is_left_to_the_agent_that_says_so() -> None:
    bad = [
        record(account_id="nobody"),
        record(occurred_at=-1),
        Record(7, NOW_MS, KEY, b"garbage", ()),
        Record(7, NOW_MS, KEY, None, ()),
        Record(7, NOW_MS, None, b"", ()),
    ]
    assert apply(*bad) == []


def test_a_score_is_known_for_one_and_an_interaction_is_not() -> None:
    (output,) = apply(record())
    accounts = {"acme": Account.from_body("acme", {"time_zone": "UTC", "currency": "USD"})}
    own_mark = record(event_id="e!s0001", sentiment=1)
    records = [record(), Record(8, NOW_MS, KEY, output.values[0], ()), own_mark]
    events = read_interactions(default_codec(), records, accounts).events
    assert [event.is_score for _, _, event in events] == [False, True, False]


def test_each_score_wins_over_the_one_before() -> None:
    first = first_score_id("e1")
    second = next_score_id(first)
    assert second is not None
    assert "e1" < first < second < "e2"
    assert next_score_id("e1") is next_score_id("e1!s9999") is None


def test_the_copy_of_a_long_text_is_short_enough_to_be_taken() -> None:
    (made,) = scored(record(text="bueno " * 150_000))
    assert len(made["text"]) == MOST_TEXT
    (output,) = apply(record(text="bueno " * 150_000))
    accounts = {"acme": Account.from_body("acme", {"time_zone": "UTC", "currency": "USD"})}
    intake = read_interactions(default_codec(), [Record(0, NOW_MS, KEY, output.values[0], ())], accounts)
    assert [event.sentiment for _, _, event in intake.events] == [1]


def test_an_event_id_that_leaves_no_room_for_the_mark_is_left_alone() -> None:
    assert scored(record(event_id="e" * 198)) == []


def test_a_chunk_that_ends_the_process_becomes_dead_letters() -> None:
    fold = Scoring(default_codec(), Told(), Metrics(), SCORER)
    (output,) = fold.refuse(Chunk("interactions.v1", 0, 7, 8, [record()]), NOW_MS)
    assert output.topic == "dead-letters.v1"
    (value,) = output.values
    assert value is not None
    assert default_codec().decode_one("dead_letter", value)["reason"] == Reason.KILLS_PROCESS
