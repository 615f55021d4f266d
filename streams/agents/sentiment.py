"""The agent `sentiment`: interactions that nobody rated in, the same with the sentiment of their text out.

A scored interaction goes back to where it came from, as the next version of itself: the same version and
instant, and an event id that extends the scored one's. So it wins over what it scores and loses against
whatever the channel says later, and the channel's version numbers stay the channel's. It has a score, so it
is never scored again, but by command (`streams.rescoring`). If its contact was removed meanwhile, the fold
finds nothing that it could be a version of, and leaves it out. What cannot be used is left to the agent
`activity`, which reads the same topic and says so.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

from schemas.codec import Codec, Decoded
from schemas.columnwriter import Column
from schemas.metrics import Metrics, Stage
from schemas.reasons import Reason
from schemas.records import Topic
from schemas.wire import RegistryUnavailable
from streams.agents.activity import Stopwatch
from streams.agents.intake import MOST_CHARACTERS, Intake, Letter, Reader, read
from streams.agents.interactions import INTERACTIONS, first_score_id
from streams.agents.outputs import MOST_TEXT, Writer
from streams.engine.contract import Application, Blocked, Chunk, Output
from streams.rfm.account import Account
from streams.rfm.interactions import Sentiment

NAME = "sentiment"
INPUTS = (Topic.INTERACTIONS,)

COPIED = ("account_id", "contact_id", "interaction_id", "version", "occurred_at", "updated_at", "channel",
          "kind")  # fmt: skip
"""What a score leaves as it was."""

_KINDS = {-1: Sentiment.NEGATIVE, 0: Sentiment.NEUTRAL, 1: Sentiment.POSITIVE}


@dataclass(frozen=True, slots=True)
class Scorer:
    """What judges a text: -1, 0, 1, or None where it cannot tell. `model` is recorded with each score.

    `at_once`: most texts that one transaction can wait for.
    """

    model: str
    judge: Callable[[str], int | None]
    at_once: int


class Definitions(Protocol):
    """What the agent asks of definitions."""

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Accounts by id."""

    def catch_up(self) -> None:
        """Read to the present end."""


class Said(NamedTuple):
    """What an interaction gives to judge: its text, unless it has a score already."""

    contact_id: str
    event_id: str
    text: str | None


class Judged(NamedTuple):
    """The row of an interaction, its new event id, the text as it is kept, and its sentiment."""

    row: int
    event_id: str
    text: str
    sentiment: int


def _said(decoded: Decoded, _arrivals: Sequence[int]) -> Iterable[Said]:
    c = decoded.columns
    scores = zip(c["sentiment"], c["stars"], c["csat"], c["nps"], strict=True)
    unrated = (all(score is None for score in one) for one in scores)
    texts = (text if free else None for text, free in zip(c["text"], unrated, strict=True))
    return map(Said._make, zip(c["contact_id"], c["event_id"], texts, strict=True))


_READER: Reader[Said] = Reader(
    INTERACTIONS.schema, (*INTERACTIONS.columns, "text"), INTERACTIONS.checks, _said
)


class Scoring:
    """What a record becomes depends on it alone: there is no state. See `engine.contract.Fold`."""

    def __init__(self, codec: Codec, definitions: Definitions, metrics: Metrics, scorer: Scorer) -> None:
        self._codec = codec
        self._definitions = definitions
        self._metrics = metrics
        self._scorer = scorer

    def restored(self, collected: Any, memo: bytes, positions: Mapping[str, int]) -> None:
        """Nothing is kept but positions."""

    def memo(self) -> bytes:
        """Nothing."""
        return b""

    def apply(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Score what has a text and no score."""
        watch = Stopwatch(self._metrics)
        intake = self._read(chunk)
        watch.lap(Stage.DECODE)
        judged = self._judge(intake)
        watch.lap(Stage.FOLD)
        outputs = [self._encode(chunk, intake, judged)] if judged else []
        watch.lap(Stage.ENCODE)
        return outputs

    def refuse(self, chunk: Chunk, now_ms: int) -> list[Output]:
        """Dead-letter a chunk that ends the process."""
        detail = "scoring this record's text ended the worker's process again and again"
        letters = [Letter(i, Reason.KILLS_PROCESS, detail) for i in range(len(chunk.records))]
        self._metrics.events_dead_lettered.labels(chunk.topic, Reason.KILLS_PROCESS).inc(len(letters))
        return [Writer(self._codec, 0).letters(chunk.topic, chunk.partition, chunk.records, letters)]

    def due_ms(self) -> int | None:
        """Time alone changes nothing."""
        return None

    def step(self, now_ms: int, positions: Mapping[str, int], more: int) -> list[Output]:
        """Never due."""
        return []

    def _read(self, chunk: Chunk) -> Intake[Said]:
        try:
            intake = read(_READER, self._codec, chunk.records, self._definitions.accounts)
        except RegistryUnavailable as error:
            self._metrics.schema_registry_errors.inc()
            raise Blocked(f"the schema registry does not answer: {error}") from error
        if any(letter.reason is Reason.UNKNOWN_ACCOUNT for letter in intake.letters):
            self._definitions.catch_up()
            intake = read(_READER, self._codec, chunk.records, self._definitions.accounts)
        return intake

    def _judge(self, intake: Intake[Said]) -> list[Judged]:
        """Texts to their sentiment."""
        judged: list[Judged] = []
        for _, row, said in intake.events:
            event_id = first_score_id(said.event_id)
            if not said.text or len(event_id) > MOST_CHARACTERS:
                continue
            sentiment = self._scorer.judge(said.text)
            if sentiment is not None:
                judged.append(Judged(row, event_id, said.text[:MOST_TEXT], sentiment))
        return judged

    def _encode(self, chunk: Chunk, intake: Intake[Said], judged: Sequence[Judged]) -> Output:
        for sentiment, count in Counter(one.sentiment for one in judged).items():
            self._metrics.texts_scored.labels(_KINDS[sentiment]).inc(count)
        rows = [one.row for one in judged]
        columns: dict[str, Column] = {
            **intake.decoded.gather((*COPIED, "backfill"), rows),
            "event_id": [one.event_id for one in judged],
            "text": [one.text for one in judged],
            "sentiment": [one.sentiment for one in judged],
            "sentiment_model": [self._scorer.model] * len(judged),
        }
        keys = [chunk.records[intake.positions[row]].key or b"" for row in rows]
        return Output(Topic.INTERACTIONS, keys, list(self._codec.encode_block("interaction", columns)))


class Nothing:
    """There are no changelogs to collect. See `engine.contract.Collector`."""

    def take(self, topic: str, keys: Sequence[bytes | None], values: Sequence[bytes | None]) -> None:
        """Never called."""

    def collected(self) -> None:
        """Nothing."""


def sentiment(codec: Codec, definitions: Definitions, metrics: Metrics, scorer: Scorer) -> Application:
    """The application that the engine runs."""
    return Application(
        name=NAME,
        inputs=INPUTS,
        changelogs=(),
        collector=Nothing,
        fold=lambda *_: Scoring(codec, definitions, metrics, scorer),
    )
