"""What things are called on screen (seed A in Spanish; the catalogues have the rest)."""

from schemas.records import Segment
from sinks.monitor.i18n import N_
from sinks.monitor.rights import Profile

SEGMENTS: dict[Segment, str] = {
    Segment.CHAMPIONS: N_("Champions"),
    Segment.LOYAL: N_("Loyal"),
    Segment.POTENTIAL_LOYALIST: N_("Potential loyalists"),
    Segment.RECENT: N_("Recent"),
    Segment.PROMISING: N_("Promising"),
    Segment.NEED_ATTENTION: N_("Need attention"),
    Segment.ABOUT_TO_SLEEP: N_("About to sleep"),
    Segment.AT_RISK: N_("At risk"),
    Segment.CANT_LOSE: N_("Can't lose them"),
    Segment.HIBERNATING: N_("Hibernating"),
    Segment.LOST: N_("Lost"),
    Segment.NO_PURCHASES: N_("No purchases"),
}
"""In the order of every table."""

GROUPS: dict[str, str] = {
    "best_customers": N_("Best customers"),
    "have_potential": N_("Have potential"),
    "priority_attention": N_("Priority attention"),
}
"""The three cards; which segments they sum is `sinks.clickhouse.report.GROUPS`."""

PROFILES: dict[Profile, str] = {
    Profile.ADMINISTRATOR: N_("Administrator"),
    Profile.OPERATOR: N_("Operator"),
    Profile.OTHER: N_("Other"),
}

PERIODS: dict[str, str] = {
    "yesterday": N_("Yesterday"),
    "last_7_days": N_("Last 7 days"),
    "last_15_days": N_("Last 15 days"),
    "last_30_days": N_("Last 30 days"),
    "last_45_days": N_("Last 45 days"),
    "last_60_days": N_("Last 60 days"),
    "last_90_days": N_("Last 90 days"),
    "custom": N_("Custom"),
}
"""In the order of the period filter (A15)."""
