"""Milestones: each told once, of the contacts who had bought last so many days before, and of all of them."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from zoneinfo import ZoneInfo

from streams.rfm.account import Account
from streams.rfm.batch import days_of, ledger_of
from streams.rfm.changes import StepKind
from streams.rfm.facts import ContactId
from streams.rfm.history import Logged, Recorded
from streams.rfm.orders import Order
from streams.verify.drift import Finding, Kind
from streams.verify.pin import Pinned
from streams.verify.rows import MILESTONE

Told = tuple[str, str, int, int]
"""Account, contact, days, effective day."""


def check_milestones(
    pinned: Pinned, accounts: Mapping[str, Account], usable: Sequence[Logged]
) -> Iterator[Finding]:
    """Disagreements. Which silences an account asks for is taken from what was told: of each that was told to
    anybody on a day, everybody has to be told.
    """
    told = [dict(zip(MILESTONE, row, strict=True)) for row in pinned.milestones]
    found: dict[Told, int] = defaultdict(int)
    for one in told:
        found[one["account_id"], one["contact_id"], one["days"], one["effective_day"]] += 1
    expected = set(_expected(pinned, accounts, usable, set(found)))
    for milestone in sorted(expected | found.keys()):
        wanted = int(milestone in expected)
        if found.get(milestone, 0) != wanted:
            key = "|".join(map(str, milestone))
            yield Finding(Kind.MILESTONE, pinned.partition, key, wanted, found.get(milestone, 0))


def _expected(
    pinned: Pinned, accounts: Mapping[str, Account], usable: Sequence[Logged], found: set[Told]
) -> Iterator[Told]:
    asked: dict[tuple[str, int], set[int]] = defaultdict(set)
    for account_id, _, days, day in found:
        asked[account_id, day].add(days)
    announced = {
        (r.step.account_id, r.step.day): r for r in pinned.steps if r.step.kind is StepKind.MILESTONES
    }
    orders: dict[ContactId, list[Logged]] = defaultdict(list)
    for logged in usable:
        if isinstance(logged.event, Order):
            orders[logged.account_id, logged.event.contact_id].append(logged)
    for contact, log in orders.items():
        zone = ZoneInfo(accounts[contact[0]].calendar.zone)
        placed = {order.day for one in log for order in ledger_of(zone, [_order(one)])}
        for (account_id, day), silences in asked.items():
            step = announced.get((account_id, day))
            for days in silences:
                may = account_id == contact[0] and step is not None and day - days in placed
                if may and _last_day(pinned, zone, contact, log, step) == day - days:
                    yield (*contact, days, day)


def _last_day(
    pinned: Pinned, zone: ZoneInfo, contact: ContactId, log: Sequence[Logged], step: Recorded | None
) -> int | None:
    """The contact's last day of purchase when the milestones were announced."""
    if step is None:
        return None
    removals = [
        r.positions
        for r in pinned.steps[: pinned.steps.index(step)]
        if r.step.kind is StepKind.REMOVED and (r.step.account_id, r.step.contact_id) == contact
    ]
    gone = removals[-1] if removals else {}
    known = [
        _order(one) for one in log if gone.get(one.topic, 0) <= one.offset < step.positions.get(one.topic, 0)
    ]
    days = days_of(ledger_of(zone, known))
    return days[-1].day if days else None


def _order(logged: Logged) -> Order:
    if not isinstance(logged.event, Order):
        raise TypeError(logged)
    return logged.event
