"""Removals: each recorded one has its event, and no event that found its contact went unrecorded."""

from collections.abc import Iterator

from streams.rfm.changes import StepKind
from streams.rfm.people import Person
from streams.verify.drift import Finding, Kind
from streams.verify.inputs import Inputs, Removed
from streams.verify.pin import Pinned


def check_removals(pinned: Pinned, inputs: Inputs) -> Iterator[Finding]:
    """Disagreements between null values and recorded steps.

    A null value of somebody unknown is nothing. Whether somebody was known is only certain here if a
    contact event came before it by the same topic; what orders made known, the facts show.
    """
    left = set(inputs.removals)
    recorded: set[Removed] = set()
    for step, positions in pinned.steps:
        if step.kind is not StepKind.REMOVED or step.contact_id is None:
            continue
        contact = step.account_id, step.contact_id
        events = {(*contact, topic, offset - 1) for topic, offset in positions.items()} & left
        recorded |= events
        if not events:
            yield Finding(Kind.REMOVAL, pinned.partition, "|".join(contact), None, "a removal")
    people: dict[tuple[str, str, str], list[int]] = {}
    for account_id, topic, offset, event in inputs.usable:
        if isinstance(event, Person):
            people.setdefault((account_id, event.contact_id, topic), []).append(offset)
    for removed in sorted(left - recorded):
        offset = removed[3]
        since = max((r[3] for r in left if r[:3] == removed[:3] and r[3] < offset), default=-1)
        if any(since < at < offset for at in people.get(removed[:3], [])):
            yield Finding(Kind.REMOVAL, pinned.partition, "|".join(removed[:2]), f"at {offset}", None)
