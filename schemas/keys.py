"""Record keys: what compaction and partitioning go by.

An account id has no `|`, a day is a number; a contact id may hold anything printable, so where
something follows it, `%` and `|` in it are escaped. Identity is read from values; only a tombstone's
key has to be taken apart again.
"""

import struct

_WORDS = struct.Struct("<I")
_M = 0x5BD1E995
_MASK = 0xFFFFFFFF


def contact_key(account_id: str, contact_id: str) -> bytes:
    """Key of everything that belongs to one contact; what murmur2 partitions by."""
    return f"{account_id}|{contact_id}".encode()


def member_key(account_id: str, contact_id: str, member: str) -> bytes:
    """Key of one order (`member` is its id) or one day (days since 1970-01-01) of a contact."""
    if "|" in contact_id or "%" in contact_id:
        contact_id = contact_id.replace("%", "%25").replace("|", "%7C")
    return f"{account_id}|{contact_id}|{member}".encode()


def split_contact_key(key: bytes) -> tuple[str, str]:
    """(account_id, contact_id) of a contact key; ValueError if it is none."""
    account_id, separator, contact_id = key.decode().partition("|")
    if not separator:
        raise ValueError(f"not a contact key: {key!r}")
    return account_id, contact_id


def split_member_key(key: bytes) -> tuple[str, str, str]:
    """(account_id, contact_id, member) of a member key; ValueError if it is none."""
    parts = key.decode().split("|", 2)
    if len(parts) != 3:
        raise ValueError(f"not a key of an order or a day: {key!r}")
    return parts[0], parts[1].replace("%7C", "|").replace("%25", "%"), parts[2]


def murmur2(data: bytes) -> int:
    """Kafka's default hash of a key, 32 bits unsigned (as in its Java client)."""
    length = len(data)
    whole = length & ~3
    h = 0x9747B28C ^ length
    for (word,) in _WORDS.iter_unpack(data[:whole]):
        k = word * _M & _MASK
        k = (k ^ (k >> 24)) * _M & _MASK
        h = (h * _M & _MASK) ^ k
    if whole < length:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _M & _MASK
    h = (h ^ (h >> 13)) * _M & _MASK
    return h ^ (h >> 15)


def home_of(key: bytes, partitions: int) -> int:
    """The partition of a key in a topic of so many partitions."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions
