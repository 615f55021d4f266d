"""Playing a history through the fold, in any chunking and with any pace of midnights."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from streams.rfm.account import Account
from streams.rfm.batch import contact_facts, recompute
from streams.rfm.changes import Change
from streams.rfm.effects import Effects
from streams.rfm.facts import ContactFacts, ContactId, facts_of
from streams.rfm.fold import PartitionState
from streams.rfm.history import Logged, Met, Recorded
from streams.rfm.interactions import Interaction
from streams.rfm.model import ScoringModel
from streams.rfm.orders import Order
from streams.rfm.people import Person
from streams.rfm.segments import Cause, Segment
from streams.rfm.state import AccountState
from tests.properties.strategies import Coming, Event, History, Passing, Remodelling, Removing

EVERYONE = 1_000_000

Path = list[tuple[Segment, Segment, Cause, int]]
"""From, to, cause and effective day of a contact's changes, in order."""


class Player:
    """One account in one partition. `most` bounds a slice of settling; None leaves contacts behind midnights.

    It also keeps what a real partition leaves behind: the log by topics, and the steps with positions.
    """

    def __init__(self, account: Account, day: int, most: int | None = EVERYONE) -> None:
        self.state = PartitionState()
        self.effects = Effects()
        self.account: AccountState = self.state.open(account, day, self.effects)
        self.most = most
        self.log: list[Logged] = []
        self.models: dict[tuple[str, int], ScoringModel] = {
            (account.id, account.model.version): account.model
        }
        self._positions: Counter[str] = Counter()
        self.recorded = [Recorded(self.effects.steps[-1], {})]

    def take(self, event: Event) -> None:
        """Fold one event; with bounded slices a midnight is applied a slice before each later event."""
        steps = len(self.effects.steps)
        if isinstance(event, Passing):
            self.settle()
            self.state.advance(self.account, self.account.day + event.days, self.effects)
        elif isinstance(event, Remodelling):
            self.state.settle(self.account, EVERYONE, self.effects)
            self._publish(event.model)
            if self.most is None:
                self.state.settle(self.account, EVERYONE, self.effects)
        else:
            if self.most is not None:
                self.state.settle(self.account, self.most, self.effects)
            self._come(event)
        self.recorded += [Recorded(step, dict(self._positions)) for step in self.effects.steps[steps:]]
        if self.most == EVERYONE:
            self.settle()

    def settle(self) -> None:
        """Bring every contact up to the account's day, unless this player never does."""
        if self.most is not None:
            while self.state.settle(self.account, self.most, self.effects):
                pass

    def finish(self) -> dict[ContactId, ContactFacts]:
        """Everyone up to the account's day, and the facts."""
        self.state.settle(self.account, EVERYONE, self.effects)
        return facts_of(self.state)

    def _come(self, event: Coming | Removing) -> None:
        topic = type(event).__name__
        self._positions[topic] += 1
        if isinstance(event, Removing):
            self.state.remove(self.account, event.contact_id, event.arrived_at_ms, self.effects)
            return
        self.log.append(Logged(self.account.account.id, topic, self._positions[topic] - 1, event))
        apply(self.state, self.account, event, self.effects)

    def _publish(self, model: ScoringModel) -> None:
        account = self.account.account
        model = replace(model, version=account.model.version + 1)
        self.models[account.id, model.version] = model
        self.state.adopt_model(self.account, replace(account, model=model), self.effects)


def apply(state: PartitionState, account: AccountState, event: Coming, effects: Effects) -> None:
    """Fold one event of any kind."""
    if isinstance(event, Order):
        state.apply_order(account, event, effects)
    elif isinstance(event, Interaction):
        state.apply_interaction(account, event, effects)
    else:
        state.apply_person(account, event, effects)


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
    grouped: dict[str, list[Met]] = defaultdict(list)
    for order in orders:
        grouped[order.contact_id].append(Met(order, today))
    return {(account.id, name): contact_facts(account, taken, today) for name, taken in grouped.items()}


def batch_of(player: Player, first: Account) -> dict[ContactId, ContactFacts]:
    """The slow way over the log and the steps that the player left; `first`: the account as it was opened."""
    return recompute({first.id: first}, player.log, player.recorded, player.models)


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
    for cause, account, today, contact, met in _moments(history):
        segment = contact_facts(account, met, today).segment
        if segment is not stands[contact]:
            found[contact].append((stands[contact], segment, cause, today))
            stands[contact] = segment
    return dict(found)


def _moments(history: History) -> Iterator[tuple[Cause, Account, int, str, Sequence[Met]]]:
    met: dict[str, list[Met]] = defaultdict(list)
    account, today = history.account, history.day
    for event in history.events:
        if isinstance(event, Passing):
            for _ in range(event.days):
                today += 1
                yield from ((Cause.DECAY, account, today, contact, taken) for contact, taken in met.items())
        elif isinstance(event, Remodelling):
            account = replace(account, model=replace(event.model, version=account.model.version + 1))
            yield from (
                (Cause.RECALIBRATION, account, today, contact, taken) for contact, taken in met.items()
            )
        elif isinstance(event, Removing):
            met[event.contact_id] = []
            yield Cause.ERASURE, account, today, event.contact_id, []
        else:
            cause = _cause(event, met[event.contact_id])
            met[event.contact_id].append(Met(event, today))
            yield cause, account, today, event.contact_id, met[event.contact_id]


def _cause(event: Coming, met: Sequence[Met]) -> Cause:
    if isinstance(event, Order):
        known = {order.order_id for order, _ in met if isinstance(order, Order)}
        return Cause.AMENDMENT if event.order_id in known else Cause.ORDER
    # A contact event moves no score: a change by one would not be found under any other cause.
    return Cause.MERGE if isinstance(event, Person) else Cause.INTERACTION
