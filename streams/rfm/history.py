"""The whole history of a partition as data: its usable events by place, and the steps its clock recorded.

The log alone does not tell on which day of its account an event was met, nor what a removal took
away. Each recorded step says after which positions of which inputs it holds, and so decides both.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from streams.rfm.account import Account
from streams.rfm.changes import Step, StepKind
from streams.rfm.facts import ContactId
from streams.rfm.interactions import Interaction
from streams.rfm.model import ScoringModel
from streams.rfm.orders import Order
from streams.rfm.people import Person

Event = Order | Interaction | Person

Models = Mapping[tuple[str, int], ScoringModel]
"""By account and version."""


class Logged(NamedTuple):
    """A usable event and where it lies in the partition's log."""

    account_id: str
    topic: str
    offset: int
    event: Event


class Recorded(NamedTuple):
    """A step and the positions after which it holds: next offsets, 0 for a topic that is not named."""

    step: Step
    positions: Mapping[str, int]


class Met(NamedTuple):
    """An event and the account's day when it was met."""

    event: Event
    day: int


class History(NamedTuple):
    """Everything that counts for one contact: its account with the model in force, and the day now."""

    account: Account
    met: Sequence[Met]
    today: int


def histories(
    accounts: Mapping[str, Account], log: Iterable[Logged], steps: Iterable[Recorded], models: Models
) -> dict[ContactId, History]:
    """Histories of the contacts of one partition, less what was before their last removal.

    `models`: versions that an account may have been under; its own need not be among them. KeyError for an
    account that has events but no step: its calendar never opened.
    """
    calendars = {account_id: Recording(taken) for account_id, taken in _by_account(steps).items()}
    events: dict[ContactId, list[Met]] = defaultdict(list)
    for logged in log:
        calendar, contact_id = calendars[logged.account_id], logged.event.contact_id
        if not calendar.removed_after(contact_id, logged.topic, logged.offset):
            met = Met(logged.event, calendar.day_at(logged.topic, logged.offset))
            events[logged.account_id, contact_id].append(met)
    return {
        contact: History(under(accounts[contact[0]], calendars[contact[0]], models), met, today)
        for contact, met in events.items()
        for today in (calendars[contact[0]].today,)
    }


class Recording:
    """The steps of one account in one partition, in the order of their recording."""

    def __init__(self, steps: Sequence[Recorded]) -> None:
        self._days = [step for step in steps if step.step.kind is not StepKind.MILESTONES]
        self._removals: dict[str, Mapping[str, int]] = {
            recorded.step.contact_id: recorded.positions
            for recorded in steps
            if recorded.step.kind is StepKind.REMOVED and recorded.step.contact_id is not None
        }
        self._starts: dict[str, list[int]] = {}

    @property
    def today(self) -> int:
        """The day after the last step."""
        return self._days[-1].step.day

    @property
    def model_version(self) -> int:
        """The model after the last step."""
        return self._days[-1].step.model_version

    def day_at(self, topic: str, offset: int) -> int:
        """The account's day when the record was met."""
        starts = self._starts.get(topic)
        if starts is None:
            starts = self._starts[topic] = [recorded.positions.get(topic, 0) for recorded in self._days]
        return self._days[max(0, bisect_right(starts, offset) - 1)].step.day

    def removed_after(self, contact_id: str, topic: str, offset: int) -> bool:
        """Whether the contact was removed after the record was met."""
        positions = self._removals.get(contact_id)
        return positions is not None and offset < positions.get(topic, 0)


def _by_account(steps: Iterable[Recorded]) -> Mapping[str, list[Recorded]]:
    grouped: dict[str, list[Recorded]] = defaultdict(list)
    for recorded in steps:
        grouped[recorded.step.account_id].append(recorded)
    return grouped


def under(account: Account, calendar: Recording, models: Models) -> Account:
    """The account with the model that was in force after the last step."""
    model = models.get((account.id, calendar.model_version))
    return account if model is None else replace(account, model=model)
