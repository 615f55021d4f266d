"""Asking workers to leave a partition alone for a while, so that a rebuilt state can take its place.

A hold is a courtesy, not a lock: the transactional id decides who may write. It is an instant, kept as the
"offset" of the partition in a group of its own: one small value, read at once, gone with the group.
"""

import logging
import time

from confluent_kafka import Consumer, KafkaException, TopicPartition

from streams.engine.contract import RestoreFailed
from streams.engine.watermark import WATERMARKS_TOPIC

logger = logging.getLogger(__name__)

_PAUSE_S = 0.25
_TIMEOUT_S = 20.0


class Hold:
    """The holds of one application; a context. KafkaException if the broker does not answer."""

    def __init__(self, bootstrap_servers: str, application: str) -> None:
        self._consumer = Consumer(
            {
                "bootstrap.servers": bootstrap_servers,
                "group.id": f"{application}.hold",
                "enable.auto.commit": False,
                "log_level": 3,
            }
        )

    def ask(self, partition: int, seconds: float) -> None:
        """Hold a partition for so long from now on; 0 releases it."""
        until_ms = int((time.time() + seconds) * 1000) if seconds else 0
        self._consumer.commit(
            offsets=[TopicPartition(WATERMARKS_TOPIC, partition, until_ms)], asynchronous=False
        )

    def left_s(self, partition: int) -> float:
        """Seconds for which a partition is still held; 0 or less if it is not."""
        asked = [TopicPartition(WATERMARKS_TOPIC, partition)]
        [found] = self._consumer.committed(asked, timeout=_TIMEOUT_S)
        return found.offset / 1000 - time.time()

    def close(self) -> None:
        """Leave the broker."""
        self._consumer.close()


def await_release(bootstrap_servers: str, application: str, partition: int, deadline: float) -> None:
    """Return once nobody holds the partition. RestoreFailed at `deadline`, in monotonic seconds."""
    hold = Hold(bootstrap_servers, application)
    try:
        while (left_s := hold.left_s(partition)) > 0:
            if time.monotonic() > deadline:
                raise RestoreFailed(f"partition {partition} is held for a replay for another {left_s:.0f} s")
            time.sleep(min(_PAUSE_S, left_s))
    except KafkaException as failure:
        raise RestoreFailed(f"partition {partition}: {failure!r}") from failure
    finally:
        hold.close()
