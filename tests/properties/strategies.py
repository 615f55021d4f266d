"""Histories of an account as Hypothesis draws them: everything that comes in, dense around cuts and DST."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from hypothesis import strategies as st

from streams.rfm.account import Account
from streams.rfm.calendar import DAY_MS, Calendar, to_day
from streams.rfm.interactions import Interaction
from streams.rfm.model import ScoringModel, ValueOf
from streams.rfm.orders import Order
from streams.rfm.people import Person
from streams.rfm.segment_map import recency_frequency_map, standard_map

HOUR_MS = 3_600_000

ZONES: dict[str, tuple[str, ...]] = {
    "UTC": ("2024-02-29",),
    "America/Sao_Paulo": ("2017-10-15", "2018-02-18"),
    "America/Santiago": ("2023-09-03", "2024-04-07"),
    "Pacific/Apia": ("2011-12-31",),
    "Asia/Kathmandu": ("1986-01-01",),
    "America/Havana": ("2023-11-05",),
    "America/St_Johns": ("2006-10-29",),
    "Africa/Casablanca": ("2024-03-10",),
}
"""Zones with days near which something odd happens: skipped midnights, a skipped day, repeated hours."""

CONTACTS = st.sampled_from(("ana", "b|%", "ñu"))
AGES = (0, 0, 0, 1, 1, 2, 29, 30, 31, 32, 60, 61, 89, 90, 91, 120, 180, 181, 182, 364, 365, 366, 367, 900)
TOTALS = (0, 1, 100, 2499, 2500, 2501, 5000, 5001, 7500, 9999, 10_000, 10_001, 20_000, 20_001, 123_456)


TALK_AGES = (0, 0, 0, 1, 45, 88, 89, 90, 91, 92, 180)


class Passing(NamedTuple):
    """So many local days pass."""

    days: int


class Removing(NamedTuple):
    """A contact is removed."""

    contact_id: str
    arrived_at_ms: int


class Remodelling(NamedTuple):
    """Another scoring model is published."""

    model: ScoringModel

    def __repr__(self) -> str:
        """Without the 125 cells of the map."""
        return f"Remodelling({told(self.model)})"


Coming = Order | Interaction | Person
Event = Coming | Passing | Removing | Remodelling

ORDERS = ("order", "order", "order", "repeat")
COMING = (*ORDERS, "talk", "talk", "person")
EVERYTHING = (*COMING, "days", "days", "removal", "model")
ORDERS_AND_DAYS = (*ORDERS, "days")
"""Kinds of events that a history is drawn from; what stands twice comes twice as often."""


class History(NamedTuple):
    """What happens to one account whose calendar opens on `day`, in order."""

    account: Account
    day: int
    events: list[Event]

    def __repr__(self) -> str:
        """Without the 125 cells of the map."""
        calendar, model = self.account.calendar, self.account.model
        return f"History({calendar.zone}, {told(model)}, day={self.day}, events={self.events})"


def told(model: ScoringModel) -> tuple[object, ...]:
    """What a model says, save its map."""
    cuts = (model.recency_cuts, model.frequency_cuts, model.value_cuts)
    return (*cuts, model.value_of.value, model.interaction_weight)


@st.composite
def models(draw: st.DrawFn) -> ScoringModel:
    """The default model for USD, or own cuts with average or sum."""
    if draw(st.booleans()):
        return ScoringModel(value_cuts=(2500, 5000, 10_000, 20_000))
    return ScoringModel(
        value_cuts=draw(_cuts(20_001)),
        recency_cuts=draw(_cuts(400)),
        frequency_cuts=draw(_cuts(8)),
        value_of=draw(st.sampled_from(ValueOf)),
        interaction_weight=draw(st.sampled_from((0, 0, 1, 50, 100, 250))),
        cells=draw(st.sampled_from((standard_map(), recency_frequency_map()))),
    )


@st.composite
def accounts(draw: st.DrawFn, name: str = "acme") -> tuple[Account, int]:
    """An account and a day near a transition of its zone."""
    zone = draw(st.sampled_from(sorted(ZONES)))
    day = to_day(date.fromisoformat(draw(st.sampled_from(ZONES[zone])))) + draw(st.integers(-2, 1))
    language = draw(st.sampled_from(("es", "pt", "en")))
    return Account(name, Calendar(zone), "USD", draw(models()), language), day


@st.composite
def histories(
    draw: st.DrawFn, kinds: Sequence[str] = EVERYTHING, name: str = "acme", size: int = 16
) -> History:
    """Up to `size` events for a handful of contacts."""
    account, day = draw(accounts(name))
    stamps = draw(st.permutations(range(size)))
    events: list[Event] = []
    today = day
    for index in range(draw(st.integers(1, size))):
        event = draw(_events(draw(st.sampled_from(kinds)), account, today, f"e{stamps[index]:03}", events))
        today += event.days if isinstance(event, Passing) else 0
        events.append(event)
    return History(account, day, events)


@st.composite
def _events(
    draw: st.DrawFn, kind: str, account: Account, today: int, event_id: str, before: Sequence[Event]
) -> Event:
    known = only_coming(before)
    if kind == "days":
        return Passing(draw(st.sampled_from((1, 1, 2, 29, 31, 45, 61, 90, 91, 185, 400))))
    if kind == "repeat" and known:
        again: Event = draw(st.sampled_from(known))
        return again
    if kind == "removal":
        return Removing(draw(CONTACTS), account.calendar.start_of(today))
    if kind == "model":
        return Remodelling(draw(models()))
    if kind == "talk":
        return draw(interactions(account, today, event_id))
    if kind == "person":
        return draw(people(account, today, event_id))
    return draw(orders(account, today, event_id))


@st.composite
def orders(draw: st.DrawFn, account: Account, today: int, event_id: str) -> Order:
    """An order of a small pool, so that snapshots meet; placed up to a day ahead, arriving `today`."""
    total = draw(st.sampled_from(TOTALS))
    arrived_ms = account.calendar.start_of(today) + draw(st.integers(0, 22 * HOUR_MS))
    placed_ms = arrived_ms - draw(st.sampled_from(AGES)) * DAY_MS + draw(st.integers(-26, 24)) * HOUR_MS
    placed_ms += draw(st.sampled_from((0, 0, -1, 59_999, 60_000, 29 * 60_000)))
    return Order(
        contact_id=draw(CONTACTS),
        order_id=draw(st.sampled_from(("1", "2", "3", "4"))),
        version=draw(st.sampled_from((0, 0, 1, 2))),
        updated_at_ms=arrived_ms - draw(st.sampled_from((0, 0, HOUR_MS, 47 * HOUR_MS, 49 * HOUR_MS))),
        event_id=event_id,
        placed_at_ms=min(placed_ms, arrived_ms + 24 * HOUR_MS),
        placed=draw(st.sampled_from((True, True, True, False))),
        total_minor=total,
        refunded_minor=draw(st.sampled_from((0, 0, 0, 1, total // 2, total))) if total else 0,
        backfill=draw(st.sampled_from((False, False, True))),
        arrived_at_ms=arrived_ms,
    )


@st.composite
def interactions(draw: st.DrawFn, account: Account, today: int, event_id: str) -> Interaction:
    """An interaction of a small pool, some just within and some just beyond what is remembered."""
    arrived_ms = account.calendar.start_of(today) + draw(st.integers(0, 22 * HOUR_MS))
    occurred_ms = (
        arrived_ms - draw(st.sampled_from(TALK_AGES)) * DAY_MS + draw(st.integers(-26, 24)) * HOUR_MS
    )
    return Interaction(
        contact_id=draw(CONTACTS),
        interaction_id=draw(st.sampled_from(("x", "y|1"))),
        version=draw(st.sampled_from((0, 0, 1, 2))),
        updated_at_ms=arrived_ms - draw(st.sampled_from((0, 0, HOUR_MS, 47 * HOUR_MS, 49 * HOUR_MS))),
        event_id=event_id,
        occurred_at_ms=min(occurred_ms, arrived_ms + 24 * HOUR_MS),
        sentiment=draw(st.sampled_from((None, -1, 0, 1, 1))),
        backfill=draw(st.sampled_from((False, False, True))),
        arrived_at_ms=arrived_ms,
    )


@st.composite
def people(draw: st.DrawFn, account: Account, today: int, event_id: str) -> Person:
    """A contact event; with and without an origin."""
    arrived_ms = account.calendar.start_of(today) + draw(st.integers(0, 22 * HOUR_MS))
    consent = {"channel": "email", "granted": draw(st.booleans()), "at": arrived_ms}
    return Person(
        contact_id=draw(CONTACTS),
        version=draw(st.sampled_from((0, 0, 1, 2))),
        updated_at_ms=arrived_ms - draw(st.sampled_from((0, 0, HOUR_MS, 49 * HOUR_MS))),
        event_id=event_id,
        origin=draw(st.sampled_from((None, None, "shop", "web"))),
        tags=draw(st.sampled_from((None, [], ["vip", "ñ"]))),
        consent=draw(st.sampled_from((None, [], [consent]))),
        personal=draw(
            st.sampled_from((None, {"name": "Ana", "email": None, "phone": "+5511", "document": None}))
        ),
        arrived_at_ms=arrived_ms,
        add_tags=draw(st.sampled_from((None, None, None, ["vip"], ["auto", "ñ"]))),
    )


def only_coming(events: Iterable[Event]) -> list[Coming]:
    """Orders, interactions and contacts among the events."""
    return [event for event in events if isinstance(event, Order | Interaction | Person)]


def only_orders(events: Iterable[Event]) -> list[Order]:
    """The orders among the events."""
    return [event for event in events if isinstance(event, Order)]


def days_passed(events: Sequence[Event]) -> int:
    """How many days pass in the events."""
    return sum(event.days for event in events if isinstance(event, Passing))


def _cuts(most: int) -> st.SearchStrategy[tuple[int, int, int, int]]:
    chosen = st.lists(st.integers(0, most), min_size=4, max_size=4, unique=True)
    return chosen.map(lambda cuts: tuple(sorted(cuts)))  # type: ignore[arg-type, return-value]
