"""The agent `sentiment` beside `activity` on a real broker: what people write moves their profile, once."""

import signal
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from schemas.keys import contact_key
from schemas.records import Topic
from streams.agents.sentiment import INPUTS, NAME
from streams.engine.crash import CrashPoint, ExitCode
from streams.sentiment import model
from streams.sentiment.scorer import MODEL
from tests.faults.nemesis import Worker
from tests.faults.plant import Plant
from tests.fixtures.kafka import StartBroker

pytestmark = pytest.mark.faults

ACCOUNT = "ipe"
GOOD, BAD, EVEN = "Ótimo atendimento, adorei!", "Produto péssimo, não recomendo.", "Qual o prazo de entrega?"
PLAIN_FACT = "O pacote chegou com três semanas de atraso e sem a nota."
EXPECTED = {GOOD: ("positive", 1), BAD: ("negative", -1), EVEN: ("neutral", 0)}
POINTS = (
    CrashPoint.AFTER_RESTORE,
    f"{CrashPoint.AFTER_FOLD}@{Topic.INTERACTIONS}",
    f"{CrashPoint.AFTER_PRODUCE}@{Topic.INTERACTIONS}",
    f"{CrashPoint.BEFORE_COMMIT}@{Topic.INTERACTIONS}",
    f"{CrashPoint.AFTER_COMMIT_BEFORE_ACK}@{Topic.INTERACTIONS}",
)


class Talks:
    """Contacts who write, and what became of it."""

    def __init__(self, plant: Plant) -> None:
        self.plant = plant
        self.said: dict[str, str] = {}

    def say(self, contact_id: str, text: str, version: int = 1, **fields: Any) -> None:
        """One message; the last one of a contact is expected to stand."""
        shop = self.plant.shop
        told = {
            "event_id": f"{contact_id}-{version}", "account_id": ACCOUNT, "contact_id": contact_id,
            "interaction_id": f"i-{contact_id}", "version": version, "occurred_at": shop.now_ms,
            "updated_at": shop.now_ms, "text": text, **fields,
        }  # fmt: skip
        value = shop.codec.encode_one("interaction", told)
        shop.send(Topic.INTERACTIONS, contact_key(ACCOUNT, contact_id), value)
        self.said[contact_id] = text

    def wave(self, name: str, count: int = 30) -> None:
        """Many contacts at once, with everything there is to say."""
        texts = list(EXPECTED)
        for number in range(count):
            self.say(f"{name}-{number}", texts[number % len(texts)])
        self.plant.shop.flush()

    def settle(self) -> None:
        """Wait until both agents have read everything, what they wrote themselves too."""
        self.plant.shop.flush()
        self.plant.until(lambda: self.plant.log.is_applied(NAME, INPUTS), 180)
        self.plant.apply_all(180)

    def scores(self) -> Counter[tuple[str, str, int, str]]:
        """How often each (contact, text, sentiment, scorer) was written back, read committed."""
        told = self.plant.decoded(Topic.INTERACTIONS, "interaction")
        return Counter(
            (one["contact_id"], one["text"], one["sentiment"], one["sentiment_model"])
            for one in told
            if one["sentiment"] is not None
        )

    def profiles(self) -> dict[str, str | None]:
        """The sentiment of every contact."""
        told = self.plant.decoded(Topic.CONTACT_PROFILES, "contact_profile")
        return {one["contact_id"]: one["sentiment"] for one in told}


def test_each_text_is_scored_once_wherever_the_agent_ends(start_broker: StartBroker, tmp_path: Path) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        talks = Talks(plant)
        plant.start_worker(LATIDO_GROUP_INSTANCE_ID="activity")
        agent = start_agent(plant)
        talks.wave("first")
        talks.settle()
        agent.stop()
        plant.workers.all.remove(agent)
        try:
            for point in POINTS:
                talks.wave(point.partition("@")[0])
                end_at(agent, point)
        finally:
            plant.workers.all.append(agent)
        agent.start()
        talks.wave("last", 300)
        plant.spend(1)
        agent.send(signal.SIGKILL)
        talks.settle()
        expected = {(who, text, EXPECTED[text][1], MODEL) for who, text in talks.said.items()}
        assert talks.scores() == dict.fromkeys(expected, 1)
        assert talks.profiles() == {who: EXPECTED[text][0] for who, text in talks.said.items()}
        assert plant.hidden(Topic.INTERACTIONS) > 0, "no end lay in mid-transaction"
        plant.assert_exact()


def test_ratings_later_versions_and_removals_are_stronger_than_words(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        talks = Talks(plant)
        plant.start_worker(LATIDO_GROUP_INSTANCE_ID="activity")
        talks.say("rated", GOOD, csat=1)
        talks.say("erased", BAD)
        talks.say("corrected", BAD)
        plant.apply_all(120)
        plant.shop.send(Topic.CONTACTS, contact_key(ACCOUNT, "erased"), None)
        plant.apply_all(120)
        start_agent(plant)
        talks.settle()
        talks.say("corrected", GOOD, version=2)
        talks.settle()
        assert {who for who, *_ in talks.scores()} == {"erased", "corrected"}
        assert talks.profiles() == {"rated": "negative", "erased": None, "corrected": "positive"}
        plant.assert_exact()


def test_the_language_model_judges_where_the_setting_says_so(
    start_broker: StartBroker, tmp_path: Path
) -> None:
    with Plant(start_broker(), tmp_path) as plant:
        plant.shop.open_accounts()
        talks = Talks(plant)
        plant.start_worker(LATIDO_GROUP_INSTANCE_ID="activity")
        talks.wave("many", 60)
        talks.say("plain", PLAIN_FACT)
        start_agent(plant, LATIDO_SENTIMENT_BACKEND="model")
        talks.settle()
        expected = {(who, text, model.sentiment(text), model.MODEL) for who, text in talks.said.items()}
        assert talks.scores() == dict.fromkeys(expected, 1)
        assert talks.profiles()["plain"] == "negative"


def start_agent(plant: Plant, **settings: str) -> Worker:
    """The agent under test."""
    return plant.start_worker(LATIDO_AGENT=NAME, LATIDO_GROUP_INSTANCE_ID=NAME, **settings)


def end_at(agent: Worker, point: str) -> None:
    """Start the agent so that it ends there."""
    agent.with_settings(LATIDO_CRASH_AT=point)
    agent.start()
    assert agent.wait(120) == ExitCode.CRASH_POINT, f"{point}\n{agent.log.read_text()[-2000:]}"
    agent.with_settings(LATIDO_CRASH_AT="")
