"""Milestones: each told once and truly, and of all the contacts who had bought last so many days before.

What a milestone says of its contact is what the slow way finds at the step that announced it: the events met
before, the day and the model of then. `missed` is not judged, nor the hour: the account may have changed
its horizon and its hour since.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from streams.rfm.account import Account
from streams.rfm.batch import contact_facts, local_day
from streams.rfm.changes import StepKind
from streams.rfm.facts import ContactFacts, ContactId
from streams.rfm.history import Logged, Met, Models, Recorded, Recording, under
from streams.rfm.orders import Order
from streams.verify.drift import Finding, Kind
from streams.verify.pin import Pinned
from streams.verify.rows import MILESTONE

Told = tuple[str, str, int, int]
"""Account, contact, days, effective day."""

_SNAPSHOT = ("segment", "r", "f", "m", "orders", "revenue_minor")


def check_milestones(
    pinned: Pinned, accounts: Mapping[str, Account], usable: Sequence[Logged], models: Models
) -> Iterator[Finding]:
    """Disagreements. Which silences an account asks for is taken from what was told: of each that was told to
    anybody on a day, everybody has to be told.
    """
    found: dict[Told, list[Mapping[str, Any]]] = defaultdict(list)
    asked: dict[tuple[str, int], set[int]] = defaultdict(set)
    for row in pinned.milestones:
        one = dict(zip(MILESTONE, row, strict=True))
        found[one["account_id"], one["contact_id"], one["days"], one["effective_day"]].append(one)
        asked[one["account_id"], one["effective_day"]].add(one["days"])
    expected = dict(_Announcements(pinned, accounts, models).expected(usable, asked))
    for milestone in sorted(expected.keys() | found.keys()):
        told, wanted = found.get(milestone, []), expected.get(milestone)
        key = "|".join(map(str, milestone))
        if wanted is None or len(told) != 1:
            yield Finding(Kind.MILESTONE, pinned.partition, key, int(wanted is not None), len(told))
            continue
        says = {name: told[0][name] for name in wanted}
        says["occurred_at"] = local_day(_zone(accounts[milestone[0]]), told[0]["occurred_at"])
        if wrong := [name for name, value in wanted.items() if says[name] != value]:
            expects, finds = ({name: side[name] for name in wrong} for side in (wanted, says))
            yield Finding(Kind.MILESTONE, pinned.partition, key, expects, finds)


class _Announcements:
    """What was known when the milestones of a day were announced."""

    def __init__(self, pinned: Pinned, accounts: Mapping[str, Account], models: Models) -> None:
        self._accounts = accounts
        self._models = models
        self._steps: dict[tuple[str, int], tuple[Recorded, Recording]] = {}
        before: dict[str, list[Recorded]] = defaultdict(list)
        for recorded in pinned.steps:
            step = recorded.step
            if step.kind is StepKind.MILESTONES:
                self._steps[step.account_id, step.day] = recorded, Recording(tuple(before[step.account_id]))
            before[step.account_id].append(recorded)

    def expected(
        self, usable: Sequence[Logged], asked: Mapping[tuple[str, int], set[int]]
    ) -> Iterator[tuple[Told, Mapping[str, Any]]]:
        """Who had to be told what: milestones with the columns that the batch knows."""
        by_contact: dict[ContactId, list[Logged]] = defaultdict(list)
        for logged in usable:
            by_contact[logged.account_id, logged.event.contact_id].append(logged)
        for contact, log in by_contact.items():
            zone = _zone(self._accounts[contact[0]])
            orders = [logged.event for logged in log if isinstance(logged.event, Order)]
            placed = {local_day(zone, order.placed_at_ms) for order in orders}
            for (account_id, day), silences in asked.items():
                if account_id == contact[0] and (account_id, day) in self._steps:
                    yield from self._of(contact, log, day, {n for n in silences if day - n in placed})

    def _of(
        self, contact: ContactId, log: Sequence[Logged], day: int, silences: set[int]
    ) -> Iterator[tuple[Told, Mapping[str, Any]]]:
        if not silences:
            return
        facts = self._facts(contact, log, day)
        last_day = facts.last_order_day
        if last_day is None or day - last_day not in silences:
            return
        account_id, contact_id = contact
        yield (
            (*contact, day - last_day, day),
            {
                "event_id": f"{account_id}|{contact_id}|{last_day}|{day - last_day}",
                "last_order_day": last_day,
                "occurred_at": day,
                "currency": self._accounts[account_id].currency,
                **{name: getattr(facts, name) for name in _SNAPSHOT},
            },
        )

    def _facts(self, contact: ContactId, log: Sequence[Logged], day: int) -> ContactFacts:
        (_, positions), calendar = self._steps[contact[0], day]
        met = [
            Met(logged.event, calendar.day_at(logged.topic, logged.offset))
            for logged in log
            if logged.offset < positions.get(logged.topic, 0)
            and not calendar.removed_after(contact[1], logged.topic, logged.offset)
        ]
        account = under(self._accounts[contact[0]], calendar, self._models)
        return contact_facts(account, met, calendar.today)


def _zone(account: Account) -> ZoneInfo:
    return ZoneInfo(account.calendar.zone)
