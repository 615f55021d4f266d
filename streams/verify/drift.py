"""What `verify` found, by kind."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

MOST_EXAMPLES = 5
"""Findings of a kind that are kept in full."""


_FIGURES = (
    "partitions", "contacts", "events", "in_force", "superseded", "too_late", "rerouted", "dead_lettered",
    "changes", "milestones", "moving", "clickhouse_rows",
)  # fmt: skip


class VerifyFailed(Exception):
    """The comparison could not be made: a log or the sink did not answer in time."""


class Kind(StrEnum):
    """What disagrees with the recomputation."""

    INPUT = "input"
    PROFILE = "profile"
    UNSETTLED = "unsettled"
    ORDER = "order"
    DAY = "day"
    INTERACTION = "interaction"
    CHANGE = "change"
    MILESTONE = "milestone"
    REMOVAL = "removal"
    REROUTED = "rerouted"
    DEAD_LETTER = "dead_letter"
    CONSERVATION = "conservation"
    CLICKHOUSE_PROFILE = "clickhouse_profile"
    CLICKHOUSE_ORDER = "clickhouse_order"
    CLICKHOUSE_DAY = "clickhouse_day"
    CLICKHOUSE_INTERACTION = "clickhouse_interaction"
    CLICKHOUSE_CHANGE = "clickhouse_change"
    CLICKHOUSE_MILESTONE = "clickhouse_milestone"


class Finding(NamedTuple):
    """One disagreement: `key` as on the topic; None stands for absent."""

    kind: Kind
    partition: int | None
    key: str
    expected: Any
    found: Any

    def __str__(self) -> str:
        where = "" if self.partition is None else f" in partition {self.partition}"
        return f"{self.kind} {self.key}{where}: expected {_shown(self.expected)}, found {_shown(self.found)}"


@dataclass(slots=True)
class Drift:
    """The result. `events` counts arrivals, in rerouted.v1 too; each is exactly one of the next five.

    `in_force`: orders, interactions and contact events that count; `superseded`: repeated, replaced or gone
    with their contact, removals included; `rerouted`: sent on to the partition where they belong.
    """

    counts: Counter[Kind] = field(default_factory=Counter)
    examples: list[Finding] = field(default_factory=list)
    partitions: int = 0
    contacts: int = 0
    events: int = 0
    in_force: int = 0
    superseded: int = 0
    too_late: int = 0
    rerouted: int = 0
    dead_lettered: int = 0
    changes: int = 0
    milestones: int = 0
    moving: int = 0
    clickhouse_rows: int | None = None

    @property
    def total(self) -> int:
        """Disagreements; 0 is the only good answer."""
        return self.counts.total()

    def add(self, findings: Iterable[Finding]) -> None:
        """Count findings and keep some of each kind."""
        for finding in findings:
            self.counts[finding.kind] += 1
            if self.counts[finding.kind] <= MOST_EXAMPLES:
                self.examples.append(finding)

    def include(self, part: "Drift") -> None:
        """Add what one partition came to."""
        self.counts += part.counts
        self.examples += part.examples
        self.contacts += part.contacts
        self.events += part.events
        self.in_force += part.in_force
        self.superseded += part.superseded
        self.too_late += part.too_late
        self.rerouted += part.rerouted
        self.dead_lettered += part.dead_lettered
        self.changes += part.changes
        self.milestones += part.milestones

    def to_text(self) -> str:
        """The report for a terminal."""
        return "\n".join(self._lines())

    def to_json(self) -> str:
        """The report for machines: one JSON object; `drift` by kind, `examples` as sentences."""
        figures = {name: getattr(self, name) for name in _FIGURES}
        drift = {kind.value: self.counts[kind] for kind in Kind}
        examples = [str(finding) for finding in self.examples]
        return json.dumps({**figures, "total": self.total, "drift": drift, "examples": examples})

    def _lines(self) -> Iterator[str]:
        yield (
            f"partitions {self.partitions}, contacts {self.contacts}, changes {self.changes}"
            f", milestones {self.milestones}"
        )
        yield (
            f"events {self.events} = in force {self.in_force} + superseded {self.superseded}"
            f" + too late {self.too_late} + rerouted {self.rerouted} + dead-lettered {self.dead_lettered}"
        )
        if self.clickhouse_rows is None:
            yield "ClickHouse was not compared: no sink was named"
        else:
            yield f"ClickHouse rows {self.clickhouse_rows}; not compared, for they moved: {self.moving}"
        for kind in Kind:
            if self.counts[kind]:
                yield f"drift {kind}: {self.counts[kind]}"
        for finding in self.examples:
            yield f"  {finding}"
        yield f"drift {self.total}"


def _shown(value: Any) -> str:
    return "nothing" if value is None else str(value)
