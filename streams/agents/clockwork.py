"""What time and definitions do to the accounts of a partition: midnights, models, milestones.

One thing at a time for each account: contacts that are behind are brought up before the next step
is taken, so that every change has one cause and its own day.
"""

from collections.abc import Iterator, Mapping
from typing import Protocol

from streams.rfm.account import Account
from streams.rfm.effects import Effects
from streams.rfm.fold import PartitionState
from streams.rfm.state import AccountState


class Definitions(Protocol):
    """What the clockwork asks of definitions."""

    @property
    def next_offset(self) -> int:
        """Grows with every edit."""

    @property
    def accounts(self) -> Mapping[str, Account]:
        """Accounts by id."""

    def milestones(self, account_id: str, /) -> tuple[tuple[int, int], ...]:
        """(days since the last purchase, instant since which it is asked for)."""


class Clockwork:
    """Says when something is due in a partition, and does a slice of it."""

    def __init__(self, partition: PartitionState, definitions: Definitions) -> None:
        self._partition = partition
        self._definitions = definitions
        self._unsettled = {i: state for i, state in partition.accounts.items() if not state.is_settled()}
        self._seen = -1
        self._next_ms: int | None = None

    def due_ms(self) -> int | None:
        """When `turn` has something to do: 0 means now; None, never."""
        if self._unsettled or self._seen != self._definitions.next_offset:
            return 0
        return self._next_ms

    def opened(self, state: AccountState) -> None:
        """Count an account that has just been opened in."""
        due = self._account_due_ms(state)
        self._next_ms = due if self._next_ms is None else min(due, self._next_ms)

    def turn(self, now_ms: int, most: int, effects: Effects) -> None:
        """Do what is due at `now_ms`, settling about `most` contacts; the rest stays due."""
        self._seen = self._definitions.next_offset
        for state in self._partition.accounts.values():
            self._start(state, now_ms, effects)
        for account_id, state in list(self._unsettled.items()):
            most -= self._partition.settle(state, most, effects)
            if state.is_settled():
                del self._unsettled[account_id]
                self._start(state, now_ms, effects)
            if most <= 0:
                break
        self._next_ms = min(map(self._account_due_ms, self._partition.accounts.values()), default=None)

    def _start(self, state: AccountState, now_ms: int, effects: Effects) -> None:
        """Take the account's next step, unless contacts still wait for the last one."""
        account_id = state.account.id
        if account_id in self._unsettled:
            return
        account = self._definitions.accounts[account_id]
        if account.model.version != state.model_version:
            self._partition.adopt_model(state, account, effects)
            self._unsettled[account_id] = state
        elif state.due_ms() <= now_ms:
            # Where clocks go back just after midnight, a day that has begun is not yet the day of `now_ms`.
            day = max(state.day + 1, account.calendar.day_of(now_ms))
            self._partition.advance(state, day, effects)
            self._unsettled[account_id] = state
        else:
            state.account = account
            self._announce(state, now_ms, effects)

    def _announce(self, state: AccountState, now_ms: int, effects: Effects) -> None:
        for day, due_ms in self._milestone_days(state):
            if due_ms > now_ms:
                return
            asked = {days for days, since_ms in self._asked(state) if since_ms <= due_ms}
            if asked:
                self._partition.announce(state, day, asked, due_ms, now_ms, effects)
            else:
                state.milestones_day = day

    def _milestone_days(self, state: AccountState) -> Iterator[tuple[int, int]]:
        for day in range(state.milestones_day + 1, state.day + 1):
            yield day, state.account.calendar.instant_of(day, state.account.hour)

    def _asked(self, state: AccountState) -> tuple[tuple[int, int], ...]:
        return self._definitions.milestones(state.account.id)

    def _account_due_ms(self, state: AccountState) -> int:
        midnight = state.due_ms()
        if not self._asked(state):
            return midnight
        return min([midnight, *(due_ms for _, due_ms in self._milestone_days(state))])
