"""Damaged messages: none gets through that is not valid Avro of its schema, and no neighbour changes."""

import io
import math
import random
import struct
from collections.abc import Callable
from typing import Any

import fastavro
import pytest

from schemas.catalog import Catalog
from schemas.codec import DECODE_NATIVELY_FROM, Codec, _plain
from schemas.container import zigzag
from schemas.proof import NotProven
from schemas.reasons import Reason
from schemas.wire import HEADER_BYTES, BadRecord, header

CODEC = Codec()
SCHEMA = _plain(Catalog().schema("order"))
ORDER_ID = Catalog().ids["order"][-1]
DAMAGED = 3000


def order(number: int) -> dict[str, Any]:
    item = {"sku": f"S{number}", "name": "Té", "category": None, "quantity": 0.5, "total_minor": 990}
    return {
        "event_id": f"e{number}",
        "account_id": "loja-ipe",
        "contact_id": f"c{number}",
        "order_id": f"o{number}",
        "version": number,
        "status": ("placed", "cancelled", "refunded")[number % 3],
        "placed_at": 1_794_580_200_000 + number,
        "updated_at": 1_794_580_200_000,
        "total_minor": 100 * number,
        "refunded_minor": 0,
        "currency": "BRL",
        "number": None if number % 2 else "#1",
        "channel": "loja",
        "items": [item] * (number % 4) if number % 5 else None,
        "backfill": number % 7 == 0,
    }


ORDERS = [order(number) for number in range(DECODE_NATIVELY_FROM + 20)]
PAYLOADS = [CODEC.encode_one("order", record) for record in ORDERS]

Damage = Callable[[random.Random, bytes], bytes]


def _replaced(random_: random.Random, body: bytes, new: bytes, old_length: int) -> bytes:
    at = random_.randrange(len(body))
    return body[:at] + new + body[at + old_length :]


DAMAGES: list[Damage] = [
    lambda r, b: _replaced(r, b, r.randbytes(1), 1),
    lambda r, b: _replaced(r, b, bytes([b[r.randrange(len(b))] ^ 1 << r.randrange(8)]), 1),
    lambda r, b: _replaced(r, b, r.choice([b"\x04", b"\x01", b"\x03", b"\x06", b"\x80\x00", b"\x02"]), 1),
    lambda r, b: _replaced(r, b, r.randbytes(r.randrange(1, 9)), 0),
    lambda r, b: _replaced(r, b, b"", r.randrange(1, 9)),
    lambda r, b: _replaced(r, b, zigzag(r.choice([1 << 20, 1 << 40, (1 << 62) - 1, -1, -(1 << 40)])), 1),
    lambda r, b: b[: r.randrange(len(b))],
    lambda r, b: b + r.randbytes(r.randrange(1, 20)),
    lambda _, b: b + b,
    lambda r, b: r.randbytes(len(b)),
    lambda *_: b"",
]


def damaged(random_: random.Random, payload: bytes) -> bytes:
    """Keeps the header, so that the damage meets the decoder and not the dispatch."""
    return payload[:HEADER_BYTES] + random_.choice(DAMAGES)(random_, payload[HEADER_BYTES:])


def fastavro_reads(payload: bytes) -> Any:
    """The record, or None where fastavro refuses or leaves bytes over."""
    body = io.BytesIO(payload[HEADER_BYTES:])
    try:
        record = fastavro.schemaless_reader(body, SCHEMA, None)
    except (ValueError, LookupError, EOFError, TypeError, OverflowError, struct.error):
        return None
    return None if body.read() else record


@pytest.mark.parametrize("seed", range(6))
def test_native_code_lets_only_exact_encodings_through(seed: int) -> None:
    random_ = random.Random(seed)
    block = CODEC._plan("order", ORDER_ID).block
    assert block is not None
    let_through = 0
    for _ in range(DAMAGED // 6):
        place = random_.randrange(3, 57)
        payload = damaged(random_, PAYLOADS[place])
        around = slice(place - 3, place + 4)
        payloads = PAYLOADS[around]
        payloads[3] = payload
        try:
            read = block.read(payloads).to_dicts()
        except NotProven:
            continue
        let_through += 1
        assert read[:3] + read[4:] == ORDERS[around][:3] + ORDERS[around][4:]
        assert CODEC.encode_one("order", read[3]) == payload
        assert fastavro_reads(payload) == read[3]
    assert 0 < let_through < DAMAGED // 6


@pytest.mark.parametrize("seed", range(6))
def test_the_strict_reader_refuses_whatever_fastavro_refuses(seed: int) -> None:
    random_ = random.Random(100 + seed)
    for _ in range(DAMAGED // 6):
        payload = damaged(random_, random_.choice(PAYLOADS))
        try:
            read = CODEC.decode_one("order", payload)
        except BadRecord:
            continue
        assert fastavro_reads(payload) == read


@pytest.mark.parametrize("seed", range(40))
def test_culprits_are_found_and_neighbours_stay_as_they_were(seed: int) -> None:
    random_ = random.Random(200 + seed)
    payloads = list(PAYLOADS)
    touched = random_.sample(range(len(payloads)), random_.randrange(1, 6))
    for row in touched:
        payloads[row] = damaged(random_, payloads[row])
    decoded = CODEC.decode_block("order", payloads)
    bad = {fault.row for fault in decoded.bad}
    assert bad <= set(touched)
    assert decoded.rows == [row for row in range(len(payloads)) if row not in bad]
    for row, record in zip(decoded.rows, decoded.frame.to_dicts(), strict=True):
        assert record == (fastavro_reads(payloads[row]) if row in touched else ORDERS[row])


LONG_WAY = zigzag(1 << 40)
TAIL = PAYLOADS[1][HEADER_BYTES:]
HOSTILE: dict[str, tuple[bytes, Reason]] = {
    "nothing": (b"", Reason.MALFORMED),
    "half a header": (b"\x00\x00", Reason.MALFORMED),
    "JSON": (b'{"order_id": "1"}', Reason.MALFORMED),
    "an id nobody gave": (header(4_000_000_000) + TAIL, Reason.UNKNOWN_SCHEMA),
    "the id of another schema": (header(Catalog().ids["contact"][-1]) + TAIL, Reason.UNKNOWN_SCHEMA),
    "no body": (header(ORDER_ID), Reason.MALFORMED),
    "a text of a tebibyte": (header(ORDER_ID) + LONG_WAY + TAIL, Reason.MALFORMED),
    "a text of negative length": (header(ORDER_ID) + zigzag(-2) + TAIL, Reason.MALFORMED),
    "text that is not UTF-8": (header(ORDER_ID) + b"\x04\xc3\x28" + TAIL[3:], Reason.MALFORMED),
    "a tebi of items": (PAYLOADS[5][:-2] + zigzag(1) + LONG_WAY + b"\x00", Reason.MALFORMED),
    "minus a tebi of items": (
        PAYLOADS[5][:-2] + zigzag(1) + zigzag(-(1 << 40)) + b"\x00" * 9,
        Reason.MALFORMED,
    ),
    "a boolean of 2": (PAYLOADS[5][:-1] + b"\x02", Reason.MALFORMED),
    "a third branch of two": (PAYLOADS[5][:-2] + b"\x04\x00", Reason.MALFORMED),
    "a branch before the first": (PAYLOADS[5][:-2] + b"\x01\x00\x00", Reason.MALFORMED),
    "one byte too many": (PAYLOADS[5] + b"\x00", Reason.MALFORMED),
    "a number without end": (header(ORDER_ID) + b"\xff" * 40, Reason.MALFORMED),
}


@pytest.mark.parametrize("block", [False, True], ids=["alone", "in a block"])
@pytest.mark.parametrize("what", HOSTILE)
def test_a_bad_message_is_named_and_its_neighbours_read(what: str, block: bool) -> None:
    payload, reason = HOSTILE[what]
    before = PAYLOADS[:DECODE_NATIVELY_FROM] if block else []
    decoded = CODEC.decode_block("order", [*before, payload, *before])
    assert [(bad.row, bad.reason) for bad in decoded.bad] == [(len(before), reason)]
    assert decoded.frame.to_dicts() == ORDERS[: len(before)] * 2


@pytest.mark.parametrize("amount", [math.nan, math.inf, -math.inf])
@pytest.mark.parametrize("block", [0, DECODE_NATIVELY_FROM])
def test_an_amount_that_is_no_number_is_an_invalid_value(amount: float, block: int) -> None:
    item = {"sku": "x", "name": None, "category": None, "quantity": amount, "total_minor": 1}
    payload = CODEC.encode_one("order", order(1) | {"items": [item]})
    decoded = CODEC.decode_block("order", [*PAYLOADS[:block], payload])
    assert [(bad.row, bad.reason) for bad in decoded.bad] == [(block, Reason.INVALID_VALUE)]
    assert "quantity" in decoded.bad[0].detail


def test_arrays_in_several_blocks_are_valid_if_rare() -> None:
    record = order(2)
    item = record["items"][0]
    before = CODEC.encode_one("order", record | {"items": None})[:-2] + b"\x02"
    single = CODEC.encode_one("order", record | {"items": [item]})[len(before) + 1 : -2]
    sized = zigzag(-1) + zigzag(len(single)) + single
    in_blocks = before + zigzag(1) + single + sized + b"\x00" + b"\x00"
    decoded = CODEC.decode_block("order", [*PAYLOADS[:DECODE_NATIVELY_FROM], in_blocks])
    assert decoded.bad == []
    assert decoded.frame.to_dicts()[-1] == record


def test_two_messages_cut_at_the_wrong_place_are_both_bad() -> None:
    schema_id = Catalog().ids["clock_step"][-1]
    step = {"account_id": f"{header(schema_id).decode()}x", "kind": "day", "time_zone": "UTC", "day": 1}
    step |= {"model_version": 1, "positions": [], "definitions_offset": 0, "applied_at": 0}
    good = CODEC.encode_one("clock_step", step)
    cut = good.index(header(schema_id), 1)
    wrong = [good + good[:cut], good[cut:]]
    block = CODEC._plan("clock_step", schema_id).block
    assert block is not None
    with pytest.raises(NotProven):
        block.read(wrong)
    decoded = CODEC.decode_block("clock_step", [good] * DECODE_NATIVELY_FROM + wrong)
    assert [bad.row for bad in decoded.bad] == [DECODE_NATIVELY_FROM, DECODE_NATIVELY_FROM + 1]
