"""What a chunk or a step did."""

from dataclasses import dataclass, field

from streams.rfm.changes import Change, Milestone, Step
from streams.rfm.contact import Contact
from streams.rfm.interactions import Interaction
from streams.rfm.orders import Order


class Unsettled(Exception):
    """Time or a new model could not be applied to a contact; its cause says why. The contact is whole."""


@dataclass(slots=True)
class Effects:
    """Insertion order is the order of happening; of what is keyed, the last value counts.

    `contacts` says of each whether news touched it, and `news` whether what is being folded is any.
    `lost_orders` and `lost_talks` went with a removed contact. `failed`: rows of the chunk on which the fold
    raised, with the error; nothing of them was applied. `held`: contacts that could not be brought up to the
    account's day and model, with the error.
    """

    contacts: dict[Contact, bool] = field(default_factory=dict)
    orders: dict[tuple[Contact, str], Order] = field(default_factory=dict)
    talks: dict[tuple[Contact, str], Interaction] = field(default_factory=dict)
    days: dict[tuple[Contact, int], None] = field(default_factory=dict)
    lost_orders: dict[tuple[Contact, str], None] = field(default_factory=dict)
    lost_talks: dict[tuple[Contact, str], None] = field(default_factory=dict)
    changes: list[Change] = field(default_factory=list)
    milestones: list[Milestone] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    failed: list[tuple[int, str]] = field(default_factory=list)
    held: list[tuple[Contact, str]] = field(default_factory=list)
    superseded: int = 0
    too_late: int = 0
    count: int = 0
    news: bool = False
