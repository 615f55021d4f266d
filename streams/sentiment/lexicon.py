"""The words of one language with their weights, read from a file beside this module."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from importlib.resources import files

from streams.sentiment.tokens import fold

SHORTEST_STEM = 3
LONGEST_PHRASE = 4
_LONGEST_STEM = 14
_ROLES = ("negators", "boosters", "softeners", "buts", "althoughs", "ands", "praises", "function")


class Language(StrEnum):
    """What can be read."""

    SPANISH = "es"
    PORTUGUESE = "pt"
    ENGLISH = "en"


@dataclass(slots=True)
class Lexicon:
    """`weights` by word or phrase (words joined by a space), `stems` by beginning of a word.

    `negators`, `boosters` and `softeners` act on what follows, a negator up to one of `ands` after a word it
    turned; `buts` set what follows over what came before, `althoughs` the other way round; `praises` open an
    irony; `function` words tell the language. `starts` are first words of phrases.
    """

    weights: dict[str, float] = field(default_factory=dict)
    stems: dict[str, float] = field(default_factory=dict)
    negators: frozenset[str] = frozenset()
    boosters: frozenset[str] = frozenset()
    softeners: frozenset[str] = frozenset()
    buts: frozenset[str] = frozenset()
    althoughs: frozenset[str] = frozenset()
    ands: frozenset[str] = frozenset()
    praises: frozenset[str] = frozenset()
    function: frozenset[str] = frozenset()
    starts: frozenset[str] = frozenset()

    def weight(self, word: str) -> float | None:
        """Weight of a word, by itself or by the longest stem it begins with."""
        found = self.weights.get(word)
        if found is not None:
            return found
        for length in range(min(len(word), _LONGEST_STEM), SHORTEST_STEM - 1, -1):
            found = self.stems.get(word[:length])
            if found is not None:
                return found
        return None


@cache
def lexicon(language: Language) -> Lexicon:
    """The lexicon of a language. ValueError names a line that cannot be read."""
    made = Lexicon()
    for name, entries in _lines(f"{language}.txt"):
        if name in _ROLES:
            setattr(made, name, getattr(made, name) | frozenset(entries))
        else:
            _weigh(made, float(name), entries)
    made.starts = frozenset(phrase.split(" ")[0] for phrase in made.weights if " " in phrase)
    return made


@cache
def signs() -> dict[str, float]:
    """Weights of emoticons and emoji."""
    return {sign: float(weight) for weight, entries in _lines("signs.txt", split=" ") for sign in entries}


def _weigh(made: Lexicon, weight: float, entries: list[str]) -> None:
    for entry in entries:
        if entry.endswith("*"):
            made.stems[entry[:-1]] = weight
        else:
            made.weights[entry] = weight


def _lines(name: str, split: str = ",") -> Iterator[tuple[str, list[str]]]:
    text = files("streams.sentiment").joinpath(name).read_text(encoding="utf-8")
    for line in text.splitlines():
        if not line or line.startswith("#"):
            continue
        head, _, rest = line.partition(" = ")
        if not rest:
            raise ValueError(f"{name}: {line!r} is no `name = entries`")
        entries = [one.strip() if split == " " else fold(one.strip()) for one in rest.split(split)]
        yield head, [one for one in entries if one]
