"""An automation as the core runs it: trigger, audience, and steps as instructions with jumps."""

from enum import StrEnum
from typing import NamedTuple

from streams.automations.conditions import Compiled, Required, Test


class On(StrEnum):
    """What begins a visit."""

    ENTERED = "entered"
    LEFT = "left"
    SILENCE = "silence"
    RULE = "rule"
    MANUAL = "manual"


class Source(StrEnum):
    """Who decided that contacts be addressed."""

    AUTOMATION = "automation"
    SEND = "send"


class Again(StrEnum):
    """How often one contact may enter."""

    NEVER = "never"
    AFTER = "after"
    ALWAYS = "always"


class Trigger(NamedTuple):
    """`segments` are entered or left, `other` is the other side (empty: any), `days` of silence; `holds` says
    whether the visit lasts."""

    on: On
    holds: Test
    segments: frozenset[str] = frozenset()
    other: frozenset[str] = frozenset()
    causes: frozenset[str] = frozenset()
    days: int = 0
    rule: Compiled | None = None


class Send(NamedTuple):
    """A webhook; with a channel, a message."""

    endpoint: str
    channel: str | None
    template: str | None


class SetTag(NamedTuple):
    """A label."""

    tag: str


class DoNothing(NamedTuple):
    """Reached, and nothing more."""


Action = Send | SetTag | DoNothing


class Check(NamedTuple):
    """Go where the first test that holds leads, else to `otherwise`."""

    paths: tuple[tuple[Test, int], ...]
    otherwise: int


class Pause(NamedTuple):
    """Go on after so long."""

    ms: int


class AwaitPurchase(NamedTuple):
    """Go to `bought` on a purchase, to `silent` after so long."""

    ms: int
    bought: int
    silent: int


class Act(NamedTuple):
    """Do something; `step` is its path in the definition."""

    step: str
    action: Action


class SplitArm(NamedTuple):
    """One way out of a split: its share is `weight` of the sum of all weights."""

    name: str
    weight: int
    at: int


class Split(NamedTuple):
    """Go where chance leads, always the same way for one contact; `step` is its path in the definition."""

    step: str
    name: str
    arms: tuple[SplitArm, ...]


class Jump(NamedTuple):
    """Go on elsewhere."""

    to: int


Instruction = Check | Split | Pause | AwaitPurchase | Act | Jump


class Plan(NamedTuple):
    """One version of an automation or manual send. `since_ms`: when it was activated; nothing that happened
    before begins a visit. `holdout_percent` of contacts reach every step and get nothing. `required`: what
    the facts of whoever begins a visit must have, by audience and rule; it is known from them and only saves
    looking."""

    id: str
    version: int
    source: Source
    active: bool
    since_ms: int
    trigger: Trigger
    audience: Test
    code: tuple[Instruction, ...]
    again: Again = Again.AFTER
    again_ms: int = 0
    leaves_when_ended: bool = True
    leaves_on_purchase: bool = True
    holdout_percent: int = 0
    required: tuple[Required, ...] = ()


class Limits(NamedTuple):
    """What holds for all messages of an account; hours are full local hours, equal ones mean never quiet.

    `account_cap` is this partition's share of the account's messages a local day; None: no cap.
    """

    any_consent: bool = False
    quiet_from: int = 21
    quiet_to: int = 9
    contact_cap: int = 3
    account_cap: int | None = None
    horizon_ms: int = 48 * 3_600_000
