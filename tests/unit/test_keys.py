"""Keys: the same partition as every other client chooses, and a way back from a tombstone's key."""

from aiokafka.partitioner import murmur2 as murmur2_of_aiokafka
from hypothesis import given
from hypothesis import strategies as st

from schemas.keys import contact_key, home_of, member_key, murmur2, split_contact_key, split_member_key

ACCOUNTS = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,10}", fullmatch=True)
NAMES = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=20) | st.sampled_from(
    ["a|b", "%7C", "100%", "|", "%25|"]
)


@given(st.binary(max_size=300))
def test_murmur2_is_that_of_the_other_clients(data: bytes) -> None:
    assert murmur2(data) == murmur2_of_aiokafka(data) & 0xFFFFFFFF


@given(st.binary(min_size=1, max_size=40), st.integers(1, 128))
def test_home_is_where_their_default_partitioner_sends_a_key(key: bytes, partitions: int) -> None:
    assert home_of(key, partitions) == (murmur2_of_aiokafka(key) & 0x7FFFFFFF) % partitions


@given(ACCOUNTS, NAMES, NAMES)
def test_a_key_can_be_taken_apart_again(account_id: str, contact_id: str, member: str) -> None:
    assert split_contact_key(contact_key(account_id, contact_id)) == (account_id, contact_id)
    assert split_member_key(member_key(account_id, contact_id, member)) == (account_id, contact_id, member)
