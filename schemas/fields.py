"""Reading JSON that people made: every place that is wrong is noted, and reading goes on."""

from collections.abc import Mapping, Sequence
from typing import Any

from schemas.rule_json import InvalidRule, Problem, parse_rule
from schemas.rules import Group


class Reader:
    """One JSON object. `problems` is shared by a reader and those of its parts."""

    def __init__(self, body: Any, path: str = "", problems: list[Problem] | None = None) -> None:
        self.problems = [] if problems is None else problems
        self._path = path
        if body is not None and not isinstance(body, Mapping):
            self.problem("", "give an object")
        self._body: Mapping[str, Any] = body if isinstance(body, Mapping) else {}

    def problem(self, name: str, advice: str) -> None:
        """Note what is wrong with a field."""
        self.problems.append(Problem(".".join(filter(None, (self._path, name))), advice))

    def inner(self, name: str) -> "Reader":
        """A part that is an object; an absent one is empty."""
        return self.at(name, self._body.get(name))

    def at(self, name: str, body: Any) -> "Reader":
        """Any other object, under this path."""
        return Reader(body, ".".join(filter(None, (self._path, name))), self.problems)

    def items(self, name: str) -> list[Any]:
        """A list; an absent one is empty."""
        found = self._body.get(name)
        if found is not None and not isinstance(found, list):
            self.problem(name, "give a list")
            return []
        return found or []

    def has(self, name: str) -> bool:
        """Whether the field is there and not null."""
        return self._body.get(name) is not None

    def text(self, name: str, longest: int) -> str:
        """A text that must be there."""
        found = self.optional_text(name, longest)
        if found is None:
            self.problem(name, "fill it in")
        return found or ""

    def optional_text(self, name: str, longest: int) -> str | None:
        """A text, or None where it is absent or blank."""
        found = self._body.get(name)
        if found is None or found == "":
            return None
        if not isinstance(found, str) or not found.strip() or len(found) > longest:
            self.problem(name, f"write a text of at most {longest} characters")
            return None
        return found.strip()

    def flag(self, name: str, *, default: bool) -> bool:
        """True or false."""
        found = self._body.get(name, default)
        if not isinstance(found, bool):
            self.problem(name, "choose yes or no")
            return default
        return found

    def whole(self, name: str, low: int, high: int, default: int | None) -> int:
        """A whole number between two others; without a default it must be there."""
        found = self._body.get(name)
        if found is None and default is not None:
            return default
        if isinstance(found, bool) or not isinstance(found, int) or not low <= found <= high:
            self.problem(name, f"give a whole number from {low} to {high}")
            return low
        return found

    def choice(self, name: str, allowed: Sequence[str], default: str) -> str:
        """One of some words; without a default ("") it must be there."""
        found = self._body.get(name)
        if (found is None or found == "") and default:
            return default
        if found not in allowed:
            self.problem(name, f"choose one of {', '.join(allowed)}")
            return default
        return str(found)

    def choices(self, name: str, allowed: Sequence[str]) -> tuple[str, ...]:
        """Any number of some words, each once."""
        found = self.items(name)
        if any(one not in allowed for one in found):
            self.problem(name, f"choose among {', '.join(allowed)}")
            return ()
        return tuple(dict.fromkeys(map(str, found)))

    def rule(self, name: str) -> Group | None:
        """A rule, or None where it is absent."""
        found = self._body.get(name)
        if found is None:
            return None
        try:
            return parse_rule(found)
        except InvalidRule as invalid:
            for one in invalid.problems:
                self.problem(f"{name}.{one.path}" if one.path else name, one.advice)
            return None
