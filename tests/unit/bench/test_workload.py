"""The benchmark's orders: seeded, as the schema says, and what the description promises."""

from deploy.local.bench.workload import NOON_MS, Workload, encode, order_header, orders
from schemas.codec import Codec

WORKLOAD = Workload(events=4000, contacts=300)


def test_the_same_seed_gives_the_same_orders_in_any_process() -> None:
    assert list(orders(WORKLOAD, 1, 2)) == list(orders(WORKLOAD, 1, 2))


def test_parts_share_the_events_and_no_contact() -> None:
    parts = [list(orders(WORKLOAD, part, 3)) for part in range(3)]
    contacts = [{order["contact_id"] for order in part} for part in parts]
    events = [order["event_id"] for part in parts for order in part]
    assert len(set(events)) == len(events) == WORKLOAD.events
    assert sum(map(len, contacts)) == len(set().union(*contacts))


def test_the_contracts_decoder_reads_every_order_back() -> None:
    made, head, codec = list(orders(WORKLOAD, 0, 2)), order_header(), Codec()
    assert [codec.decode_one("order", encode(order, head)) for order in made] == made
    assert codec.decode_block("order", [encode(order, head) for order in made]).bad == []


def test_shares_of_items_and_amendments_are_as_described() -> None:
    made = list(orders(WORKLOAD, 0, 1))
    amended = sum(order["version"] > 1 for order in made)
    with_items = sum(order["items"] is not None for order in made)
    assert 0.02 < amended / len(made) < 0.04
    assert 0.2 < with_items / len(made) < 0.3


def test_items_add_up_to_the_order() -> None:
    for order in orders(WORKLOAD, 0, 1):
        if order["items"] is not None:
            assert sum(item["total_minor"] for item in order["items"]) == order["total_minor"]


def test_an_amendment_is_the_next_version_of_an_order_that_exists() -> None:
    versions: dict[tuple[str, str], int] = {}
    for order in orders(WORKLOAD, 0, 1):
        identity = (order["contact_id"], order["order_id"])
        assert order["version"] == versions.get(identity, 0) + 1
        versions[identity] = order["version"]


def test_a_populated_workload_has_every_contact_before_any_second_order() -> None:
    first = list(orders(Workload(events=1000, contacts=200, populate=True), 0, 1))[:200]
    assert len({order["contact_id"] for order in first}) == 200


def test_after_the_population_only_those_who_are_active_buy() -> None:
    made = list(orders(Workload(events=3000, contacts=400, populate=True, active=40), 0, 1))
    later = [order["contact_id"] for order in made[400:] if order["version"] == 1]
    assert set(later) == {f"contact-{number:08d}" for number in range(40)}
    assert len(later) > 2000


def test_every_order_was_placed_before_the_benchmarks_noon() -> None:
    assert all(order["placed_at"] < NOON_MS for order in orders(WORKLOAD, 0, 1))
