"""The eleven segments, contacts without purchases, and the groups the monitor shows."""

from enum import StrEnum


class Segment(StrEnum):
    """In the order of the monitor's table."""

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


class Group(StrEnum):
    """The three cards of the monitor."""

    BEST_CUSTOMERS = "best_customers"
    HAVE_POTENTIAL = "have_potential"
    PRIORITY_ATTENTION = "priority_attention"


GROUPS: dict[Group, tuple[Segment, ...]] = {
    Group.BEST_CUSTOMERS: (Segment.CHAMPIONS, Segment.LOYAL),
    Group.HAVE_POTENTIAL: (Segment.POTENTIAL_LOYALIST, Segment.RECENT),
    Group.PRIORITY_ATTENTION: (Segment.AT_RISK, Segment.NEED_ATTENTION, Segment.CANT_LOSE),
}


class Cause(StrEnum):
    """What moved a contact. The first four fire automations."""

    ORDER = "order"
    AMENDMENT = "amendment"
    INTERACTION = "interaction"
    DECAY = "decay"
    MERGE = "merge"
    RECALIBRATION = "recalibration"
    ERASURE = "erasure"
