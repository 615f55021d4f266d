"""Client of the sink's API: what `latido report` asks."""

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import httpx2

from sinks.settings import SinkSettings

if TYPE_CHECKING:
    from sinks.monitor.parts import ModelView

TIMEOUT_SECONDS = 60.0


class ApiError(Exception):
    """The sink did not give the answer; the text says why and what to do."""


class SinkClient:
    """Talks to the sink that LATIDO_API_HOST and LATIDO_API_PORT name."""

    def __init__(self, settings: SinkSettings) -> None:
        self._base = f"http://{settings.api_host}:{settings.api_port}/internal"
        token = settings.api_token.get_secret_value() if settings.api_token else ""
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._http = httpx2.Client(headers=headers, timeout=TIMEOUT_SECONDS)

    def report(
        self, account: str, period: str | None, first: str | None = None, last: str | None = None
    ) -> dict[str, Any]:
        """The monitor's figures of one account; days as YYYY-MM-DD, both or none."""
        asked = {"from": first, "to": last} if first or last else {"period": period}
        figures: dict[str, Any] = self._json("report", {"account": account, **asked})
        return figures

    def proposal(self, account: str) -> dict[str, Any]:
        """Cuts from the account's own quintiles."""
        proposal: dict[str, Any] = self._json("proposal", {"account": account})
        return proposal

    def preview(self, account: str, candidate: "ModelView") -> list[dict[str, Any]]:
        """Contacts and revenue by from_segment and to_segment under a candidate."""
        cells = {f"{r},{f},{m}": segment.value for (r, f, m), segment in candidate.cells.items()}
        body = {**asdict(candidate), "cells": cells}
        moves: list[dict[str, Any]] = self._json("preview", {"account": account}, body)
        return moves

    def verified(self, *, drift: int, events: int, contacts: int, clickhouse_rows: int | None) -> None:
        """Leave what a verification came to."""
        body = {"drift": drift, "events": events, "contacts": contacts, "clickhouse_rows": clickhouse_rows}
        self._ask("verification", {}, body)

    def close(self) -> None:
        """Leave the sink."""
        self._http.close()

    def _json(self, path: str, params: dict[str, Any], body: dict[str, Any] | None = None) -> Any:
        return self._ask(path, params, body).json()

    def _ask(self, path: str, params: dict[str, Any], body: dict[str, Any] | None) -> httpx2.Response:
        asked = {name: value for name, value in params.items() if value is not None}
        try:
            method = "GET" if body is None else "POST"
            answer = self._http.request(method, f"{self._base}/{path}", params=asked, json=body)
        except httpx2.TransportError as error:
            raise self._unreachable(error) from error
        self._require_ok(answer)
        return answer

    def _require_ok(self, answer: httpx2.Response) -> None:
        if answer.is_success:
            return
        answer.read()
        problem = answer.json() if "json" in answer.headers.get("content-type", "") else {}
        raise ApiError(str(problem.get("detail") or f"the sink answered {answer.status_code}"))

    def _unreachable(self, error: Exception) -> ApiError:
        return ApiError(f"the sink at {self._base} does not answer ({error}); start it with `latido sink`")
