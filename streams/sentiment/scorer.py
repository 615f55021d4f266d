"""The sentiment of a text: words with weights, and what turns, strengthens and outweighs them.

Rules of the kind that Hutto and Gilbert describe (VADER, 2014), for three languages and the trade's words:
a negator turns what follows it up to the end of the clause, at most four words on; what follows a *but*
counts more than what came before; praise that opens a text which goes on with a complaint is meant as irony.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from streams.sentiment.lexicon import LONGEST_PHRASE, Language, Lexicon, lexicon, signs
from streams.sentiment.tokens import Kind, Token, single, tokens

NAME = "latido-lexicon"
VERSION = 1
"""Grows with every change of words or rules: it is written beside each score."""

MODEL = f"{NAME}-{VERSION}"

_SCOPE = 4
_GUESSED_BY = 200
_BAND = 1.0
_TURNED_GOOD, _TURNED_BAD, _TURNED_EXTREME = -0.9, -0.75, -0.3
_EXTREME = 3.0
_BOOST, _SOFTEN, _STRETCH = 1.3, 0.6, 1.3
_BEFORE_BUT, _AFTER_BUT = 0.5, 1.25
_ASKED = 0.3
_OPENING = 4
_RATED = frozenset(
    {"un", "una", "nota", "dou", "doy", "pongo", "a", "an", "puntaje", "le", "score", "rate", "rating"}
)


class Hit(NamedTuple):
    """A weighted word: its weight as used, the clause it is in, and its place."""

    weight: float
    clause: int
    place: int


class Reading(NamedTuple):
    """Sums of weights: as the sentiment follows from them, of the good words, and of the bad ones."""

    total: float
    praise: float
    blame: float


def sentiment(text: str) -> int | None:
    """-1, 0 or 1; None where there is nothing to read: no word of Latin letters and no sign that is known."""
    found = tokens(text)
    if not is_readable(found):
        return None
    total = strength(found)
    return (total >= _BAND) - (total <= -_BAND)


def strength(found: Sequence[Token]) -> float:
    """The sum of weights, in the language that it is most likely written in."""
    return reading(found).total


def reading(found: Sequence[Token]) -> Reading:
    """What the words weigh, in the language that it is most likely written in."""
    best: list[Hit] = []
    total = 0.0
    for language in _likely(found):
        hits = list(_hits(found, lexicon(language)))
        if not best or len(hits) > len(best):
            best, total = hits, _total(hits, found, lexicon(language))
    total += sum(signs().get(token.text, 0.0) for token in found if token.kind == Kind.SIGN)
    weights = [hit.weight for hit in best]
    return Reading(total, sum(w for w in weights if w > 0), sum(w for w in weights if w < 0))


def is_readable(found: Sequence[Token]) -> bool:
    """Whether there is a word of Latin letters, or a sign that is known."""
    return any(map(_is_readable, found))


def _is_readable(token: Token) -> bool:
    if token.kind == Kind.SIGN:
        return token.text in signs()
    return token.kind == Kind.WORD and ("/" in token.text or not token.text[0].isdigit())


def _likely(found: Sequence[Token]) -> list[Language]:
    """Languages with the most function words among the first words; all of them that are level."""
    words = [token.text for token in found[:_GUESSED_BY] if token.kind == Kind.WORD]
    counts = {language: sum(map(lexicon(language).function.__contains__, words)) for language in Language}
    most = max(counts.values())
    return [language for language, count in counts.items() if count == most]


class _Scope:
    """What holds at a place of the text: the clause, whether a negator still turns, and a booster."""

    def __init__(self, words: Lexicon) -> None:
        self._words = words
        self._turned_until = -1
        self._has_turned = False
        self.clause = 0
        self.boost = 1.0

    def use(self, weight: float, token: Token, place: int) -> Hit:
        """A weight as it is meant here."""
        turned = self._turned_until >= place
        self._has_turned |= turned
        meant = _turned(weight, turned) * self.boost
        self.boost = 1.0
        return Hit(meant * (_STRETCH if token.stretched else 1), self.clause, place)

    def pass_mark(self) -> None:
        """A mark ends the clause."""
        self.clause, self._turned_until, self.boost = self.clause + 1, -1, 1.0

    def pass_word(self, word: str, place: int) -> None:
        """What a word does to those that follow."""
        words = self._words
        if word in words.negators:
            self._turned_until, self._has_turned = place + _SCOPE, False
        elif word in words.boosters:
            self.boost = _BOOST
        elif word in words.softeners:
            self.boost = _SOFTEN
        elif word in words.buts:
            self.clause, self._turned_until = self.clause + 1, -1
        elif word in words.ands and self._has_turned:
            self._turned_until = -1


def _hits(found: Sequence[Token], words: Lexicon) -> Iterator[Hit]:
    scope, place = _Scope(words), 0
    while place < len(found):
        token, length = found[place], 1
        if token.kind == Kind.WORD:
            weight, length = _match(found, place, words)
            if weight is not None:
                yield scope.use(weight, token, place)
            if length == 1:
                scope.pass_word(token.text, place)
        elif token.kind == Kind.STOP:
            scope.pass_mark()
        place += length


def _match(found: Sequence[Token], place: int, words: Lexicon) -> tuple[float | None, int]:
    """Weight and length of the longest phrase that begins here."""
    token = found[place]
    if token.text in words.starts:
        for length in range(min(LONGEST_PHRASE, len(found) - place), 1, -1):
            phrase = " ".join(one.text for one in found[place : place + length])
            weight = words.weights.get(phrase)
            if weight is not None:
                return weight, length
    rated = _rating(found, place)
    if rated is not None:
        return rated, 1
    weight = words.weight(token.text)
    if weight is None and token.stretched:
        weight = words.weight(single(token.text))
    return weight, 1


def _rating(found: Sequence[Token], place: int) -> float | None:
    """A rating in words, by the bands of the NPS: *un 10*, *nota 6*, *9/10*."""
    text = found[place].text
    number, slash, of = text.partition("/")
    if not number.isdecimal() or len(number) > 2 or (slash and of != "10"):
        return None
    if not slash and (place == 0 or found[place - 1].text not in _RATED):
        return None
    value = int(number)
    if value > 10:
        return None
    return 3.0 if value > 8 else -2.0 if value < 7 else 0.0


def _turned(weight: float, turned: bool) -> float:
    """*Not good* is bad, *not the best* is hardly anything."""
    if not turned:
        return weight
    if abs(weight) >= _EXTREME:
        return weight * _TURNED_EXTREME
    return weight * (_TURNED_GOOD if weight > 0 else _TURNED_BAD)


def _total(hits: Sequence[Hit], found: Sequence[Token], words: Lexicon) -> float:
    """Weights summed up, with what the shape of the text does to them."""
    factors = _factors(found, words)
    weights = [hit.weight * factors[hit.place] for hit in hits]
    later = sum(weight for weight, hit in zip(weights, hits, strict=True) if hit.clause > 0)
    opening = [i for i, hit in enumerate(hits) if hit.clause == 0 and hit.place < _OPENING]
    if later <= -_BAND and opening and any(found[hits[i].place].text in words.praises for i in opening):
        return later - sum(weights[i] for i in opening) / 2
    return sum(weights)


def _factors(found: Sequence[Token], words: Lexicon) -> list[float]:
    """What each token's weight is multiplied by, for its side of a *but* and for standing in a question."""
    factors = [1.0] * len(found)
    begin = 0
    for end, token in enumerate(found):
        if (token.kind == Kind.STOP and token.text in ".!?\n") or end == len(found) - 1:
            _weigh_sentence(found, begin, end, words, factors)
            begin = end + 1
    return factors


def _weigh_sentence(
    found: Sequence[Token], begin: int, end: int, words: Lexicon, factors: list[float]
) -> None:
    but = next((i for i in range(begin, end + 1) if found[i].text in words.buts), None)
    if but is not None and but > begin:
        factors[begin:but] = [_BEFORE_BUT] * (but - begin)
        factors[but : end + 1] = [_AFTER_BUT] * (end + 1 - but)
    if found[begin].text in words.althoughs:
        comma = next((i for i in range(begin, end + 1) if found[i].text == ","), end)
        factors[begin:comma] = [_BEFORE_BUT] * (comma - begin)
    if found[end].text == "?":
        factors[begin : end + 1] = [factor * _ASKED for factor in factors[begin : end + 1]]
