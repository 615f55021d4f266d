"""Restored contacts sleep until something reaches them, and nothing that should reach them fails to."""

import pytest

from streams.engine.contract import RestoreFailed
from streams.rfm.calendar import DAY_MS, HOUR_MS
from streams.rfm.facts import facts_of
from streams.rfm.interactions import REMEMBERED_DAYS, Interaction
from streams.rfm.orders import Order
from streams.rfm.people import Person
from streams.rfm.state import AccountState
from tests.properties.partition import EVERYONE, Partition, Unplugged
from tests.properties.strategies import Removing

DAY = 20_000
NOON_MS = DAY * DAY_MS + 12 * HOUR_MS
SHOPS = ("acme", "zeta")


@pytest.fixture
def restarted() -> Partition:
    """Two accounts, in each Ana, Bea and Cid, who bought on the three days up to DAY; a process anew."""
    definitions = Unplugged()
    for shop in SHOPS:
        definitions.define(shop, "account", shop, {"time_zone": "UTC", "currency": "USD"})
    made = Partition(definitions)
    for days_ago, contact_id in enumerate(("ana", "bea", "cid")):
        for shop in SHOPS:
            made.take(shop, [order(contact_id, placed_days_ago=days_ago)], NOON_MS)
    return made.restarted(definitions, compacted=False)


def order(contact_id: str, order_id: str = "1", placed_days_ago: int = 0, **more: int) -> Order:
    """One that arrives at noon of DAY."""
    placed_ms = NOON_MS - placed_days_ago * DAY_MS
    return Order(
        contact_id, order_id, more.get("version", 1), NOON_MS, f"{contact_id}-{order_id}", placed_ms, 1000, 0,
        False, NOON_MS,
    )  # fmt: skip


def awake(partition: Partition, shop: str = "acme") -> set[str]:
    """Who of an account is an object."""
    return set(account(partition, shop).contacts)


def account(partition: Partition, shop: str) -> AccountState:
    """State of an account."""
    return partition.fold._state.accounts[shop]


def test_nobody_is_awake_after_a_restore(restarted: Partition) -> None:
    assert [awake(restarted, shop) for shop in SHOPS] == [set(), set()]


def test_who_sleeps_is_known(restarted: Partition) -> None:
    state = account(restarted, "acme")
    assert [state.knows(name) for name in ("ana", "dan")] == [True, False]
    assert awake(restarted) == set()


@pytest.mark.parametrize(
    "event",
    [
        order("bea", "2"),
        order("bea", version=2),
        order("bea"),
        Person("bea", 1, NOON_MS, "p1", "fair", None, None, None, NOON_MS),
        Removing("bea", NOON_MS),
    ],
    ids=["another order", "amendment", "repetition", "contact event", "removal"],
)
def test_an_event_wakes_its_contact_and_nobody_else(
    restarted: Partition, event: Order | Person | Removing
) -> None:
    restarted.take("acme", [event], NOON_MS)
    assert (awake(restarted), awake(restarted, "zeta")) == ({"bea"}, set())


def test_a_midnight_wakes_those_who_cross_a_boundary(restarted: Partition) -> None:
    for days in range(1, 29):
        restarted.pass_to(NOON_MS + days * DAY_MS, EVERYONE)
    assert awake(restarted) == set()
    restarted.pass_to(NOON_MS + 29 * DAY_MS, EVERYONE)
    assert [awake(restarted, shop) for shop in SHOPS] == [{"cid"}, {"cid"}]


def test_who_was_woken_for_nothing_crosses_a_boundary_all_the_same(restarted: Partition) -> None:
    restarted.pass_to(NOON_MS + 28 * DAY_MS, EVERYONE)
    late_ms = NOON_MS + 60 * DAY_MS
    restarted.pass_to(late_ms, 0, 1)
    restarted.take("acme", [order("cid")], late_ms)
    restarted.pass_to(late_ms, 1)
    changes = restarted.decoded("segment-changes.v1", "segment_change")
    decayed = {
        (change["account_id"], change["contact_id"]) for change in changes if change["cause"] == "decay"
    }
    assert decayed == {(shop, name) for shop in SHOPS for name in ("ana", "bea", "cid")}


def test_a_model_reaches_everybody_slice_by_slice(restarted: Partition) -> None:
    restarted.definitions.define("acme", "model", "scoring", {"cuts": {"f": [0, 2, 4, 7]}})
    restarted.pass_to(NOON_MS, 1)
    changes = restarted.decoded("segment-changes.v1", "segment_change")
    recalibrated = [change["contact_id"] for change in changes if change["cause"] == "recalibration"]
    assert sorted(recalibrated) == ["ana", "bea", "cid"]
    assert awake(restarted, "zeta") == set()


def test_a_milestone_finds_who_sleeps(restarted: Partition) -> None:
    restarted.definitions.define("acme", "milestone", "silence", {"days": [5]})
    restarted.pass_to(NOON_MS + 10 * DAY_MS, EVERYONE)
    told = [row["contact_id"] for row in restarted.decoded("milestones.v1", "milestone")]
    assert sorted(told) == ["ana", "bea", "cid"]


def test_a_ledger_that_lacks_an_order_is_refused(restarted: Partition) -> None:
    restarted.topics["contact-orders.v1"].pop()
    with pytest.raises(RestoreFailed, match=r"lacks orders of .*'zeta', 'cid'"):
        restarted.restarted(restarted.definitions, compacted=False)


def test_a_second_restart_of_those_who_never_woke_is_the_same(restarted: Partition) -> None:
    again = restarted.restarted(restarted.definitions, compacted=True)
    ledgers = [
        {name: (contact.ledger, contact.days) for name, contact in account(one, "zeta").everyone().items()}
        for one in (restarted, again)
    ]
    assert ledgers[0] == ledgers[1] != {}


def test_a_base_that_is_read_in_blocks_is_the_same_as_before(restarted: Partition) -> None:
    names = [f"c{number:03d}" for number in range(150)]
    people = [
        Person(name, 1, NOON_MS, f"p-{name}", "fair", ["vip"], None, {"name": name}, NOON_MS)
        for name in names[::2]
    ]
    talks = [
        Interaction(name, f"t-{name}", 1, NOON_MS, f"t-{name}", NOON_MS - age * DAY_MS, 1, False, NOON_MS)
        for age, name in enumerate(names)
        if age < REMEMBERED_DAYS
    ]
    restarted.take("acme", [order(name, placed_days_ago=at) for at, name in enumerate(names)], NOON_MS)
    restarted.take("acme", [order(name, "2", version=3) for name in names], NOON_MS)
    restarted.take("acme", talks, NOON_MS)
    restarted.take("acme", people, NOON_MS)
    restarted.take("acme", [Removing(name, NOON_MS) for name in names[:50:7]], NOON_MS)
    later_ms = NOON_MS + 45 * DAY_MS
    again = restarted.restarted(restarted.definitions, compacted=False)
    for partition in (restarted, again):
        partition.pass_to(later_ms, EVERYONE)
        partition.take("acme", [order(name, "3") for name in names[::3]], later_ms)
    assert facts_of(again.fold._state) == facts_of(restarted.fold._state)
    forgotten = [
        {name: contact.forgotten for name, contact in account(partition, "acme").everyone().items()}
        for partition in (restarted, again)
    ]
    assert forgotten[0] == forgotten[1]
    assert any(forgotten[0].values())
