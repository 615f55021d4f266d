"""The worker's clock: real, or driven by a file in tests and demos."""

import time
from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """Milliseconds since the epoch. A file, where named and present, holds the ISO instant that is now."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def now_ms(self) -> int:
        """ValueError if the file holds no ISO instant; one without a zone is UTC."""
        if self._file is not None:
            try:
                text = self._file.read_text().strip()
            except FileNotFoundError:
                text = ""
            if text:
                return instant_ms(text)
        return time.time_ns() // 1_000_000


def instant_ms(text: str) -> int:
    """Milliseconds since the epoch of an ISO 8601 instant."""
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=UTC)
    return round(instant.timestamp() * 1000)
