"""What a worker is made of."""

import gc

from schemas.codec import Codec
from schemas.metrics import Metrics
from streams.agents.activity import NAME as ACTIVITY
from streams.agents.activity import activity
from streams.agents.automations import automations
from streams.agents.sentiment import NAME as SENTIMENT
from streams.agents.sentiment import sentiment
from streams.app import run_worker
from streams.cli.context import accounts_of, codec_of, failed, kafka_of
from streams.cli.scorers import scorer_of
from streams.definitions.automations import Automations
from streams.engine.contract import Application
from streams.engine.priority import yield_to_others
from streams.sentiment.embedding import ModelMissing
from streams.settings import Settings

_TRANSACTIONS_PER_S = 8.0


def run(agent: str) -> None:
    """Run an agent by its name until a signal ends it."""
    # State is many small long-lived tuples: collecting them again and again would cost a third of the time.
    # The young are few, for with 100,000 of them a collection takes 50 ms, and every order waits for it.
    gc.set_threshold(20_000, 250, 100)
    settings = Settings()
    metrics = Metrics()
    if agent == SENTIMENT:
        _run_sentiment(settings, metrics)
    run_worker(_application(agent, settings, codec_of(settings), metrics), settings, metrics)


def _application(agent: str, settings: Settings, codec: Codec, metrics: Metrics) -> Application:
    if agent == ACTIVITY:
        accounts = accounts_of(settings, codec)
        return activity(codec, accounts, metrics, settings.dead_letter_share, settings.dead_letter_least)
    definitions = Automations(codec, kafka_of(settings))
    definitions.start()
    return automations(codec, definitions, metrics)


def _run_sentiment(settings: Settings, metrics: Metrics) -> None:
    """Texts wait where orders would: few transactions, and the processor when nothing else wants it."""
    try:
        scorer = scorer_of(settings.sentiment_backend)
    except ModelMissing as error:
        raise failed(str(error)) from None
    yield_to_others()
    own = settings.model_copy(
        update={
            "chunk_records": min(settings.chunk_records, scorer.at_once),
            "transactions_per_s": min(settings.transactions_per_s, _TRANSACTIONS_PER_S),
        }
    )
    codec = codec_of(own)
    run_worker(sentiment(codec, accounts_of(own, codec), metrics, scorer), own, metrics)
