"""Other frameworks beside Latido, one after the other, on one broker, from the same records."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import asdict, dataclass
from enum import StrEnum
from itertools import product
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from confluent_kafka import (
    OFFSET_BEGINNING,
    Consumer,
    ConsumerGroupTopicPartitions,
    KafkaException,
    TopicPartition,
)
from confluent_kafka.admin import AdminClient, NewTopic
from rich.table import Table

from deploy.local import guard
from deploy.local.bench import checksum, machine
from deploy.local.bench.catchup import TooSlow, catch_up
from deploy.local.bench.checksum import Told
from deploy.local.bench.lab import Lab
from deploy.local.bench.meter import Meter, Trail
from deploy.local.bench.workload import CURRENCY, TOPIC, Workload, producer, publish
from deploy.local.java import find_java
from schemas.catalog import FileSchemas
from streams.rfm.model import FREQUENCY_CUTS, RECENCY_CUTS, default_value_cuts

PARTITIONS = 4
EVENTS, CONTACTS = 1_000_000, 100_000
QUIX = "quixstreams==3.28.1"
PEERS = machine.TREE / "tests" / "benchmarks" / "peers"
CACHE = Path(".cache") / "bench"
_POLL_S = 0.1
_PATIENCE_S = 90.0


class Peer(StrEnum):
    """Who is compared; the value names its consumer group and its topics."""

    KSTREAMS = "kstreams"
    QUIX = "quix"
    FAUST = "faust-peer"


TITLES = {
    Peer.KSTREAMS: "Kafka Streams",
    Peer.QUIX: "Quix Streams",
    Peer.FAUST: "Faust",
}
SETTINGS = (
    "Latido: agent `activity`, everything on. Kafka Streams 4.3.1: RocksDB, exactly_once_v2, 1 thread. "
    "Quix Streams 3.28: RocksDB, exactly-once. Faust: a Table, exactly_once."
)
CHANGELOGS = {
    Peer.KSTREAMS: ("{name}-contacts-changelog", checksum.of_java),
    Peer.QUIX: ("changelog__{name}--{source}--default", checksum.of_json),
    Peer.FAUST: ("{name}-contacts-changelog", checksum.of_json),
}


class Work(StrEnum):
    """What is asked of a peer.

    EVERYTHING: what Latido's topics get, in its schemas: the profile, the order, the days it touches, and the
    change of segment with its scores. LEAST: its own state, and the change.
    """

    EVERYTHING = "every record"
    LEAST = "state and changes"


SAMPLES = {
    (Peer.QUIX, Work.EVERYTHING): 250_000,
    (Peer.FAUST, Work.EVERYTHING): 50_000,
    (Peer.FAUST, Work.LEAST): 50_000,
}
"""Events of those who are too slow for all of them: they get the first ones of each partition."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the comparison; CPU in microseconds an event."""

    name: str
    work: Work
    events: int
    rate: float
    second_half_rate: float
    cpu_us: float
    peak_mb: float
    checksum: str
    expected: str


class Running:
    """A peer's process; a context that ends it."""

    def __init__(self, lab: Lab, peer: Peer, source: str, work: Work) -> None:
        self.name = f"{peer.value}-{work.name.lower()}"
        self.topics = checksum.topics_of(self.name)
        for topic in self.topics:
            make_topic(lab, topic)
        directory = lab.directory / self.name
        directory.mkdir(parents=True)
        self.log = directory / "log"
        ids = _ids() if work is Work.EVERYTHING else ""
        arguments = [lab.bootstrap, self.name, source, str(directory / "state"), ids]
        with self.log.open("wb") as out:
            self.process = subprocess.Popen(
                [*_command(peer), *arguments, *_extra(peer, lab.partitions)],
                cwd=machine.TREE,
                env={**os.environ, "PYTHONPATH": str(machine.TREE), "PYTHONWARNINGS": "ignore"},
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        guard.watch(self.process.pid)

    def require_running(self) -> None:
        """RuntimeError with the end of its log if it has ended."""
        if self.process.poll() is not None:
            raise RuntimeError("the peer ended:\n" + self.tail())

    def tail(self) -> str:
        """The end of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-12:])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        guard.signal_group(self.process.pid, signal.SIGTERM)
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            guard.signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()
        guard.forget(self.process.pid)


def _command(peer: Peer) -> list[str]:
    match peer:
        case Peer.KSTREAMS:
            classes = prepare_kstreams()
            return [find_java(17), "-Xmx1g", "-cp", f"{classes}:{classes.parent / 'lib'}/*", "Peer"]
        case Peer.QUIX:
            return [str(prepare_quix()), "-m", "tests.benchmarks.peers.quix_peer"]
    return [sys.executable, "-m", "tests.benchmarks.peers.faust_peer"]


def _extra(peer: Peer, partitions: int) -> list[str]:
    match peer:
        case Peer.KSTREAMS:
            axes = (RECENCY_CUTS, FREQUENCY_CUTS, default_value_cuts(CURRENCY))
            cuts = ";".join(",".join(map(str, axis)) for axis in axes)
            cells = machine.TREE / "streams" / "rfm" / "segment_map_zenvia_11.csv"
            return [str(checksum.TODAY_DAY), cuts, str(cells), str(machine.TREE / "schemas" / "avro")]
        case Peer.FAUST:
            return [str(partitions)]
    return []


def _ids() -> str:
    """Ids of the schemas that peers write, as they take them."""
    schemas = FileSchemas()
    names = ("contact_profile", "contact_order", "contact_day", "segment_change")
    return ",".join(f"{name}={schemas.id_of(name)}" for name in names)


def prepare_quix() -> Path:
    """Python with Quix Streams, in an environment of its own, for it pins an older client. RuntimeError."""
    place = (CACHE / "quix" / "v").absolute()
    python = place / "bin" / "python"
    if not (place / ".made").exists():
        _say_if_fails([sys.executable, "-m", "venv", str(place)])
        _say_if_fails([str(python), "-m", "pip", "install", "--quiet", QUIX, "fastavro"])
        (place / ".made").touch()
    return python


def prepare_kstreams() -> Path:
    """Classes of the Java peer, libraries in `lib` beside them. RuntimeError with what Maven or javac say."""
    place = (CACHE / "kstreams").absolute()
    sources = sorted((PEERS / "kstreams").glob("*.java"))
    classes = place / "classes"
    made = place / ".made"
    newest = max(path.stat().st_mtime for path in (*sources, PEERS / "kstreams" / "pom.xml"))
    if not made.exists() or made.stat().st_mtime < newest:
        javac = Path(find_java(17)).resolve().with_name("javac")
        if not javac.exists():
            raise RuntimeError("the Java peer needs a compiler: apt-get install openjdk-17-jdk-headless")
        shutil.rmtree(place / "lib", ignore_errors=True)
        pom, lib = PEERS / "kstreams" / "pom.xml", place / "lib"
        _say_if_fails(
            ["mvn", "--batch-mode", "--quiet", "--file", str(pom), "dependency:copy-dependencies",
             f"-DoutputDirectory={lib}"]
        )  # fmt: skip
        _say_if_fails([str(javac), "-d", str(classes), "-cp", f"{lib}/*", *map(str, sources)])
        made.touch()
    return classes


def _say_if_fails(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise RuntimeError(f"{Path(command[0]).name} failed: {(done.stderr or done.stdout)[-800:]}")


class Groups:
    """Committed positions of a consumer group, polled."""

    def __init__(self, bootstrap: str, group: str, topic: str, partitions: int) -> None:
        self._admin = AdminClient({"bootstrap.servers": bootstrap})
        wanted = [TopicPartition(topic, number) for number in range(partitions)]
        self._request = ConsumerGroupTopicPartitions(group, wanted)

    def total(self) -> int:
        """Sum of the committed offsets; 0 while the group is unknown."""
        try:
            [answer] = self._admin.list_consumer_group_offsets([self._request]).values()
            return sum(max(0, one.offset) for one in answer.result(10).topic_partitions)
        except KafkaException:
            return 0


def run_peer(lab: Lab, peer: Peer, work: Work, source: str, events: int, expected: Told) -> Row:
    """Let it process `source` to its end; TooSlow, or RuntimeError if it ends by itself."""
    trail = Trail()
    with Running(lab, peer, source, work) as running, Meter(running.process.pid) as meter:
        groups = Groups(lab.bootstrap, running.name, source, lab.partitions)
        moved = time.monotonic()
        while not trail.points or trail.points[-1].total < events:
            time.sleep(_POLL_S)
            running.require_running()
            total = groups.total()
            if total and (not trail.points or total > trail.points[-1].total):
                trail.add(time.time(), total)
                moved = time.monotonic()
            elif time.monotonic() - moved > _PATIENCE_S:
                raise TooSlow(f"{TITLES[peer]}: {total:,} of {events:,} events\n{running.tail()}")
    begin, end = trail.points[0], trail.points[-1]
    counted = max(1.0, end.total - begin.total)
    return Row(
        name=TITLES[peer],
        work=work,
        events=events,
        rate=trail.rate(),
        second_half_rate=trail.rate(events / 2),
        cpu_us=meter.cpu_between(begin.at_s, end.at_s) / counted * 1e6,
        peak_mb=meter.peak_mb,
        checksum=_result(lab, peer, running, source, work),
        expected=_wanted(expected, work),
    )


def _result(lab: Lab, peer: Peer, running: Running, source: str, work: Work) -> str:
    if work is Work.EVERYTHING:
        return checksum.told(lab.bootstrap, running.topics).checksum()
    name, read = CHANGELOGS[peer]
    states = checksum.newest(lab.bootstrap, name.format(name=running.name, source=source)).values()
    return checksum.checksum(map(read, states))


def _wanted(expected: Told, work: Work) -> str:
    return expected.checksum() if work is Work.EVERYTHING else checksum.checksum(expected.states)


def make_topic(lab: Lab, name: str) -> None:
    """With the lab's number of partitions. KafkaException if that fails."""
    admin = AdminClient({"bootstrap.servers": lab.bootstrap})
    for made in admin.create_topics([NewTopic(name, lab.partitions, 1)]).values():
        made.result(30)


def first_records(lab: Lab, each: int) -> list[tuple[int, bytes, bytes]]:
    """(partition, key, value) of the first `each` records of every partition of orders.v1."""
    settings = {"bootstrap.servers": lab.bootstrap, "group.id": "bench-sample", "enable.auto.commit": False}
    left = {number: min(each, end) for number, end in lab.ends().items()}
    found: list[tuple[int, bytes, bytes]] = []
    with closing(Consumer(settings)) as consumer:
        consumer.assign([TopicPartition(TOPIC, number, OFFSET_BEGINNING) for number in left])
        while any(left.values()):
            for message in consumer.consume(5000, 1.0):
                number, key, value = message.partition() or 0, message.key(), message.value()
                if message.error() is None and left[number] and key is not None and value is not None:
                    left[number] -= 1
                    found.append((number, bytes(key), bytes(value)))
    return found


def sample_topic(lab: Lab, events: int) -> tuple[str, int, Told]:
    """A topic with the first records of each partition: its name, its size, what is to be told of them."""
    name = f"bench-orders-{events}"
    make_topic(lab, name)
    records = first_records(lab, events // lab.partitions)
    out = producer(lab.bootstrap)
    for start in range(0, len(records), 10_000):
        for number, key, value in records[start : start + 10_000]:
            out.produce(name, value, key, partition=number)
        if out.flush(60):
            raise RuntimeError(f"the broker did not take {name} in a minute")
    return name, len(records), checksum.recomputed(value for _, _, value in records)


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Latido, then every peer, on one broker. When quick, a fifth of the events. RuntimeError, TooSlow.

    Every peer writes first all that Latido writes of the same orders, then the least that can be asked of it.
    A broker that has just started compiles for most of a minute: the first catch-up is not counted. Latido is
    measured as one worker and as a worker a core; every peer is one process.
    """
    scale = 5 if quick else 1
    workload = Workload(EVENTS // scale, CONTACTS // scale)
    rows, loads = [], [machine.load()]
    with Lab(PARTITIONS, say) as lab:
        publish(lab.bootstrap, workload)
        expected = checksum.recomputed(value for _, _, value in first_records(lab, workload.events))
        catch_up(lab)
        for workers in _workers():
            lab.forget()
            rows.append(_latido(lab, expected, workers))
            loads.append(machine.load())
            say(_line(rows[-1]))
        sources = {workload.events: (TOPIC, workload.events, expected)}
        for peer, work in product(Peer, Work):
            events = min(workload.events, SAMPLES.get((peer, work), EVENTS) // scale)
            if events not in sources:
                sources[events] = sample_topic(lab, events)
            rows.append(run_peer(lab, peer, work, *sources[events]))
            loads.append(machine.load())
            say(_line(rows[-1]))
    unequal = [f"{row.name}, {row.work}" for row in rows if row.checksum != row.expected]
    figures = {
        "workload": workload.describe(),
        "load_average": loads,
        "rows": [asdict(row) for row in rows],
        "unequal": unequal,
    }
    if unequal:
        raise RuntimeError(f"unequal work, so no comparison: {', '.join(unequal)}")
    return figures, [_table(workload, loads, rows)]


def _workers() -> list[int]:
    return sorted({1, min(os.cpu_count() or 1, PARTITIONS)})


def _latido(lab: Lab, expected: Told, workers: int) -> Row:
    pace = catch_up(lab, workers=workers)
    return Row(
        name=f"Latido, {workers} worker{'s' if workers > 1 else ''}",
        work=Work.EVERYTHING,
        events=pace.events,
        rate=pace.rate,
        second_half_rate=pace.second_half_rate,
        cpu_us=pace.cpu_us,
        peak_mb=pace.peak_mb,
        checksum=checksum.told(lab.bootstrap, checksum.LATIDO).checksum(),
        expected=expected.checksum(),
    )


def _line(row: Row) -> str:
    verdict = "equal" if row.checksum == row.expected else f"UNEQUAL to {row.expected}"
    pace = f"{row.rate:,.0f} events/s, {row.cpu_us:.1f} us of CPU each"
    return f"{row.name}, {row.work}: {pace}, {row.checksum} {verdict}"


def _table(workload: Workload, loads: list[float], rows: list[Row]) -> Table:
    """Checksums are equal, or there is no table."""
    ours = rows[: len(_workers())]
    table = Table(title=f"{workload.describe()}; load {min(loads)} to {max(loads)}", caption=SETTINGS)
    table.add_column("who, and what it writes")
    for heading in ("events", "per s", *(f"{n} w." for n in _workers()), "CPU us", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for row in rows:
        table.add_row(
            f"{row.name}: {row.work}",
            f"{row.events:,}",
            f"{row.rate:,.0f}",
            *(f"{one.rate / row.rate:.2f} x" if row.rate else "" for one in ours),
            f"{row.cpu_us:.1f}",
            f"{row.peak_mb:,.0f}",
        )
    return table
