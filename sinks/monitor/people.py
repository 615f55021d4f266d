"""People: who they are, in which accounts, with which profile. Definitions of kind `user` (DESIGN §4)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from schemas.definitions import Definition
from schemas.definitions_topic import Conflict, Definitions, Edit
from sinks.monitor.passwords import Passwords
from sinks.monitor.rights import RIGHTS, Profile

KIND = "user"
_EMAIL = re.compile(r"[^\s@|]{1,64}@[^\s@|]{1,189}")
_LONGEST_NAME = 100


class Language(StrEnum):
    """Languages of the screen, as in bodies of definitions."""

    SPANISH = "es"
    PORTUGUESE = "pt"
    ENGLISH = "en"


class InvalidPerson(ValueError):
    """What was given does not make a person; the text says why."""


@dataclass(frozen=True, slots=True)
class Person:
    """One person. `version` is that of the definition; `memberships` by account id."""

    email: str
    name: str
    password_hash: str = field(repr=False)
    language: Language = Language.SPANISH
    memberships: Mapping[str, Profile] = field(default_factory=dict)
    version: int = 0

    @property
    def accounts(self) -> list[str]:
        """Accounts whose monitor this person may see."""
        return [account for account, profile in self.memberships.items() if RIGHTS[profile]]

    @property
    def stamp(self) -> str:
        """Changes with the password and with any membership: a session made under another stamp is over."""
        facts = [self.password_hash, *(f"{a}={p}" for a, p in sorted(self.memberships.items()))]
        return sha256("\n".join(facts).encode()).hexdigest()

    def speaking(self, language: Language) -> "Person":
        """The same person with another language."""
        return replace(self, language=language)

    def with_profile(self, account_id: str, profile: Profile) -> "Person":
        """The same person as a member of an account, or with another profile there."""
        return replace(self, memberships={**self.memberships, account_id: profile})

    def without(self, account_id: str) -> "Person":
        """The same person, no longer a member of an account."""
        return replace(self, memberships={a: p for a, p in self.memberships.items() if a != account_id})

    def with_password(self, password_hash: str) -> "Person":
        """The same person with another password."""
        return replace(self, password_hash=password_hash)

    def body(self) -> dict[str, Any]:
        """The definition's body."""
        return {
            "name": self.name,
            "password_hash": self.password_hash,
            "language": self.language.value,
            "memberships": [{"account_id": a, "profile": p.value} for a, p in self.memberships.items()],
        }


def from_definition(definition: Definition) -> Person:
    """The person that a definition describes; a profile unknown to this release gives no rights."""
    body = definition.body
    return Person(
        email=definition.id,
        name=str(body.get("name") or definition.id),
        password_hash=str(body.get("password_hash") or ""),
        language=_one_of(Language, body.get("language")) or Language.SPANISH,
        memberships={
            str(one["account_id"]): _one_of(Profile, one.get("profile")) or Profile.OTHER
            for one in body.get("memberships") or []
        },
        version=definition.version,
    )


class People:
    """Reads and edits people; every edit is based on a version, so that no one overwrites another unseen."""

    def __init__(self, definitions: Definitions) -> None:
        self._definitions = definitions

    def find(self, email: str) -> Person | None:
        """The person as of now."""
        found = self._definitions.get("", KIND, email.strip().lower())
        return from_definition(found) if found else None

    def of_account(self, account_id: str) -> list[Person]:
        """Everybody with a membership of the account, whatever the profile, by name."""
        everybody = map(from_definition, self._definitions.of_kind(KIND, ""))
        members = (person for person in everybody if account_id in person.memberships)
        return sorted(members, key=lambda person: (person.name.casefold(), person.email))

    def save(self, person: Person, author: str, at: datetime) -> Person:
        """Publish a person changed from version `person.version`. Conflict, InvalidPerson."""
        if not _EMAIL.fullmatch(person.email) or person.email != person.email.lower():
            raise InvalidPerson(f"{person.email!r} is no e-mail address in small letters")
        if not 1 <= len(person.name.strip()) <= _LONGEST_NAME:
            raise InvalidPerson(f"a name has 1 to {_LONGEST_NAME} characters")
        base = person.version or self._definitions.version("", KIND, person.email)
        if not person.version and self.find(person.email):
            raise Conflict(base)
        at_ms = int(at.timestamp() * 1000)
        edit = Edit("", KIND, person.email, base, author, at_ms, person.body())
        return replace(person, version=self._definitions.edit(edit))


def add_user(
    definitions: Definitions,
    *,
    email: str,
    name: str,
    password: str,
    language: str,
    memberships: Mapping[str, str],
    author: str,
    at: datetime,
    passwords: Passwords | None = None,
) -> Person:
    """What `latido user add` does: create, or give an existing person these memberships and this password.

    InvalidPerson, WeakPassword, Conflict, DefinitionsUnavailable; an account that does not exist is refused.
    """
    people, email = People(definitions), email.strip().lower()
    try:
        profiles = {account: Profile(profile) for account, profile in memberships.items()}
        chosen = Language(language)
    except ValueError as error:
        raise InvalidPerson(str(error)) from error
    if unknown := [a for a in profiles if definitions.get(a, "account", a) is None]:
        raise InvalidPerson(f"there is no account {unknown[0]}")
    known = people.find(email)
    person = Person(
        email=email,
        name=name,
        password_hash=(passwords or Passwords()).hash(password),
        language=chosen,
        memberships={**(known.memberships if known else {}), **profiles},
        version=known.version if known else 0,
    )
    return people.save(person, author, at)


def _one_of(kind: type[Any], value: Any) -> Any:
    return kind(value) if value in {member.value for member in kind} else None
