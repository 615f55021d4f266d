"""Reads the dearest figures of the largest accounts when the process starts, so that nobody waits for them.

Purchases by day take seconds where an account has ten million orders; afterwards only the months that change
are read again. A thread of its own: pages that come meanwhile wait for no more than their own account.
"""

import threading

import structlog

from sinks.monitor.figures.figures import Figures
from sinks.monitor.figures.whose import EVERYBODY

_log = structlog.get_logger()


class Warming:
    """Begins with `start`; ends by itself, or after the account at hand once `stopping` is set."""

    def __init__(self, figures: Figures, stopping: threading.Event) -> None:
        self._figures, self._stopping = figures, stopping
        self._thread = threading.Thread(target=self._run, name="warming", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def join(self) -> None:
        """Wait for its end; the database may be closed then."""
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        try:
            for row in self._figures.queries.of_no_account("all_accounts_by_size"):
                if self._stopping.is_set():
                    return
                self._figures.base(row["account_id"])
                self._figures.cells(row["account_id"], EVERYBODY)
        except Exception as error:  # noqa: BLE001 - whoever asks first computes it then
            _log.warning("not_warmed", error=str(error)[:300])
