"""What texts cost orders: their latency with and without interactions to score beside them, in turns.

One broker, one worker, one process that scores; 2,000 orders a second all the time. After the warm-up, spans
in which 500 texts a second are said take turns with spans in which none is: both meet the same machine.
"""

import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from statistics import median
from typing import Any

from rich.table import Table

from deploy.local.bench import machine
from deploy.local.bench.catchup import TooSlow
from deploy.local.bench.lab import Lab, Worker
from deploy.local.bench.latency import CHANGES, RATE, Arrivals, Load, observe, percentile
from deploy.local.bench.meter import Meter

PARTITIONS, TEXTS_PER_S = 4, 500.0
WARM_S, SPAN_S, SETTLE_S = 50.0, 20.0, 4.0
"""Of a span the first seconds are not counted: what the one before has left is worked off in them."""

TURNS, QUICK_TURNS = 6, 2

_READY_S = 60.0
_PATIENCE_S = 60.0
_SCORED = "latido_texts_scored_total"

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Beside:
    """Milliseconds of orders' latency; shares of one core that the two agents and the broker took."""

    texts_per_s: float
    samples: int
    p50_ms: float
    p99_ms: float
    worst_ms: float
    activity_cpu: float
    sentiment_cpu: float
    broker_cpu: float


def spans(turns: int) -> tuple[list[Span], list[Span]]:
    """Seconds of the counted spans without texts, and with them."""
    begins = [WARM_S + SPAN_S * turn for turn in range(2 * turns)]
    both = [(begin, begin + SPAN_S) for begin in begins]
    return both[::2], both[1::2]


def run(quick: bool, say: Callable[[str], None]) -> tuple[dict[str, Any], list[Table]]:
    """Both kinds of spans in one run. TooSlow."""
    without, beside = spans(QUICK_TURNS if quick else TURNS)
    load, loaded = Load(RATE, beside[-1][1], WARM_S), machine.load()
    with Lab(PARTITIONS, say) as lab:
        activity, sentiment = lab.start_worker(), lab.start_agent("sentiment")
        lab.await_ready(activity, _READY_S)
        lab.await_ready(sentiment, _READY_S)
        sender = _Sender(lab.bootstrap, [(WARM_S / 2, WARM_S - SETTLE_S), *beside])
        with Meter(activity.pid) as a, Meter(sentiment.pid) as s, Meter(lab.stack.broker.pid) as b:
            arrivals = observe(lab, CHANGES, load, sender.during)
        scored = _await_scored(sentiment, sender.texts)
    meters = (a, s, b)
    rows = [_beside(0, arrivals, without, meters), _beside(TEXTS_PER_S, arrivals, beside, meters)]
    ratio = rows[1].p99_ms / rows[0].p99_ms
    turns = [
        _p99(arrivals, said) / _p99(arrivals, silent) for silent, said in zip(without, beside, strict=True)
    ]
    say(f"p99 with texts is {ratio:.2f} x without; {scored:,.0f} texts were scored")
    say(f"turn by turn {', '.join(f'{turn:.2f}' for turn in turns)}; the middle is {median(turns):.2f}")
    figures = {"p99_ratio": ratio, "turns": turns, "middle": median(turns), "scored": scored}
    figures |= {"load_average": loaded, "after": machine.load()}
    return {**figures, "rows": [asdict(row) for row in rows]}, [_table(rows, ratio, loaded)]


class _Sender:
    """Starts the process that says texts once the orders' first instant is known."""

    def __init__(self, bootstrap: str, spoken: Sequence[Span]) -> None:
        self._command = [sys.executable, "-m", "deploy.local.bench.text_sender", bootstrap, str(TEXTS_PER_S)]
        self._spans = [f"{first}-{last}" for first, last in spoken]
        self._process: subprocess.Popen[bytes] | None = None
        self.texts = sum(round((last - first) * TEXTS_PER_S) for first, last in spoken)

    def during(self, elapsed_s: float) -> None:
        """Called all the time; RuntimeError if it has failed."""
        if self._process is None:
            start = str(time.monotonic() - elapsed_s)
            self._process = subprocess.Popen([*self._command, start, *self._spans])
        elif self._process.poll():
            raise RuntimeError("the sender of texts failed")


def _await_scored(sentiment: Worker, texts: int) -> float:
    deadline = time.monotonic() + _PATIENCE_S
    while (scored := sentiment.metric(_SCORED)) < texts:
        if time.monotonic() > deadline:
            raise TooSlow(f"{scored:,.0f} of {texts:,} texts were scored")
        time.sleep(0.5)
    return scored


def _beside(
    texts_per_s: float, arrivals: Arrivals, spoken: Sequence[Span], meters: Iterable[Meter]
) -> Beside:
    counted = sorted(_counted(arrivals, spoken))
    begin_s = time.time() - time.monotonic() + arrivals.start_s
    seconds = len(spoken) * SPAN_S
    shares = (
        sum(meter.cpu_between(begin_s + first, begin_s + last) for first, last in spoken) / seconds
        for meter in meters
    )
    latency = (percentile(counted, 0.5), percentile(counted, 0.99), counted[-1])
    return Beside(texts_per_s, len(counted), *latency, *shares)


def _p99(arrivals: Arrivals, span: Span) -> float:
    return percentile(sorted(_counted(arrivals, [span])), 0.99)


def _counted(arrivals: Arrivals, spoken: Sequence[Span]) -> Iterator[float]:
    for number, latency_s in arrivals.latency_s.items():
        if any(first + SETTLE_S <= number / RATE < last for first, last in spoken):
            yield latency_s * 1000


def _table(rows: Sequence[Beside], ratio: float, loaded: float) -> Table:
    table = Table(
        title=f"{RATE:,.0f} orders/s over {PARTITIONS} partitions, p99 x {ratio:.2f}; load {loaded}"
    )
    for name in asdict(rows[0]):
        table.add_column(name.replace("_", " "), justify="right")
    for row in rows:
        table.add_row(*(f"{value:,.2f}" if value < 10 else f"{value:,.0f}" for value in asdict(row).values()))
    return table
