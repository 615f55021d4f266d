"""Automations while they are edited: any JSON, or a form, in the one shape that the builder shows.

What is missing or wrong stays as typed; `schemas.automation_json.problems_of` says what to do about it.
"""

from collections.abc import Mapping
from typing import Any

from schemas.automation import Exit, Reentry, StepKind, TriggerKind
from schemas.automation_steps import LONGEST_ARM, LONGEST_TEMPLATE, MOST_ARMS, MOST_STEPS
from sinks.monitor.authoring.fields import items, mapping, text_of, whole
from sinks.monitor.authoring.rule_drafts import Draft, clean_group, optional_group

ENTRIES = ("now", "from_now", "both")
UNITS = ("minutes", "hours", "days")
LONGEST_NAME = 120
LONGEST_ID = 64
_DEEPEST_SHOWN = 8
_SEGMENT_SIDES = {TriggerKind.SEGMENT_ENTERED: "from", TriggerKind.SEGMENT_LEFT: "to"}


def clean_automation(raw: Mapping[str, Any], digits: int | None = None) -> Draft:
    """The draft. `digits`: it comes from a form, where amounts have so many decimals (see `clean_group`)."""
    reentry = mapping(raw.get("reentry"))
    return {
        "name": text_of(raw.get("name"), LONGEST_NAME).strip(),
        "specialist": raw.get("specialist") in (True, "true"),
        "template": text_of(raw.get("template"), LONGEST_ID) or None,
        "audience": clean_audience(raw.get("audience"), digits),
        "trigger": clean_trigger(raw.get("trigger"), digits),
        "steps": clean_steps(raw.get("steps"), digits),
        "reentry": {
            "kind": _choice(reentry.get("kind"), tuple(Reentry)),
            "days": _number(reentry.get("days")),
        },
        "exit": _choice(raw.get("exit"), tuple(Exit)) or Exit.CONDITION_ENDS.value,
        "exit_on_purchase": raw.get("exit_on_purchase", True) in (True, "true"),
        "holdout_percent": _number(raw.get("holdout_percent")) or 0,
        **_entry(raw),
    }


def entry_of(draft: Mapping[str, Any]) -> str:
    """Who gets it: one of ENTRIES, or nothing while that is open (A9)."""
    now, later = draft.get("send_now"), draft.get("from_now")
    return "both" if now and later else "now" if now else "from_now" if later else ""


def answered(entry: Any) -> Draft:
    """What an answer to the question of who gets it means; anything else leaves it open."""
    known = entry in ENTRIES
    return {
        "send_now": entry in ("now", "both") if known else None,
        "from_now": entry in ("from_now", "both") if known else None,
    }


def clean_audience(raw: Any, digits: int | None) -> Draft:
    """Who may enter."""
    given = mapping(raw)
    return {
        "of": text_of(given.get("of"), 40) or "all",
        "origin": text_of(given.get("origin"), 200) or None,
        "rule": optional_group(given.get("rule"), digits),
        "rule_id": text_of(given.get("rule_id"), LONGEST_ID) or None,
    }


def clean_trigger(raw: Any, digits: int | None) -> Draft:
    """What begins a visit, with the fields of its kind and no others."""
    given = mapping(raw)
    kind = _choice(given.get("kind"), tuple(TriggerKind))
    match kind:
        case TriggerKind.SEGMENT_ENTERED | TriggerKind.SEGMENT_LEFT:
            side = _SEGMENT_SIDES[TriggerKind(kind)]
            names = ("segments", side, "causes")
            return {"kind": kind, **{name: _texts(given.get(name)) for name in names}}
        case TriggerKind.SILENCE:
            return {"kind": kind, "days": _number(given.get("days"))}
        case TriggerKind.RULE:
            rule = optional_group(given.get("rule"), digits)
            return {"kind": kind, "rule": rule, "rule_id": text_of(given.get("rule_id"), LONGEST_ID) or None}
        case TriggerKind.SENTIMENT:
            return {"kind": kind, "sentiment": text_of(given.get("sentiment"), 40)}
        case TriggerKind.FORECAST:
            return {
                "kind": kind,
                "days": _number(given.get("days")),
                "segments": _texts(given.get("segments")),
            }
    return {"kind": kind}


def clean_steps(raw: Any, digits: int | None, depth: int = 1) -> list[Draft]:
    """Steps in their order; what is no step is left out."""
    if depth > _DEEPEST_SHOWN:
        return []
    found = [mapping(one) for one in items(raw)[: MOST_STEPS + 1]]
    return [_step(one, digits, depth) for one in found if one.get("kind") in tuple(StepKind)]


def _step(raw: Mapping[str, Any], digits: int | None, depth: int) -> Draft:
    kind = StepKind(raw["kind"])
    match kind:
        case StepKind.BRANCH:
            paths = [
                {
                    "when": clean_group(one.get("when"), digits),
                    "steps": clean_steps(one.get("steps"), digits, depth + 1),
                }
                for one in map(mapping, items(raw.get("paths"))[:MOST_STEPS])
            ]
            return {
                "kind": kind.value,
                "paths": paths,
                "else": clean_steps(raw.get("else"), digits, depth + 1),
            }
        case StepKind.SPLIT:
            arms = [
                {
                    "name": text_of(one.get("name"), LONGEST_ARM).strip(),
                    "weight": _number(one.get("weight")),
                    "steps": clean_steps(one.get("steps"), digits, depth + 1),
                }
                for one in map(mapping, items(raw.get("arms"))[: MOST_ARMS + 1])
            ]
            return {"kind": kind.value, "name": text_of(raw.get("name"), LONGEST_ARM).strip(), "arms": arms}
        case StepKind.WAIT:
            unit, amount = _wait(raw)
            return {"kind": kind.value, unit: _number(amount)}
        case StepKind.WAIT_FOR_PURCHASE:
            return {
                "kind": kind.value,
                "days": _number(raw.get("days")),
                "bought": clean_steps(raw.get("bought"), digits, depth + 1),
                "silent": clean_steps(raw.get("silent"), digits, depth + 1),
            }
        case StepKind.MESSAGE:
            return {
                "kind": kind.value,
                "endpoint": text_of(raw.get("endpoint"), LONGEST_ID),
                "channel": text_of(raw.get("channel"), LONGEST_ID) or None,
                "template": text_of(raw.get("template"), LONGEST_TEMPLATE + 1).replace("\r\n", "\n") or None,
            }
        case StepKind.TAG:
            return {"kind": kind.value, "tag": text_of(raw.get("tag"), 100)}
    return {"kind": kind.value}


def _wait(raw: Mapping[str, Any]) -> tuple[str, Any]:
    """Unit and amount: of a form (`unit`, `amount`), or of JSON, where the unit is the name."""
    if raw.get("unit") in UNITS:
        return raw["unit"], raw.get("amount")
    return next(((unit, raw[unit]) for unit in UNITS if raw.get(unit) is not None), ("days", None))


def _entry(raw: Mapping[str, Any]) -> Draft:
    if "entry" in raw or "send_now" not in raw:
        return answered(raw.get("entry"))
    return {
        name: raw.get(name) if isinstance(raw.get(name), bool) else None for name in ("send_now", "from_now")
    }


def _number(value: Any) -> Any:
    number = whole(value)
    if isinstance(number, str):
        return text_of(number, 40) or None
    return number if isinstance(number, int) and not isinstance(number, bool) else None


def _texts(value: Any) -> list[str]:
    return [text_of(one, 40) for one in items(value)[:40] if isinstance(one, str)]


def _choice(value: Any, allowed: tuple[str, ...]) -> str:
    return str(value) if value in allowed else ""
