"""Playing a history through the fold, in any chunking and with any pace of midnights."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from streams.rfm.account import Account
from streams.rfm.batch import LoggedOrder, contact_facts, recompute
from streams.rfm.changes import Change
from streams.rfm.effects import Effects
from streams.rfm.facts import ContactFacts, ContactId, facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.orders import Order
from streams.rfm.segments import Cause, Segment
from streams.rfm.state import AccountState
from tests.properties.strategies import Event, History, Passing

EVERYONE = 1_000_000

Path = list[tuple[Segment, Segment, Cause, int]]
"""From, to, cause and effective day of a contact's changes, in order."""


class Player:
    """One account in one partition. `most` bounds a slice of settling; None leaves contacts unsettled."""

    def __init__(self, account: Account, day: int, most: int | None = EVERYONE) -> None:
        self.state = PartitionState()
        self.effects = Effects()
        self.account: AccountState = self.state.open(account, day, self.effects)
        self.most = most

    def take(self, event: Event) -> None:
        """Fold one event; with bounded slices a midnight is applied a slice before each later event."""
        if isinstance(event, Passing):
            self.settle()
            self.state.advance(self.account, self.account.day + event.days, self.effects)
            if self.most == EVERYONE:
                self.settle()
            return
        if self.most is not None:
            self.state.settle(self.account, self.most, self.effects)
        self.state.apply_order(self.account, event, self.effects)

    def settle(self) -> None:
        """Bring every contact up to the account's day, unless this player never does."""
        if self.most is not None:
            while self.state.settle(self.account, self.most, self.effects):
                pass

    def finish(self) -> dict[ContactId, ContactFacts]:
        """Everyone up to the account's day, and the facts."""
        self.state.settle(self.account, EVERYONE, self.effects)
        return facts_of(self.state)


def play(history: History, most: int | None = EVERYONE) -> Player:
    """The whole history."""
    player = Player(history.account, history.day, most)
    for event in history.events:
        player.take(event)
    player.finish()
    return player


def facts(history: History) -> dict[ContactId, ContactFacts]:
    """What the fold makes of the history."""
    return facts_of(play(history).state)


def batch(account: Account, orders: Iterable[Order], today: int) -> dict[ContactId, ContactFacts]:
    """What the slow way makes of one account's orders."""
    grouped: dict[str, list[Order]] = defaultdict(list)
    for order in orders:
        grouped[order.contact_id].append(order)
    return {(account.id, name): contact_facts(account, taken, today) for name, taken in grouped.items()}


def batch_of(player: Player, orders: Iterable[Order]) -> dict[ContactId, ContactFacts]:
    """The slow way over the orders and the steps that the player's fold recorded."""
    account = player.account.account
    log = [LoggedOrder(account.id, order) for order in orders]
    return recompute({account.id: account}, log, player.effects.steps)


def by_contact(changes: Iterable[Change]) -> dict[str, list[Change]]:
    """Changes of each contact, in order."""
    grouped: dict[str, list[Change]] = defaultdict(list)
    for change in changes:
        grouped[change.contact_id].append(change)
    return dict(grouped)


def paths(changes: Iterable[Change]) -> dict[str, Path]:
    """The way each contact took."""
    return {
        contact: [(c.from_segment, c.to_segment, c.cause, c.effective_day) for c in taken]
        for contact, taken in by_contact(changes).items()
    }


def expected_paths(history: History) -> dict[str, Path]:
    """The way each contact must have taken: recompute after every event and on every single day."""
    found: dict[str, Path] = defaultdict(list)
    stands: dict[str, Segment] = defaultdict(lambda: Segment.NO_PURCHASES)
    for cause, today, contact, taken in _moments(history):
        segment = contact_facts(history.account, taken, today).segment
        if segment is not stands[contact]:
            found[contact].append((stands[contact], segment, cause, today))
            stands[contact] = segment
    return dict(found)


def _moments(history: History) -> Iterator[tuple[Cause, int, str, Sequence[Order]]]:
    taken: dict[str, list[Order]] = defaultdict(list)
    today = history.day
    for event in history.events:
        if isinstance(event, Order):
            known = {order.order_id for order in taken[event.contact_id]}
            taken[event.contact_id].append(event)
            cause = Cause.AMENDMENT if event.order_id in known else Cause.ORDER
            yield cause, today, event.contact_id, taken[event.contact_id]
            continue
        for _ in range(event.days):
            today += 1
            for contact, orders in taken.items():
                yield Cause.DECAY, today, contact, orders
