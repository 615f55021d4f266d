"""What a rehearsal takes and tells: a base as it stood, what happened since, and what would have come of it.

The monitor reads the past, the stream's pure core lives through it again (`streams.rehearsal`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

from schemas.actions import ActionKind, ActionReason


class PastContact(NamedTuple):
    """A contact at the beginning: purchases until then, and what is known of it now; days since 1970-01-01.

    `consent`: channels that are granted. `origin`, `tags`, `consent` and personal fields have no stored past.
    """

    contact_id: str
    first_day: int | None
    last_day: int | None
    orders: int
    revenue_minor: int
    origin: str | None = None
    tags: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    name: str | None = None
    email: str | None = None
    phone: str | None = None
    document: str | None = None


class PastPurchase(NamedTuple):
    """An order since the beginning that counts today, at what it counts for."""

    contact_id: str
    order_id: str
    at_ms: int
    net_minor: int


class PastTalk(NamedTuple):
    """An interaction of any time; `day` is of the account's zone, `sentiment` -1, 0, 1 or None."""

    contact_id: str
    interaction_id: str
    at_ms: int
    day: int
    sentiment: int | None


@dataclass(frozen=True, slots=True)
class Past:
    """Some contacts and what they did up to `until_ms`; it is lived through from `since_ms`, a midnight."""

    since_ms: int
    until_ms: int
    contacts: Sequence[PastContact]
    purchases: Sequence[PastPurchase] = ()
    talks: Sequence[PastTalk] = ()


@dataclass(frozen=True, slots=True)
class Setting:
    """Bodies of definitions, as they are now: the account, its model (None: the first one), automations that
    are taken as active all the time, saved rules, and limits of messages.

    `share`: of how many contacts the past has one; the account's cap is divided by it.
    """

    account_id: str
    account: Mapping[str, Any]
    model: Mapping[str, Any] | None
    automations: Mapping[str, Mapping[str, Any]]
    rules: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    messaging: Mapping[str, Any] | None = None
    share: int = 1


class Outcome(NamedTuple):
    """One decision, as `AutomationAction` names it."""

    automation_id: str
    contact_id: str
    kind: ActionKind
    reason: ActionReason | None
    at_ms: int


class Rehearsals(Protocol):
    """Lives through a past again."""

    def outcomes(self, setting: Setting, past: Past) -> Sequence[Outcome]:
        """What the automations would have decided, in the order of deciding.

        ValueError for a model that cannot be; automations that cannot run are left out.
        """
