"""Where something stands in an automation, in words: "Step 2, Path 1, Step 1, Endpoint that gets it"."""

from collections.abc import Callable
from itertools import pairwise

from sinks.monitor.i18n import N_

_LISTS = {
    "steps": "",
    "else": N_("Otherwise"),
    "bought": N_("If there was a purchase"),
    "silent": N_("If there was none"),
}
_NAMES = {
    "name": N_("Name"),
    "audience": N_("Audience"),
    "trigger": N_("When it begins"),
    "segments": N_("Grouping"),
    "rule": N_("Rule"),
    "rule_id": N_("Rule"),
    "when": N_("Rule"),
    "sentiment": N_("Sentiment"),
    "days": N_("Days"),
    "steps": N_("Steps"),
    "endpoint": N_("Endpoint that gets it"),
    "channel": N_("Channel"),
    "template": N_("Text"),
    "tag": N_("Tag"),
    "weight": N_("Weight"),
    "arms": N_("Arms"),
    "reentry": N_("May the same contact enter again?"),
    "holdout_percent": N_("Control group that gets nothing, in percent"),
    "entry": N_("Who gets it?"),
}


def place_words(path: str, translate: Callable[[str], str]) -> str:
    """The place that a path of the automation's JSON names."""
    words: list[str] = []
    for part, following in pairwise([*path.split("."), ""]):
        if following.isdigit() and part in _LISTS:
            words += [translate(_LISTS[part])] if _LISTS[part] else []
            words.append(translate(N_("Step %(number)s")) % {"number": int(following) + 1})
        elif following.isdigit() and part == "paths":
            words.append(translate(N_("Path %(number)s")) % {"number": int(following) + 1})
        elif following.isdigit() and part == "arms":
            words.append(translate(N_("Arm %(number)s")) % {"number": int(following) + 1})
        elif following.isdigit() and part == "rules":
            words.append(translate(N_("Condition %(number)s")) % {"number": int(following) + 1})
        elif part in _NAMES:
            words.append(translate(_NAMES[part]))
    return ", ".join(words)
