"""An automation in sentences: who may enter, what begins it, and each step."""

from collections.abc import Mapping
from typing import Any

from schemas.automation import StepKind, TriggerKind
from schemas.rule_json import InvalidRule, parse_rule
from sinks.monitor.authoring.drafts import UNITS
from sinks.monitor.telling.names import CHANNELS, SENTIMENTS, TRIGGERS
from sinks.monitor.telling.rules import Teller
from sinks.monitor.words import GROUPS, SEGMENTS

_AUDIENCES = GROUPS | {segment.value: word for segment, word in SEGMENTS.items()}
Draft = Mapping[str, Any]


def audience_words(teller: Teller, audience: Draft) -> str:
    """ "Champions, of the origin shop, who match “Big spenders”"."""
    gettext = teller.texts.gettext
    parts = [
        gettext("All contacts")
        if audience["of"] == "all"
        else teller.say(_AUDIENCES.get(audience["of"], "?"))
    ]
    if audience["origin"]:
        parts.append(gettext("of the origin %(origin)s") % {"origin": audience["origin"]})
    if audience["rule_id"]:
        parts.append(gettext("who match “%(rule)s”") % {"rule": _rule_name(teller, audience["rule_id"])})
    if audience["rule"]:
        parts.append(gettext("with %(rule)s") % {"rule": rule_words(teller, audience["rule"])})
    return ", ".join(parts)


def trigger_words(teller: Teller, trigger: Draft) -> str:
    """What begins it, as one sentence; a gap is shown as "…"."""
    match trigger["kind"]:
        case TriggerKind.SEGMENT_ENTERED | TriggerKind.SEGMENT_LEFT:
            return _segment_words(teller, trigger)
        case TriggerKind.RULE:
            return _rule_words(teller, trigger)
        case TriggerKind.FORECAST:
            return _forecast_words(teller, trigger)
    gettext, ngettext = teller.texts.gettext, teller.texts.ngettext
    match trigger["kind"]:
        case TriggerKind.SILENCE:
            days = trigger["days"]
            if not isinstance(days, int):
                return gettext("Last purchase … days ago")
            return ngettext("Last purchase one day ago", "Last purchase %(num)s days ago", days) % {
                "num": days
            }
        case TriggerKind.SENTIMENT:
            felt = trigger["sentiment"]
            word = teller.say(SENTIMENTS[felt]) if felt in SENTIMENTS else "…"
            return gettext("The sentiment becomes %(sentiment)s") % {"sentiment": word}
        case TriggerKind.MANUAL:
            return teller.say(TRIGGERS[TriggerKind.MANUAL][0])
    return gettext("Nothing begins it yet")


def step_words(teller: Teller, step: Draft) -> str:
    """One step, without those inside it."""
    gettext, ngettext = teller.texts.gettext, teller.texts.ngettext
    match step["kind"]:
        case StepKind.MESSAGE:
            channel = step["channel"]
            if not channel:
                return gettext("Webhook to %(endpoint)s") % {"endpoint": step["endpoint"] or "…"}
            by = teller.say(CHANNELS[channel]) if channel in CHANNELS else channel
            values = {"channel": by, "endpoint": step["endpoint"] or "…"}
            return gettext("Message by %(channel)s through %(endpoint)s") % values
        case StepKind.TAG:
            return gettext("Tag “%(tag)s”") % {"tag": step["tag"] or "…"}
        case StepKind.WAIT:
            return _wait_words(teller, step)
        case StepKind.WAIT_FOR_PURCHASE:
            days = step["days"]
            if not isinstance(days, int):
                return gettext("Wait for a purchase, at most … days")
            words = ngettext(
                "Wait for a purchase, at most one day", "Wait for a purchase, at most %(num)s days", days
            )
            return words % {"num": days}
        case StepKind.BRANCH:
            paths = len(step["paths"]) + 1
            return ngettext("One path", "%(num)s paths", paths) % {"num": paths}
        case StepKind.SPLIT:
            arms = ", ".join(arm["name"] or "…" for arm in step["arms"])
            return gettext("By chance: %(arms)s") % {"arms": arms}
    return gettext("Nothing: the contact is only counted")


def _wait_words(teller: Teller, step: Draft) -> str:
    ngettext = teller.texts.ngettext
    unit = next(unit for unit in UNITS if unit in step)
    amount = step[unit]
    if not isinstance(amount, int):
        return teller.texts.gettext("Wait …")
    words = {
        "minutes": ngettext("Wait one minute", "Wait %(num)s minutes", amount),
        "hours": ngettext("Wait one hour", "Wait %(num)s hours", amount),
        "days": ngettext("Wait one day", "Wait %(num)s days", amount),
    }
    return words[unit] % {"num": amount}


def _segment_words(teller: Teller, trigger: Draft) -> str:
    gettext = teller.texts.gettext
    entered = trigger["kind"] == TriggerKind.SEGMENT_ENTERED
    other = trigger["from" if entered else "to"]
    values = {"segments": teller.segments(trigger["segments"]) or "…", "other": teller.segments(other)}
    if entered:
        return (
            gettext("Enters %(segments)s from %(other)s") if other else gettext("Enters %(segments)s")
        ) % values
    return (gettext("Leaves %(segments)s to %(other)s") if other else gettext("Leaves %(segments)s")) % values


def _rule_words(teller: Teller, trigger: Draft) -> str:
    gettext = teller.texts.gettext
    parts = []
    if trigger["rule_id"]:
        parts.append(f"“{_rule_name(teller, trigger['rule_id'])}”")
    if trigger["rule"]:
        parts.append(rule_words(teller, trigger["rule"]))
    return gettext("Begins to match: %(rule)s") % {"rule": gettext(", and ").join(parts) or "…"}


def _forecast_words(teller: Teller, trigger: Draft) -> str:
    gettext, ngettext = teller.texts.gettext, teller.texts.ngettext
    days, segments = trigger["days"], teller.segments(trigger["segments"])
    if not isinstance(days, int):
        within = gettext("in at most … days")
    else:
        within = ngettext("in at most one day", "in at most %(num)s days", days) % {"num": days}
    if segments:
        return gettext("Would go to %(segments)s %(within)s") % {"segments": segments, "within": within}
    return gettext("Would change grouping %(within)s") % {"within": within}


def _rule_name(teller: Teller, rule_id: str) -> str:
    return teller.rule_name(rule_id) or "?"


def rule_words(teller: Teller, rule: Any) -> str:
    """A rule's JSON in words; one that is not finished is "…"."""
    try:
        return teller.rule(parse_rule(rule))
    except InvalidRule:
        return "…"
