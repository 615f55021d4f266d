"""All contacts of one partition: whose turn it is, timers, days that pass, manual sends.

Days cost only the contacts whose age crosses a bound that some rule looks at: contacts are kept by the day of
their last and first purchase and of their next segment change. One heap holds every timer.
"""

import heapq
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from streams.automations.conditions import Value
from streams.automations.core import Book, Turn
from streams.automations.facts import Facts
from streams.automations.guards import Quota
from streams.automations.index import Plans
from streams.automations.plan import Plan
from streams.automations.visits import Change, ContactState, Decision, Milestone, Sent

Identity = tuple[str, str]
"""(account_id, contact_id)."""

_DAYS: dict[Value, Callable[[Facts], int | None]] = {
    Value.SINCE_LAST: lambda facts: facts.last_day,
    Value.SINCE_FIRST: lambda facts: facts.first_day,
    Value.UNTIL_NEXT: lambda facts: facts.next_segment_day,
}


class Decided(NamedTuple):
    """A decision and whose it is."""

    account_id: str
    contact_id: str
    decision: Decision


class Account:
    """One account in this partition. `day`: the local day as of which rules are judged."""

    def __init__(self, account_id: str, book: Book, day: int) -> None:
        self.id = account_id
        self.book = book
        self.day = day
        self.quota = Quota()
        self._counted = (0, 0)
        self.sends_done: set[str] = set()
        self.contacts: dict[str, ContactState] = {}
        self._by_day: dict[Value, dict[int, dict[str, None]]] = {v: defaultdict(dict) for v in _DAYS}

    def counts_anew(self) -> bool:
        """Whether messages were counted since the last call."""
        before, self._counted = self._counted, (self.quota.day, self.quota.messages)
        return before != self._counted

    def due_ms(self) -> int:
        """The instant at which the next local day starts."""
        return self.book.calendar.start_of(self.day + 1)

    def put(self, contact_id: str, state: ContactState | None) -> None:
        """Keep a contact's state, or forget the contact."""
        before = self.contacts.get(contact_id)
        self._reindex(contact_id, before.facts if before else None, state.facts if state else None)
        if state is None:
            self.contacts.pop(contact_id, None)
        else:
            self.contacts[contact_id] = state

    def _reindex(self, contact_id: str, before: Facts | None, after: Facts | None) -> None:
        if before is after:
            return
        for value, day_of in _DAYS.items():
            old = day_of(before) if before else None
            new = day_of(after) if after else None
            if old == new:
                continue
            if old is not None:
                fellows = self._by_day[value][old]
                fellows.pop(contact_id, None)
                if not fellows:
                    del self._by_day[value][old]
            if new is not None:
                self._by_day[value][new][contact_id] = None

    def crossing(self) -> dict[str, Plans]:
        """Contacts whom the beginning of `day` takes over a bound, with the plans that look at it."""
        found: dict[str, Plans] = defaultdict(dict)
        for value, days, plans in self.book.index.dated():
            day = self.day + days - 1 if value is Value.UNTIL_NEXT else self.day - days
            if days > 0:
                for contact_id in self._by_day[value].get(day, ()):
                    found[contact_id].update(plans)
        return found

    def new_sends(self) -> list[Plan]:
        """Manual sends nobody has made here yet."""
        return [plan for plan in self.book.sends if plan.id not in self.sends_done]


class Partition:
    """Accounts of one partition; collects what a chunk decided and touched until it is taken."""

    def __init__(self) -> None:
        self.accounts: dict[str, Account] = {}
        self.decided: list[Decided] = []
        self.touched: dict[Identity, None] = {}
        self.touched_accounts: dict[str, None] = {}
        self._timers: list[tuple[int, str, str]] = []

    def open(self, account_id: str, book: Book, now_ms: int) -> Account:
        """Begin to keep an account: what was sent before has not been sent to anybody here."""
        account = Account(account_id, book, book.calendar.day_of(now_ms))
        account.sends_done = {plan.id for plan in account.new_sends()}
        self.accounts[account_id] = account
        self.touched_accounts[account_id] = None
        return account

    def adopt(self, account: Account, contact_id: str, state: ContactState) -> None:
        """Take a restored contact."""
        account.put(contact_id, state)
        self._arm(account.id, contact_id, state)

    def profile(
        self, account: Account, contact_id: str, facts: Facts, *, live: bool, at_ms: int, now_ms: int
    ) -> None:
        """A contact's new profile."""
        turn = self._turn(account, contact_id, now_ms)
        turn.profile(facts, live=live, at_ms=at_ms)
        self._keep(account, contact_id, turn)

    def erase(self, account: Account, contact_id: str, now_ms: int) -> None:
        """A contact was removed."""
        if contact_id in account.contacts:
            turn = self._turn(account, contact_id, now_ms)
            turn.erase()
            self._keep(account, contact_id, turn)
            account.put(contact_id, None)

    def change(
        self, account: Account, contact_id: str, change: Change, *, historical: bool, now_ms: int
    ) -> None:
        """A segment change."""
        turn = self._turn(account, contact_id, now_ms)
        turn.change(change, historical=historical)
        self._keep(account, contact_id, turn)

    def milestone(self, account: Account, contact_id: str, milestone: Milestone, now_ms: int) -> None:
        """So many days of silence."""
        turn = self._turn(account, contact_id, now_ms)
        turn.milestone(milestone)
        self._keep(account, contact_id, turn)

    def undelivered(self, account: Account, contact_id: str, message: Sent, now_ms: int) -> None:
        """A message was not delivered."""
        turn = self._turn(account, contact_id, now_ms)
        turn.undelivered(message)
        self._keep(account, contact_id, turn)

    def due_ms(self) -> int | None:
        """The next instant at which time changes something: 0 if a manual send waits."""
        if any(account.new_sends() for account in self.accounts.values()):
            return 0
        while self._timers and not self._is_armed(*self._timers[0]):
            heapq.heappop(self._timers)
        days = (account.due_ms() for account in self.accounts.values())
        return min((*days, *(timer[0] for timer in self._timers[:1])), default=None)

    def step(self, now_ms: int, most: int) -> None:
        """Do what is due at `now_ms`, moving about `most` contacts: days first, then sends, then timers."""
        left = most
        for account in self.accounts.values():
            while left > 0 and account.due_ms() <= now_ms:
                left -= self._begin_day(account, now_ms)
            if left > 0:
                left -= self._send(account, now_ms)
        for account_id, contact_id in self._ripe(now_ms, left):
            account = self.accounts[account_id]
            turn = self._turn(account, contact_id, now_ms)
            turn.wake()
            self._keep(account, contact_id, turn)

    def take(self) -> tuple[list[Decided], list[Identity], list[str]]:
        """What was decided, and whom it touched, since the last call."""
        taken = (self.decided, list(self.touched), list(self.touched_accounts))
        self.decided, self.touched, self.touched_accounts = [], {}, {}
        return taken

    def _begin_day(self, account: Account, now_ms: int) -> int:
        account.day += 1
        self.touched_accounts[account.id] = None
        crossing = account.crossing()
        for contact_id in sorted(crossing):
            turn = self._turn(account, contact_id, now_ms)
            turn.day(_in_order(crossing[contact_id]))
            self._keep(account, contact_id, turn)
        return len(crossing) + 1

    def _send(self, account: Account, now_ms: int) -> int:
        """Whoever matches now is fixed as the send's list; one that is too old is made to nobody."""
        reached = 0
        for plan in account.new_sends():
            account.sends_done.add(plan.id)
            self.touched_accounts[account.id] = None
            if now_ms - plan.since_ms > account.book.limits.horizon_ms:
                continue
            for contact_id in sorted(account.contacts):
                facts = account.contacts[contact_id].facts
                if facts is not None and plan.audience(facts, account.day):
                    turn = self._turn(account, contact_id, now_ms)
                    turn.send(plan)
                    self._keep(account, contact_id, turn)
                    reached += 1
        return reached

    def _ripe(self, now_ms: int, most: int) -> Iterator[Identity]:
        while self._timers and self._timers[0][0] <= now_ms and most > 0:
            due_ms, account_id, contact_id = heapq.heappop(self._timers)
            if self._is_armed(due_ms, account_id, contact_id):
                most -= 1
                yield account_id, contact_id

    def _is_armed(self, due_ms: int, account_id: str, contact_id: str) -> bool:
        state = self.accounts[account_id].contacts.get(contact_id)
        return state is not None and state.due_ms == due_ms

    def _turn(self, account: Account, contact_id: str, now_ms: int) -> Turn:
        state = account.contacts.get(contact_id) or ContactState()
        return Turn(contact_id, state, account.book, account.quota, account.day, now_ms)

    def _keep(self, account: Account, contact_id: str, turn: Turn) -> None:
        before, after = account.contacts.get(contact_id), turn.state
        if after is not before:
            account.put(contact_id, after)
            self.touched[account.id, contact_id] = None
            if before is None or (before.visits is not after.visits and before.due_ms != after.due_ms):
                self._arm(account.id, contact_id, after)
        if turn.decisions:
            if account.counts_anew():
                self.touched_accounts[account.id] = None
            self.decided += [Decided(account.id, contact_id, one) for one in turn.decisions]

    def _arm(self, account_id: str, contact_id: str, state: ContactState) -> None:
        if state.visits and state.due_ms is not None:
            heapq.heappush(self._timers, (state.due_ms, account_id, contact_id))


def _in_order(plans: Plans) -> Iterable[Plan]:
    return [plans[id_] for id_ in sorted(plans)]
