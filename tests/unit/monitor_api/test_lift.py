"""Both arms of an automation, against a plain recomputation over random histories."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import polars as pl
import pytest

from schemas.actions import ActionKind, Arm
from sinks.clickhouse.database import Database
from sinks.clickhouse.queries import Queries
from sinks.monitor.figures.arms import Side, Verdict, compared
from sinks.monitor.figures.lift import Part, Question, Slice, read_lift
from tests.fixtures.acted import decided, store
from tests.unit.monitor_api.shop import numbered

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SEGMENTS = ("loyal", "at_risk", "champions")
QUESTION = Question("a", 14)


@dataclass(frozen=True)
class Entry:
    """A visit that began, by which change, and the arm of its split, if it reached it."""

    contact: str
    at: datetime
    arm: Arm
    version: int
    moved: tuple[str, str] | None
    taken: str | None
    taken_at: datetime


@dataclass(frozen=True)
class Order:
    """A purchase, or what was one (`counted` false)."""

    contact: str
    at: datetime
    minor: int
    counted: bool


History = tuple[list[Entry], list[Order]]


def drawn(seed: int) -> History:
    """A random base: contacts enter several times, by several ways, and buy around the edges of windows."""
    draw = Random(seed)
    entries, orders = [], []
    for n in range(draw.randrange(40, 90)):
        contact, arm = f"c{n}", draw.choice(list(Arm))
        at = NOW - timedelta(days=draw.choice((5, 20, 40, 90)), seconds=draw.randrange(9))
        for _ in range(draw.randrange(1, 4)):
            moved = draw.choice([None, (draw.choice(SEGMENTS), draw.choice(SEGMENTS))])
            taken = draw.choice([None, "A", "B"])
            version = draw.choice((1, 2))
            entries.append(Entry(contact, at, arm, version, moved, taken, at + timedelta(days=1)))
            for days in (0, 1, 14, 15, 30):
                if draw.random() < 0.3:
                    edge = timedelta(days=days, milliseconds=draw.choice((-1, 0, 1)))
                    orders.append(Order(contact, at + edge, draw.randrange(0, 9_000), draw.random() < 0.8))
            at += timedelta(days=draw.choice((3, 16, 30)), milliseconds=7)
    return entries, orders


def fill(database: Database, history: History, account: str = "shop", automation: str = "a") -> None:
    """As the sink would store it."""
    entries, orders = history
    actions, changes = [], []
    for n, one in enumerate(entries):
        visit = f"{one.contact}|{n}"
        about: dict[str, Any] = {
            "visit": visit, "arm": one.arm.value, "automation_version": one.version,
            "cause_event_id": visit if n % 2 or one.moved else None, "split": None, "split_arm": None,
        }  # fmt: skip
        actions.append(decided(account, automation, one.contact, ActionKind.ENTERED, one.at, **about))
        if one.taken:
            dealt = {**about, "split": "text", "split_arm": one.taken, "step": "2"}
            actions.append(
                decided(account, automation, one.contact, ActionKind.ASSIGNED, one.taken_at, **dealt)
            )
        if one.moved:
            changes.append(
                {
                    "event_id": visit, "account_id": account, "contact_id": one.contact, "seq": n + 1,
                    "from_segment": one.moved[0], "to_segment": one.moved[1], "cause": "order",
                }
            )  # fmt: skip
    store(database, actions)
    store(database, actions[:7])  # the sink writes a batch again after a crash
    offsets = pl.int_range(1, len(changes) + 1, dtype=pl.UInt64, eager=True)
    database.insert("segment_changes", pl.DataFrame(changes).with_columns(offsets.alias("record_offset")))
    rows = [
        {
            "account_id": account, "contact_id": one.contact, "order_id": f"o{n}", "placed_at": one.at,
            "counted": one.counted, "net_minor": one.minor if one.counted else 0, "total_minor": one.minor,
        }
        for n, one in enumerate(orders)
    ]  # fmt: skip
    instants = {"placed_at": pl.Datetime("ms", "UTC")}
    newest = pl.DataFrame(rows, schema_overrides=instants)
    before = newest.with_columns(counted=~pl.col("counted"), net_minor=pl.lit(77, pl.Int64))
    database.insert("contact_orders", numbered(newest, 1 + len(rows)))
    database.insert("contact_orders", numbered(before))  # older versions that come late


Key = tuple[str, str | None, str | None, str | None, str, str | None]
"""Slice, segments, split; arm and arm of the split."""


def recomputed(history: History, question: Question) -> dict[Key, tuple[int, int, int, int, int]]:
    """Contacts, running, buyers, revenue and squares of every arm: contact by contact, order by order."""
    entries, orders = history
    firsts: dict[tuple[Any, ...], tuple[datetime, str, str | None]] = {}
    for one in entries:
        if question.version not in (None, one.version):
            continue
        told: list[tuple[tuple[str, str | None, str | None, str | None], datetime, str | None]] = [
            (("all", None, None, None), one.at, None)
        ]
        if one.moved:
            told.append((("transition", *one.moved, None), one.at, None))
        if one.taken:
            arm = one.taken if one.arm is Arm.TREATED else None
            told.append((("split", None, None, "text"), one.taken_at, arm))
        for part, at, taken in told:
            known = firsts.get((*part, one.contact))
            if at >= question.since and (known is None or at < known[0]):
                firsts[*part, one.contact] = (at, one.arm.value, taken)
    sums: dict[Key, list[int]] = {}
    for (which, before, after, split, contact), (at, arm, taken) in firsts.items():
        sides = sums.setdefault((which, before, after, split, arm, taken), [0] * 5)
        until = at + timedelta(days=question.window_days)
        if until > NOW:
            sides[1] += 1
            continue
        inside = [o.minor for o in orders if o.contact == contact and o.counted and at <= o.at < until]
        sides[0] += 1
        sides[2] += bool(inside)
        sides[3] += sum(inside)
        sides[4] += sum(inside) ** 2
    return {key: (a, b, c, d, e) for key, (a, b, c, d, e) in sums.items()}


def told(parts: Iterable[Part]) -> dict[Key, tuple[int, int, int, int, int]]:
    """The same of an answer."""
    return {
        (part.slice.value, part.from_segment, part.to_segment, part.split, side.arm.value, side.split_arm): (
            side.contacts,
            side.running,
            side.buyers,
            side.revenue_minor,
            side.squares,
        )
        for part in parts
        for side in part.sides
    }


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "question",
    [
        QUESTION,
        Question("a", 30),
        Question("a", 14, version=2),
        Question("a", 1, since=NOW - timedelta(days=45)),
    ],
    ids=str,
)
def test_both_arms_are_what_a_plain_recomputation_says(
    database: Database, queries: Queries, seed: int, question: Question
) -> None:
    history = drawn(seed)
    fill(database, history)
    found = read_lift(queries, "shop", question, NOW)
    assert told(found) == recomputed(history, question)
    assert found[0].slice is Slice.ALL


def test_neither_another_automation_nor_another_account_counts(database: Database, queries: Queries) -> None:
    history = drawn(1)
    fill(database, history)
    fill(database, drawn(2), automation="b")
    fill(database, drawn(3), account="rival")
    assert (
        told(read_lift(queries, "shop", QUESTION, NOW))["all", None, None, None, "treated", None][:2]
        == (recomputed(history, QUESTION)["all", None, None, None, "treated", None][:2])
    )
    assert read_lift(queries, "shop", Question("none", 14), NOW) == []


def test_a_test_event_is_nobody(database: Database, queries: Queries) -> None:
    store(database, [decided("shop", "a", "latido-test", ActionKind.ENTERED, NOW, test=True)])
    assert read_lift(queries, "shop", QUESTION, NOW) == []


def side(arm: Arm, contacts: int, buyers: int, split_arm: str | None = None) -> Side:
    """An arm whose buyers spent 10.00 each."""
    return Side(arm, split_arm, contacts, 0, buyers, buyers * 1_000, buyers * 1_000_000)


@pytest.mark.parametrize(
    ("treated", "held", "verdict"),
    [
        ((9_000, 1_800), (99, 0), Verdict.FEW_CONTACTS),
        ((99, 99), (9_000, 0), Verdict.FEW_CONTACTS),
        ((100, 10), (100, 10), Verdict.FEW_PURCHASES),
        ((900, 90), (100, 8), Verdict.OPEN),
        ((900, 450), (100, 8), Verdict.MORE),
        ((900, 90), (100, 60), Verdict.LESS),
    ],
)
def test_a_verdict_needs_contacts_purchases_and_an_interval_without_zero(
    treated: tuple[int, int], held: tuple[int, int], verdict: Verdict
) -> None:
    found = compared(side(Arm.TREATED, *treated), side(Arm.HOLDOUT, *held))
    assert {found.repurchase.verdict, found.revenue_minor.verdict} == {verdict}
    assert found.missing_contacts == max(0, 100 - min(treated[0], held[0]))
    assert (found.repurchase.low is None) == (verdict in (Verdict.FEW_CONTACTS, Verdict.FEW_PURCHASES))


def test_arms_of_a_split_are_compared_with_the_holdout_and_each_other_at_a_stricter_level(
    database: Database, queries: Queries
) -> None:
    fill(database, drawn(4))
    [part] = [one for one in read_lift(queries, "shop", QUESTION, NOW) if one.slice is Slice.SPLIT]
    named = [(c.one.split_arm, c.other.arm, c.other.split_arm) for c in part.comparisons]
    assert [(one.arm, one.split_arm) for one in part.sides] == [
        (Arm.TREATED, "A"),
        (Arm.TREATED, "B"),
        (Arm.HOLDOUT, None),
    ]
    assert named == [
        ("A", Arm.HOLDOUT, None),
        ("B", Arm.HOLDOUT, None),
        ("B", Arm.TREATED, "A"),
    ]
    assert {round(c.level, 6) for c in part.comparisons} == {round(1 - 0.05 / 3, 6)}


def test_an_arm_of_nobody_is_no_error() -> None:
    found = compared(side(Arm.TREATED, 0, 0), side(Arm.HOLDOUT, 0, 0))
    assert found.repurchase.difference is None
    assert found.repurchase.relative is None
    assert found.one.repurchase_rate is None
