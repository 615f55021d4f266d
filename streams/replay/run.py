"""All partitions: rebuilt one after another, switched together, so that workers restart once."""

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from confluent_kafka.admin import AdminClient

from schemas.codec import Codec
from streams.agents.activity import NAME
from streams.definitions.accounts import Accounts
from streams.engine.hold import Hold
from streams.engine.restore import ChangelogReader
from streams.engine.watermark import WATERMARKS_TOPIC
from streams.replay.compare import Comparison
from streams.replay.drop import drop
from streams.replay.switch import ReplayFailed, Switch, Switched
from streams.settings import Settings

_HOLD_S = 60.0
_RENEW_S = 10.0
_NEARLY_DONE = 5000
_ROUNDS = 20
_TIMEOUT_S = 30


@dataclass(slots=True)
class Replayed:
    """What a replay did, over all partitions."""

    contacts: int = 0
    events: int = 0
    changes: int = 0
    generations: dict[int, int] = field(default_factory=dict)
    comparison: Comparison = field(default_factory=Comparison)

    def add(self, switched: Switched) -> None:
        """Count a partition in."""
        self.contacts += switched.contacts
        self.events += switched.events
        self.changes += switched.changes
        self.generations[switched.partition] = switched.generation
        self.comparison.add(switched.comparison)


def replay(settings: Settings, codec: Codec, told: Callable[[str], None] = lambda _: None) -> Replayed:
    """Rebuild every partition from zero and put the result in force; `told` hears of progress.

    ReplayFailed, RestoreFailed, VerifyFailed, DefinitionsUnavailable, KafkaException: some partitions may be
    switched and others not; all are whole, and another replay does them all.
    """
    with ExitStack() as stack:
        run = _Run(settings, codec, told, stack)
        run.rebuild()
        return run.switch()


class _Run:
    def __init__(
        self, settings: Settings, codec: Codec, told: Callable[[str], None], stack: ExitStack
    ) -> None:
        self._settings = settings
        self._told = told
        self._kafka: Mapping[str, Any] = {"bootstrap.servers": settings.bootstrap_servers}
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="latido-replay-")))
        definitions = Accounts(codec, self._kafka)
        definitions.start()
        stack.callback(definitions.stop)
        self._hold = Hold(settings.bootstrap_servers, NAME)
        stack.callback(self._hold.close)
        self._held: set[int] = set()
        self._held_at_s = 0.0
        count = self._partitions()
        self._switches = [
            Switch(self._kafka, codec, definitions, (number, count), folder, self._renew)
            for number in range(count)
        ]
        for switch in self._switches:
            stack.callback(switch.close)
        stack.callback(self._release)

    def rebuild(self) -> None:
        """Fold everything, until what came in meanwhile is little."""
        for switch in self._switches:
            events = self._follow(switch)
            self._told(f"partition {switch.partition}: {events} events folded")
        for _ in range(_ROUNDS):
            if sum(map(self._follow, self._switches)) < _NEARLY_DONE:
                return

    def switch(self) -> Replayed:
        """Hold, fence, switch and release all partitions, then drop the old generation's records."""
        self._held = {switch.partition for switch in self._switches}
        self._renew()
        for switch in self._switches:
            switch.fence()
        replayed, begins = Replayed(), {}
        for switch in self._switches:
            with self._reader(switch.partition) as reader:
                switched = switch.put_in_force(reader)
            self._release_one(switch.partition)
            if switched is not None:
                replayed.add(switched)
                begins[switch.partition] = switched.begins
                self._told(f"partition {switch.partition}: generation {switched.generation} is in force")
        drop(self._settings.bootstrap_servers, begins)
        return replayed

    def _follow(self, switch: Switch) -> int:
        with self._reader(switch.partition) as reader:
            return switch.follow(reader)

    def _reader(self, partition: int) -> ChangelogReader:
        deadline = time.monotonic() + self._settings.restore_deadline_s
        return ChangelogReader(self._settings, partition, deadline)

    def _renew(self) -> None:
        if time.monotonic() - self._held_at_s > _RENEW_S:
            for partition in self._held:
                self._hold.ask(partition, _HOLD_S)
            self._held_at_s = time.monotonic()

    def _release(self) -> None:
        for partition in list(self._held):
            self._release_one(partition)

    def _release_one(self, partition: int) -> None:
        self._hold.ask(partition, 0)
        self._held.discard(partition)

    def _partitions(self) -> int:
        admin = AdminClient(dict(self._kafka))
        topics = admin.list_topics(WATERMARKS_TOPIC, timeout=_TIMEOUT_S).topics
        count = len(topics[WATERMARKS_TOPIC].partitions)
        if not count:
            raise ReplayFailed(f"there is no {WATERMARKS_TOPIC}: run `latido topics apply`")
        return count
