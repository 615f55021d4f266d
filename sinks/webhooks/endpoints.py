"""What the dispatcher asks definitions: endpoints, stopped sends; and its one edit: 410 Gone disables."""

from dataclasses import dataclass

import structlog

from schemas.automation import SEND, SendStatus
from schemas.definitions import Definition
from schemas.definitions_topic import Conflict, Definitions, Edit
from schemas.endpoint import KIND, DisabledReason, Endpoint, EndpointStatus
from sinks.webhooks.sealing import SealBroken, Sealer

AUTHOR = "webhooks"
_EDITS = 5
_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Target:
    """An endpoint and the secrets that sign for it now."""

    endpoint: Endpoint
    secrets: tuple[bytes, ...]


class Endpoints:
    """Reads definitions; threads may share it."""

    def __init__(self, definitions: Definitions, sealer: Sealer) -> None:
        self._definitions = definitions
        self._sealer = sealer
        self._parsed: dict[tuple[str, str], tuple[int, Endpoint | None]] = {}
        self._opened: dict[tuple[str, str, str], bytes | None] = {}

    def find(self, account_id: str, endpoint_id: str, now_ms: int) -> Target | None:
        """The endpoint, whatever its status; None if none is defined, or what is defined is none."""
        definition = self._definitions.get(account_id, KIND, endpoint_id)
        endpoint = self._endpoint(definition) if definition is not None else None
        if endpoint is None:
            return None
        secrets = (
            self._secret(account_id, endpoint_id, s.id, s.sealed) for s in endpoint.live_secrets(now_ms)
        )
        return Target(endpoint, tuple(secret for secret in secrets if secret is not None))

    def is_stopped(self, account_id: str, send_id: str) -> bool:
        """Whether a manual send was stopped."""
        send = self._definitions.get(account_id, SEND, send_id)
        return send is not None and send.body.get("status") == SendStatus.STOPPED

    def look_again(self) -> None:
        """Read the log to its end: an action may be quicker than its endpoint. DefinitionsUnavailable."""
        self._definitions.catch_up()

    def disable(self, account_id: str, endpoint_id: str, at_ms: int) -> None:
        """Switch it off, whatever else is edited meanwhile. DefinitionsUnavailable."""
        for _ in range(_EDITS):
            definition = self._definitions.get(account_id, KIND, endpoint_id)
            endpoint = self._endpoint(definition) if definition is not None else None
            if definition is None or endpoint is None or endpoint.status is EndpointStatus.DISABLED:
                return
            body = endpoint.disabled(DisabledReason.GONE).body()
            try:
                self._definitions.edit(
                    Edit(account_id, KIND, endpoint_id, definition.version, AUTHOR, at_ms, body)
                )
            except Conflict:
                continue
            return

    def _endpoint(self, definition: Definition) -> Endpoint | None:
        key = (definition.account_id, definition.id)
        known = self._parsed.get(key)
        if known is None or known[0] != definition.version:
            known = self._parsed[key] = (definition.version, _parse(definition))
        return known[1]

    def _secret(self, account_id: str, endpoint_id: str, secret_id: str, sealed: str) -> bytes | None:
        key = (account_id, endpoint_id, sealed)
        if key not in self._opened:
            try:
                self._opened[key] = self._sealer.open(account_id, endpoint_id, secret_id, sealed)
            except SealBroken as error:
                _log.error("secret_unusable", error=str(error))
                self._opened[key] = None
        return self._opened[key]


def _parse(definition: Definition) -> Endpoint | None:
    try:
        return Endpoint.of(definition.body)
    except ValueError as error:
        _log.error("endpoint_unusable", endpoint=definition.id, error=str(error))
        return None
