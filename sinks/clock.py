"""The one place of the sinks that asks for the time."""

from datetime import UTC, datetime
from pathlib import Path


class Clock:
    """The machine's clock, or the instant that a file holds (ISO 8601 with offset), read at every call."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file

    def now(self) -> datetime:
        """The present instant in UTC; ValueError if the file's instant has no offset."""
        if self._file is None or not self._file.exists():
            return datetime.now(UTC)
        instant = datetime.fromisoformat(self._file.read_text(encoding="utf-8").strip())
        if instant.tzinfo is None:
            raise ValueError(f"{self._file}: the instant has no offset from UTC")
        return instant.astimezone(UTC)
