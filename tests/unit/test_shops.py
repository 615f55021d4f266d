"""The simulated shop: the same for the same seed, and possible."""

from datetime import UTC, datetime

from deploy.local.shops import Event, Shop
from schemas.codec import default_codec
from schemas.records import OrderStatus, Topic

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCHEMAS = {Topic.CONTACTS: "contact", Topic.ORDERS: "order", Topic.INTERACTIONS: "interaction"}


def _day(seed: int) -> list[Event]:
    shop = Shop("shop", people=60, seed=seed)
    return [*shop.history(NOW), *(shop.live(NOW) for _ in range(80))]


def test_the_same_seed_is_the_same_shop_and_another_is_another() -> None:
    assert _day(1) == _day(1)
    assert _day(1) != _day(2)


def test_every_event_is_a_valid_record_and_the_past_comes_in_order() -> None:
    events = _day(3)
    codec = default_codec()
    for event in events:
        schema = SCHEMAS[event.topic]
        read = codec.decode_one(schema, codec.encode_one(schema, event.record))
        assert read["event_id"] == event.record["event_id"]
    assert [event.at for event in events] == sorted(event.at for event in events)
    assert len({event.record["event_id"] for event in events}) == len(events)


def test_no_order_gives_back_more_than_it_took() -> None:
    orders = [event.record for event in _day(4) if event.topic is Topic.ORDERS]
    assert {order["status"] for order in orders} == set(OrderStatus)
    assert all(0 <= order["refunded_minor"] <= order["total_minor"] for order in orders)
