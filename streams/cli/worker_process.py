"""What a worker is made of."""

import gc

from schemas.codec import Codec
from schemas.metrics import Metrics
from streams.agents.activity import NAME as ACTIVITY
from streams.agents.activity import activity
from streams.agents.automations import automations
from streams.agents.erasures import Erasures
from streams.agents.sentiment import NAME as SENTIMENT
from streams.agents.sentiment import Scorer, sentiment
from streams.app import run_worker
from streams.cli.context import accounts_of, codec_of, kafka_of
from streams.definitions.automations import Automations
from streams.engine.contract import Application
from streams.sentiment import scorer as lexicon
from streams.settings import SentimentBackend, Settings

SCORERS = {SentimentBackend.LEXICON: Scorer(lexicon.MODEL, lexicon.VERSION, lexicon.sentiment)}


def run(agent: str) -> None:
    """Run an agent by its name until a signal ends it."""
    # State is many small long-lived tuples: collecting them again and again would cost a third of the time.
    gc.set_threshold(100_000, 50, 100)
    settings = Settings()
    metrics = Metrics()
    run_worker(_application(agent, settings, codec_of(settings), metrics), settings, metrics)


def _application(agent: str, settings: Settings, codec: Codec, metrics: Metrics) -> Application:
    if agent == ACTIVITY:
        accounts = accounts_of(settings, codec)
        return activity(codec, accounts, metrics, settings.dead_letter_share, settings.dead_letter_least)
    if agent == SENTIMENT:
        erasures = Erasures(kafka_of(settings))
        erasures.start()
        scorer = SCORERS[settings.sentiment_backend]
        return sentiment(codec, accounts_of(settings, codec), erasures, metrics, scorer)
    definitions = Automations(codec, kafka_of(settings))
    definitions.start()
    return automations(codec, definitions, metrics)
