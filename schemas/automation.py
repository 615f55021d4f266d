"""Automations and manual sends as definitions: the JSON that people's pages and files write.

Kind `automation` (a success specialist is one with `specialist`)::

    {"name": "...", "status": "draft", "specialist": false, "template": null,
     "audience": {"of": "all" | group | segment, "origin": null, "rule": {...}, "rule_id": "..."},
     "trigger": {"kind": "segment_entered", "segments": [...], "from": [...], "causes": [...]},
     "steps": [{"kind": "message", "endpoint": "...", "channel": "whatsapp", "template": "..."}],
     "reentry": {"kind": "after", "days": 30}, "exit": "condition_ends", "exit_on_purchase": true,
     "holdout_percent": 0, "send_now": null, "from_now": null}

Triggers: `segment_entered` and `segment_left` (segments, the other side, causes; empty lists are any),
`silence` (days since the last purchase), `rule` (a rule or a `rule_id`), `sentiment`, `forecast` (about to
change to `segments` within `days`), `manual`. Steps: `branch` (paths with `when` and `steps`, then `else`),
`split` (by chance: a `name`, and `arms` with `name`, `weight` and `steps`), `wait` (one of minutes, hours,
days), `wait_for_purchase` (days, then `bought` or `silent`), `message`, `tag`, `nothing`. A draft may lack
anything. Kind `send` is a manual send: audience, steps, `holdout_percent`, `status` confirmed or stopped, and
the count that was confirmed.
"""

from enum import StrEnum
from typing import NamedTuple

from schemas.rules import Group

AUTOMATION, SEND, RULE, SETTINGS = "automation", "send", "rule", "settings"
"""Kinds of definitions. Settings of messages have the id MESSAGING."""

MESSAGING = "messaging"


class Status(StrEnum):
    """`status` of an automation."""

    DRAFT = "draft"
    ACTIVE = "active"
    PAUSED = "paused"


class SendStatus(StrEnum):
    """`status` of a manual send."""

    CONFIRMED = "confirmed"
    STOPPED = "stopped"


class TriggerKind(StrEnum):
    """What begins a visit."""

    SEGMENT_ENTERED = "segment_entered"
    SEGMENT_LEFT = "segment_left"
    SILENCE = "silence"
    RULE = "rule"
    SENTIMENT = "sentiment"
    FORECAST = "forecast"
    MANUAL = "manual"


class StepKind(StrEnum):
    """What a contact meets on its way."""

    BRANCH = "branch"
    SPLIT = "split"
    WAIT = "wait"
    WAIT_FOR_PURCHASE = "wait_for_purchase"
    MESSAGE = "message"
    TAG = "tag"
    NOTHING = "nothing"


class Reentry(StrEnum):
    """How often one contact may enter."""

    NEVER = "never"
    AFTER = "after"
    ALWAYS = "always"


class Exit(StrEnum):
    """When a contact leaves before the last step."""

    CONDITION_ENDS = "condition_ends"
    NEVER = "never"


VARIABLES = (
    "segment", "r", "f", "v", "orders", "revenue", "average_ticket", "days_since_last", "last_purchase",
    "origin", "next_segment", "next_segment_date", "sentiment",
)  # fmt: skip
"""What a message may name besides the personal fields of `schemas.messages`."""


class Audience(NamedTuple):
    """Who may enter: a group, segment or `all`, of an origin, matching a rule; None leaves a part open."""

    of: str = "all"
    origin: str | None = None
    rule: Group | None = None
    rule_id: str | None = None


class Trigger(NamedTuple):
    """What begins a visit; which fields matter is a question of the kind. Empty tuples mean any."""

    kind: TriggerKind
    segments: tuple[str, ...] = ()
    other: tuple[str, ...] = ()
    causes: tuple[str, ...] = ()
    days: int = 0
    rule: Group | None = None
    rule_id: str | None = None
    sentiment: str = ""


class Branch(NamedTuple):
    """The first path whose rule holds when the contact gets here, else the last."""

    paths: tuple[tuple[Group, tuple["Step", ...]], ...]
    otherwise: tuple["Step", ...]


class SplitArm(NamedTuple):
    """A way that chance leads; its share is `weight` of the sum of all."""

    name: str
    weight: int
    steps: tuple["Step", ...]


class Split(NamedTuple):
    """An A/B test: a contact always takes the same arm, while names and weights stay as they are."""

    name: str
    arms: tuple[SplitArm, ...]


class Wait(NamedTuple):
    """Time passes."""

    ms: int


class WaitForPurchase(NamedTuple):
    """Until a purchase, or so long; then one of two ways."""

    ms: int
    bought: tuple["Step", ...]
    silent: tuple["Step", ...]


class Message(NamedTuple):
    """A webhook; with a channel it is a message to the contact, and needs consent for it."""

    endpoint: str
    channel: str | None
    template: str | None


class Tag(NamedTuple):
    """A label for the contact."""

    tag: str


class Nothing(NamedTuple):
    """An action that does nothing."""


Step = Branch | Split | Wait | WaitForPurchase | Message | Tag | Nothing


class Automation(NamedTuple):
    """A complete automation, or manual send (trigger `manual`)."""

    name: str
    status: Status
    audience: Audience
    trigger: Trigger
    steps: tuple[Step, ...]
    reentry: Reentry
    reentry_days: int
    exit: Exit
    exit_on_purchase: bool
    holdout_percent: int
    specialist: bool = False


class Messaging(NamedTuple):
    """Settings of an account for all its messages; hours are full local hours. None: no limit, no basis."""

    legal_basis: str | None = None
    quiet_from: int = 21
    quiet_to: int = 9
    contact_cap: int = 3
    account_cap: int | None = None


CAP_DAYS = 7
