"""What is looked at within a contact event."""

from typing import Any

import pytest

from schemas.codec import default_codec
from schemas.reasons import Reason
from streams.agents.contacts import read_contacts
from streams.engine.contract import Record
from streams.rfm.account import Account

ACCOUNTS = {"acme": Account.from_body("acme", {"currency": "BRL", "time_zone": "America/Sao_Paulo"})}
NOW_MS = 1_700_000_000_000


def _read(**fields: Any) -> tuple[int, list[Reason]]:
    person = {
        "event_id": "e", "account_id": "acme", "contact_id": "c", "version": 1, "updated_at": NOW_MS,
        **fields,
    }  # fmt: skip
    value = default_codec().encode_one("contact", person)
    intake = read_contacts(default_codec(), [Record(0, NOW_MS, b"acme|c", value, ())], ACCOUNTS)
    return len(intake.events), [letter.reason for letter in intake.letters]


@pytest.mark.parametrize("at_ms", [None, 0, NOW_MS])
def test_a_consent_given_some_time_or_at_no_time_is_taken(at_ms: int | None) -> None:
    assert _read(consent=consents(at_ms)) == (1, [])


@pytest.mark.parametrize("at_ms", [-1, 10**15, 2**62])
def test_a_consent_of_no_century_of_ours_is_refused(at_ms: int) -> None:
    assert _read(consent=consents(at_ms)) == (0, [Reason.INVALID_VALUE])


def consents(at_ms: int | None) -> list[dict[str, Any]]:
    return [{"channel": "sms", "granted": False}, {"channel": "email", "granted": True, "at": at_ms}]


@pytest.mark.parametrize("tags", [[], [""], ["vip", ""], ["x" * 201]])
def test_tags_to_add_are_some_and_have_a_name(tags: list[str]) -> None:
    assert _read(add_tags=["vip", "x" * 200]) == (1, [])
    assert _read(add_tags=tags) == (0, [Reason.INVALID_VALUE])
