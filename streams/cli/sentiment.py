"""`latido sentiment`: what texts are judged by, and judging them anew."""

import json
from typing import Annotated

import typer

from streams.cli.context import AsJson, codec_of, err, failed, out
from streams.cli.scorers import scorer_of
from streams.engine.contract import RestoreFailed
from streams.engine.priority import yield_to_others
from streams.rescoring import Order, RescoreFailed, Rescoring
from streams.sentiment.embedding import ModelMissing
from streams.settings import Settings
from streams.verify.drift import VerifyFailed

sentiment = typer.Typer(help="Sentiment of what people write.", no_args_is_help=True)


@sentiment.command("rescore")
def rescore(
    account_id: Annotated[str | None, typer.Option("--account", help="Only of this account.")] = None,
    texts_per_s: Annotated[float, typer.Option("--per-second", min=0.1, help="At most so many texts.")] = 200,
    as_json: AsJson = False,
) -> None:
    """Score texts again that another backend or version has scored, by LATIDO_SENTIMENT_BACKEND.

    Scores that came with the event stand, and so do those of more than 90 days ago. Nothing fires. Safe to
    interrupt and to repeat; a worker of the agent `activity` has to run.
    """
    settings = Settings()
    try:
        scorer = scorer_of(settings.sentiment_backend)
        yield_to_others()
        run = Rescoring(settings, codec_of(settings), scorer, Order(account_id, texts_per_s))
        run.run(lambda line: err.print(line, markup=False))
    except (ModelMissing, RescoreFailed, VerifyFailed, RestoreFailed) as error:
        raise failed(str(error)) from None
    figures = {"scorer": scorer.model, **{outcome.value: count for outcome, count in run.outcomes.items()}}
    if as_json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        out.print(f"{name}: {figure}", markup=False)
