"""What stands between a step and its effect: chance (holdout, splits), consent, quiet hours, caps."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from streams.automations.facts import Calendar, Facts
from streams.automations.plan import Limits, SplitArm
from streams.automations.visits import Reason, Sent

HOUR_MS = 3_600_000
CAP_MS = 7 * 24 * HOUR_MS


@dataclass(slots=True)
class Quota:
    """Messages of an account on one local day, in one partition."""

    day: int = 0
    messages: int = 0

    def on(self, day: int) -> int:
        """Messages of a day so far."""
        return self.messages if day == self.day else 0

    def count(self, day: int) -> None:
        """One more."""
        self.messages = self.on(day) + 1
        self.day = day


def in_holdout(automation_id: str, contact_id: str, percent: int) -> bool:
    """Whether a contact belongs to the arm that gets nothing: always the same one for an automation."""
    if not percent:
        return False
    digest = hashlib.sha256(f"{len(automation_id)}:{automation_id}{contact_id}".encode()).digest()
    return int.from_bytes(digest[:8], "big") % 10_000 < percent * 100


def arm_of(automation_id: str, split: str, contact_id: str, arms: Sequence[SplitArm]) -> SplitArm:
    """The arm of a contact: the same in every version that has arms of these names and weights, wherever the
    split stands and however they are ordered; independent of the holdout and of every other split."""
    text = f"split:{len(automation_id)}:{automation_id}{len(split)}:{split}{contact_id}"
    digest = hashlib.sha256(text.encode()).digest()
    place = int.from_bytes(digest[:8], "big") * sum(arm.weight for arm in arms) >> 64
    for arm in sorted(arms):
        place -= arm.weight
        if place < 0:
            return arm
    raise ValueError(f"the split {split} of {automation_id} has no arms")


def quiet_until_ms(limits: Limits, calendar: Calendar, now_ms: int) -> int | None:
    """The end of the quiet hours that now lies in; None if it lies in none."""
    if limits.quiet_from == limits.quiet_to:
        return None
    today = calendar.day_of(now_ms)
    for day in (today - 1, today):
        starts = calendar.instant_of(day, limits.quiet_from)
        over_midnight = limits.quiet_to <= limits.quiet_from
        ends = calendar.instant_of(day + over_midnight, limits.quiet_to)
        if starts <= now_ms < ends:
            return ends
    return None


def recent(sent: tuple[Sent, ...], now_ms: int) -> tuple[Sent, ...]:
    """Messages that still count."""
    return tuple(one for one in sent if one.at_ms > now_ms - CAP_MS)


def refusal(
    channel: str, facts: Facts, limits: Limits, sent: tuple[Sent, ...], quota: Quota, today: int
) -> Reason | None:
    """Why a message may not go out, apart from the hour; None if it may."""
    if not limits.any_consent and channel not in facts.consent:
        return Reason.NO_CONSENT
    if len(sent) >= limits.contact_cap:
        return Reason.CAP_CONTACT
    if limits.account_cap is not None and quota.on(today) >= limits.account_cap:
        return Reason.CAP_ACCOUNT
    return None
