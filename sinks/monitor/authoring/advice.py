"""What is wrong with a rule or an automation, in the person's language.

`schemas` speaks English and puts names and limits into its sentences. Here stands each sentence once, with
places for them; a test makes every problem there is and finds none without its sentence.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache

from schemas.rule_json import Problem as Fault
from sinks.monitor.i18n import N_

SENTENCES = (
    N_("fill it in"),
    N_("give an object"),
    N_("give a list"),
    N_("choose yes or no"),
    N_("choose true or false"),
    N_("choose `and` or `or`"),
    N_("choose who gets it"),
    N_("without a trigger it can only be sent now"),
    N_("choose at least one segment"),
    N_("choose a rule, or add conditions"),
    N_("add a step: a message, a tag, or nothing"),
    N_("say when this path is taken"),
    N_("add a path with its condition"),
    N_("add an arm: a split has at least two"),
    N_("give every arm a name of its own"),
    N_("give every split a name of its own"),
    N_("say how long: minutes, hours or days"),
    N_("a group needs `combinator` and a list `rules`"),
    N_("a condition needs `field`, `operator` and `value`"),
    N_("add a condition, or remove the empty group"),
    N_("compare with a value, not with another field"),
    N_("give two numbers, the smaller one first"),
    N_("type the number of contacts that is shown"),
    N_("write a text of at most %(most)s characters"),
    N_("give a whole number from %(low)s to %(high)s"),
    N_("give a whole number, not %(given)s"),
    N_("give a text of %(low)s to %(high)s printable characters"),
    N_("use at most %(most)s steps"),
    N_("use at most %(most)s conditions"),
    N_("use at most %(most)s arms"),
    N_("nest branches at most %(most)s deep"),
    N_("nest groups at most %(most)s deep"),
    N_("%(names)s: nothing fills this; use %(known)s or personal.name"),
    N_("create the endpoint %(endpoint)s, or choose another one"),
    N_("there is no rule %(rule)s: choose another one"),
)

SHORTER = {
    "give %(low)s to %(high)s values": N_("choose at least one value"),
    "choose one of %(names)s": N_("choose one of the options"),
    "choose among %(names)s": N_("choose among the options"),
    "%(field)s takes %(operators)s": N_("choose another comparison"),
}
"""Sentences that say more than somebody at a screen needs."""


@dataclass(frozen=True, slots=True)
class Advice:
    """What to do, and where in the JSON (`steps.0.endpoint`)."""

    path: str
    text: str


def advise(faults: Iterable[Fault], translate: Callable[[str], str]) -> list[Advice]:
    """Problems in words, in their order."""
    return [Advice(one.path, _sentence(one.advice, translate)) for one in faults]


def known(text: str) -> bool:
    """Whether the sentence stands here."""
    return any(pattern.fullmatch(text) for pattern in _patterns().values())


def _sentence(text: str, translate: Callable[[str], str]) -> str:
    for sentence, pattern in _patterns().items():
        if (match := pattern.fullmatch(text)) is not None:
            said = translate(SHORTER.get(sentence, sentence))
            filled = said % match.groupdict() if "%(" in said else said
            return filled[:1].upper() + filled[1:]
    return text


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    return {one: re.compile(_pattern(one), re.DOTALL) for one in (*SENTENCES, *SHORTER)}


def _pattern(sentence: str) -> str:
    parts = re.split(r"%\((\w+)\)s", sentence)
    return "".join(re.escape(part) if i % 2 == 0 else f"(?P<{part}>.*?)" for i, part in enumerate(parts))
