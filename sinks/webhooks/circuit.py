"""What is known of an endpoint's health: how much may be under way, and when to leave it alone. Pure.

The window of requests begins at two, grows by one with each success and is halved by each failure. Five
failures in a row open the circuit: nothing is sent until a pause has passed, which doubles each time; then
one request tries, and its success closes the circuit.
"""

from dataclasses import dataclass

OPENS_AFTER = 5
FIRST_PAUSE_MS, LONGEST_PAUSE_MS = 2_000, 300_000
FIRST_WINDOW, WIDEST_WINDOW = 2, 64


@dataclass(slots=True)
class Circuit:
    """One endpoint's."""

    window: int = FIRST_WINDOW
    failures: int = 0
    """In a row."""
    paused_until_ms: int = 0
    """By the receiver's wish (429, 503) or by the open circuit."""

    @property
    def is_open(self) -> bool:
        """Whether the endpoint counts as down."""
        return self.failures >= OPENS_AFTER

    def allowed(self, limit: int) -> int:
        """How much may be under way."""
        return 1 if self.is_open else min(self.window, limit)

    def may_start(self, under_way: int, limit: int, now_ms: int) -> bool:
        """Whether one more request may begin."""
        return now_ms >= self.paused_until_ms and under_way < self.allowed(limit)

    def succeeded(self) -> None:
        """The endpoint took something."""
        self.window = min(self.window + 1, WIDEST_WINDOW)
        self.failures = 0
        self.paused_until_ms = 0

    def failed(self, now_ms: int) -> None:
        """It did not. What had begun before the circuit opened says nothing new."""
        if self.is_open and now_ms < self.paused_until_ms:
            return
        self.window = max(1, self.window // 2)
        self.failures += 1
        if self.is_open:
            doublings = min(self.failures - OPENS_AFTER, 20)
            self.pause(now_ms + min(FIRST_PAUSE_MS << doublings, LONGEST_PAUSE_MS))

    def pause(self, until_ms: int) -> None:
        """Leave it alone until then."""
        self.paused_until_ms = max(self.paused_until_ms, until_ms)
