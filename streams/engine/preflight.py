"""What must hold before a worker starts: Faust ignores for good a source topic that is missing at start."""

import logging
import time
from collections.abc import Mapping

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient

from streams.engine.contract import Application
from streams.engine.watermark import WATERMARKS_TOPIC

logger = logging.getLogger(__name__)

_RETRY_S = 1.0


class TopicsUnfit(Exception):
    """Topics are missing or not co-partitioned; the message says what to do."""


def partition_count(application: Application, counts: Mapping[str, int]) -> int:
    """Partitions of every topic of the application, which must be the same number. TopicsUnfit."""
    needed = dict.fromkeys((*application.inputs, *application.changelogs, WATERMARKS_TOPIC))
    missing = [topic for topic in needed if topic not in counts]
    if missing:
        raise TopicsUnfit(f"topics are missing: {', '.join(missing)}. Run `latido topics apply`.")
    found = {counts[topic] for topic in needed}
    if len(found) > 1:
        listed = ", ".join(f"{topic} {counts[topic]}" for topic in needed)
        raise TopicsUnfit(f"topics differ in partitions, so keys would not meet: {listed}.")
    return found.pop()


def wait_for_topics(bootstrap_servers: str, application: Application, deadline_s: float) -> int:
    """The number of partitions, once a broker answers. TopicsUnfit; KafkaException at the deadline."""
    admin = AdminClient({"bootstrap.servers": bootstrap_servers, "log_level": 2})
    deadline = time.monotonic() + deadline_s
    while True:
        try:
            topics = admin.list_topics(timeout=5).topics
            return partition_count(
                application, {name: len(found.partitions) for name, found in topics.items()}
            )
        except KafkaException as failure:
            if time.monotonic() > deadline:
                raise
            logger.warning("no broker at %s yet: %s", bootstrap_servers, failure.args[0])
            time.sleep(_RETRY_S)
