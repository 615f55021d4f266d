"""What people define, as every reader of definitions.v1 sees it.

Rule: an edit counts only if its `base_version` is the current version of its (account, kind, id).
So all readers agree by log order alone, and the loser of a race is told so (DESIGN §4).
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Identity = tuple[str, str, str]
"""(account_id, kind, id)."""


@dataclass(slots=True, frozen=True)
class Definition:
    """The current version of one definition."""

    account_id: str
    kind: str
    id: str
    version: int
    author: str
    at_ms: int
    body: Mapping[str, Any]
    offset: int


class DefinitionLog:
    """Current definitions after some prefix of the log. Fed by `apply`, in log order."""

    def __init__(self) -> None:
        self._versions: dict[Identity, int] = {}
        self._current: dict[Identity, Definition] = {}
        self.next_offset = 0

    def apply(self, record: Mapping[str, Any], offset: int) -> Definition | None:
        """Take one decoded record; None if it is an edit of a version that is no longer current."""
        self.next_offset = offset + 1
        identity = (record["account_id"], record["kind"], record["id"])
        if record["base_version"] != self._versions.get(identity, 0):
            return None
        self._versions[identity] = version = record["base_version"] + 1
        if record["deleted"]:
            self._current.pop(identity, None)
            return None
        definition = Definition(
            *identity, version, record["author"], record["at"], json.loads(record["body"]), offset
        )
        self._current[identity] = definition
        return definition

    def get(self, account_id: str, kind: str, id_: str) -> Definition | None:
        """The current version, if there is one."""
        return self._current.get((account_id, kind, id_))

    def version(self, account_id: str, kind: str, id_: str) -> int:
        """The version an edit has to be based on; 0 where nothing was defined."""
        return self._versions.get((account_id, kind, id_), 0)

    def of_kind(self, kind: str, account_id: str | None = None) -> Iterator[Definition]:
        """Current definitions of a kind, of one account or of all."""
        for definition in self._current.values():
            if definition.kind == kind and account_id in (None, definition.account_id):
                yield definition
