"""The slow way: every contact's facts from the whole log, by grouping, sorting and computing.

It shares no computation with the fold: the winner of an order is a `max`, its day comes from the
standard library's time zones, scores are counted with exact fractions. Which midnights had been
applied, who was removed and which model is in force is data too: the recorded clock steps say it.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple
from zoneinfo import ZoneInfo

from streams.rfm.account import Account
from streams.rfm.batch_talks import Heard, lives_of, mood_of, remembered
from streams.rfm.facts import ContactFacts, ContactId, DayFacts, OrderFacts, TalkFacts
from streams.rfm.history import History, Logged, Met, Models, Recorded, histories
from streams.rfm.interactions import Interaction
from streams.rfm.model import WEIGHT_SCALE, ScoringModel, ValueOf
from streams.rfm.orders import Order
from streams.rfm.people import Card, Person, labelled
from streams.rfm.segments import Segment

MODELS: Models = {}
"""No model but the accounts' own."""


class Scores(NamedTuple):
    """Recency, frequency and value, 1 to 5 each; 0 without purchases (REQUIREMENTS A12)."""

    r: int
    f: int
    m: int


def recompute(
    accounts: Mapping[str, Account], log: Iterable[Logged], steps: Iterable[Recorded], models: Models = MODELS
) -> dict[ContactId, ContactFacts]:
    """Facts of every contact of one partition, after `log` and the recorded clock's `steps`.

    Events that became dead letters or went to another partition are not in `log`. Raises as `histories`.
    """
    facts = {
        contact: contact_facts(*history)
        for contact, history in histories(accounts, log, steps, models).items()
    }
    return {contact: told for contact, told in facts.items() if is_known(told)}


def talks_on_record(history: History) -> list[TalkFacts]:
    """The last version in force of every interaction a contact ever had, by id."""
    zone = ZoneInfo(history.account.calendar.zone)
    return list({life.interaction_id: life for life in lives_of(_heard(zone, history.met))}.values())


def taggings(history: History) -> int:
    """How many events added a tag that was not there before."""
    there: set[str] = set()
    count = 0
    for event, _ in history.met:
        if isinstance(event, Person) and event.add_tags and not there.issuperset(event.add_tags):
            there.update(event.add_tags)
            count += 1
    return count


def is_known(told: ContactFacts) -> bool:
    """Whether there is anything to say of a contact: events that came too late make none."""
    return bool(told.ledger or told.interactions or told.card)


def contact_facts(account: Account, met: Sequence[Met], today: int) -> ContactFacts:
    """Facts of one contact on the account's day `today`, from every event that counts for it."""
    zone = ZoneInfo(account.calendar.zone)
    ledger = ledger_of(zone, [event for event, _ in met if isinstance(event, Order)])
    lives = lives_of(_heard(zone, met))
    people = [event for event, _ in met if isinstance(event, Person)]
    added_tags = sorted({tag for event in people for tag in event.add_tags or ()})
    days = days_of(ledger)
    orders = sum(1 for order in ledger if order.counted)
    revenue_minor = sum(order.net_minor for order in ledger)
    last_day = days[-1].day if days else None
    scores = scores_of(account.model, orders, revenue_minor, len(lives), last_day, today)
    boundary_day, next_segment, next_segment_day = silence(account.model, scores, last_day, today)
    sentiment_sum, sentiment_weight, sentiment = mood_of(lives)
    return ContactFacts(
        ledger=ledger,
        days=days,
        talks=remembered(lives, today),
        orders=orders,
        revenue_minor=revenue_minor,
        interactions=len(lives),
        sentiment_sum=sentiment_sum,
        sentiment_weight=sentiment_weight,
        sentiment=sentiment,
        card=labelled(card_of([event for event in people if event.add_tags is None]), added_tags),
        added_tags=added_tags or None,
        first_order_day=days[0].day if days else None,
        last_order_day=last_day,
        r=scores.r,
        f=scores.f,
        m=scores.m,
        segment=segment_of(account.model, scores),
        model_version=account.model.version,
        boundary_day=boundary_day,
        next_segment=next_segment,
        next_segment_day=next_segment_day,
    )


def card_of(people: Sequence[Person]) -> Card | None:
    """What the latest contact event says; the origin is from the latest that names one."""
    if not people:
        return None
    latest = max(people, key=_stamp)
    named = [person for person in people if person.origin is not None]
    origin = max(named, key=_stamp) if named else None
    return Card(
        stamp=_stamp(latest),
        tags=latest.tags,
        consent=latest.consent,
        personal=latest.personal,
        origin=origin.origin if origin else None,
        origin_stamp=_stamp(origin) if origin else None,
    )


def ledger_of(zone: ZoneInfo, snapshots: Sequence[Order]) -> tuple[OrderFacts, ...]:
    """The snapshot in force of every order, by order id."""
    by_order: dict[str, list[Order]] = defaultdict(list)
    for order in snapshots:
        by_order[order.order_id].append(order)
    return tuple(_entry(max(by_order[order_id], key=_stamp), zone) for order_id in sorted(by_order))


def days_of(ledger: Iterable[OrderFacts]) -> tuple[DayFacts, ...]:
    """Purchases day by day, each with the day on which the contact had bought before."""
    revenues: dict[int, list[int]] = defaultdict(list)
    for order in ledger:
        if order.counted:
            revenues[order.day].append(order.net_minor)
    bought = sorted(revenues)
    before = {later: earlier for earlier, later in pairwise(bought)}
    return tuple(DayFacts(day, len(revenues[day]), sum(revenues[day]), before.get(day)) for day in bought)


def scores_of(
    model: ScoringModel, orders: int, revenue_minor: int, interactions: int, last_day: int | None, today: int
) -> Scores:
    """A score is 1 + the number of cuts below the value; recency counts from 5 down."""
    if last_day is None:
        return Scores(0, 0, 0)
    age = max(0, today - last_day)
    frequency = orders + Fraction(model.interaction_weight, WEIGHT_SCALE) * interactions
    value = Fraction(revenue_minor, orders) if model.value_of is ValueOf.AVERAGE else revenue_minor
    return Scores(
        r=5 - sum(1 for cut in model.recency_cuts if cut < age),
        f=1 + sum(1 for cut in model.frequency_cuts if cut < frequency),
        m=1 + sum(1 for cut in model.value_cuts if cut < value),
    )


def segment_of(model: ScoringModel, scores: Scores) -> Segment:
    """The map's segment; contacts without purchases are outside it."""
    return model.cells[scores] if scores.r else Segment.NO_PURCHASES


def silence(
    model: ScoringModel, scores: Scores, last_day: int | None, today: int
) -> tuple[int | None, Segment | None, int | None]:
    """(day on which recency falls next, next segment, its day) if nothing more is bought."""
    if last_day is None:
        return None, None, None
    falls = [last_day + cut + 1 for cut in model.recency_cuts if last_day + cut >= today]
    here = segment_of(model, scores)
    for steps, day in enumerate(falls, start=1):
        there = segment_of(model, scores._replace(r=scores.r - steps))
        if there is not here:
            return falls[0], there, day
    return (falls[0] if falls else None), None, None


def local_day(zone: ZoneInfo, instant_ms: int) -> int:
    """Days since 1970-01-01 in the zone, for an instant in milliseconds."""
    moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=instant_ms)
    return (moment.astimezone(zone).date() - date(1970, 1, 1)).days


def _entry(order: Order, zone: ZoneInfo) -> OrderFacts:
    refunded_in_full = order.total_minor > 0 and order.refunded_minor == order.total_minor
    counted = order.placed and not refunded_in_full
    return OrderFacts(
        order_id=order.order_id,
        version=order.version,
        updated_at_ms=order.updated_at_ms,
        event_id=order.event_id,
        day=local_day(zone, order.placed_at_ms),
        net_minor=order.total_minor - order.refunded_minor if counted else 0,
        counted=counted,
    )


def _stamp(event: Order | Person) -> tuple[int, int, str]:
    return event.version, event.updated_at_ms, event.event_id


def _heard(zone: ZoneInfo, met: Sequence[Met]) -> list[Heard]:
    return [
        (event, local_day(zone, event.occurred_at_ms), day)
        for event, day in met
        if isinstance(event, Interaction)
    ]
