"""Who somebody is. The seam for other ways of signing in: they return the same e-mail of the same person."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from sinks.monitor.passwords import Passwords
from sinks.monitor.people import People, Person
from sinks.monitor.throttle import Throttle


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a person typed, and from which address."""

    email: str
    password: str
    address: str


class Refused(Exception):
    """Not signed in; whether the person exists is not said."""


class TryLater(Exception):
    """Too many attempts; `wait` from now."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__(f"too many attempts; wait {wait.total_seconds():.0f} s")
        self.wait = wait


class Authenticator(Protocol):
    """A way of signing in. What a person may do is never its business: that is read from definitions."""

    def authenticate(self, credentials: Credentials, now: datetime) -> Person:
        """The person; Refused or TryLater."""


class LocalAuthenticator:
    """People with passwords of ours."""

    def __init__(self, people: People, passwords: Passwords, throttle: Throttle) -> None:
        self._people, self._passwords, self._throttle = people, passwords, throttle

    def authenticate(self, credentials: Credentials, now: datetime) -> Person:
        """The person; Refused after the same work for a wrong password and for nobody, or TryLater."""
        email = credentials.email.strip().lower()
        wait = self._throttle.attempt(email, credentials.address, now)
        if wait:
            raise TryLater(wait)
        person = self._people.find(email)
        kept = person.password_hash if person else None
        if not self._passwords.verify(kept or None, credentials.password) or person is None:
            raise Refused
        self._throttle.succeeded(email, credentials.address)
        return person
