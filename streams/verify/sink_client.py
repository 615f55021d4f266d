"""What `verify` asks of the process that owns ClickHouse."""

import json
from collections.abc import Iterator
from typing import Any

import httpx2

from streams.verify.drift import VerifyFailed


class SinkClient:
    """Client of the sink's /internal interface. VerifyFailed where it does not answer."""

    def __init__(self, url: str, token: str | None = None, timeout_seconds: float = 120.0) -> None:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        self._client = httpx2.Client(base_url=url, headers=headers, timeout=timeout_seconds)

    def positions(self) -> dict[tuple[str, int], int]:
        """Next offset to insert, by topic and partition."""
        try:
            answer = self._client.get("/internal/positions").raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            raise VerifyFailed(f"the sink does not say how far it is: {error}") from error
        return {
            (topic, int(partition)): offset
            for topic, partitions in answer.items()
            for partition, offset in partitions.items()
        }

    def dump(self, table: str, account_id: str) -> Iterator[dict[str, Any]]:
        """Every row of an account in a table."""
        path = f"/internal/dump/{table}"
        try:
            with self._client.stream("GET", path, params={"account": account_id}) as answer:
                answer.raise_for_status()
                for line in answer.iter_lines():
                    yield json.loads(line)
        except (httpx2.HTTPError, ValueError) as error:
            raise VerifyFailed(f"the sink does not give {table} of {account_id}: {error}") from error

    def close(self) -> None:
        """Leave the sink."""
        self._client.close()
