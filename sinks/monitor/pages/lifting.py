"""How the lift of an automation is shown: arms and verdicts in words, intervals as small drawings."""

from typing import Any

from schemas.actions import Arm
from sinks.monitor.action_words import ARMS
from sinks.monitor.api.lift_answers import EffectAnswer, SideAnswer
from sinks.monitor.figures.arms import Verdict
from sinks.monitor.figures.lift import Slice
from sinks.monitor.i18n import N_

WINDOWS = (7, 14, 30, 60)
"""Days that the page offers."""

VERDICTS: dict[Verdict, str] = {
    Verdict.FEW_CONTACTS: N_("Not conclusive yet"),
    Verdict.FEW_PURCHASES: N_("Not conclusive yet"),
    Verdict.OPEN: N_("Not conclusive yet"),
    Verdict.MORE: N_("More"),
    Verdict.LESS: N_("Less"),
}
_ROOM = 1.1
"""How much wider than what it shows a drawing is."""


def arm_name(side: SideAnswer) -> tuple[str, bool]:
    """The arm of a split by its own name, else by a word to be translated; whether it is one."""
    return (side.split_arm, False) if side.split_arm else (ARMS[Arm(side.arm)], True)


def drawn(effect: EffectAnswer) -> dict[str, float] | None:
    """Where interval, difference and nothing (`zero`) lie in a drawing 100 wide; None without an interval."""
    if effect.low is None or effect.high is None or effect.difference is None:
        return None
    ends = (min(effect.low, 0.0), max(effect.high, 0.0))
    width = (ends[1] - ends[0]) * _ROOM or 1.0
    left = (ends[0] + ends[1] - width) / 2

    def at(value: float) -> float:
        return round(100 * (value - left) / width, 2)

    return {
        "low": at(effect.low),
        "wide": round(at(effect.high) - at(effect.low), 2),
        "middle": at(effect.difference),
        "zero": at(0.0),
    }


NAMES: dict[str, Any] = {
    "WINDOWS": WINDOWS,
    "VERDICTS": VERDICTS,
    "Slice": Slice,
    "Verdict": Verdict,
    "arm_name": arm_name,
    "drawn": drawn,
}
"""What the template of a lift names."""
