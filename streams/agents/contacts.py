"""Reading contacts.v1: snapshots of people, and null values that remove them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from schemas.codec import Codec, Decoded
from schemas.keys import split_contact_key
from schemas.reasons import Reason
from streams.agents.intake import (
    LATEST_MS,
    VERSION_CHECK,
    Check,
    Columns,
    Intake,
    Letter,
    Reader,
    id_checks,
    instant_checks,
    read,
)
from streams.engine.contract import Record
from streams.rfm.account import Account
from streams.rfm.people import Person

_FIELDS = (
    "contact_id", "version", "updated_at", "event_id", "origin", "tags", "consent", "personal",
)  # fmt: skip
"""In the order of `Person`, up to what is known of the record."""


class Removal(NamedTuple):
    """A null value: the contact of its key is to be removed."""

    contact_id: str
    arrived_at_ms: int


def _people(decoded: Decoded, arrivals: Sequence[int]) -> Iterable[Person | Removal]:
    columns = (decoded.columns[name] for name in _FIELDS)
    rows, added = range(len(arrivals)), decoded.columns["add_tags"]
    return map(Person._make, zip(*columns, arrivals, rows, added, strict=True))


def _wrong_consents(columns: Columns) -> Iterable[int]:
    consents = enumerate(columns["consent"])
    return [i for i, told in consents if told and any(one and not _is_instant(one["at"]) for one in told)]


def _is_instant(at_ms: int | None) -> bool:
    return at_ms is None or 0 <= at_ms <= LATEST_MS


_CONSENT_CHECK = Check(_wrong_consents, Reason.INVALID_VALUE, "a consent's instant lies outside 1970 to 2100")

LONGEST_TAG = 200


def _wrong_tags(columns: Columns) -> Iterable[int]:
    return [i for i, tags in enumerate(columns["add_tags"]) if tags is not None and not _are_tags(tags)]


def _are_tags(tags: Sequence[str | None]) -> bool:
    return bool(tags) and all(tag and len(tag) <= LONGEST_TAG for tag in tags)


_TAGS_CHECK = Check(
    _wrong_tags, Reason.INVALID_VALUE, f"add_tags: one or more, of 1 to {LONGEST_TAG} characters"
)

PEOPLE: Reader[Person | Removal] = Reader(
    schema="contact",
    columns=(*_FIELDS, "add_tags", "account_id"),
    checks=(
        *id_checks("contact_id", "event_id"),
        *instant_checks("updated_at"),
        VERSION_CHECK,
        _CONSENT_CHECK,
        _TAGS_CHECK,
    ),
    make=_people,
)


def read_contacts(
    codec: Codec, records: Sequence[Record], accounts: Mapping[str, Account]
) -> Intake[Person | Removal]:
    """Snapshots and removals, in log order."""
    gone = [i for i, record in enumerate(records) if record.value is None and record.key is not None]
    if not gone:
        return read(PEOPLE, codec, records, accounts)
    living = [i for i, record in enumerate(records) if record.value is not None or record.key is None]
    intake = read(PEOPLE, codec, [records[i] for i in living], accounts)
    positions = [living[i] for i in intake.positions]
    letters = [letter._replace(position=living[letter.position]) for letter in intake.letters]
    for position in gone:
        account, contact_id, letter = _removed(position, records[position].key or b"", accounts)
        if account is not None:
            intake.events.append(
                (account, len(positions), Removal(contact_id, records[position].timestamp_ms))
            )
            positions.append(position)
        else:
            letters.append(letter)
    intake.events.sort(key=lambda item: positions[item[1]])
    return replace(intake, positions=positions, letters=sorted(letters))


def _removed(
    position: int, key: bytes, accounts: Mapping[str, Account]
) -> tuple[Account | None, str, Letter]:
    try:
        account_id, contact_id = split_contact_key(key)
    except ValueError as error:
        return None, "", Letter(position, Reason.INVALID_ID, str(error))
    unknown = Letter(position, Reason.UNKNOWN_ACCOUNT, f"there is no account {account_id!r}")
    return accounts.get(account_id), contact_id, unknown
