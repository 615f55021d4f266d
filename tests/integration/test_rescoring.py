"""`latido sentiment rescore` beside running agents: killed, run again, run for nothing, and turned back."""

import json
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemas.records import Topic
from streams.sentiment import model, scorer
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker
from tests.integration.test_sentiment import GOOD, PLAIN_FACT, Talks, start_agent

pytestmark = pytest.mark.faults

TEXTS = (GOOD, PLAIN_FACT)
COUNT = 60
MOODS = {-1: "negative", 0: "neutral", 1: "positive"}


def test_texts_are_scored_again_exactly_once_and_nothing_else_is_touched(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        talks = Talks(plant)
        plant.start_worker(LATIDO_GROUP_INSTANCE_ID="activity")
        start_agent(plant)
        for number in range(COUNT):
            talks.say(f"writer-{number}", TEXTS[number % 2])
        texts = dict(talks.said)
        talks.say("rated", PLAIN_FACT, csat=5)
        talks.say("judged", PLAIN_FACT, sentiment=1, sentiment_model="theirs-7")
        talks.settle()

        killed = start(plant, "model", "--per-second", "20")
        plant.until(lambda: made_by(talks, model.MODEL).total() > 0, 120)
        killed.kill()
        killed.communicate()
        partly = made_by(talks, model.MODEL)
        assert 0 < partly.total() < COUNT, "it was not killed in between"

        finish(plant, "model")
        talks.settle()
        assert made_by(talks, model.MODEL) == dict.fromkeys(texts, 1)
        assert moods(talks) == {who: MOODS[model.sentiment(text) or 0] for who, text in texts.items()}
        assert {one["live"] for one in last_profiles(plant).values() if one["contact_id"] in texts} == {False}
        assert finish(plant, "model") == {"scorer": model.MODEL}

        finish(plant, "lexicon", "--account", "nobody")
        assert made_by(talks, scorer.MODEL) == dict.fromkeys(texts, 1)
        finish(plant, "lexicon")
        talks.settle()
        assert made_by(talks, scorer.MODEL) == dict.fromkeys(texts, 2)
        assert moods(talks) == {who: MOODS[scorer.sentiment(text) or 0] for who, text in texts.items()}
        assert {talks.profiles()[who] for who in ("rated", "judged")} == {"positive"}
        plant.assert_exact()


def start(plant: Plant, backend: str, *options: str) -> "subprocess.Popen[str]":
    """The command, in a process of its own."""
    own = {"LATIDO_BOOTSTRAP_SERVERS": plant.broker.bootstrap, "LATIDO_SENTIMENT_BACKEND": backend}
    command = (sys.executable, "-m", "streams.cli", "sentiment", "rescore", "--json", *options)
    return subprocess.Popen(command, env={**os.environ, **own}, stdout=subprocess.PIPE, text=True)


def finish(plant: Plant, backend: str, *options: str) -> dict[str, Any]:
    """It from start to end, beside workers that are tended; what it says it did."""
    running = start(plant, backend, *options)
    plant.until(lambda: running.poll() is not None, 240)
    output, _ = running.communicate()
    assert running.returncode == 0, output
    said: dict[str, Any] = json.loads(output)
    return said


def made_by(talks: Talks, name: str) -> Counter[str]:
    """How many scores of a scorer's each contact got."""
    scores = talks.scores()
    return Counter(who for (who, *_, named), times in scores.items() for _ in range(times) if named == name)


def moods(talks: Talks) -> dict[str, str | None]:
    """The sentiment of those whose words were judged."""
    return {who: mood for who, mood in talks.profiles().items() if who.startswith("writer-")}


def last_profiles(plant: Plant) -> dict[str, dict[str, Any]]:
    """Profiles as they stand."""
    return {one["contact_id"]: one for one in plant.decoded(Topic.CONTACT_PROFILES, "contact_profile")}
