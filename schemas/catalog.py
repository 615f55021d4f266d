"""The schemas of this release: the files under avro/, and the ids they have where no registry gives any."""

import json
from collections.abc import Mapping
from functools import cached_property
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any, Protocol

import yaml

from schemas.avrotype import Type, parse
from schemas.wire import UnknownSchema


class SchemaSource(Protocol):
    """Where schema ids come from and lead to. Both calls may raise RegistryUnavailable."""

    def id_of(self, name: str) -> int:
        """The id to write records of schema `name` (the file's name without .avsc) with."""

    def written(self, schema_id: int) -> Any:
        """The schema, as read from JSON, that has the id; UnknownSchema if none has."""


class Catalog:
    """Schema files and topics in a folder laid out like this package."""

    def __init__(self, folder: Traversable | None = None) -> None:
        self._folder = folder or files("schemas")

    def names(self) -> list[str]:
        """Names of all schemas."""
        return list(self.ids)

    def schema(self, name: str) -> Any:
        """The present schema as read from JSON; KeyError if there is none of the name."""
        return self.version(name, self.ids[name][-1])

    def type(self, name: str) -> Type:
        """The present schema as a type."""
        return parse(self.schema(name))

    def version(self, name: str, schema_id: int) -> Any:
        """The version of a schema that has this id."""
        avro = self._folder / "avro"
        present = self.ids[name][-1] == schema_id
        file = avro / f"{name}.avsc" if present else avro / "previous" / f"{name}.{schema_id}.avsc"
        return json.loads(file.read_text("utf-8"))

    @cached_property
    def ids(self) -> dict[str, list[int]]:
        """Ids of every schema, oldest first."""
        loaded: dict[str, list[int]] = yaml.safe_load((self._folder / "avro" / "ids.yaml").read_text("utf-8"))
        return loaded

    @cached_property
    def topics(self) -> Mapping[str, Mapping[str, Any]]:
        """topics.yaml as it stands."""
        loaded: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
            (self._folder / "topics.yaml").read_text("utf-8")
        )
        return loaded


class FileSchemas:
    """Ids from ids.yaml: the same on every machine, without a registry."""

    def __init__(self, catalog: Catalog | None = None) -> None:
        self._catalog = catalog or Catalog()
        self._names = {number: name for name, ids in self._catalog.ids.items() for number in ids}

    def id_of(self, name: str) -> int:
        return self._catalog.ids[name][-1]

    def written(self, schema_id: int) -> Any:
        if schema_id not in self._names:
            raise UnknownSchema(f"schema id {schema_id} is not in ids.yaml")
        return self._catalog.version(self._names[schema_id], schema_id)
