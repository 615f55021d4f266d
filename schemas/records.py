"""Names of the contracts: topics, states of an order, causes of a change, segments in their order."""

from enum import StrEnum


class Topic(StrEnum):
    """Every topic of topics.yaml."""

    ORDERS = "orders.v1"
    INTERACTIONS = "interactions.v1"
    CONTACTS = "contacts.v1"
    REROUTED = "rerouted.v1"
    CONTACT_PROFILES = "contact-profiles.v1"
    CONTACT_ORDERS = "contact-orders.v1"
    CONTACT_DAYS = "contact-days.v1"
    CONTACT_INTERACTIONS = "contact-interactions.v1"
    SEGMENT_CHANGES = "segment-changes.v1"
    MILESTONES = "milestones.v1"
    DEAD_LETTERS = "dead-letters.v1"
    DEFINITIONS = "definitions.v1"
    WATERMARKS = "watermarks.v1"
    CLOCK = "clock.v1"
    CONTACT_AUTOMATIONS = "contact-automations.v1"
    AUTOMATION_ACTIONS = "automation-actions.v1"
    WEBHOOK_ATTEMPTS = "webhook-attempts.v1"
    WEBHOOK_DELIVERIES = "webhook-deliveries.v1"


class OrderStatus(StrEnum):
    """`Order.status`."""

    PLACED = "placed"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class Cause(StrEnum):
    """`SegmentChange.cause`; the first four fire automations."""

    ORDER = "order"
    AMENDMENT = "amendment"
    INTERACTION = "interaction"
    DECAY = "decay"
    MERGE = "merge"
    RECALIBRATION = "recalibration"
    ERASURE = "erasure"


class ClockKind(StrEnum):
    """`ClockStep.kind`."""

    OPENED = "opened"
    DAY = "day"
    MODEL = "model"
    MILESTONES = "milestones"
    REMOVED = "removed"


class Segment(StrEnum):
    """Segments in the order of every table and report."""

    CHAMPIONS = "champions"
    LOYAL = "loyal"
    POTENTIAL_LOYALIST = "potential_loyalist"
    RECENT = "recent"
    PROMISING = "promising"
    NEED_ATTENTION = "need_attention"
    ABOUT_TO_SLEEP = "about_to_sleep"
    AT_RISK = "at_risk"
    CANT_LOSE = "cant_lose"
    HIBERNATING = "hibernating"
    LOST = "lost"
    NO_PURCHASES = "no_purchases"
