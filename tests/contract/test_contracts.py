"""Topics, names and personal data: what the files promise each other."""

import json
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest

from schemas import records
from schemas.avrotype import Kind, Type, parse
from schemas.catalog import Catalog
from streams.rfm import segments

CATALOG = Catalog()
PERSONAL = {"email", "phone", "document", "address", "birthday", "first_name", "last_name", "tax_id"}
NAMED_THINGS = {"OrderItem", "LedgerItem", "Header"}


def test_every_topic_carries_a_schema_that_exists() -> None:
    carried = {declared.get("schema") for declared in CATALOG.topics.values()}
    assert carried - {None} == set(CATALOG.names())


def test_every_topic_has_its_name_in_code() -> None:
    assert list(records.Topic) == list(CATALOG.topics)


def test_every_topic_says_why_it_exists_and_who_uses_it() -> None:
    for declared in CATALOG.topics.values():
        assert declared["why"]
        assert declared["producers"]
        assert declared["consumers"]


def test_deletions_stay_readable_for_thirty_days() -> None:
    compacted = [d for d in CATALOG.topics.values() if d["cleanup"] == "compact"]
    assert compacted
    assert all(declared["tombstone_days"] >= 30 for declared in compacted)


@pytest.mark.parametrize(
    ("schema", "field", "names"),
    [
        ("order", "status", records.OrderStatus),
        ("clock_step", "kind", records.ClockKind),
    ],
)
def test_enums_in_code_are_those_of_the_schema(schema: str, field: str, names: Any) -> None:
    kinds = {f.name: f.type for f in CATALOG.type(schema).fields}
    assert kinds[field].symbols == tuple(names)


def test_the_pure_core_knows_the_same_segments_in_the_same_order() -> None:
    assert [s.value for s in segments.Segment] == [s.value for s in records.Segment]


def test_the_pure_core_knows_the_same_causes() -> None:
    assert [c.value for c in segments.Cause] == [c.value for c in records.Cause]


@pytest.mark.parametrize("name", CATALOG.names())
def test_every_field_is_documented(name: str) -> None:
    undocumented = [path for path, schema in described(CATALOG.schema(name), name) if not schema.get("doc")]
    assert undocumented == []


@pytest.mark.parametrize("name", CATALOG.names())
def test_personal_fields_lie_in_personal_only(name: str) -> None:
    assert list(outside_personal(CATALOG.type(name), name)) == []


def test_the_search_for_personal_fields_finds_one() -> None:
    schema = CATALOG.schema("order")
    schema["fields"].append({"name": "email", "type": ["null", "string"], "default": None})
    assert list(outside_personal(parse(json.loads(json.dumps(schema))), "order")) == ["order.email"]


def test_what_subscribers_see_has_no_personal_record() -> None:
    for name in ("segment_change", "milestone", "contact_order", "contact_day", "webhook_delivery"):
        assert "personal" not in {field.name for field in CATALOG.type(name).fields}


def test_an_id_belongs_to_one_schema_and_grows_with_its_versions() -> None:
    ids = [number for numbers in CATALOG.ids.values() for number in numbers]
    assert len(ids) == len(set(ids))
    assert all(older < newer for numbers in CATALOG.ids.values() for older, newer in pairwise(numbers))


def outside_personal(kind: Type, path: str) -> Iterator[str]:
    kind = kind.optional or kind
    if kind.kind is Kind.ARRAY:
        yield from outside_personal(kind.element, f"{path}[]")
    for field in kind.fields:
        if field.name in PERSONAL or (field.name == "name" and kind.name not in NAMED_THINGS):
            yield f"{path}.{field.name}"
        elif field.name != "personal":
            yield from outside_personal(field.type, f"{path}.{field.name}")


def described(schema: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(schema, list):
        for branch in schema:
            yield from described(branch, path)
    elif isinstance(schema, dict) and schema.get("type") == "record":
        yield path, schema
        for field in schema["fields"]:
            yield f"{path}.{field['name']}", field
            yield from described(field["type"], f"{path}.{field['name']}")
    elif isinstance(schema, dict) and schema.get("type") == "array":
        yield from described(schema["items"], f"{path}[]")
