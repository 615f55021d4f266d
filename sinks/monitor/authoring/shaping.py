"""Adding, removing and moving parts of a draft: what the buttons of the editors ask for, as `verb:path`.

A path names a place in the draft's JSON: `add-condition:trigger.rule`, `remove:steps.0.paths.1`.
"""

import copy
from collections.abc import Callable, Iterator
from itertools import count
from string import ascii_uppercase
from typing import Any

from schemas.automation import StepKind
from sinks.monitor.authoring.rule_drafts import Draft, new_condition, new_group
from sinks.monitor.problems import Problem

_ADD_STEP = "add-step-"
_WEIGHT = 50
"""Of every arm at first: all are equally likely."""


def reshape(draft: Draft, wish: str) -> tuple[Draft, str]:
    """The draft after the wish, and the path of what should be focused ("" for nothing).

    Problem 422 for a wish that no button of ours makes.
    """
    verb, _, path = wish.partition(":")
    changed = copy.deepcopy(draft)
    if verb == "refresh":
        return changed, path
    try:
        if verb.startswith(_ADD_STEP):
            step = new_step(StepKind(verb.removeprefix(_ADD_STEP)))
            if step["kind"] == StepKind.SPLIT:
                step["name"] = _free_name(changed["steps"])
            return changed, _append(_list(changed, path), path, step)
        return changed, _VERBS[verb](changed, path)
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise Problem(422, "this part of the form is not there any more: reload the page") from error


def new_step(kind: StepKind) -> Draft:
    """A step that nobody has filled in yet."""
    match kind:
        case StepKind.BRANCH:
            return {"kind": kind.value, "paths": [_new_path()], "else": []}
        case StepKind.SPLIT:
            return {"kind": kind.value, "name": "", "arms": [_new_arm("A"), _new_arm("B")]}
        case StepKind.WAIT:
            return {"kind": kind.value, "days": None}
        case StepKind.WAIT_FOR_PURCHASE:
            return {"kind": kind.value, "days": None, "bought": [], "silent": []}
        case StepKind.MESSAGE:
            return {"kind": kind.value, "endpoint": "", "channel": None, "template": None}
        case StepKind.TAG:
            return {"kind": kind.value, "tag": ""}
    return {"kind": kind.value}


def _new_path() -> Draft:
    return {"when": new_group(), "steps": []}


def _new_arm(name: str) -> Draft:
    return {"name": name, "weight": _WEIGHT, "steps": []}


def _free_name(steps: list[Draft]) -> str:
    """A name that no split among the steps has."""
    known = set(_split_names(steps))
    return next(name for n in count(1) if (name := f"A/B {n}") not in known)


def _split_names(place: Any) -> Iterator[str]:
    if isinstance(place, dict):
        if place.get("kind") == StepKind.SPLIT:
            yield place["name"]
        place = list(place.values())
    if isinstance(place, list):
        for inner in place:
            yield from _split_names(inner)


def _add_condition(draft: Draft, path: str) -> str:
    return _append(_list(draft, f"{path}.rules"), f"{path}.rules", new_condition())


def _add_group(draft: Draft, path: str) -> str:
    return _append(_list(draft, f"{path}.rules"), f"{path}.rules", new_group()) + ".rules.0"


def _add_path(draft: Draft, path: str) -> str:
    return _append(_list(draft, f"{path}.paths"), f"{path}.paths", _new_path()) + ".when.rules.0"


def _add_arm(draft: Draft, path: str) -> str:
    arms = _list(draft, f"{path}.arms")
    known = {arm["name"] for arm in arms}
    name = next((letter for letter in ascii_uppercase if letter not in known), "")
    return _append(arms, f"{path}.arms", _new_arm(name)) + ".name"


def _add_rule(draft: Draft, path: str) -> str:
    parent, name = _place(draft, path)
    parent[name] = new_group()
    return f"{path}.rules.0"


def _remove(draft: Draft, path: str) -> str:
    parent, name = _place(draft, path)
    if isinstance(parent, list):
        del parent[name]
    else:
        parent[name] = None
    return path.rpartition(".")[0].removesuffix(".rules").removesuffix(".paths").removesuffix(".arms")


def _move(by: int) -> Callable[[Draft, str], str]:
    def moved(draft: Draft, path: str) -> str:
        parent, name = _place(draft, path)
        other = name + by
        if not 0 <= other < len(parent):
            return path
        parent[name], parent[other] = parent[other], parent[name]
        return f"{path.rpartition('.')[0]}.{other}"

    return moved


_VERBS: dict[str, Callable[[Draft, str], str]] = {
    "add-condition": _add_condition,
    "add-group": _add_group,
    "add-rule": _add_rule,
    "add-path": _add_path,
    "add-arm": _add_arm,
    "remove": _remove,
    "up": _move(-1),
    "down": _move(1),
}


def _append(place: list[Draft], path: str, new: Draft) -> str:
    place.append(new)
    return f"{path}.{len(place) - 1}"


def _list(draft: Draft, path: str) -> list[Draft]:
    parent, name = _place(draft, path)
    found = parent[name]
    if not isinstance(found, list):
        raise TypeError(path)
    return found


def _place(draft: Draft, path: str) -> tuple[Any, Any]:
    """Where a path leads: what holds it, and its name or number there."""
    *way, last = path.split(".")
    place: Any = draft
    for part in way:
        place = place[int(part)] if isinstance(place, list) else place[part]
    if isinstance(place, list):
        number = int(last)
        place[number]
        return place, number
    place[last]
    return place, last
