"""What automations know of a contact, and of its account."""

from typing import NamedTuple, Protocol


class Personal(NamedTuple):
    """Personal fields, kept apart; they leave with a message and go when the contact goes."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    document: str | None = None


class Facts(NamedTuple):
    """A contact as its profile tells. Days are counted from 1970-01-01; amounts are minor units.

    `changes` is the seq of the last segment change in it; `sequence` grows with every profile.
    """

    segment: str = "no_purchases"
    r: int = 0
    f: int = 0
    m: int = 0
    orders: int = 0
    revenue_minor: int = 0
    first_day: int | None = None
    last_day: int | None = None
    interactions: int = 0
    sentiment: str | None = None
    origin: str | None = None
    tags: tuple[str, ...] = ()
    consent: tuple[str, ...] = ()
    next_segment: str | None = None
    next_segment_day: int | None = None
    changes: int = 0
    sequence: int = 0
    personal: Personal = Personal()

    @property
    def average_ticket_minor(self) -> int | None:
        """Revenue over orders, rounded half up; None without purchases."""
        return (2 * self.revenue_minor + self.orders) // (2 * self.orders) if self.orders else None


class Calendar(Protocol):
    """Local days of an account; `streams.rfm.calendar` has one."""

    zone: str

    def day_of(self, instant_ms: int, /) -> int:
        """The local day of an instant."""

    def start_of(self, day: int, /) -> int:
        """The first instant of a local day."""

    def instant_of(self, day: int, hour: int, /) -> int:
        """A full hour of a local day."""


def age_days(day: int | None, today: int) -> int | None:
    """Whole days since a day, never below 0; None where there is none."""
    return None if day is None else max(0, today - day)
