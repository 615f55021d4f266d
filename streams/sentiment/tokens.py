"""Text to words and signs, at a cost that grows with its length and with nothing else.

Every character is folded by itself (accents off, lower case, invisible ones out), so no run of combining
marks is ever sorted; the expression that finds tokens cannot go back.
"""

import re
import unicodedata
from enum import IntEnum
from typing import NamedTuple

MOST_CHARACTERS = 10_000
"""What is read of a text: as much as is kept of it."""

_CACHED_BELOW = 0x3000
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})
_ALIKE = {"’": "'", "‘": "'", "´": "'", "…": "."}  # noqa: RUF001 - what keyboards really send
_EMOTICON = r"[:;=][-']?[()\[\]DPp/|3]+|<3+|\bx+d+\b"
_PICTURE = "[\u2600-\u27bf\U0001f300-\U0001faff]"
_TOKEN = re.compile(rf"({_EMOTICON}|{_PICTURE})|(\d+/\d+|[a-z0-9]+(?:'[a-z]+)*)|([.,;!?:()\n])")
_REPEATED = re.compile(r"([a-z])\1{2,}")


class Kind(IntEnum):
    """Kinds of tokens, as numbers of groups of the expression."""

    SIGN, WORD, STOP = 1, 2, 3


class Token(NamedTuple):
    """One word, emoticon or mark; `stretched` if letters of it were repeated, as in *buenísimoooo*."""

    kind: int
    text: str
    stretched: bool = False


class _Folding(dict[int, str]):
    """For str.translate: each character as it is compared. Only the common scripts are remembered."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        folded = _ALIKE.get(character)
        if folded is None:
            folded = _folded(character)
        if code < _CACHED_BELOW:
            self[code] = folded
        return folded


def _folded(character: str) -> str:
    if unicodedata.category(character) in _INVISIBLE:
        return ""
    if character != "\n" and unicodedata.category(character)[0] in "CZ":
        return " "
    plain = unicodedata.normalize("NFKD", character)
    return "".join(one for one in plain[:4] if not unicodedata.combining(one)).lower()


_FOLDING = _Folding()


def tokens(text: str) -> list[Token]:
    """Tokens of the first 10,000 characters; of repeated letters two are left."""
    found: list[Token] = []
    for match in _TOKEN.finditer(fold(text[:MOST_CHARACTERS])):
        kind, word = match.lastindex or Kind.STOP, match[0]
        short = _REPEATED.sub(r"\1\1", word) if kind == Kind.WORD else word
        found.append(Token(kind, short, short != word))
    return found


def fold(text: str) -> str:
    """Lower case, without accents."""
    return text.translate(_FOLDING)


def single(word: str) -> str:
    """A word whose doubled letters are single: what may be meant by a stretched one."""
    return re.sub(r"([a-z])\1", r"\1", word)
