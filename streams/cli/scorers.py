"""What judges texts, by the setting."""

from streams.agents.sentiment import Scorer
from streams.sentiment import model, scorer
from streams.sentiment.embedding import embedding
from streams.settings import SentimentBackend

_AT_ONCE = {SentimentBackend.LEXICON: 4000, SentimentBackend.MODEL: 20}
"""Most texts of one transaction: even the longest are judged well before its deadline."""


def scorer_of(backend: SentimentBackend) -> Scorer:
    """The scorer, loaded. ModelMissing if its package is not installed; the message says what to install."""
    at_once = _AT_ONCE[backend]
    if backend is SentimentBackend.LEXICON:
        return Scorer(scorer.MODEL, scorer.sentiment, at_once)
    embedding()
    return Scorer(model.MODEL, model.sentiment, at_once)
