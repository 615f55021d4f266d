"""Schema ids from a Confluent-compatible registry, kept apart from whatever is wrong with data."""

import json
import time
from collections.abc import Callable, Mapping
from typing import Any, Protocol, TypeVar

from confluent_kafka.schema_registry import Schema, SchemaRegistryClient
from confluent_kafka.schema_registry.error import SchemaRegistryError

from schemas.catalog import Catalog
from schemas.wire import IncompatibleSchema, RegistryUnavailable, UnknownSchema

T = TypeVar("T")

FORGET_UNKNOWN_SECONDS = 10.0
_NOT_FOUND, _CONFLICT, _INVALID = 404, 409, 422


class Client(Protocol):
    """What is asked of a registry; confluent-kafka's client answers it."""

    def get_schema(self, schema_id: int) -> Schema:
        """The schema of an id."""

    def register_schema(self, subject_name: str, schema: Schema) -> int:
        """Its id, new or not."""

    def set_compatibility(self, subject_name: str, level: str) -> Any:
        """Which changes the subject allows from now on."""

    def close(self) -> None:
        """Leave the connection."""


class RegistrySchemas:
    """Ids by subject `<topic>-value`, compatibility BACKWARD, each asked for once.

    An id the registry does not know is asked for again after ten seconds, so that a flood of
    messages with a wrong id does not become a flood of questions.
    """

    def __init__(
        self, client: Client, catalog: Catalog | None = None, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._client = client
        self._address: tuple[str, Mapping[str, Any] | None, Catalog | None] | None = None
        self._catalog = catalog or Catalog()
        self._monotonic = monotonic
        self._ids: dict[str, int] = {}
        self._schemas: dict[int, Any] = {}
        self._unknown: dict[int, float] = {}

    @classmethod
    def at(
        cls, url: str, options: Mapping[str, Any] | None = None, catalog: Catalog | None = None
    ) -> "RegistrySchemas":
        """A registry by address; `options` are confluent-kafka's (credentials, certificates)."""
        settings = {"url": url, "timeout": 5, "max.retries": 2, **(options or {})}
        made = cls(SchemaRegistryClient(settings), catalog)
        made._address = (url, options, catalog)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        """Another process has a connection of its own. TypeError unless this one was made `at` an address."""
        if self._address is None:
            raise TypeError("only what was made at an address can be made there again")
        return RegistrySchemas.at, self._address

    def id_of(self, name: str) -> int:
        """The id of our present schema; registers it where it is not yet.

        RegistryUnavailable without an answer; IncompatibleSchema if readers of what is stored would break.
        """
        if name not in self._ids:
            schema = Schema(json.dumps(self._catalog.schema(name)), "AVRO")
            numbers = [self._register(f"{topic}-value", schema) for topic in self._topics(name)]
            if not numbers:
                raise KeyError(f"no topic carries {name}")
            self._ids[name] = numbers[0]
        return self._ids[name]

    def register_all(self) -> dict[str, int]:
        """Register every schema of every topic, before anything is produced: {schema name: id}."""
        return {name: self.id_of(name) for name in self._catalog.names() if self._topics(name)}

    def written(self, schema_id: int) -> Any:
        """The schema of an id; UnknownSchema if the registry says it has none, RegistryUnavailable."""
        if schema_id not in self._schemas:
            self._schemas[schema_id] = self._fetch(schema_id)
        return self._schemas[schema_id]

    def close(self) -> None:
        """Leave the registry's connection; what was learnt stays."""
        self._client.close()

    def _topics(self, name: str) -> list[str]:
        return [topic for topic, declared in self._catalog.topics.items() if declared.get("schema") == name]

    def _fetch(self, schema_id: int) -> Any:
        asked = self._unknown.get(schema_id)
        if asked is not None and self._monotonic() - asked < FORGET_UNKNOWN_SECONDS:
            raise UnknownSchema(f"schema id {schema_id} is not in the registry")
        try:
            found = _ask(lambda: self._client.get_schema(schema_id))
            return json.loads(found.schema_str or "")
        except SchemaRegistryError as error:
            self._unknown[schema_id] = self._monotonic()
            raise UnknownSchema(f"schema id {schema_id} is not in the registry") from error
        except ValueError as error:
            raise UnknownSchema(f"schema id {schema_id} is not an Avro schema") from error

    def _register(self, subject: str, schema: Schema) -> int:
        guarded = self._guard(subject)
        try:
            schema_id = _ask(lambda: self._client.register_schema(subject, schema))
        except SchemaRegistryError as error:
            raise IncompatibleSchema(f"{subject}: {error.error_message}") from error
        if not guarded:
            self._guard(subject)
        return schema_id

    def _guard(self, subject: str) -> bool:
        """Set BACKWARD, which must stand before a version is added; some registries need a first one."""
        try:
            _ask(lambda: self._client.set_compatibility(subject, "BACKWARD"))
        except SchemaRegistryError:
            return False
        return True


def _ask(question: Callable[[], T]) -> T:
    """The answer; SchemaRegistryError only where it is one about the schema."""
    try:
        return question()
    except SchemaRegistryError as error:
        if error.http_status_code in (_NOT_FOUND, _CONFLICT, _INVALID):
            raise
        raise RegistryUnavailable(f"{error.http_status_code}: {error.error_message}") from error
    except Exception as error:  # whatever fails on the way there is no word about the data
        raise RegistryUnavailable(f"{type(error).__name__}: {error}") from error
