"""`latido replay`: the state of everybody, from the first event on."""

import json
from typing import Annotated, Any

import typer
from confluent_kafka import KafkaException

from schemas.definitions_topic import DefinitionsUnavailable
from streams.cli.context import AsJson, codec_of, err, failed, out
from streams.engine.contract import RestoreFailed
from streams.replay.run import replay as run
from streams.replay.switch import ReplayFailed
from streams.settings import Settings
from streams.verify.drift import VerifyFailed


def replay(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False, as_json: AsJson = False
) -> None:
    """Rebuild all state from the first event on, beside the workers, and put it in force.

    Workers restart once, for the switch. Nothing fires: a contact who stands elsewhere afterwards gets one
    historical change. Safe to interrupt and to repeat.
    """
    if not yes:
        question = "Rebuild the state of every contact? Workers restart once, when it is done."
        typer.confirm(question, abort=True, err=True)
    settings = Settings()
    try:
        done = run(settings, codec_of(settings), lambda line: err.print(line, markup=False))
    except (ReplayFailed, RestoreFailed, VerifyFailed, DefinitionsUnavailable, KafkaException) as error:
        raise failed(str(error)) from None
    rows = done.comparison
    figures: dict[str, Any] = {
        "contacts": done.contacts,
        "events": done.events,
        "changes": done.changes,
        "rows_same": rows.same.total(),
        "rows_corrected": rows.different.total(),
        "rows_deleted": rows.vanished.total(),
    }
    if as_json:
        print(json.dumps(figures))
        return
    for name, figure in figures.items():
        out.print(f"{name}: {figure}", markup=False)
