"""The rebuilt contacts take their place in the chain of changes that was told. See the package."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from schemas.codec import Codec
from streams.replay.record import PROFILES, Told
from streams.replay.store import Store
from streams.rfm.contact import Contact
from streams.rfm.effects import Effects, Unsettled
from streams.rfm.fold import PartitionState
from streams.rfm.segments import Segment
from streams.rfm.state import AccountState

_EVERYBODY = 1 << 62
_NO_MODEL = -1
"""Of a contact that has to be scored anew: it differs from every version."""

_NOBODY = Told(0, Segment.NO_PURCHASES, 0, 0, 0)
_STANDING = (
    "account_id", "contact_id", "segment", "r", "f", "m", "boundary_day", "next_segment", "next_segment_day",
    "model_version", "scored_day", "removed",
)  # fmt: skip


class Standing(NamedTuple):
    """Where a contact stood whom a midnight or a model had yet to reach."""

    segment: str
    r: int
    f: int
    m: int
    boundary_day: int | None
    next_segment: str | None
    next_segment_day: int | None
    model_version: int
    scored_day: int
    removed: bool


def reconcile(
    partition: PartitionState,
    told: Mapping[tuple[str, str], Told],
    behind: Mapping[tuple[str, str], Standing],
) -> Effects:
    """Number the contacts' changes as they were told; the changes of those who stand elsewhere.

    First everybody is settled. `behind` keep their old standing: the worker settles them. Unsettled if
    somebody cannot be: a rebuilt state begins with nobody held.
    """
    _settle_everybody(partition, Effects())
    _remember_lost(partition, told)
    gone = [c for state in partition.accounts.values() for c in state.contacts.values() if c.removed]
    for account_id, state in partition.accounts.items():
        for contact in state.contacts.values():
            if (account_id, contact.id) in behind:
                contact.changes = told.get((account_id, contact.id), _NOBODY).seq
            else:
                _number(contact, told.get((account_id, contact.id), _NOBODY))
    effects = Effects()
    for state in partition.accounts.values():
        state.recalibrate(state.account)
    _settle_everybody(partition, effects)
    for contact in gone:
        contact.removed = True
    _put_back(partition, behind)
    return effects


def _settle_everybody(partition: PartitionState, effects: Effects) -> None:
    for state in partition.accounts.values():
        partition.settle(state, _EVERYBODY, effects)
    for contact, why in effects.held:
        raise Unsettled(f"{contact.account_id}|{contact.id}: {why}")


def old_standings(
    codec: Codec, store: Store, accounts: Mapping[str, AccountState]
) -> dict[tuple[str, str], Standing]:
    """Contacts of the old generation that were not settled, by (account_id, contact_id)."""
    behind = {}
    for values in store.old_values(PROFILES):
        columns = codec.decode_block("contact_profile", values, _STANDING).columns
        for account_id, contact_id, *rest in zip(*(columns[name] for name in _STANDING), strict=True):
            found, state = Standing(*rest), accounts.get(account_id)
            if state is not None and _is_behind(found, state):
                behind[account_id, contact_id] = found
    return behind


def _is_behind(found: Standing, state: AccountState) -> bool:
    waits = found.boundary_day is not None and found.boundary_day <= state.day
    return not found.removed and (waits or found.model_version != state.model_version)


def _remember_lost(partition: PartitionState, told: Iterable[tuple[str, str]]) -> None:
    """Contacts that were told of and are no more: their changes go on being counted."""
    for account_id, contact_id in told:
        state = partition.accounts.get(account_id)
        if state is not None and contact_id not in state.contacts:
            contact = Contact(account_id, contact_id, state.model_version, state.day)
            state.contacts[contact_id] = contact
            partition.sequence += 1
            contact.sequence = partition.sequence
            contact.removed = True


def _number(contact: Contact, last: Told) -> None:
    contact.changes = last.seq
    if contact.segment != last.segment:
        contact.segment = Segment(last.segment)
        contact.r, contact.f, contact.m = last.r, last.f, last.m
        contact.model_version = _NO_MODEL
        contact.removed = False


def _put_back(partition: PartitionState, behind: Mapping[tuple[str, str], Standing]) -> None:
    for (account_id, contact_id), old in behind.items():
        contact = partition.accounts[account_id].contacts.get(contact_id)
        if contact is None:
            continue
        contact.segment, contact.r, contact.f, contact.m = Segment(old.segment), old.r, old.f, old.m
        contact.boundary_day, contact.scored_day = old.boundary_day, old.scored_day
        contact.next_segment = Segment(old.next_segment) if old.next_segment else None
        contact.next_segment_day, contact.model_version = old.next_segment_day, old.model_version
